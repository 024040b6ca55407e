//! Values to bind. NULL is the `None` of a kind, since Postgres wants to know the type of
//! a NULL too.

use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{Id, Noun};
use domain::links::LinkCode;
use domain::money::Currency;
use serde::Serialize;

use super::{DbError, Result};

/// A value to bind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Int(Option<i64>),
    /// BOOLEAN.
    Bool(Option<bool>),
    /// BYTEA.
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($t:ty => $kind:ident by $f:expr;)*) => {$(
        impl From<$t> for Value { fn from(v: $t) -> Self { let f: fn($t) -> _ = $f; Self::$kind(Some(f(v))) } }
        impl From<Option<$t>> for Value { fn from(v: Option<$t>) -> Self { let f: fn($t) -> _ = $f; Self::$kind(v.map(f)) } }
    )*};
}
from! {
    String => Text by |v| v;
    &str => Text by |v| v.to_owned();
    &String => Text by |v| v.clone();
    i64 => Int by |v| v;
    bool => Bool by |v| v;
    &[u8] => Bytes by |v| v.to_vec();
    Timestamp => Int by |v| v.0;
    Currency => Text by |v| v.code().to_owned();
    &Email => Text by |v| v.as_str().to_owned();
    &ClickToken => Text by |v| v.as_str().to_owned();
    &LinkCode => Text by |v| v.as_str().to_owned();
}
impl<T: Noun> From<&Id<T>> for Value {
    fn from(id: &Id<T>) -> Self {
        Self::Text(Some(id.as_str().to_owned()))
    }
}
impl<T: Noun> From<Option<&Id<T>>> for Value {
    fn from(id: Option<&Id<T>>) -> Self {
        Self::Text(id.map(|id| id.as_str().to_owned()))
    }
}

/// A value as JSON, for a column that [`Row::json`](super::Row::json) reads.
///
/// # Errors
/// A value that JSON cannot hold, such as a map whose keys are not strings.
pub fn json<T: Serialize + ?Sized>(column: &str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| DbError::inconsistent(column, error))
}

/// The values of one statement: `args![id, amount, None::<String>]`. An enum is bound by its
/// word: `args![status.word(), kind.map(Kind::word)]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}
pub(crate) use args;

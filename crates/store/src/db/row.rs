//! Rows of either driver. NULL is refused unless an `Option` asks for it: sqlx on SQLite
//! reads it as `0` or `""` without a word (launchbadge/sqlx#4191), and in a program that
//! counts money that difference must not exist.

use std::str::FromStr;

use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{Id, Noun};
use domain::links::LinkCode;
use domain::money::Currency;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Row as _};

use super::{DbError, Result};

/// A row of either database.
pub enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of Postgres.
    Postgres(PgRow),
}

impl Row {
    /// A column by its name.
    pub fn get<T: Column>(&self, name: &str) -> Result<T> {
        let index = match self {
            Self::Sqlite(row) => name.index(row)?,
            Self::Postgres(row) => name.index(row)?,
        };
        T::read(self, index)
    }

    /// A column that keeps a word; `read` gives `None` for a word it does not know.
    pub fn word<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<T> {
        let text: String = self.get(name)?;
        read(&text).ok_or_else(|| DbError::inconsistent(name, format!("unknown word {text:?}")))
    }
}

impl Row {
    /// A column that keeps a word, or is NULL; `read` gives `None` for a word it does not know.
    pub fn optional_word<T>(&self, name: &str, read: fn(&str) -> Option<T>) -> Result<Option<T>> {
        match self.get::<Option<String>>(name)? {
            None => Ok(None),
            Some(_) => self.word(name, read).map(Some),
        }
    }

    /// A column that keeps a value as JSON.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let text: String = self.get(name)?;
        serde_json::from_str(&text).map_err(|error| DbError::inconsistent(name, error))
    }

    /// A column that keeps a value as JSON, or is NULL.
    pub fn optional_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let text: Option<String> = self.get(name)?;
        let value = text.as_deref().map(serde_json::from_str).transpose();
        value.map_err(|error| DbError::inconsistent(name, error))
    }
}

/// What can be read from a column.
pub trait Column: Sized {
    /// Reads the column.
    fn read(row: &Row, index: usize) -> Result<Self>;
}

fn null(index: usize) -> DbError {
    DbError::inconsistent(&index.to_string(), "unexpected NULL")
}

macro_rules! plain {
    ($($t:ty),*) => {$(
        impl Column for Option<$t> {
            fn read(row: &Row, index: usize) -> Result<Self> {
                Ok(match row {
                    Row::Sqlite(r) => r.try_get(index)?,
                    Row::Postgres(r) => r.try_get(index)?,
                })
            }
        }
        impl Column for $t {
            fn read(row: &Row, index: usize) -> Result<Self> {
                <Option<$t>>::read(row, index)?.ok_or_else(|| null(index))
            }
        }
    )*};
}
plain!(String, i64, bool);

fn parsed<T: FromStr>(row: &Row, index: usize) -> Result<Option<T>>
where
    T::Err: std::fmt::Display,
{
    <Option<String>>::read(row, index)?
        .map(|text| text.parse().map_err(|error: T::Err| DbError::inconsistent(&index.to_string(), error)))
        .transpose()
}

macro_rules! parsed {
    ($($t:ty),*) => {$(
        impl Column for Option<$t> {
            fn read(row: &Row, index: usize) -> Result<Self> { parsed(row, index) }
        }
        impl Column for $t {
            fn read(row: &Row, index: usize) -> Result<Self> { parsed(row, index)?.ok_or_else(|| null(index)) }
        }
    )*};
}
parsed!(Currency, Email, ClickToken, LinkCode);

impl<T: Noun> Column for Option<Id<T>> {
    fn read(row: &Row, index: usize) -> Result<Self> {
        parsed(row, index)
    }
}
impl<T: Noun> Column for Id<T> {
    fn read(row: &Row, index: usize) -> Result<Self> {
        parsed(row, index)?.ok_or_else(|| null(index))
    }
}
impl Column for Option<Timestamp> {
    fn read(row: &Row, index: usize) -> Result<Self> {
        Ok(<Option<i64>>::read(row, index)?.map(Timestamp))
    }
}
impl Column for Timestamp {
    fn read(row: &Row, index: usize) -> Result<Self> {
        i64::read(row, index).map(Timestamp)
    }
}

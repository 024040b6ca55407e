//! What a use case can refuse, and what can break.

use connect::stripe::StripeError;
use domain::fields::Problems;
use store::db::{Conflict, DbError, NotStored};

/// Why a use case was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not yours.
    #[error("not found")]
    NotFound,
    /// Yours to see, not to change.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The input has problems, one a field.
    #[error("the input has problems")]
    Invalid(Problems),
    /// Too many tries; how long to wait.
    #[error("too many tries")]
    TooMany {
        /// Minutes to wait.
        minutes: i64,
    },
    /// For the moment only.
    #[error("not available at the moment")]
    Unavailable,
    /// Stripe says no or does not answer; a sentence for people, with nothing secret in it.
    #[error("{0}")]
    Stripe(String),
    /// A fault of ours or of the database; never shown to a person.
    #[error("{0}")]
    Broken(String),
    /// Another writer got in between; done again by `again`.
    #[error("write conflict")]
    Conflict(DbError),
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, Error>;

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        if error.is_conflict() { Self::Conflict(error) } else { Self::Broken(error.to_string()) }
    }
}

impl From<StripeError> for Error {
    fn from(error: StripeError) -> Self {
        Self::Stripe(error.message)
    }
}

impl From<NotStored> for Error {
    fn from(_: NotStored) -> Self {
        Self::Unavailable
    }
}

impl From<Problems> for Error {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems)
    }
}

impl Conflict for Error {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl Error {
    /// A single problem with a single field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(Problems::one(field, message))
    }
}

//! The error of use cases: not found, forbidden, invalid input, or broken.

use connect::stripe::StripeError;
use domain::fields::{NUL_MESSAGE, Problems, WHOLE_FORM};
use store::db::{Conflict, DbError, NotStored};

/// Why a use case fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or the actor may not see it.
    #[error("not found")]
    NotFound,
    /// The actor may see it but not change it; the reason for people.
    #[error("{0}")]
    Forbidden(&'static str),
    /// The input has problems, at most one for each field.
    #[error("the input has problems")]
    Invalid(Problems),
    /// Too many attempts.
    #[error("too many attempts")]
    TooMany {
        /// Minutes to wait.
        minutes: i64,
    },
    /// The server is overloaded or the database is away; trying again later may work.
    #[error("not available at the moment")]
    Unavailable,
    /// Stripe refused or did not answer; a sentence for people without secrets.
    #[error("{0}")]
    Stripe(String),
    /// A fault of the program or the database. The text is for the log only.
    #[error("{0}")]
    Broken(String),
    /// Another transaction changed the same rows; [`store::db::again`] runs the use case again.
    #[error("write conflict")]
    Conflict(DbError),
}

/// The result of every use case.
pub type Result<T> = std::result::Result<T, Error>;

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        if error.is_conflict() {
            return Self::Conflict(error);
        }
        if error.is_nul() {
            return Self::field(WHOLE_FORM, NUL_MESSAGE);
        }
        if error.is_unavailable() {
            tracing::warn!(%error, "the database is not available");
            return Self::Unavailable;
        }
        Self::Broken(error.to_string())
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

//! Rows of either driver. NULL is refused unless an `Option` asks for it: sqlx on SQLite
//! reads it as `0` or `""` without a word (launchbadge/sqlx#4191), and in a program that
//! counts money that difference must not exist.

use std::fmt;
use std::str::FromStr;

use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{Id, Noun};
use domain::links::LinkCode;
use domain::money::Currency;
use domain::words::Word;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, ColumnIndex, Row as _};

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

    /// A column that keeps a word of an enum.
    ///
    /// # Errors
    /// A word that the enum does not know: names the column, the row's id and the word.
    pub fn word<T: Word>(&self, name: &str) -> Result<T> {
        let word: String = self.get(name)?;
        self.known(name, &word)
    }

    /// The same for a column that may be `NULL`.
    ///
    /// # Errors
    /// As [`Row::word`].
    pub fn optional_word<T: Word>(&self, name: &str) -> Result<Option<T>> {
        let word: Option<String> = self.get(name)?;
        word.map(|word| self.known(name, &word)).transpose()
    }

    fn known<T: Word>(&self, name: &str, word: &str) -> Result<T> {
        T::from_word(word).ok_or_else(|| self.inconsistent(name, format!("unknown {} {word:?}", T::NAME)))
    }

    /// A column that keeps a value as JSON, as [`json`](super::json) wrote it.
    ///
    /// # Errors
    /// JSON that is not of the type: names the column and the row's id.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let json: String = self.get(name)?;
        serde_json::from_str(&json).map_err(|error| self.inconsistent(name, error))
    }

    /// The same for a column that may be `NULL`.
    ///
    /// # Errors
    /// As [`Row::json`].
    pub fn optional_json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let json: Option<String> = self.get(name)?;
        let read = |json: String| serde_json::from_str(&json).map_err(|error| self.inconsistent(name, error));
        json.map(read).transpose()
    }

    /// An error about a column of this row: says its table and the row's id, where they are
    /// known. An id begins with its noun, so it names the table too.
    pub fn inconsistent(&self, column: &str, problem: impl fmt::Display) -> DbError {
        let column = match self.table(column) {
            Some(table) => format!("{table}.{column}"),
            None => column.to_owned(),
        };
        match self.get::<String>("id") {
            Ok(id) => DbError::inconsistent(&column, format!("{problem} (row {id})")),
            Err(_) => DbError::inconsistent(&column, problem),
        }
    }

    /// The table of a column, where the driver says it.
    fn table(&self, column: &str) -> Option<String> {
        let origin = match self {
            Self::Sqlite(row) => row.try_column(column).ok()?.origin(),
            Self::Postgres(row) => row.try_column(column).ok()?.origin(),
        };
        origin.table_column().map(|origin| origin.table.to_string())
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
plain!(String, i64, bool, Vec<u8>);

fn parsed<T: FromStr>(row: &Row, index: usize) -> Result<Option<T>>
where
    T::Err: fmt::Display,
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

#[cfg(test)]
mod tests {
    use domain::programs::ProgramStatus;

    use super::super::Scratch;

    #[tokio::test]
    async fn an_unknown_word_is_an_error_that_names_column_row_and_word() {
        let scratch = Scratch::new().await.unwrap();
        let mut conn = scratch.db.read().await.unwrap();
        let read = conn
            .one("SELECT 'prog_1' AS id, 'ajar' AS status", &[], |row| row.word::<ProgramStatus>("status"))
            .await;
        let error = read.unwrap_err().to_string();
        for part in ["status", "prog_1", "unknown ProgramStatus \"ajar\""] {
            assert!(error.contains(part), "{error}");
        }
        let read = conn
            .one("SELECT 'paused' AS status", &[], |row| row.optional_word::<ProgramStatus>("status"))
            .await;
        assert_eq!(read.unwrap(), Some(ProgramStatus::Paused));
        drop(conn);
        scratch.db.close().await;
    }
}

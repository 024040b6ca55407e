//! Many rows, or the rows of many keys, in one statement.
//!
//! One statement a row costs a crossing to the connection's thread each. So a batch is cut
//! into runs of powers of two, and each length has one text that is made once and stays
//! prepared: seventy rows are three statements.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

use super::{Conn, Result, Row, Value};

/// The longest run. With fourteen columns these are 1,792 values; SQLite takes 32,766 and
/// Postgres 65,535.
const LONGEST_RUN: usize = 128;

/// The texts that were made, by the batch's two ends, the number of rows and the placeholders.
type Texts = BTreeMap<(&'static str, &'static str, usize, Placeholders), &'static str>;

/// How a statement marks its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Placeholders {
    /// `$1`, `$2`, …
    Numbered,
    /// `?` each. SQLite looks for the name of each value in the list of all names, so that a
    /// thousand numbered values would cost half a million comparisons.
    Nameless,
}

/// A statement around `VALUES` for rows of `N` values.
#[derive(Clone, Copy)]
pub struct Batch<const N: usize> {
    /// `INSERT INTO clicks (token, at)`, or `WITH wanted (token) AS (`.
    pub into: &'static str,
    /// What comes behind the values: `ON CONFLICT …`, `) SELECT …`, or nothing.
    pub then: &'static str,
}

impl<const N: usize> Batch<N> {
    /// The statement for a number of rows. There are eight lengths a batch, and a dozen batches, so
    /// that what is kept for good stays small.
    fn text(self, rows: usize, placeholders: Placeholders) -> &'static str {
        static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        let text = || self.write(rows, placeholders).leak();
        texts.entry((self.into, self.then, rows, placeholders)).or_insert_with(|| text())
    }

    fn write(self, rows: usize, placeholders: Placeholders) -> String {
        let mut sql = format!("{} VALUES ", self.into);
        for row in 0..rows {
            for column in 0..N {
                let before = match (row, column) {
                    (0, 0) => "(",
                    (_, 0) => "), (",
                    _ => ", ",
                };
                let number = row * N + column + 1;
                match placeholders {
                    Placeholders::Numbered => write!(sql, "{before}${number}"),
                    Placeholders::Nameless => write!(sql, "{before}?"),
                }
                .expect("a text in memory takes everything");
            }
        }
        sql + ") " + self.then
    }
}

impl Conn {
    /// Runs a statement for many rows. Returns the number of rows it changed.
    pub async fn run_batch<const N: usize>(&mut self, batch: Batch<N>, rows: Vec<[Value; N]>) -> Result<u64> {
        let mut touched = 0;
        let mut left = rows.len();
        let mut values = rows.into_iter();
        while left > 0 {
            // The largest power of two that fits.
            let run = (1 << left.ilog2()).min(LONGEST_RUN);
            let args = values.by_ref().take(run).flatten().collect();
            touched += self.run_owned(batch.text(run, self.placeholders()), args).await?;
            left -= run;
        }
        Ok(touched)
    }

    /// Runs a statement that reads for many keys, and returns all rows. In the order of the
    /// statement only where there are few keys, as there may be several runs.
    pub async fn all_batch<const N: usize, T>(
        &mut self,
        batch: Batch<N>,
        keys: Vec<[Value; N]>,
        row: fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        let mut left = keys.len();
        let mut values = keys.into_iter();
        while left > 0 {
            let run = (1 << left.ilog2()).min(LONGEST_RUN);
            let args = values.by_ref().take(run).flatten().collect();
            let rows = self.rows_owned(batch.text(run, self.placeholders()), args).await?;
            for one in &rows {
                found.push(row(one)?);
            }
            left -= run;
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_numbers_its_values_row_by_row() {
        let batch = Batch::<2> { into: "INSERT INTO t (a, b)", then: "ON CONFLICT DO NOTHING" };
        let text = "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING";
        let numbered = || batch.text(2, Placeholders::Numbered);
        assert_eq!(numbered(), text);
        assert!(std::ptr::eq(numbered(), numbered()), "made once");
        let text = "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING";
        assert_eq!(batch.text(1, Placeholders::Nameless), text);
    }
}

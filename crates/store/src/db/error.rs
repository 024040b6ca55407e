//! The one error of the database layer, and how to try again.

use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteError;
use tokio::time::Instant;

/// What can go wrong at the database.
#[derive(Debug)]
pub struct DbError(pub(super) sqlx::Error);

/// The result of everything in this crate.
pub type Result<T> = std::result::Result<T, DbError>;

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "database: {}", self.0)
    }
}

impl std::error::Error for DbError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// A text that holds a NUL character.
#[derive(Debug)]
pub(super) struct NulInText;

impl fmt::Display for NulInText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text holds a NUL character")
    }
}

impl std::error::Error for NulInText {}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}
impl From<MigrateError> for DbError {
    fn from(error: MigrateError) -> Self {
        Self(sqlx::Error::Migrate(Box::new(error)))
    }
}

impl DbError {
    /// A statement touched or found another number of rows than it must.
    pub(super) fn rows(sql: &'static str, rows: u64) -> Self {
        Self(sqlx::Error::Protocol(format!("expected one row, got {rows}: {sql}")))
    }

    /// A stored value that does not parse; says where.
    pub fn inconsistent(column: &str, problem: impl fmt::Display) -> Self {
        Self(sqlx::Error::ColumnDecode { index: column.to_owned(), source: problem.to_string().into() })
    }

    pub(super) fn too_old(version: &str) -> Self {
        Self(sqlx::Error::Protocol(format!(
            "SQLite {version} can corrupt databases; 3.51.3 or later is needed"
        )))
    }

    /// Whether the database's schema was made by another version of Honeyguide: one of its
    /// migrations is not among ours, or has another text.
    pub fn is_other_version(&self) -> bool {
        let sqlx::Error::Migrate(error) = &self.0 else { return false };
        matches!(
            **error,
            MigrateError::VersionMissing(_)
                | MigrateError::VersionMismatch(_)
                | MigrateError::VersionTooOld(..)
                | MigrateError::VersionTooNew(..)
                | MigrateError::Dirty(_)
        )
    }

    /// Whether a text was refused because it holds a NUL character, which neither database
    /// is given.
    pub fn is_nul(&self) -> bool {
        matches!(&self.0, sqlx::Error::Encode(error) if error.is::<NulInText>())
    }

    /// A commit took longer than a request can wait.
    pub(super) fn timed_out() -> Self {
        Self(sqlx::Error::PoolTimedOut)
    }

    /// Whether the database is to blame rather than the statement: it cannot be reached, is
    /// locked, full or read-only. What was asked may work later.
    pub fn is_unavailable(&self) -> bool {
        matches!(fault(&self.0), Fault::Contention | Fault::Database)
    }

    pub(super) fn unsupported(what: &'static str) -> Self {
        Self(sqlx::Error::Protocol(what.to_owned()))
    }
}

/// What an error is due to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Other writers.
    Contention,
    /// The database, its file or the way to it.
    Database,
    /// The statement, its values, or how its result is read.
    Statement,
}

/// What an error is due to.
pub(super) fn fault(error: &sqlx::Error) -> Fault {
    use sqlx::Error;
    match error {
        Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<SqliteError>().is_some() {
                sqlite_fault(code.parse().unwrap_or_default())
            } else {
                postgres_fault(&code)
            }
        }
        Error::Io(_)
        | Error::Tls(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed
        | Error::InvalidSavePointStatement => Fault::Database,
        _ => Fault::Statement,
    }
}

/// By the result code, whose low byte is its kind. <https://sqlite.org/rescode.html>
const fn sqlite_fault(code: i32) -> Fault {
    match code & 0xff {
        // BUSY, LOCKED
        5 | 6 => Fault::Contention,
        // ERROR, SCHEMA, TOOBIG, CONSTRAINT, MISMATCH, MISUSE, RANGE
        1 | 17..=21 | 25 => Fault::Statement,
        // IOERR, FULL, READONLY, CANTOPEN, CORRUPT and the like
        _ => Fault::Database,
    }
}

/// By the SQLSTATE, whose first two characters are its class.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn postgres_fault(code: &str) -> Fault {
    match code.get(..2) {
        // transaction rollback, object not in prerequisite state (a lock)
        Some("40" | "55") => Fault::Contention,
        // connection exception, insufficient resources, operator intervention, system error
        Some("08" | "53" | "57" | "58") => Fault::Database,
        // read_only_sql_transaction: a standby, or a disk that an operator has protected
        _ if code == "25006" => Fault::Database,
        _ => Fault::Statement,
    }
}

/// An error that may be a write conflict.
pub trait Conflict {
    /// Whether another writer caused it, so that the work can be retried.
    fn is_conflict(&self) -> bool;
}

impl Conflict for DbError {
    fn is_conflict(&self) -> bool {
        let sqlx::Error::Database(error) = &self.0 else { return false };
        let code = error.code().unwrap_or_default();
        if error.try_downcast_ref::<SqliteError>().is_some() {
            // An extended code; its low byte is 5 (SQLITE_BUSY) for every kind of busy.
            return code.parse::<i32>().is_ok_and(|code| code & 0xff == 5);
        }
        // serialization_failure, deadlock_detected
        matches!(&*code, "40001" | "40P01")
    }
}

/// The most attempts of a use case; ten concurrent writers all succeed.
const TRIES: u32 = 40;
/// The longest pause before the second attempt; it grows with each.
const PAUSE: Duration = Duration::from_millis(2);
/// The longest pause of all.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// After this time there is no further attempt: a conflict ends within milliseconds, a lock
/// that is held longer does not, and somebody waits.
const LONGEST: Duration = Duration::from_secs(3);

/// A random part of a pause, so that writers who met once do not meet again. No rule depends
/// on it, so the standard library's source of hash seeds will do.
fn jitter(longest: Duration) -> Duration {
    let random = RandomState::new().hash_one(longest);
    longest * u32::try_from(random % 1_024).unwrap_or_default() / 1_024
}

static CONFLICTS: AtomicU64 = AtomicU64::new(0);

/// How often this process ran a use case again because another writer was first.
pub fn conflicts() -> u64 {
    CONFLICTS.load(Ordering::Relaxed)
}

/// Runs a whole write use case, from `begin` to `commit`, and retries it on a conflict.
/// Postgres may report a conflict at any statement and at the commit, so the work must
/// change nothing but the database until it has committed.
pub async fn again<T, E: Conflict, F: Future<Output = std::result::Result<T, E>>>(
    mut work: impl FnMut() -> F,
) -> std::result::Result<T, E> {
    let last = Instant::now() + LONGEST;
    for attempt in 1..TRIES {
        match work().await {
            Err(error) if error.is_conflict() && Instant::now() < last => {
                tracing::debug!(attempt, "write conflict, retrying");
                CONFLICTS.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(jitter((PAUSE * attempt).min(LONGEST_PAUSE))).await;
            }
            outcome => return outcome,
        }
    }
    work().await
}

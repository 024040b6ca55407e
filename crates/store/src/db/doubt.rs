//! When SQLite's writer is no longer trusted.
//!
//! After an I/O error or a full disk SQLite has rolled back by itself, while sqlx still counts
//! an open transaction and refuses to begin another one. And what a failed sync has left in
//! the file's cache is not certain. So the connection is closed, and the next use case opens
//! the file again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Connection, SqliteConnection};
use tokio::time::Instant;

use super::error::{Fault, fault};

/// The pause before a doubtful connection is closed, which is the pause between attempts
/// while the disk fails: a new connection costs a thread and some reads.
const PAUSE: Duration = Duration::from_millis(100);

/// Whether the writer's connection is in doubt. There is one, so one flag will do.
#[derive(Clone, Default)]
pub(super) struct Doubt(Arc<State>);

#[derive(Default)]
struct State {
    is_in_doubt: AtomicBool,
    /// When the file last failed.
    last_fault: Mutex<Option<Instant>>,
}

impl Doubt {
    /// Notes an error of the file.
    pub(super) fn note<T>(&self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        outcome.inspect_err(|error| {
            let has_connection = !matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed);
            if has_connection && fault(error) == Fault::Database {
                *self.0.last_fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
                self.0.is_in_doubt.store(true, Ordering::Release);
            }
        })
    }

    /// When the file last failed.
    pub(super) fn last_fault(&self) -> Option<Instant> {
        *self.0.last_fault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A pool that closes the connection, when it is given back in doubt or in a transaction
    /// that could not be rolled back, and opens another.
    pub(super) fn closing(&self, options: SqlitePoolOptions) -> SqlitePoolOptions {
        let doubt = self.clone();
        options.after_release(move |conn, _| {
            let doubt = doubt.clone();
            Box::pin(async move {
                let is_sound = doubt.is_sound(conn).await;
                if !is_sound {
                    tracing::warn!("the database is opened again after an error");
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(is_sound)
            })
        })
    }

    async fn is_sound(&self, conn: &mut SqliteConnection) -> bool {
        // The rollback of a dropped transaction is in the connection's queue; a ping waits
        // for it.
        let answers = conn.ping().await.is_ok();
        let was_in_doubt = self.0.is_in_doubt.swap(false, Ordering::AcqRel);
        answers && !was_in_doubt && !conn.is_in_transaction()
    }
}

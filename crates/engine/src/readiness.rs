//! Whether the server can do its work: store something.

use std::time::Duration;

use domain::clock::Timestamp;
use store::db::Db;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::error::{Error, Result};

/// The row that is written.
const HEARTBEAT: &str = "heartbeat";
/// How long an answer is reused: however often someone asks, the database has one
/// write a second more.
const LIFETIME: Duration = Duration::from_secs(1);
/// A write that takes longer is a failure, as it is for a visitor. With [`LIFETIME`], a
/// fault and its end are seen within three seconds.
const DEADLINE: Duration = Duration::from_secs(2);

/// How long a write that failed counts.
const RECENT: Duration = Duration::from_secs(2);

/// Whether the database takes writes, as of the last check.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// Writes a row by the writer that stores clicks and events. Reading would not do, since
    /// a full disk can be read. Nor is that row enough: it may still fit where an event does not,
    /// so every other write that failed recently counts.
    pub(crate) async fn check(&self, db: &Db, now: Timestamp) -> Result<()> {
        let mut last = self.0.lock().await;
        if last.is_none_or(|(at, _)| at.elapsed() >= LIFETIME) {
            let written = timeout(DEADLINE, write(db, now)).await.unwrap_or(Err(Error::Unavailable));
            if let Err(error) = &written {
                tracing::error!(%error, "not ready: the database takes no writes");
            }
            let has_failed = db.last_write_fault().is_some_and(|at| at.elapsed() < RECENT);
            *last = Some((Instant::now(), written.is_ok() && !has_failed));
        }
        if last.is_some_and(|(_, is_ready)| is_ready) { Ok(()) } else { Err(Error::Unavailable) }
    }
}

async fn write(db: &Db, now: Timestamp) -> Result<()> {
    Ok(store::settings::put(&mut db.write().await?, HEARTBEAT, &now.0.to_string()).await?)
}

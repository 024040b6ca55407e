//! When a connection's endpoint is looked at between two daily checks: where a person or
//! a rejected delivery gives a reason to. Repairs do the looking, so the job itself is among
//! them.

use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::ids::ConnectionId;
use serde::{Deserialize, Serialize};
use store::connections::Connection;
use store::db::Conn;

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs;

/// Looks at our endpoint at Stripe and records what is wrong with it. Changes nothing there.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CheckEndpoint(pub(crate) ConnectionId);

/// Why an endpoint is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CheckReason {
    /// A person looks at the connection, or payments are missing.
    Asked,
    /// A delivery was rejected. Anyone can send one.
    Rejection,
}

impl CheckReason {
    /// How long ago the last look must have been asked for, milliseconds. Each costs one or
    /// two of the reads that Stripe allows an account, which may be as few as 10,000 a month.
    const fn every_ms(self) -> i64 {
        match self {
            Self::Asked => RECENT_MS,
            Self::Rejection => HOUR_MS,
        }
    }
}

/// For how long what Stripe said last is recent enough, milliseconds.
const RECENT_MS: i64 = 5 * MINUTE_MS;

/// Whether the last look at a connection's endpoint is too long ago, for a person.
pub(crate) fn is_due(connection: &Connection, now: Timestamp) -> bool {
    let last = connection.checked_at.max(connection.check_asked_at);
    connection.can_call_stripe() && last.is_none_or(|at| now.since_ms(at) > RECENT_MS)
}

/// Schedules a look at a connection's endpoint, unless there was one recently; `true` when
/// one was scheduled.
pub(crate) async fn schedule(
    engine: &Engine,
    conn: &mut Conn,
    connection: &ConnectionId,
    reason: CheckReason,
) -> Result<bool> {
    let now = engine.now();
    let not_since = (now.plus_ms(-reason.every_ms()), now.plus_ms(-RECENT_MS));
    let is_due = store::connections::ask_check(conn, connection, not_since, now).await?;
    if is_due {
        jobs::enqueue(engine, conn, &CheckEndpoint(connection.clone()), now).await?;
    }
    Ok(is_due)
}

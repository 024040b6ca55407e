//! Attempts to process an event that say more than its row.

use domain::clock::Timestamp;
use domain::events::{AttemptKind, EventOutcome};
use domain::ids::{AccountId, InboxEventId};

use crate::db::{Conn, Result, args, json};

/// An attempt to process an event that says more than its row: a failure, or a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What made it.
    pub kind: AttemptKind,
    /// What it did.
    pub outcome: EventOutcome,
    /// Who asked for a replay.
    pub by: Option<String>,
}

/// Attempts that are kept of an event: a worker gives up after as many.
const MOST_ATTEMPTS: i64 = 20;

/// Keeps an attempt, and only the newest few.
pub async fn put_attempt(
    conn: &mut Conn,
    id: &InboxEventId,
    attempt: &Attempt,
    by: Option<&AccountId>,
) -> Result<()> {
    let sql =
        "SELECT CAST(coalesce(max(attempt_number), 0) AS BIGINT) FROM inbox_attempts WHERE event_id = $1";
    let attempt_number = conn.scalar::<i64>(sql, &args![id]).await? + 1;
    let sql = "INSERT INTO inbox_attempts (event_id, attempt_number, at, kind, outcome, account_id) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![
        id,
        attempt_number,
        attempt.at,
        attempt.kind.word(),
        json("inbox_attempts.outcome", &attempt.outcome)?,
        by
    ];
    conn.run_one(sql, &args).await?;
    let sql = "DELETE FROM inbox_attempts WHERE event_id = $1 AND attempt_number <= $2";
    conn.run(sql, &args![id, attempt_number - MOST_ATTEMPTS]).await.map(drop)
}

/// The attempts of an event, oldest first.
pub async fn attempts(conn: &mut Conn, id: &InboxEventId) -> Result<Vec<Attempt>> {
    let sql = "SELECT t.*, a.name FROM inbox_attempts t LEFT JOIN accounts a ON a.id = t.account_id \
               WHERE t.event_id = $1 ORDER BY t.attempt_number";
    conn.all(sql, &args![id], |row| {
        Ok(Attempt {
            at: row.get("at")?,
            kind: row.word("kind")?,
            outcome: row.json("outcome")?,
            by: row.get("name")?,
        })
    })
    .await
}

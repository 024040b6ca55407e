//! Stores what processing an event did.

use domain::clock::Timestamp;
use domain::events::EventOutcome;
use domain::ids::InboxEventId;

use crate::db::{Batch, Conn, Result, args, json};

const RECORD: Batch<6> = Batch {
    into: "WITH done (id, status, outcome, outcome_data, object_id, processed_at) AS (",
    then: ") UPDATE inbox SET status = done.status, outcome = done.outcome, outcome_data = done.outcome_data, \
           object_id = done.object_id, processed_at = done.processed_at, attempts = attempts + 1 \
           FROM done WHERE inbox.id = done.id AND inbox.status = 'received'",
};

/// Stores what processing events did, and the objects that they are about. Returns how many of
/// them had not been processed before.
pub async fn record_outcomes(
    conn: &mut Conn,
    done: impl IntoIterator<Item = (&InboxEventId, &EventOutcome, Option<&str>)>,
    now: Timestamp,
) -> Result<u64> {
    let rows: Result<Vec<_>> = done
        .into_iter()
        .map(|(id, outcome, object_id)| {
            let data = json("inbox.outcome_data", outcome)?;
            Ok(args![id, outcome.status().word(), outcome.word(), data, object_id, now])
        })
        .collect();
    conn.run_batch(RECORD, rows?).await
}

/// Stores what processing an event did, and the object that it is about.
pub async fn record_outcome(
    conn: &mut Conn,
    id: &InboxEventId,
    outcome: &EventOutcome,
    object_id: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE inbox SET status = $2, outcome = $3, outcome_data = $4, object_id = $5, processed_at = $6, \
               attempts = attempts + 1 WHERE id = $1";
    let args = args![
        id,
        outcome.status().word(),
        outcome.word(),
        json("inbox.outcome_data", outcome)?,
        object_id,
        now
    ];
    conn.run_one(sql, &args).await
}

/// Notes that processing an event failed and will be tried again.
pub async fn note_failure(conn: &mut Conn, id: &InboxEventId) -> Result<()> {
    let retrying = EventOutcome::Retrying;
    let sql = "UPDATE inbox SET attempts = attempts + 1, outcome = $2, outcome_data = $3 \
               WHERE id = $1 AND status = 'received'";
    conn.run(sql, &args![id, retrying.word(), json("inbox.outcome_data", &retrying)?]).await.map(drop)
}

/// Has an event wait to be processed, as if it had just come.
pub async fn receive_again(conn: &mut Conn, id: &InboxEventId) -> Result<()> {
    let sql = "UPDATE inbox SET status = 'received', outcome = NULL, outcome_data = NULL, processed_at = NULL WHERE id = $1";
    conn.run_one(sql, &args![id]).await
}

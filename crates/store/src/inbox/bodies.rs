//! Events with their bytes, as long as those are kept.

use domain::clock::Timestamp;
use domain::events::BodyEncoding;
use domain::ids::{ConnectionId, InboxEventId, ProgramId};

use super::event::{InboxEvent, event};
use crate::db::{Batch, Conn, Result, args};

/// An event with its bytes, for the worker.
pub async fn with_body(
    conn: &mut Conn,
    id: &InboxEventId,
) -> Result<Option<(InboxEvent, String, BodyEncoding)>> {
    conn.first("SELECT * FROM inbox WHERE id = $1", &args![id], |row| {
        Ok((event(row)?, row.get("body")?, row.word("body_encoding")?))
    })
    .await
}

const WITH_BODIES: Batch<1> = Batch {
    into: "WITH wanted (id) AS (",
    then: ") SELECT i.* FROM wanted w CROSS JOIN inbox i WHERE i.id = w.id",
};

/// Events with their bytes, for the worker; in no order.
pub async fn with_bodies(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &InboxEventId>,
) -> Result<Vec<(InboxEvent, String, BodyEncoding)>> {
    let keys = ids.into_iter().map(|id| args![id]).collect();
    conn.all_batch(WITH_BODIES, keys, |row| Ok((event(row)?, row.get("body")?, row.word("body_encoding")?)))
        .await
}

/// One event of a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<Option<(InboxEvent, String)>> {
    let sql = "SELECT * FROM inbox WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], |row| Ok((event(row)?, row.get("body")?))).await
}

/// The bytes of a program's newest event of a type, as long as they are kept and readable.
pub async fn newest_body(conn: &mut Conn, program: &ProgramId, event_type: &str) -> Result<Option<String>> {
    let sql = "SELECT body, body_encoding FROM inbox WHERE program_id = $1 AND event_type = $2 \
               ORDER BY received_at DESC, id DESC LIMIT 1";
    let args = args![program, event_type];
    let found = conn.first(sql, &args, |row| {
        Ok((row.get::<String>("body")?, row.word::<BodyEncoding>("body_encoding")?))
    });
    Ok(found.await?.filter(|(_, encoding)| *encoding == BodyEncoding::Utf8).map(|(body, _)| body))
}

/// Empties the bodies of a batch of a connection's events that were received in a time and
/// are done with. Returns how many, and where the next batch begins.
pub async fn empty_bodies(
    conn: &mut Conn,
    connection: &ConnectionId,
    (after, after_id): (Timestamp, &str),
    until: Timestamp,
    size: i64,
) -> Result<(u64, Option<(Timestamp, String)>)> {
    let sql = "SELECT received_at, id FROM inbox WHERE connection_id = $1 \
               AND (received_at > $2 OR (received_at = $2 AND id > $3)) AND received_at < $4 \
               ORDER BY received_at, id LIMIT $5";
    let batch: Vec<(Timestamp, String)> = conn
        .all(sql, &args![connection, after, after_id, until, size], |row| {
            Ok((row.get("received_at")?, row.get("id")?))
        })
        .await?;
    let Some((last, last_id)) = batch.last() else { return Ok((0, None)) };
    let sql = "UPDATE inbox SET body = '' WHERE connection_id = $1 \
               AND (received_at > $2 OR (received_at = $2 AND id > $3)) \
               AND (received_at < $4 OR (received_at = $4 AND id <= $5)) \
               AND status IN ('processed', 'ignored') AND body <> ''";
    let emptied = conn.run(sql, &args![connection, after, after_id, *last, last_id]).await?;
    Ok((emptied, Some((*last, last_id.clone()))))
}

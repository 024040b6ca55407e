//! Events without their bodies, and what is read of them.

use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::events::{EventOutcome, EventStatus};
use domain::facts::EventFacts;
use domain::ids::{ConnectionId, InboxEventId, PaymentId};

use crate::db::{Conn, Result, Row, args};

/// An event as stored, without its body.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct InboxEvent {
    pub id: InboxEventId,
    pub connection_id: ConnectionId,
    pub event_id: String,
    pub event_type: String,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
    pub event_created_at: Timestamp,
    pub received_at: Timestamp,
    pub source: EventSource,
    pub status: EventStatus,
    /// What processing it did, or why it did nothing.
    pub outcome: Option<EventOutcome>,
    /// Stripe's id of the object that it is about.
    pub object_id: Option<String>,
    pub attempts: i64,
    pub processed_at: Option<Timestamp>,
}

/// The columns of [`InboxEvent`]: a list reads no bodies.
macro_rules! columns {
    () => {
        "id, connection_id, event_id, event_type, livemode, api_version, event_created_at, received_at, source, \
         status, outcome_data, object_id, attempts, processed_at"
    };
}
pub(super) use columns;

pub(super) fn event(row: &Row) -> Result<InboxEvent> {
    Ok(InboxEvent {
        id: row.get("id")?,
        connection_id: row.get("connection_id")?,
        event_id: row.get("event_id")?,
        event_type: row.get("event_type")?,
        livemode: row.get("livemode")?,
        api_version: row.get("api_version")?,
        event_created_at: row.get("event_created_at")?,
        received_at: row.get("received_at")?,
        source: row.word("source")?,
        status: row.word("status")?,
        outcome: row.optional_json("outcome_data")?,
        object_id: row.get("object_id")?,
        attempts: row.get("attempts")?,
        processed_at: row.get("processed_at")?,
    })
}

/// The types among a connection's newest events.
pub async fn types(conn: &mut Conn, connection: &ConnectionId, newest: i64) -> Result<Vec<String>> {
    let sql = "SELECT DISTINCT event_type FROM (SELECT event_type FROM inbox WHERE connection_id = $1 \
               ORDER BY received_at DESC, id DESC LIMIT $2) AS newest ORDER BY event_type";
    conn.all(sql, &args![connection, newest], |row| row.get("event_type")).await
}

/// The API version of a connection's newest event.
pub async fn newest_version(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<String>> {
    let sql =
        "SELECT api_version FROM inbox WHERE connection_id = $1 ORDER BY received_at DESC, id DESC LIMIT 1";
    Ok(conn.first(sql, &args![connection], |row| row.get("api_version")).await?.flatten())
}

/// The number of a connection's events that wait, and when the oldest was received.
pub async fn backlog(conn: &mut Conn, connection: &ConnectionId) -> Result<(i64, Option<Timestamp>)> {
    let sql = "SELECT count(*) AS waiting, min(received_at) AS oldest FROM inbox \
               WHERE connection_id = $1 AND status = 'received'";
    conn.one(sql, &args![connection], |row| Ok((row.get("waiting")?, row.get("oldest")?))).await
}

/// The counts of a connection's events by status since a moment.
pub async fn counts(
    conn: &mut Conn,
    connection: &ConnectionId,
    since: Timestamp,
) -> Result<Vec<(EventStatus, i64)>> {
    let sql = "SELECT status, count(*) AS events FROM inbox WHERE connection_id = $1 AND received_at >= $2 \
               GROUP BY status";
    conn.all(sql, &args![connection, since], |row| Ok((row.word("status")?, row.get("events")?))).await
}

/// Events that a connection kept of an account which it did not count, the oldest first; those
/// whose payload was deleted are left out.
pub async fn kept_of_account(
    conn: &mut Conn,
    connection: &ConnectionId,
    account: &str,
    limit: i64,
) -> Result<Vec<InboxEventId>> {
    let sql = "SELECT id FROM inbox WHERE connection_id = $1 AND account = $2 AND outcome = 'other_account' \
               AND body <> '' ORDER BY id LIMIT $3";
    conn.all(sql, &args![connection, account, limit], |row| row.get("id")).await
}

/// When a subscription ended; `None` while it runs. Several events may report it.
pub async fn subscription_end(
    conn: &mut Conn,
    connection: &ConnectionId,
    subscription: &str,
) -> Result<Option<Timestamp>> {
    let sql = "SELECT f.facts FROM inbox i JOIN facts f ON f.connection_id = i.connection_id AND f.event_id = i.event_id \
               WHERE i.connection_id = $1 AND i.object_id = $2 AND i.event_type = 'customer.subscription.deleted' \
               LIMIT 10";
    let reported: Vec<EventFacts> =
        conn.all(sql, &args![connection, subscription], |row| row.json("facts")).await?;
    Ok(reported.iter().filter_map(|event| event.fact.subscription_end()).min())
}

/// Whether an event said that a coupon was deleted.
pub async fn is_coupon_deleted(conn: &mut Conn, connection: &ConnectionId, coupon: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM inbox WHERE connection_id = $1 AND object_id = $2 AND event_type = 'coupon.deleted' \
               LIMIT 1";
    Ok(conn.first(sql, &args![connection, coupon], |_| Ok(())).await?.is_some())
}

/// The newest events that are about one of a payment's Stripe ids.
pub async fn about_payment(conn: &mut Conn, payment: &PaymentId) -> Result<Vec<InboxEvent>> {
    // A dispute is not an id of the payment, but its event is the cause of an entry.
    let sql = concat!(
        "SELECT ",
        columns!(),
        " FROM inbox WHERE id IN (\
                 SELECT i.id FROM inbox i JOIN stripe_ids s ON s.connection_id = i.connection_id AND s.stripe_id = i.object_id \
                 WHERE s.payment_id = $1 \
                 UNION ALL SELECT i.id FROM entries e JOIN conversions c ON c.id = e.conversion_id \
                 JOIN payments p ON p.id = c.payment_id \
                 JOIN inbox i ON i.connection_id = p.connection_id AND i.event_id = e.cause WHERE p.id = $1) \
               ORDER BY event_created_at, id LIMIT 50"
    );
    conn.all(sql, &args![payment], event).await
}

/// Stripe's ids of a connection's newest events.
pub async fn latest_ids(conn: &mut Conn, connection: &ConnectionId, limit: i64) -> Result<Vec<String>> {
    let sql =
        "SELECT event_id FROM inbox WHERE connection_id = $1 ORDER BY received_at DESC, id DESC LIMIT $2";
    conn.all(sql, &args![connection, limit], |row| row.get("event_id")).await
}

/// The number of stored events.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM inbox", &[]).await
}

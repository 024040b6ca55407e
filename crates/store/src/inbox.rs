//! Stripe events as received: stored before they are processed, processed at most once.

use std::collections::BTreeSet;

use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::events::{AttemptKind, BodyEncoding, EventOutcome, EventStatus};
use domain::facts::EventFacts;
use domain::ids::{AccountId, ConnectionId, InboxEventId, JobId, ProgramId};
use domain::jobs::{JobKind, JobStatus, ProcessStripeEvent};

use crate::db::{Batch, Conn, Db, Result, Row, Value, args, json};

/// An event to be stored, with the job that will read it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct NewEvent {
    pub id: InboxEventId,
    pub job_id: JobId,
    pub connection_id: ConnectionId,
    pub program_id: ProgramId,
    pub event_id: String,
    pub event_type: String,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
    pub event_created_at: Timestamp,
    pub received_at: Timestamp,
    /// How it arrived.
    pub source: EventSource,
    pub body: String,
    pub body_encoding: BodyEncoding,
}

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

fn event(row: &Row) -> Result<InboxEvent> {
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

const INSERT: Batch<15> = Batch {
    into: "INSERT INTO inbox (id, connection_id, program_id, event_id, event_type, account, livemode, api_version, \
           event_created_at, received_at, source, body, body_encoding, status, attempts)",
    then: "ON CONFLICT (connection_id, event_id) DO NOTHING",
};

fn new_row(e: &NewEvent) -> [Value; 15] {
    args![
        &e.id,
        &e.connection_id,
        &e.program_id,
        &e.event_id,
        &e.event_type,
        e.account.as_deref(),
        e.livemode,
        e.api_version.as_deref(),
        e.event_created_at,
        e.received_at,
        e.source.word(),
        &e.body,
        e.body_encoding.word(),
        EventStatus::Received.word(),
        0_i64
    ]
}

const INSERT_JOBS: Batch<9> = Batch {
    into: "INSERT INTO jobs (id, kind, queue, payload, run_at, leased_until, attempts, status, created_at)",
    then: "",
};

/// The job that processes an event. An event is stored once, so the job needs no
/// deduplication key.
fn job_row(e: &NewEvent) -> Result<[Value; 9]> {
    const KIND: JobKind = JobKind::ProcessStripeEvent;
    let payload = json("jobs.payload", &ProcessStripeEvent(e.id.clone()))?;
    Ok(args![
        &e.job_id,
        KIND.word(),
        KIND.queue().word(),
        payload,
        e.received_at,
        0_i64,
        0_i64,
        JobStatus::Waiting.word(),
        e.received_at
    ])
}

/// Stores events and their jobs in one transaction; answers which of them are new.
pub async fn put_all(db: &Db, events: &[NewEvent]) -> Result<Vec<bool>> {
    // In the order of their keys: two nodes that get the same events cannot block each
    // other in a circle.
    let mut sorted: Vec<&NewEvent> = events.iter().collect();
    sorted.sort_by(|a, b| (&a.connection_id, &a.event_id).cmp(&(&b.connection_id, &b.event_id)));
    let mut tx = db.begin_batch().await?;
    let inserted = tx.run_batch(INSERT, sorted.iter().map(|e| new_row(e)).collect()).await?;
    let mut stored: BTreeSet<&InboxEventId> = events.iter().map(|e| &e.id).collect();
    if inserted < events.len() as u64 {
        // Some were there already, which is rare: Stripe sends again what was not answered.
        for event in events {
            let sql = "SELECT count(*) FROM inbox WHERE id = $1";
            if tx.scalar::<i64>(sql, &args![&event.id]).await? == 0 {
                stored.remove(&event.id);
            }
        }
    }
    let jobs: Result<Vec<_>> = sorted.iter().filter(|e| stored.contains(&e.id)).map(|e| job_row(e)).collect();
    tx.run_batch(INSERT_JOBS, jobs?).await?;
    tx.commit().await?;
    Ok(events.iter().map(|e| stored.contains(&e.id)).collect())
}

/// Adds many events to a new installation, without jobs.
pub async fn put_history(conn: &mut Conn, events: &[NewEvent]) -> Result<()> {
    conn.run_batch(INSERT, events.iter().map(new_row).collect()).await.map(drop)
}

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

/// What a list of events is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// With one status.
    pub status: Option<EventStatus>,
    /// Of one type.
    pub event_type: Option<String>,
    /// With one word of [`EventOutcome`].
    pub outcome: Option<String>,
    /// How it arrived.
    pub source: Option<EventSource>,
    /// Live or test.
    pub livemode: Option<bool>,
    /// Received from then on.
    pub from: Option<Timestamp>,
    /// Received before then.
    pub until: Option<Timestamp>,
    /// About one id of Stripe's: an event's own, a payment under any of its ids, or
    /// everything of a customer or subscription.
    pub stripe_id: Option<String>,
}

/// The columns of [`InboxEvent`]: a list reads no bodies.
macro_rules! columns {
    () => {
        "id, connection_id, event_id, event_type, livemode, api_version, event_created_at, received_at, source, \
         status, outcome_data, object_id, attempts, processed_at"
    };
}

/// A list that an index leads: by time alone, or by one filter and time. The other filters are
/// compared row by row.
macro_rules! listed {
    ($leading:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM inbox WHERE program_id = $1 ",
            $leading,
            " AND ($2 IS NULL OR status = $2) AND ($3 IS NULL OR event_type = $3) \
             AND ($4 IS NULL OR outcome = $4) AND ($5 IS NULL OR source = $5) AND ($6 IS NULL OR livemode = $6) \
             AND received_at >= $7 AND (received_at, id) < ($8, $9) \
             ORDER BY received_at DESC, id DESC LIMIT $10"
        )
    };
}
const LIST: &str = listed!("");
const BY_STATUS: &str = listed!("AND status = $2");
const BY_TYPE: &str = listed!("AND event_type = $3");
const BY_OUTCOME: &str = listed!("AND outcome = $4");
/// Few events are fetched, so that these have an index; nearly all others are deliveries.
const OF_BACKFILLS: &str = listed!("AND source = 'backfill'");
/// Each part of the union is led by an index, so that a search does not read the log.
const SEARCH: &str = listed!(
    "AND id IN (\
       SELECT e.id FROM connections k JOIN inbox e ON e.connection_id = k.id AND e.event_id = $11 WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k JOIN inbox e ON e.connection_id = k.id AND e.object_id = $11 \
         WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k \
         JOIN stripe_ids t ON t.connection_id = k.id AND t.stripe_id = $11 \
         JOIN stripe_ids s ON s.payment_id = t.payment_id \
         JOIN inbox e ON e.connection_id = s.connection_id AND e.object_id = s.stripe_id WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k \
         JOIN stripe_ids t ON t.connection_id = k.id AND t.stripe_id = $11 \
         JOIN stripe_ids s ON s.customer_id = t.customer_id \
         JOIN inbox e ON e.connection_id = s.connection_id AND e.object_id = s.stripe_id \
         WHERE k.program_id = $1 AND (t.stripe_id LIKE 'cus@_%' ESCAPE '@' OR t.stripe_id LIKE 'sub@_%' ESCAPE '@'))"
);

/// A program's events, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    filter: &Filter,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<InboxEvent>> {
    // The only bound at its end, so that the index leads to it.
    let before = before.min((filter.until.unwrap_or(Timestamp(i64::MAX)), ""));
    let mut values: Vec<Value> = args![
        program,
        filter.status.map(EventStatus::word),
        filter.event_type.as_deref(),
        filter.outcome.as_deref(),
        filter.source.map(EventSource::word),
        filter.livemode,
        filter.from.unwrap_or(Timestamp(i64::MIN)),
        before.0,
        before.1,
        limit
    ]
    .into();
    let Some(stripe_id) = &filter.stripe_id else {
        let sql = match filter {
            Filter { event_type: Some(_), .. } => BY_TYPE,
            Filter { outcome: Some(_), .. } => BY_OUTCOME,
            Filter { status: Some(_), .. } => BY_STATUS,
            Filter { source: Some(EventSource::Backfill), .. } => OF_BACKFILLS,
            _ => LIST,
        };
        return conn.all(sql, &values, event).await;
    };
    values.push(Value::from(stripe_id));
    conn.all(SEARCH, &values, event).await
}

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
    let sql = "SELECT CAST(coalesce(max(number), 0) AS BIGINT) FROM inbox_attempts WHERE event_id = $1";
    let number = conn.scalar::<i64>(sql, &args![id]).await? + 1;
    let sql = "INSERT INTO inbox_attempts (event_id, number, at, kind, outcome, account_id) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![
        id,
        number,
        attempt.at,
        attempt.kind.word(),
        json("inbox_attempts.outcome", &attempt.outcome)?,
        by
    ];
    conn.run_one(sql, &args).await?;
    let sql = "DELETE FROM inbox_attempts WHERE event_id = $1 AND number <= $2";
    conn.run(sql, &args![id, number - MOST_ATTEMPTS]).await.map(drop)
}

/// The attempts of an event, oldest first.
pub async fn attempts(conn: &mut Conn, id: &InboxEventId) -> Result<Vec<Attempt>> {
    let sql = "SELECT t.*, a.name FROM inbox_attempts t LEFT JOIN accounts a ON a.id = t.account_id \
               WHERE t.event_id = $1 ORDER BY t.number";
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

/// One event of a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<Option<(InboxEvent, String)>> {
    let sql = "SELECT * FROM inbox WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], |row| Ok((event(row)?, row.get("body")?))).await
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
/// whose body is gone are left out.
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

/// Has an event wait to be processed, as if it had just come.
pub async fn receive_again(conn: &mut Conn, id: &InboxEventId) -> Result<()> {
    let sql = "UPDATE inbox SET status = 'received', outcome = NULL, outcome_data = NULL, processed_at = NULL WHERE id = $1";
    conn.run_one(sql, &args![id]).await
}

/// When a subscription ended; `None` while it runs. It may have been told more than once.
pub async fn subscription_end(
    conn: &mut Conn,
    connection: &ConnectionId,
    subscription: &str,
) -> Result<Option<Timestamp>> {
    let sql = "SELECT f.facts FROM inbox i JOIN facts f ON f.connection_id = i.connection_id AND f.event_id = i.event_id \
               WHERE i.connection_id = $1 AND i.object_id = $2 AND i.event_type = 'customer.subscription.deleted' \
               LIMIT 10";
    let told: Vec<EventFacts> =
        conn.all(sql, &args![connection, subscription], |row| row.json("facts")).await?;
    Ok(told.iter().filter_map(|event| event.fact.subscription_end()).min())
}

/// Whether an event said that a coupon was deleted.
pub async fn is_coupon_deleted(conn: &mut Conn, connection: &ConnectionId, coupon: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM inbox WHERE connection_id = $1 AND object_id = $2 AND event_type = 'coupon.deleted' \
               LIMIT 1";
    Ok(conn.first(sql, &args![connection, coupon], |_| Ok(())).await?.is_some())
}

/// The newest events that are about one of a payment's Stripe ids.
pub async fn about_payment(conn: &mut Conn, payment: &domain::ids::PaymentId) -> Result<Vec<InboxEvent>> {
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

//! Storing events that arrive, each with the job that processes it.

use std::collections::BTreeSet;

use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::events::{BodyEncoding, EventStatus};
use domain::ids::{ConnectionId, InboxEventId, JobId, ProgramId};
use domain::jobs::{JobKind, JobStatus, ProcessStripeEvent};

use crate::db::{Batch, Conn, Db, Result, Value, args, json};

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

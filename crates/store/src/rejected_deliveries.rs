//! Rejected deliveries: counts by hour, and a few samples.

use domain::clock::Timestamp;
use domain::deliveries::{DeliveryTarget, RejectionReason};
use domain::ids::{ProgramId, RejectionId};
use domain::words::Word;

use crate::db::{Conn, Result, Row, args};

/// How often deliveries to one target were rejected for one reason within an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionHour {
    /// Where they were sent.
    pub target: DeliveryTarget,
    /// Hours since 1970 in UTC.
    pub hour: i64,
    /// Why they were rejected.
    pub reason: RejectionReason,
    /// How many.
    pub deliveries: i64,
    /// When the last one came.
    pub last_at: Timestamp,
}

/// What a rejected delivery says about itself, unverified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectionSample {
    /// Its id.
    pub id: RejectionId,
    /// Where it was sent.
    pub target: DeliveryTarget,
    /// Why it was rejected.
    pub reason: RejectionReason,
    /// When it came.
    pub at: Timestamp,
    /// The length of its body.
    pub bytes: i64,
    /// The event's id.
    pub event_id: Option<String>,
    /// The event's type.
    pub event_type: Option<String>,
    /// The Stripe account.
    pub account: Option<String>,
    /// Live or test.
    pub livemode: Option<bool>,
    /// The API version.
    pub api_version: Option<String>,
}

fn target(row: &Row) -> Result<DeliveryTarget> {
    let text: String = row.get("target")?;
    text.parse().map_err(|error| row.inconsistent("target", error))
}

fn hour(row: &Row) -> Result<RejectionHour> {
    Ok(RejectionHour {
        target: target(row)?,
        hour: row.get("hour")?,
        reason: row.word("reason")?,
        deliveries: row.get("deliveries")?,
        last_at: row.get("last_at")?,
    })
}

fn sample(row: &Row) -> Result<RejectionSample> {
    Ok(RejectionSample {
        id: row.get("id")?,
        target: target(row)?,
        reason: row.word("reason")?,
        at: row.get("at")?,
        bytes: row.get("bytes")?,
        event_id: row.get("event_id")?,
        event_type: row.get("event_type")?,
        account: row.get("account")?,
        livemode: row.get("livemode")?,
        api_version: row.get("api_version")?,
    })
}

/// Adds to an hour's count.
pub async fn count(
    conn: &mut Conn,
    target: &DeliveryTarget,
    reason: RejectionReason,
    deliveries: i64,
    last_at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO rejected_delivery_hours (target, hour, reason, deliveries, last_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (target, hour, reason) DO UPDATE SET deliveries = rejected_delivery_hours.deliveries + $4, \
               last_at = CASE WHEN rejected_delivery_hours.last_at < $5 THEN $5 ELSE rejected_delivery_hours.last_at END";
    let args = args![target.as_str(), last_at.utc_hour(), reason.word(), deliveries, last_at];
    conn.run_one(sql, &args).await
}

/// Adds a sample.
pub async fn put_sample(conn: &mut Conn, new: &RejectionSample) -> Result<()> {
    let sql = "INSERT INTO rejected_delivery_samples (id, target, reason, at, bytes, event_id, event_type, account, \
               livemode, api_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let args = args![
        &new.id,
        new.target.as_str(),
        new.reason.word(),
        new.at,
        new.bytes,
        new.event_id.as_deref(),
        new.event_type.as_deref(),
        new.account.as_deref(),
        new.livemode,
        new.api_version.as_deref()
    ];
    conn.run_one(sql, &args).await
}

/// The counts of a program's connections and of shared targets since a time, newest first.
pub async fn hours(
    conn: &mut Conn,
    program: &ProgramId,
    shared: [&DeliveryTarget; 2],
    since: Timestamp,
    limit: i64,
) -> Result<Vec<RejectionHour>> {
    let sql = "SELECT * FROM rejected_delivery_hours WHERE hour >= $4 \
               AND (target IN ($2, $3) OR target IN (SELECT id FROM connections WHERE program_id = $1)) \
               ORDER BY hour DESC, target, reason LIMIT $5";
    let args = args![program, shared[0].as_str(), shared[1].as_str(), since.utc_hour(), limit];
    conn.all(sql, &args, hour).await
}

/// The samples of a program's connections since a time, newest first.
pub async fn samples(
    conn: &mut Conn,
    program: &ProgramId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<RejectionSample>> {
    let sql = "SELECT * FROM rejected_delivery_samples WHERE at >= $2 \
               AND target IN (SELECT id FROM connections WHERE program_id = $1) ORDER BY at DESC, id DESC LIMIT $3";
    conn.all(sql, &args![program, since, limit], sample).await
}

/// Deletes what is older than a time; answers how many rows that were.
pub async fn delete_before(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM rejected_delivery_samples WHERE at < $1";
    let samples = conn.run(sql, &args![before]).await?;
    let sql = "DELETE FROM rejected_delivery_hours WHERE hour < $1";
    Ok(samples + conn.run(sql, &args![before.utc_hour()]).await?)
}

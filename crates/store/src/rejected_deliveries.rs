//! Deliveries that were refused: counts by hour, and a few samples.

use domain::clock::Timestamp;
use domain::ids::{ProgramId, RefusalId};

use crate::db::{Conn, Result, Row, args};

/// How often one place refused for one reason within an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Hour {
    pub place: String,
    /// Hours since 1970 in UTC.
    pub hour: i64,
    pub code: String,
    pub deliveries: i64,
    pub last_at: Timestamp,
}

/// What a refused delivery said about itself; nobody has checked it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct Sample {
    pub id: RefusalId,
    pub place: String,
    pub code: String,
    pub at: Timestamp,
    /// The length of its body.
    pub bytes: i64,
    pub event_id: Option<String>,
    pub event_type: Option<String>,
    pub account: Option<String>,
    pub livemode: Option<bool>,
    pub api_version: Option<String>,
}

fn sample(row: &Row) -> Result<Sample> {
    Ok(Sample {
        id: row.get("id")?,
        place: row.get("place")?,
        code: row.get("code")?,
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
    place: &str,
    code: &str,
    deliveries: i64,
    last_at: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO rejected_delivery_hours (place, hour, code, deliveries, last_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (place, hour, code) DO UPDATE SET deliveries = rejected_delivery_hours.deliveries + $4, \
               last_at = CASE WHEN rejected_delivery_hours.last_at < $5 THEN $5 ELSE rejected_delivery_hours.last_at END";
    conn.run_one(sql, &args![place, last_at.utc_hour(), code, deliveries, last_at]).await
}

/// Keeps a sample.
pub async fn put_sample(conn: &mut Conn, new: &Sample) -> Result<()> {
    let sql = "INSERT INTO rejected_delivery_samples (id, place, code, at, bytes, event_id, event_type, account, livemode, \
               api_version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let args = args![
        &new.id,
        &new.place,
        &new.code,
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

/// The counts of a program's connections and of two shared places since a moment, newest
/// first.
pub async fn hours(
    conn: &mut Conn,
    program: &ProgramId,
    shared: [&str; 2],
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Hour>> {
    let sql = "SELECT * FROM rejected_delivery_hours WHERE hour >= $4 \
               AND (place IN ($2, $3) OR place IN (SELECT id FROM connections WHERE program_id = $1)) \
               ORDER BY hour DESC, place, code LIMIT $5";
    conn.all(sql, &args![program, shared[0], shared[1], since.utc_hour(), limit], |row| {
        Ok(Hour {
            place: row.get("place")?,
            hour: row.get("hour")?,
            code: row.get("code")?,
            deliveries: row.get("deliveries")?,
            last_at: row.get("last_at")?,
        })
    })
    .await
}

/// The samples of a program's connections since a moment, newest first.
pub async fn samples(
    conn: &mut Conn,
    program: &ProgramId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Sample>> {
    let sql = "SELECT * FROM rejected_delivery_samples WHERE at >= $2 \
               AND place IN (SELECT id FROM connections WHERE program_id = $1) ORDER BY at DESC, id DESC LIMIT $3";
    conn.all(sql, &args![program, since, limit], sample).await
}

/// Forgets what is older than a moment.
pub async fn forget(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM rejected_delivery_samples WHERE at < $1";
    let samples = conn.run(sql, &args![before]).await?;
    let sql = "DELETE FROM rejected_delivery_hours WHERE hour < $1";
    Ok(samples + conn.run(sql, &args![before.utc_hour()]).await?)
}

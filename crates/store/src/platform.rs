//! The platform's own webhook endpoint, one a mode: OAuth connections share it.

use domain::clock::Timestamp;
use domain::ids::SecretId;

use crate::db::{Conn, Result, Row, args};

/// The platform's endpoint of a mode.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct PlatformEndpoint {
    pub livemode: bool,
    pub endpoint_id: String,
    pub url: String,
    /// `enabled` or `disabled`, as it was at `checked_at`.
    pub status: String,
    pub api_version: Option<String>,
    pub checked_at: Timestamp,
    /// Signature failures so far.
    pub failures: i64,
    pub last_failure_at: Option<Timestamp>,
    pub last_failure_code: Option<String>,
}

fn endpoint(row: &Row) -> Result<PlatformEndpoint> {
    Ok(PlatformEndpoint {
        livemode: row.get("livemode")?,
        endpoint_id: row.get("endpoint_id")?,
        url: row.get("url")?,
        status: row.get("status")?,
        api_version: row.get("api_version")?,
        checked_at: row.get("checked_at")?,
        failures: row.get("failures")?,
        last_failure_at: row.get("last_failure_at")?,
        last_failure_code: row.get("last_failure_code")?,
    })
}

/// A signing secret of the platform's endpoint, encrypted.
#[derive(Debug, Clone)]
pub struct PlatformSecret {
    /// Its id; part of the encryption's associated data.
    pub id: SecretId,
    /// Live or test.
    pub livemode: bool,
    /// The endpoint that signs with it.
    pub endpoint_id: String,
    /// The sealed text.
    pub sealed: String,
    /// What it ends in.
    pub last_four: String,
    /// Since when.
    pub valid_from: Timestamp,
    /// Until when, if a newer one has come.
    pub valid_until: Option<Timestamp>,
}

fn secret(row: &Row) -> Result<PlatformSecret> {
    Ok(PlatformSecret {
        id: row.get("id")?,
        livemode: row.get("livemode")?,
        endpoint_id: row.get("endpoint_id")?,
        sealed: row.get("sealed")?,
        last_four: row.get("last_four")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
    })
}

/// The endpoint of a mode.
pub async fn get(conn: &mut Conn, livemode: bool) -> Result<Option<PlatformEndpoint>> {
    conn.first("SELECT * FROM platform_endpoints WHERE livemode = $1", &args![livemode], endpoint).await
}

/// Keeps how the endpoint of a mode stands; what was counted stays.
pub async fn put(
    conn: &mut Conn,
    livemode: bool,
    (endpoint_id, url): (&str, &str),
    status: &str,
    api_version: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO platform_endpoints (livemode, endpoint_id, url, status, api_version, checked_at, failures) \
               VALUES ($1, $2, $3, $4, $5, $6, 0) ON CONFLICT (livemode) DO UPDATE SET endpoint_id = $2, url = $3, \
               status = $4, api_version = $5, checked_at = $6";
    conn.run_one(sql, &args![livemode, endpoint_id, url, status, api_version, now]).await
}

/// Adds a signing secret.
pub async fn put_secret(conn: &mut Conn, new: &PlatformSecret) -> Result<()> {
    let sql = "INSERT INTO platform_secrets (id, livemode, endpoint_id, sealed, last_four, valid_from, valid_until) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        &new.id,
        new.livemode,
        &new.endpoint_id,
        &new.sealed,
        &new.last_four,
        new.valid_from,
        new.valid_until
    ];
    conn.run_one(sql, &args).await
}

/// Lets the secrets of a mode that have no end yet run out.
pub async fn expire_secrets(conn: &mut Conn, livemode: bool, until: Timestamp) -> Result<u64> {
    let sql = "UPDATE platform_secrets SET valid_until = $2 WHERE livemode = $1 AND valid_until IS NULL";
    conn.run(sql, &args![livemode, until]).await
}

/// The secrets of both modes that are good at a moment, newest first.
pub async fn secrets(conn: &mut Conn, now: Timestamp) -> Result<Vec<PlatformSecret>> {
    let sql = "SELECT * FROM platform_secrets WHERE valid_until IS NULL OR valid_until > $1 \
               ORDER BY valid_from DESC, id DESC LIMIT 20";
    conn.all(sql, &args![now], secret).await
}

/// Counts refused signatures at every mode's endpoint: a wrong signature names none.
pub async fn refused(conn: &mut Conn, code: &str, deliveries: i64, at: Timestamp) -> Result<()> {
    let sql = "UPDATE platform_endpoints SET failures = failures + $3, last_failure_at = $2, last_failure_code = $1";
    conn.run(sql, &args![code, at, deliveries]).await.map(drop)
}

//! The platform's own webhook endpoints, one for live and one for test: all OAuth
//! connections share them.

use domain::clock::Timestamp;
use domain::connections::EndpointStatus;
use domain::deliveries::{SignatureError, SignatureFailures};
use domain::ids::SecretId;

use crate::db::{Conn, Result, Row, args};

/// The platform's endpoint of a mode, as Stripe last described it.
#[derive(Debug, Clone)]
pub struct PlatformEndpoint {
    /// Live or test.
    pub livemode: bool,
    /// Its id at Stripe, `we_…`.
    pub endpoint_id: String,
    /// Where Stripe sends its events.
    pub url: String,
    /// Its status.
    pub status: EndpointStatus,
    /// The API version of its events.
    pub api_version: Option<String>,
    /// When Stripe was last asked about it.
    pub checked_at: Timestamp,
    /// Rejected signatures.
    pub signature_failures: SignatureFailures,
}

fn endpoint(row: &Row) -> Result<PlatformEndpoint> {
    Ok(PlatformEndpoint {
        livemode: row.get("livemode")?,
        endpoint_id: row.get("endpoint_id")?,
        url: row.get("url")?,
        status: row.word("status")?,
        api_version: row.get("api_version")?,
        checked_at: row.get("checked_at")?,
        signature_failures: SignatureFailures {
            count: row.get("failures")?,
            last: row
                .get::<Option<Timestamp>>("last_failure_at")?
                .zip(row.optional_word("last_failure_reason")?),
            settled_at: row.get("settled_at")?,
        },
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
    /// The secret, encrypted.
    pub sealed: String,
    /// Its last four characters.
    pub last_four: String,
    /// When it became valid.
    pub valid_from: Timestamp,
    /// When it expires, once a newer one was added.
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

/// Records the endpoint of a mode after it was repaired or found in order. Its counts stay, and
/// what was rejected before is settled.
pub async fn put(
    conn: &mut Conn,
    livemode: bool,
    (endpoint_id, url): (&str, &str),
    status: EndpointStatus,
    api_version: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO platform_endpoints (livemode, endpoint_id, url, status, api_version, checked_at, failures, settled_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, $6) ON CONFLICT (livemode) DO UPDATE SET endpoint_id = $2, url = $3, \
               status = $4, api_version = $5, checked_at = $6, settled_at = $6";
    conn.run_one(sql, &args![livemode, endpoint_id, url, status.word(), api_version, now]).await
}

/// Records the status of the endpoint of a mode as Stripe describes it now.
pub async fn set_status(
    conn: &mut Conn,
    livemode: bool,
    status: Option<EndpointStatus>,
    now: Timestamp,
) -> Result<()> {
    let sql =
        "UPDATE platform_endpoints SET status = coalesce($2, status), checked_at = $3 WHERE livemode = $1";
    conn.run(sql, &args![livemode, status.map(EndpointStatus::word), now]).await.map(drop)
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

/// Sets the expiry of the secrets of a mode that have none yet.
pub async fn expire_secrets(conn: &mut Conn, livemode: bool, until: Timestamp) -> Result<u64> {
    let sql = "UPDATE platform_secrets SET valid_until = $2 WHERE livemode = $1 AND valid_until IS NULL";
    conn.run(sql, &args![livemode, until]).await
}

/// The secrets of both modes that are valid at a time, newest first.
pub async fn secrets(conn: &mut Conn, now: Timestamp) -> Result<Vec<PlatformSecret>> {
    let sql = "SELECT * FROM platform_secrets WHERE valid_until IS NULL OR valid_until > $1 \
               ORDER BY valid_from DESC, id DESC LIMIT 20";
    conn.all(sql, &args![now], secret).await
}

/// Counts deliveries with a rejected signature at both endpoints: a wrong signature does not
/// say which mode it was meant for.
pub async fn count_signature_failures(
    conn: &mut Conn,
    error: SignatureError,
    deliveries: i64,
    last_at: Timestamp,
) -> Result<()> {
    let sql = "UPDATE platform_endpoints SET failures = failures + $3, last_failure_at = $2, last_failure_reason = $1";
    conn.run(sql, &args![error.word(), last_at, deliveries]).await.map(drop)
}

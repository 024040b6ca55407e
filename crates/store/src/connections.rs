//! A program's connection to Stripe, and its signing secrets.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, ProgramId, SecretId};

use crate::db::{Conn, Result, Row, args};

/// A connection.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the nouns are those of DESIGN.md §3")]
pub struct Connection {
    pub id: ConnectionId,
    pub program_id: ProgramId,
    /// `oauth`, `key` or `manual`.
    pub mode: String,
    /// `connected`, `disconnected` or `revoked`.
    pub state: String,
    /// The last part of `/webhooks/stripe/{token}`.
    pub endpoint_token: String,
    pub stripe_account: Option<String>,
    /// `None` until the first event tells.
    pub livemode: Option<bool>,
    pub created_at: Timestamp,
    pub last_event_at: Option<Timestamp>,
    /// Signature failures so far.
    pub failures: i64,
    pub last_failure_at: Option<Timestamp>,
    pub last_failure_code: Option<String>,
}

fn connection(row: &Row) -> Result<Connection> {
    Ok(Connection {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        mode: row.get("mode")?,
        state: row.get("state")?,
        endpoint_token: row.get("endpoint_token")?,
        stripe_account: row.get("stripe_account")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        last_event_at: row.get("last_event_at")?,
        failures: row.get("failures")?,
        last_failure_at: row.get("last_failure_at")?,
        last_failure_code: row.get("last_failure_code")?,
    })
}

/// A signing secret, encrypted.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its id; part of the encryption's associated data.
    pub id: SecretId,
    /// The sealed text.
    pub sealed: String,
    /// What it ends in.
    pub last_four: String,
    /// Since when.
    pub valid_from: Timestamp,
    /// Until when, if a newer one has come.
    pub valid_until: Option<Timestamp>,
}

fn secret(row: &Row) -> Result<Secret> {
    Ok(Secret {
        id: row.get("id")?,
        sealed: row.get("sealed")?,
        last_four: row.get("last_four")?,
        valid_from: row.get("valid_from")?,
        valid_until: row.get("valid_until")?,
    })
}

/// Adds a connection.
pub async fn put(conn: &mut Conn, new: &Connection, by: Option<&AccountId>) -> Result<()> {
    let sql = "INSERT INTO connections (id, program_id, mode, state, endpoint_token, stripe_account, livemode, \
               created_at, created_by, failures) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";
    let args = args![
        &new.id,
        &new.program_id,
        &new.mode,
        &new.state,
        &new.endpoint_token,
        new.stripe_account.as_deref(),
        new.livemode,
        new.created_at,
        by
    ];
    conn.run_one(sql, &args).await
}

/// The connection of an endpoint's token, whatever its state.
pub async fn by_token(conn: &mut Conn, token: &str) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE endpoint_token = $1", &args![token], connection).await
}

/// A connection.
pub async fn get(conn: &mut Conn, id: &ConnectionId) -> Result<Option<Connection>> {
    conn.first("SELECT * FROM connections WHERE id = $1", &args![id], connection).await
}

/// A program's newest connection, connected or not.
pub async fn of_program(conn: &mut Conn, program: &ProgramId) -> Result<Option<Connection>> {
    let sql = "SELECT * FROM connections WHERE program_id = $1 \
               ORDER BY CASE WHEN state = 'connected' THEN 0 ELSE 1 END, id DESC LIMIT 1";
    conn.first(sql, &args![program], connection).await
}

/// Ends a connection; its secrets go, its history stays.
pub async fn disconnect(conn: &mut Conn, id: &ConnectionId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET state = 'disconnected', disconnected_at = $2 WHERE id = $1 AND state = 'connected'";
    conn.run_one(sql, &args![id, now]).await?;
    conn.run("DELETE FROM connection_secrets WHERE connection_id = $1", &args![id]).await.map(drop)
}

/// Takes a disconnected connection up again, with the URL that Stripe knows already.
pub async fn reconnect(conn: &mut Conn, id: &ConnectionId) -> Result<()> {
    let sql = "UPDATE connections SET state = 'connected', disconnected_at = NULL WHERE id = $1";
    conn.run_one(sql, &args![id]).await
}

/// Learns live or test from the first event.
pub async fn learn_mode(conn: &mut Conn, id: &ConnectionId, livemode: bool) -> Result<()> {
    let sql = "UPDATE connections SET livemode = $2 WHERE id = $1 AND livemode IS NULL";
    conn.run(sql, &args![id, livemode]).await.map(drop)
}

/// Notes when the last event came.
pub async fn heard(conn: &mut Conn, id: &ConnectionId, at: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET last_event_at = $2 WHERE id = $1 AND (last_event_at IS NULL OR last_event_at < $2)";
    conn.run(sql, &args![id, at]).await.map(drop)
}

/// Counts a refused signature.
pub async fn refused(conn: &mut Conn, id: &ConnectionId, code: &str, at: Timestamp) -> Result<()> {
    let sql = "UPDATE connections SET failures = failures + 1, last_failure_at = $3, last_failure_code = $2 WHERE id = $1";
    conn.run_one(sql, &args![id, code, at]).await
}

/// Adds a signing secret.
pub async fn put_secret(conn: &mut Conn, connection: &ConnectionId, new: &Secret) -> Result<()> {
    let sql = "INSERT INTO connection_secrets (id, connection_id, sealed, last_four, valid_from, valid_until) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![&new.id, connection, &new.sealed, &new.last_four, new.valid_from, new.valid_until];
    conn.run_one(sql, &args).await
}

/// Lets the secrets that have no end yet run out.
pub async fn expire_secrets(conn: &mut Conn, connection: &ConnectionId, until: Timestamp) -> Result<u64> {
    let sql =
        "UPDATE connection_secrets SET valid_until = $2 WHERE connection_id = $1 AND valid_until IS NULL";
    conn.run(sql, &args![connection, until]).await
}

/// The secrets that are good at a moment, newest first.
pub async fn secrets(conn: &mut Conn, connection: &ConnectionId, now: Timestamp) -> Result<Vec<Secret>> {
    let sql = "SELECT * FROM connection_secrets WHERE connection_id = $1 AND (valid_until IS NULL OR valid_until > $2) \
               ORDER BY valid_from DESC, id DESC LIMIT 10";
    conn.all(sql, &args![connection, now], secret).await
}

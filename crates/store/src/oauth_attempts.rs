//! Attempts to connect by OAuth.

use domain::clock::Timestamp;
use domain::connections::OAuthOutcome;
use domain::ids::{AccountId, ProgramId};

use crate::db::{Conn, Result, Row, args, json};

/// An attempt to connect by OAuth: a merchant who left for Stripe's authorize page.
#[derive(Debug, Clone)]
pub struct OAuthAttempt {
    /// The SHA-256 of the `state` parameter, which itself is not stored.
    pub state_hash: String,
    /// The program to connect.
    pub program_id: ProgramId,
    /// Who left.
    pub account_id: AccountId,
    /// Live or test.
    pub livemode: bool,
    /// When they left.
    pub created_at: Timestamp,
    /// Until when they may come back.
    pub expires_at: Timestamp,
    /// When they came back.
    pub used_at: Option<Timestamp>,
    /// The outcome; `None` while the attempt is open or in progress.
    pub outcome: Option<OAuthOutcome>,
}

fn attempt(row: &Row) -> Result<OAuthAttempt> {
    Ok(OAuthAttempt {
        state_hash: row.get("state_hash")?,
        program_id: row.get("program_id")?,
        account_id: row.get("account_id")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
        outcome: row.optional_json("outcome")?,
    })
}

/// Adds an attempt.
pub async fn put(conn: &mut Conn, new: &OAuthAttempt) -> Result<()> {
    let sql = "INSERT INTO oauth_attempts (state_hash, program_id, account_id, livemode, created_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![
        &new.state_hash,
        &new.program_id,
        &new.account_id,
        new.livemode,
        new.created_at,
        new.expires_at
    ];
    conn.run_one(sql, &args).await
}

/// An attempt by the hash of its state.
pub async fn get(conn: &mut Conn, state_hash: &str) -> Result<Option<OAuthAttempt>> {
    conn.first("SELECT * FROM oauth_attempts WHERE state_hash = $1", &args![state_hash], attempt).await
}

/// Marks an attempt as used; `false` when it already was.
pub async fn consume(conn: &mut Conn, state_hash: &str, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE oauth_attempts SET used_at = $2 WHERE state_hash = $1 AND used_at IS NULL";
    Ok(conn.run(sql, &args![state_hash, now]).await? == 1)
}

/// Records the outcome of an attempt; the first one stands.
pub async fn record_outcome(conn: &mut Conn, state_hash: &str, outcome: &OAuthOutcome) -> Result<()> {
    let sql = "UPDATE oauth_attempts SET outcome = $2 WHERE state_hash = $1 AND outcome IS NULL";
    let outcome = json("oauth_attempts.outcome", outcome)?;
    conn.run(sql, &args![state_hash, outcome]).await.map(drop)
}

/// Deletes attempts that expired before a time.
pub async fn delete_ended(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM oauth_attempts WHERE expires_at < $1", &args![before]).await
}

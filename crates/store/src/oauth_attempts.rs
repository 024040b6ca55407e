//! Ways to Stripe's authorize page and back.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ProgramId};

use crate::db::{Conn, Result, Row, args};

/// A way to Stripe's authorize page.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Attempt {
    /// The SHA-256 of the state; the state itself is kept nowhere.
    pub state_hash: String,
    pub program_id: ProgramId,
    pub account_id: AccountId,
    pub livemode: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When somebody came back with it.
    pub used_at: Option<Timestamp>,
    /// What came of it: a stable word; `None` while it is being worked on.
    pub outcome: Option<String>,
    /// What Stripe said, where it said something.
    pub outcome_text: Option<String>,
}

fn attempt(row: &Row) -> Result<Attempt> {
    Ok(Attempt {
        state_hash: row.get("state_hash")?,
        program_id: row.get("program_id")?,
        account_id: row.get("account_id")?,
        livemode: row.get("livemode")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        used_at: row.get("used_at")?,
        outcome: row.get("outcome")?,
        outcome_text: row.get("outcome_text")?,
    })
}

/// Adds an attempt.
pub async fn put(conn: &mut Conn, new: &Attempt) -> Result<()> {
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
pub async fn get(conn: &mut Conn, state_hash: &str) -> Result<Option<Attempt>> {
    conn.first("SELECT * FROM oauth_attempts WHERE state_hash = $1", &args![state_hash], attempt).await
}

/// Consumes an attempt; `false` when somebody else has.
pub async fn consume(conn: &mut Conn, state_hash: &str, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE oauth_attempts SET used_at = $2 WHERE state_hash = $1 AND used_at IS NULL";
    Ok(conn.run(sql, &args![state_hash, now]).await? == 1)
}

/// Writes down what came of an attempt; the first word stands.
pub async fn record_outcome(
    conn: &mut Conn,
    state_hash: &str,
    outcome: &str,
    text: Option<&str>,
) -> Result<()> {
    let sql =
        "UPDATE oauth_attempts SET outcome = $2, outcome_text = $3 WHERE state_hash = $1 AND outcome IS NULL";
    conn.run(sql, &args![state_hash, outcome, text]).await.map(drop)
}

/// Removes attempts that ended before a moment.
pub async fn delete_ended(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM oauth_attempts WHERE expires_at < $1", &args![before]).await
}

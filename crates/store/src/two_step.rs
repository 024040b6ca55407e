//! Two-step sign-in: the authenticator app of an account and its recovery codes.

use domain::clock::Timestamp;
use domain::ids::AccountId;

use crate::db::{Conn, Result, Row, args};

/// The authenticator app of an account.
#[derive(Debug, Clone)]
pub struct Authenticator {
    /// The key that its codes are made with, sealed.
    pub sealed: String,
    /// When it was set up.
    pub created_at: Timestamp,
    /// When it showed a first code; `None` while it is being set up.
    pub confirmed_at: Option<Timestamp>,
    /// The newest half minute since 1970 whose code was accepted.
    pub last_step: i64,
}

fn authenticator(row: &Row) -> Result<Authenticator> {
    Ok(Authenticator {
        sealed: row.get("secret")?,
        created_at: row.get("created_at")?,
        confirmed_at: row.get("confirmed_at")?,
        last_step: row.get("last_step")?,
    })
}

/// An account's authenticator, also one that is being set up.
pub async fn get(conn: &mut Conn, account: &AccountId) -> Result<Option<Authenticator>> {
    conn.first("SELECT * FROM authenticators WHERE account_id = $1", &args![account], authenticator).await
}

/// Begins to set one up, in place of one that was never confirmed; `false` when one is in use.
pub async fn begin(conn: &mut Conn, account: &AccountId, sealed: &str, now: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO authenticators (account_id, secret, created_at, last_step) VALUES ($1, $2, $3, 0) \
               ON CONFLICT (account_id) DO UPDATE SET secret = $2, created_at = $3 \
               WHERE authenticators.confirmed_at IS NULL";
    Ok(conn.run(sql, &args![account, sealed, now]).await? == 1)
}

/// Confirms the one that is being set up, with the half minute of its first code; `false` when
/// there is none.
pub async fn confirm(conn: &mut Conn, account: &AccountId, step: i64, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE authenticators SET confirmed_at = $3, last_step = $2 \
               WHERE account_id = $1 AND confirmed_at IS NULL";
    Ok(conn.run(sql, &args![account, step, now]).await? == 1)
}

/// Uses up the codes until a half minute; `false` when its code was accepted before.
pub async fn use_step(conn: &mut Conn, account: &AccountId, step: i64) -> Result<bool> {
    let sql = "UPDATE authenticators SET last_step = $2 \
               WHERE account_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
    Ok(conn.run(sql, &args![account, step]).await? == 1)
}

/// Removes an account's authenticator and recovery codes; `false` when there was none.
pub async fn delete(conn: &mut Conn, account: &AccountId) -> Result<bool> {
    conn.run("DELETE FROM recovery_codes WHERE account_id = $1", &args![account]).await?;
    Ok(conn.run("DELETE FROM authenticators WHERE account_id = $1", &args![account]).await? == 1)
}

/// Puts recovery codes in place of the earlier ones.
pub async fn put_codes(conn: &mut Conn, account: &AccountId, hashes: &[String]) -> Result<()> {
    conn.run("DELETE FROM recovery_codes WHERE account_id = $1", &args![account]).await?;
    for hash in hashes {
        let sql = "INSERT INTO recovery_codes (account_id, code_hash) VALUES ($1, $2)";
        conn.run_one(sql, &args![account, hash]).await?;
    }
    Ok(())
}

/// Uses a recovery code up; `false` when the account has no such code.
pub async fn use_code(conn: &mut Conn, account: &AccountId, hash: &str) -> Result<bool> {
    let sql = "DELETE FROM recovery_codes WHERE account_id = $1 AND code_hash = $2";
    Ok(conn.run(sql, &args![account, hash]).await? == 1)
}

/// How many recovery codes an account has left.
pub async fn codes_left(conn: &mut Conn, account: &AccountId) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM recovery_codes WHERE account_id = $1", &args![account]).await
}

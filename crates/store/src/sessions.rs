//! Browser sessions. The key is the SHA-256 of the id, never the id.

use domain::clock::Timestamp;
use domain::ids::AccountId;

use crate::db::{Conn, Result, Row, args};

/// A session as stored.
#[derive(Debug, Clone)]
pub struct Session {
    /// The hash of its id.
    pub id_hash: String,
    /// What the session layer keeps, encrypted.
    pub data: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last written.
    pub seen_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        id_hash: row.get("id_hash")?,
        data: row.get("data")?,
        created_at: row.get("created_at")?,
        seen_at: row.get("seen_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Makes a session; `false` when the id is taken.
pub async fn put(
    conn: &mut Conn,
    id_hash: &str,
    account: Option<&AccountId>,
    data: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO sessions (id_hash, account_id, data, created_at, seen_at, expires_at) \
               VALUES ($1, $2, $3, $4, $4, $5) ON CONFLICT (id_hash) DO NOTHING";
    Ok(conn.run(sql, &args![id_hash, account, data, now, expires_at]).await? == 1)
}

/// Changes a session that exists. It never makes one: a slow request must not bring a
/// session back that was signed out meanwhile.
pub async fn save(
    conn: &mut Conn,
    id_hash: &str,
    account: Option<&AccountId>,
    data: &str,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let sql =
        "UPDATE sessions SET account_id = $2, data = $3, expires_at = $4, seen_at = $5 WHERE id_hash = $1";
    Ok(conn.run(sql, &args![id_hash, account, data, expires_at, now]).await? == 1)
}

/// Which sessions have not ended.
#[derive(Debug, Clone, Copy)]
pub struct Alive {
    /// The time.
    pub now: Timestamp,
    /// Those that were last written before have ended.
    pub seen_after: Timestamp,
    /// Those that were made before have ended.
    pub created_after: Timestamp,
}

/// A session that has not ended.
pub async fn get(conn: &mut Conn, id_hash: &str, alive: Alive) -> Result<Option<Session>> {
    let sql = "SELECT * FROM sessions \
               WHERE id_hash = $1 AND expires_at > $2 AND seen_at > $3 AND created_at > $4";
    let args = args![id_hash, alive.now, alive.seen_after, alive.created_after];
    conn.first(sql, &args, session).await
}

/// Notes that a session is used.
pub async fn note_use(conn: &mut Conn, id_hash: &str, now: Timestamp) -> Result<()> {
    conn.run("UPDATE sessions SET seen_at = $2 WHERE id_hash = $1", &args![id_hash, now]).await.map(drop)
}

/// An account's sessions that have not ended, most recently used first.
pub async fn of_account(
    conn: &mut Conn,
    account: &AccountId,
    alive: Alive,
    limit: i64,
) -> Result<Vec<Session>> {
    let sql = "SELECT * FROM sessions \
               WHERE account_id = $1 AND expires_at > $2 AND seen_at > $3 AND created_at > $4 \
               ORDER BY seen_at DESC LIMIT $5";
    let args = args![account, alive.now, alive.seen_after, alive.created_after, limit];
    conn.all(sql, &args, session).await
}

/// Ends a session.
pub async fn delete(conn: &mut Conn, id_hash: &str) -> Result<()> {
    conn.run("DELETE FROM sessions WHERE id_hash = $1", &args![id_hash]).await.map(drop)
}

/// Ends a session of an account; `false` when the account has no such session.
pub async fn delete_of_account(conn: &mut Conn, account: &AccountId, id_hash: &str) -> Result<bool> {
    let sql = "DELETE FROM sessions WHERE id_hash = $1 AND account_id = $2";
    Ok(conn.run(sql, &args![id_hash, account]).await? == 1)
}

/// Ends all sessions of an account.
pub async fn delete_all(conn: &mut Conn, account: &AccountId) -> Result<u64> {
    conn.run("DELETE FROM sessions WHERE account_id = $1", &args![account]).await
}

/// Ends all sessions of an account but one; says how many there were.
pub async fn delete_others(conn: &mut Conn, account: &AccountId, id_hash: &str) -> Result<u64> {
    let sql = "DELETE FROM sessions WHERE account_id = $1 AND id_hash <> $2";
    conn.run(sql, &args![account, id_hash]).await
}

/// Removes what has ended.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM sessions WHERE expires_at <= $1", &args![now]).await
}

/// Counts an attempt of a subject within a window and answers how many there were in it,
/// this one included.
pub async fn count_attempt(conn: &mut Conn, subject: &str, window_ms: i64, now: Timestamp) -> Result<i64> {
    let sql = "INSERT INTO attempts (subject, window_start, count) VALUES ($1, $2, 1) \
               ON CONFLICT (subject) DO UPDATE SET \
                 count = CASE WHEN attempts.window_start + $3 <= $2 THEN 1 ELSE attempts.count + 1 END, \
                 window_start = CASE WHEN attempts.window_start + $3 <= $2 THEN $2 ELSE attempts.window_start END \
               RETURNING count";
    conn.scalar(sql, &args![subject, now, window_ms]).await
}

/// Forgets the attempts of a subject.
pub async fn forget_attempts(conn: &mut Conn, subject: &str) -> Result<()> {
    conn.run("DELETE FROM attempts WHERE subject = $1", &args![subject]).await.map(drop)
}

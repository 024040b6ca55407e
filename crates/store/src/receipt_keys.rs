//! The public keys that receipts were signed with.

use domain::clock::Timestamp;

use crate::db::{Conn, Result, args};

/// The most keys that are listed: an installation changes its key a few times at most.
const MOST_KEYS: i64 = 50;

/// A public key, in base64.
pub async fn get(conn: &mut Conn, id: &str) -> Result<Option<String>> {
    let sql = "SELECT public_key FROM receipt_keys WHERE id = $1";
    conn.first(sql, &args![id], |row| row.get("public_key")).await
}

/// Notes a key, unless it is known.
pub async fn put_first(conn: &mut Conn, id: &str, public_key: &str, now: Timestamp) -> Result<()> {
    let sql = "INSERT INTO receipt_keys (id, public_key, first_used_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    conn.run(sql, &args![id, public_key, now]).await.map(drop)
}

/// All keys in base64, the newest first.
pub async fn list(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = "SELECT public_key FROM receipt_keys ORDER BY first_used_at DESC, id DESC LIMIT $1";
    conn.all(sql, &args![MOST_KEYS], |row| row.get("public_key")).await
}

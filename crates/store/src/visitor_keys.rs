//! The keys that visitors' hashes are made with, one a day.

use crate::db::{Conn, Result, args};

/// The key of a day for all nodes: the first one that is offered. Keys of earlier days are
/// deleted with it.
pub async fn of_day(conn: &mut Conn, day: i64, offered: &str) -> Result<String> {
    let sql = "INSERT INTO visitor_keys (day, key) VALUES ($1, $2) ON CONFLICT (day) DO NOTHING";
    if conn.run(sql, &args![day, offered]).await? == 1 {
        delete_before(conn, day).await?;
    }
    conn.scalar("SELECT key FROM visitor_keys WHERE day = $1", &args![day]).await
}

/// Deletes the keys of the days before one.
pub async fn delete_before(conn: &mut Conn, day: i64) -> Result<u64> {
    conn.run("DELETE FROM visitor_keys WHERE day < $1", &args![day]).await
}

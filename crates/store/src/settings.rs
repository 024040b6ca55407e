//! Values that the installation stores about itself.

use domain::clock::Timestamp;

use crate::db::{Conn, Result, args};

/// A stored value.
pub async fn get(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    conn.first("SELECT value FROM settings WHERE name = $1", &args![name], |row| row.get("value")).await
}

/// Stores a value.
pub async fn put(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    let sql =
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2";
    conn.run_one(sql, &args![name, value]).await
}

/// Stores a value unless there is one: the first of several nodes decides.
pub async fn put_first(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    conn.run(sql, &args![name, value]).await.map(drop)
}

/// Takes a lease under a name until a time; `false` while another node holds it.
pub async fn lease(conn: &mut Conn, name: &str, now: Timestamp, until: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO settings (name, value) VALUES ($1, CAST($3 AS TEXT)) ON CONFLICT (name) DO UPDATE \
               SET value = excluded.value WHERE CAST(settings.value AS BIGINT) <= $2";
    Ok(conn.run(sql, &args![name, now, until]).await? == 1)
}

/// Releases a lease.
pub async fn release(conn: &mut Conn, name: &str) -> Result<()> {
    conn.run("DELETE FROM settings WHERE name = $1", &args![name]).await.map(drop)
}

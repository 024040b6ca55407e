//! What the installation remembers about itself.

use crate::db::{Conn, Result, args};

/// A remembered value.
pub async fn get(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    conn.first("SELECT value FROM settings WHERE name = $1", &args![name], |row| row.get("value")).await
}

/// Remembers a value.
pub async fn put(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    let sql =
        "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2";
    conn.run_one(sql, &args![name, value]).await
}

//! The signing secrets of a connection.

use domain::clock::Timestamp;
use domain::ids::{ConnectionId, SecretId};

use crate::db::{Conn, Result, Row, args};

/// A signing secret, encrypted.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its id; part of the encryption's associated data.
    pub id: SecretId,
    /// The secret, encrypted.
    pub sealed: String,
    /// Its last four characters.
    pub last_four: String,
    /// When it became valid.
    pub valid_from: Timestamp,
    /// When it expires, once a newer one was added.
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

/// Adds a signing secret.
pub async fn put_secret(conn: &mut Conn, connection: &ConnectionId, new: &Secret) -> Result<()> {
    let sql = "INSERT INTO connection_secrets (id, connection_id, sealed, last_four, valid_from, valid_until) \
               VALUES ($1, $2, $3, $4, $5, $6)";
    let args = args![&new.id, connection, &new.sealed, &new.last_four, new.valid_from, new.valid_until];
    conn.run_one(sql, &args).await
}

/// Sets the expiry of the secrets that have none yet.
pub async fn expire_secrets(conn: &mut Conn, connection: &ConnectionId, until: Timestamp) -> Result<u64> {
    let sql =
        "UPDATE connection_secrets SET valid_until = $2 WHERE connection_id = $1 AND valid_until IS NULL";
    conn.run(sql, &args![connection, until]).await
}

/// The secrets that are valid at a time, newest first.
pub async fn secrets(conn: &mut Conn, connection: &ConnectionId, now: Timestamp) -> Result<Vec<Secret>> {
    let sql = "SELECT * FROM connection_secrets WHERE connection_id = $1 AND (valid_until IS NULL OR valid_until > $2) \
               ORDER BY valid_from DESC, id DESC LIMIT 10";
    conn.all(sql, &args![connection, now], secret).await
}

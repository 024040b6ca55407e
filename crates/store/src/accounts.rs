//! The `accounts` table: people who sign in.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::AccountId;

use crate::db::{Conn, Result, Row, args};

/// A person who signs in.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What they sign in with.
    pub email: Email,
    /// Their name.
    pub name: String,
    /// The argon2id hash; `None` until a password was chosen.
    pub password_hash: Option<String>,
}

fn account(row: &Row) -> Result<Account> {
    Ok(Account {
        id: row.get("id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        password_hash: row.get("password_hash")?,
    })
}

/// Adds an account; `false` when the address is taken.
pub async fn put(conn: &mut Conn, new: &Account, now: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO accounts (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (email) DO NOTHING";
    let args = args![&new.id, &new.email, &new.name, new.password_hash.as_deref(), now];
    Ok(conn.run(sql, &args).await? == 1)
}

/// By address.
pub async fn by_email(conn: &mut Conn, email: &Email) -> Result<Option<Account>> {
    conn.first("SELECT * FROM accounts WHERE email = $1", &args![email], account).await
}

/// By id.
pub async fn get(conn: &mut Conn, id: &AccountId) -> Result<Option<Account>> {
    conn.first("SELECT * FROM accounts WHERE id = $1", &args![id], account).await
}

/// Sets the password's hash.
pub async fn set_password(conn: &mut Conn, id: &AccountId, hash: &str) -> Result<()> {
    conn.run_one("UPDATE accounts SET password_hash = $2 WHERE id = $1", &args![id, hash]).await
}

/// Takes the password away: a new one has to be chosen by a link.
pub async fn clear_password(conn: &mut Conn, id: &AccountId) -> Result<()> {
    conn.run_one("UPDATE accounts SET password_hash = NULL WHERE id = $1", &args![id]).await
}

/// Sets the address that a person signs in with. It must be free.
pub async fn set_email(conn: &mut Conn, id: &AccountId, email: &Email) -> Result<()> {
    conn.run_one("UPDATE accounts SET email = $2 WHERE id = $1", &args![id, email]).await
}

/// Sets the person's name.
pub async fn set_name(conn: &mut Conn, id: &AccountId, name: &str) -> Result<()> {
    conn.run_one("UPDATE accounts SET name = $2 WHERE id = $1", &args![id, name]).await
}

/// Whether there is any account at all.
pub async fn exists(conn: &mut Conn) -> Result<bool> {
    Ok(conn.scalar::<i64>("SELECT count(*) FROM (SELECT id FROM accounts LIMIT 1) AS first_one", &[]).await?
        > 0)
}

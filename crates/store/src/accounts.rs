//! People who sign in.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::AccountId;
use domain::single_use_links::LinkPurpose;

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

/// Whether there is any account at all.
pub async fn exists(conn: &mut Conn) -> Result<bool> {
    Ok(conn.scalar::<i64>("SELECT count(*) FROM (SELECT id FROM accounts LIMIT 1) AS first_one", &[]).await?
        > 0)
}

/// Stores a single-use link by the hash of its token.
pub async fn put_link(
    conn: &mut Conn,
    token_hash: &str,
    purpose: LinkPurpose,
    account: Option<&AccountId>,
    expires_at: Timestamp,
) -> Result<()> {
    let sql =
        "INSERT INTO single_use_links (token_hash, purpose, account_id, expires_at) VALUES ($1, $2, $3, $4)";
    conn.run_one(sql, &args![token_hash, purpose.word(), account, expires_at]).await
}

/// The account of a link that still works: `Some(None)` when the link is not for an account.
pub async fn find_link(
    conn: &mut Conn,
    token_hash: &str,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<Option<Option<AccountId>>> {
    let sql = "SELECT account_id FROM single_use_links \
               WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    conn.first(sql, &args![token_hash, purpose.word(), now], |row| row.get("account_id")).await
}

/// Marks a link as used; `false` when it was used before or has expired.
pub async fn use_link(
    conn: &mut Conn,
    token_hash: &str,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE single_use_links SET used_at = $3 \
               WHERE token_hash = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3";
    Ok(conn.run(sql, &args![token_hash, purpose.word(), now]).await? == 1)
}

//! Changes of the address that an account signs in with.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AccountId, EmailChangeId};

use crate::db::{Conn, Result, Row, args};

/// A change that was asked for.
#[derive(Debug, Clone)]
pub struct EmailChange {
    /// Its id.
    pub id: EmailChangeId,
    /// The account.
    pub account_id: AccountId,
    /// The address before.
    pub from: Email,
    /// The new address.
    pub to: Email,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Since when it holds; `None` until it was confirmed from the new mailbox.
    pub confirmed_at: Option<Timestamp>,
    /// When it was undone, or a later one took its place.
    pub ended_at: Option<Timestamp>,
}

fn change(row: &Row) -> Result<EmailChange> {
    Ok(EmailChange {
        id: row.get("id")?,
        account_id: row.get("account_id")?,
        from: row.get("from_email")?,
        to: row.get("to_email")?,
        requested_at: row.get("requested_at")?,
        confirmed_at: row.get("confirmed_at")?,
        ended_at: row.get("ended_at")?,
    })
}

/// Adds a change.
pub async fn put(conn: &mut Conn, new: &EmailChange) -> Result<()> {
    let sql = "INSERT INTO email_changes (id, account_id, from_email, to_email, requested_at) \
               VALUES ($1, $2, $3, $4, $5)";
    conn.run_one(sql, &args![&new.id, &new.account_id, &new.from, &new.to, new.requested_at]).await
}

/// One change.
pub async fn get(conn: &mut Conn, id: &EmailChangeId) -> Result<Option<EmailChange>> {
    conn.first("SELECT * FROM email_changes WHERE id = $1", &args![id], change).await
}

/// The account's change that waits to be confirmed, if it was asked for after `after`.
pub async fn pending(conn: &mut Conn, account: &AccountId, after: Timestamp) -> Result<Option<EmailChange>> {
    let sql = "SELECT * FROM email_changes WHERE account_id = $1 AND requested_at > $2 \
               AND confirmed_at IS NULL AND ended_at IS NULL ORDER BY requested_at DESC LIMIT 1";
    conn.first(sql, &args![account, after], change).await
}

/// Ends the changes of an account that wait to be confirmed.
pub async fn end_pending(conn: &mut Conn, account: &AccountId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE email_changes SET ended_at = $2 \
               WHERE account_id = $1 AND confirmed_at IS NULL AND ended_at IS NULL";
    conn.run(sql, &args![account, now]).await.map(drop)
}

/// Confirms a change; `false` when it was confirmed before or has ended.
pub async fn confirm(conn: &mut Conn, id: &EmailChangeId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE email_changes SET confirmed_at = $2 \
               WHERE id = $1 AND confirmed_at IS NULL AND ended_at IS NULL";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

/// Ends a change and all that were asked for after it.
pub async fn end_from(
    conn: &mut Conn,
    account: &AccountId,
    requested_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE email_changes SET ended_at = $3 \
               WHERE account_id = $1 AND requested_at >= $2 AND ended_at IS NULL";
    conn.run(sql, &args![account, requested_at, now]).await.map(drop)
}

/// The account that had an address until a change that was confirmed after `after` and not
/// undone.
pub async fn former_owner(conn: &mut Conn, email: &Email, after: Timestamp) -> Result<Option<AccountId>> {
    let sql = "SELECT account_id FROM email_changes \
               WHERE from_email = $1 AND confirmed_at > $2 AND ended_at IS NULL \
               ORDER BY confirmed_at LIMIT 1";
    conn.first(sql, &args![email, after], |row| row.get("account_id")).await
}

/// Removes changes that were asked for before `before`.
pub async fn delete_old(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM email_changes WHERE requested_at < $1", &args![before]).await
}

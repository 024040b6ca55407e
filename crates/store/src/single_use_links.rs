//! Links that are sent to a person and work once. A row has no secret: the token in a link is
//! derived from the id with the installation's key.

use domain::clock::Timestamp;
use domain::ids::{AccountId, AffiliateId, ApplicationId, EmailChangeId, SingleUseLinkId};
use domain::single_use_links::LinkPurpose;

use crate::db::{Conn, Result, Row, args};

/// A link that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleUseLink {
    /// Its id.
    pub id: SingleUseLinkId,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// The account that it is for; `None` when it creates one.
    pub account_id: Option<AccountId>,
    /// The affiliate that an invitation is for.
    pub affiliate_id: Option<AffiliateId>,
    /// The application whose address it confirms.
    pub application_id: Option<ApplicationId>,
    /// The change of an account's address that it confirms or undoes.
    pub email_change_id: Option<EmailChangeId>,
    /// When it stops working.
    pub expires_at: Timestamp,
}

fn link(row: &Row) -> Result<SingleUseLink> {
    Ok(SingleUseLink {
        id: row.get("id")?,
        purpose: row.word("purpose")?,
        account_id: row.get("account_id")?,
        affiliate_id: row.get("affiliate_id")?,
        application_id: row.get("application_id")?,
        email_change_id: row.get("email_change_id")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Adds a link.
pub async fn put(conn: &mut Conn, new: &SingleUseLink) -> Result<()> {
    let sql = "INSERT INTO single_use_links \
               (id, purpose, account_id, affiliate_id, application_id, email_change_id, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        &new.id,
        new.purpose.word(),
        new.account_id.as_ref(),
        new.affiliate_id.as_ref(),
        new.application_id.as_ref(),
        new.email_change_id.as_ref(),
        new.expires_at
    ];
    conn.run_one(sql, &args).await
}

/// A link that still works.
pub async fn get(conn: &mut Conn, id: &SingleUseLinkId, now: Timestamp) -> Result<Option<SingleUseLink>> {
    let sql = "SELECT * FROM single_use_links WHERE id = $1 AND used_at IS NULL AND expires_at > $2";
    conn.first(sql, &args![id, now], link).await
}

/// A link that has not expired, also when it was used.
pub async fn get_even_if_used(
    conn: &mut Conn,
    id: &SingleUseLinkId,
    now: Timestamp,
) -> Result<Option<SingleUseLink>> {
    let sql = "SELECT * FROM single_use_links WHERE id = $1 AND expires_at > $2";
    conn.first(sql, &args![id, now], link).await
}

/// The account's link of a purpose that works longest, if it works until `at`.
pub async fn newest(
    conn: &mut Conn,
    account: &AccountId,
    purpose: LinkPurpose,
    at: Timestamp,
) -> Result<Option<SingleUseLink>> {
    let sql = "SELECT * FROM single_use_links \
               WHERE account_id = $1 AND purpose = $2 AND used_at IS NULL AND expires_at > $3 \
               ORDER BY expires_at DESC LIMIT 1";
    conn.first(sql, &args![account, purpose.word(), at], link).await
}

/// Marks a link as used; `false` when it was used before or has expired.
pub async fn mark_used(conn: &mut Conn, id: &SingleUseLinkId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE single_use_links SET used_at = $2 \
               WHERE id = $1 AND used_at IS NULL AND expires_at > $2";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

/// Ends all links of an account, except those that undo a change of its address: who takes an
/// account over must not be able to end them.
pub async fn end_all(conn: &mut Conn, account: &AccountId, now: Timestamp) -> Result<u64> {
    let sql = "UPDATE single_use_links SET used_at = $2 \
               WHERE account_id = $1 AND used_at IS NULL AND purpose <> $3";
    conn.run(sql, &args![account, now, LinkPurpose::UndoEmail.word()]).await
}

/// Ends an account's links of a purpose.
pub async fn end_purpose(
    conn: &mut Conn,
    account: &AccountId,
    purpose: LinkPurpose,
    now: Timestamp,
) -> Result<u64> {
    let sql = "UPDATE single_use_links SET used_at = $2 \
               WHERE account_id = $1 AND used_at IS NULL AND purpose = $3";
    conn.run(sql, &args![account, now, purpose.word()]).await
}

/// Ends all links that create the first owner's account.
pub async fn end_setups(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let sql = "UPDATE single_use_links SET used_at = $2 WHERE purpose = $1 AND used_at IS NULL";
    conn.run(sql, &args![LinkPurpose::Setup.word(), now]).await
}

/// Removes links that stopped working before `before`.
pub async fn delete_expired(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    conn.run("DELETE FROM single_use_links WHERE expires_at < $1", &args![before]).await
}

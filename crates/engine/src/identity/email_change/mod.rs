//! Changing the address that a person signs in with.
//!
//! A change holds when it was confirmed from the new mailbox. The old mailbox can cancel or undo
//! it for some days, so that nobody loses an account for good to someone who got at its password:
//! undoing ends all sessions, takes the password away, and leads to choosing another.

mod letters;
mod send_email_change_link_job;

use domain::audit::AuditAction;
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::emails::Email;
use domain::ids::{AccountId, EmailChangeId};
use domain::jobs::Queue;
use domain::single_use_links::LinkPurpose;
pub(crate) use send_email_change_link_job::SendEmailChangeLink;
use store::db::{Conn, Tx, again};
pub use store::email_changes::EmailChange;

use super::{audit, confirm, password_links, single_use_links};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs;

/// How long the new mailbox can confirm a change, milliseconds.
const CONFIRM_MS: i64 = DAY_MS;
/// Days that the old mailbox can undo a change, counted from the request.
pub const UNDO_DAYS: i64 = 7;
/// Requests of one account within [`WINDOW_MS`]: each sends two mails.
const REQUESTS: i64 = 5;
/// Requests to one new address within [`WINDOW_MS`], whoever makes them.
const REQUESTS_PER_ADDRESS: i64 = 3;
const WINDOW_MS: i64 = DAY_MS;

/// Asks for another address. The result is the same if it has an account already, so that accounts
/// cannot be enumerated; then the mail to it says so.
///
/// Needs no actor: every account may change its address; its password or a code is asked for.
///
/// # Errors
/// [`Error::Invalid`] for an invalid address or a wrong password; [`Error::TooMany`] after too many
/// passwords or requests.
pub async fn request(engine: &Engine, account: &AccountId, email: &str, password: &str) -> Result<()> {
    let to: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    let stored = confirm::confirm(engine, account, password).await?;
    if stored.email == to {
        return Err(Error::field("email", "You sign in with this address already"));
    }
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        count(engine, &mut tx, account, &to, now).await?;
        store::email_changes::end_pending(&mut tx, account, now).await?;
        let (confirm, undo) = (LinkPurpose::ConfirmEmail, LinkPurpose::UndoEmail);
        store::single_use_links::end_purpose(&mut tx, account, confirm, now).await?;
        let change = EmailChange {
            id: EmailChangeId::new(now, engine.random()),
            account_id: account.clone(),
            from: stored.email.clone(),
            to: to.clone(),
            requested_at: now,
            confirmed_at: None,
            ended_at: None,
        };
        store::email_changes::put(&mut tx, &change).await?;
        for (purpose, until) in [(confirm, now.plus_ms(CONFIRM_MS)), (undo, now.plus_days(UNDO_DAYS))] {
            let link =
                single_use_links::create_for_email_change(engine, &mut tx, purpose, &change, until).await?;
            jobs::enqueue(engine, &mut tx, &SendEmailChangeLink { link: link.id }, now).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

async fn count(engine: &Engine, tx: &mut Tx, account: &AccountId, to: &Email, now: Timestamp) -> Result<()> {
    let subject = |text: String| engine.key().fingerprint(&text);
    let (own, theirs) = (subject(format!("new address of {account}")), subject(format!("new address {to}")));
    let by_account = store::sessions::count_attempt(tx, &own, WINDOW_MS, now).await?;
    let by_address = store::sessions::count_attempt(tx, &theirs, WINDOW_MS, now).await?;
    if by_account > REQUESTS || by_address > REQUESTS_PER_ADDRESS {
        return Err(Error::TooMany { minutes: WINDOW_MS / MINUTE_MS });
    }
    Ok(())
}

/// The account's change that waits to be confirmed.
///
/// Needs no actor: it is the account of the session.
pub async fn pending(engine: &Engine, account: &AccountId) -> Result<Option<EmailChange>> {
    let after = engine.now().plus_ms(-CONFIRM_MS);
    Ok(store::email_changes::pending(&mut engine.db().read().await?, account, after).await?)
}

/// Whether an address belongs to another account, or did until a change that can be undone.
async fn is_taken(engine: &Engine, conn: &mut Conn, email: &Email, account: &AccountId) -> Result<bool> {
    let owner = match store::accounts::by_email(conn, email).await? {
        Some(owner) => Some(owner.id),
        None => former_owner(engine, conn, email).await?,
    };
    Ok(owner.is_some_and(|owner| owner != *account))
}

/// The account that had an address until a change that can still be undone.
pub(crate) async fn former_owner(
    engine: &Engine,
    conn: &mut Conn,
    email: &Email,
) -> Result<Option<AccountId>> {
    let after = engine.now().plus_days(-UNDO_DAYS);
    Ok(store::email_changes::former_owner(conn, email, after).await?)
}

/// The change of a link that still works.
async fn change_of(
    engine: &Engine,
    conn: &mut Conn,
    token: &str,
    purpose: LinkPurpose,
) -> Result<Option<EmailChange>> {
    let link = single_use_links::find(engine, conn, token, purpose).await?;
    let Some(id) = link.and_then(|link| link.email_change_id) else { return Ok(None) };
    let change = store::email_changes::get(conn, &id).await?;
    Ok(change.filter(|change| change.ended_at.is_none()))
}

/// The change that a link to the new mailbox confirms; `None` when the link no longer works.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn to_confirm(engine: &Engine, token: &str) -> Result<Option<EmailChange>> {
    change_of(engine, &mut engine.db().read().await?, token, LinkPurpose::ConfirmEmail).await
}

/// The change that a link to the old mailbox cancels or undoes; `None` when the link no longer works.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn to_undo(engine: &Engine, token: &str) -> Result<Option<EmailChange>> {
    change_of(engine, &mut engine.db().read().await?, token, LinkPurpose::UndoEmail).await
}

/// Confirms a change by the link in the new mailbox. From then on it holds; all sessions and other
/// links of the account end.
///
/// Needs no actor: the token of the link is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when the link no longer works, also because the address was taken meanwhile.
pub async fn confirm(engine: &Engine, token: &str) -> Result<EmailChange> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let change = change_of(engine, &mut tx, token, LinkPurpose::ConfirmEmail).await?;
        let change = change.ok_or(Error::NotFound)?;
        if is_taken(engine, &mut tx, &change.to, &change.account_id).await?
            || !store::email_changes::confirm(&mut tx, &change.id, now).await?
        {
            return Err(Error::NotFound);
        }
        let account = &change.account_id;
        store::accounts::set_email(&mut tx, account, &change.to).await?;
        store::sessions::delete_all(&mut tx, account).await?;
        store::single_use_links::end_all(&mut tx, account, now).await?;
        let line = audit::line(account.as_str(), AuditAction::EmailChanged);
        audit::put(engine, &mut tx, line.by(account)).await?;
        letters::put_changed(engine, &mut tx, &change).await?;
        tx.commit().await?;
        Ok(change)
    })
    .await
}

/// Cancels or undoes a change by the link in the old mailbox, and returns the token of a link to
/// choose another password. All sessions, all later changes, and two-step sign-in that was turned
/// on since end: they may be those of a stranger.
///
/// Needs no actor: the token of the link is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when the link no longer works.
pub async fn undo(engine: &Engine, token: &str) -> Result<String> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let change = change_of(engine, &mut tx, token, LinkPurpose::UndoEmail).await?;
        let change = change.ok_or(Error::NotFound)?;
        let account = &change.account_id;
        store::email_changes::end_from(&mut tx, account, change.requested_at, now).await?;
        store::accounts::set_email(&mut tx, account, &change.from).await?;
        store::accounts::clear_password(&mut tx, account).await?;
        let app = store::two_step::get(&mut tx, account).await?;
        let is_newer = |at: Option<Timestamp>| at.is_none_or(|at| at >= change.requested_at);
        if app.is_some_and(|app| is_newer(app.confirmed_at)) {
            store::two_step::delete(&mut tx, account).await?;
        }
        store::sessions::delete_all(&mut tx, account).await?;
        store::single_use_links::end_all(&mut tx, account, now).await?;
        store::single_use_links::end_purpose(&mut tx, account, LinkPurpose::UndoEmail, now).await?;
        let line = audit::line(account.as_str(), AuditAction::EmailChangeUndone);
        audit::put(engine, &mut tx, line.by(account)).await?;
        let token = password_links::token_for(engine, &mut tx, account).await?;
        tx.commit().await?;
        Ok(token)
    })
    .await
}

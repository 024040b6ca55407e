//! Choosing a password by a link in a mail.
//!
//! Only someone who reads the account's mailbox can set its password without knowing the old
//! one. So the link goes to that mailbox and nowhere else; an invitation that a merchant
//! hands over only leads to it.

use domain::clock::MINUTE_MS;
use domain::emails::Email;
use domain::fields::Problems;
use domain::ids::{AccountId, AffiliateId, JobId, ProgramId, SingleUseLinkId};
use domain::jobs::{JobKind, Queue};
use domain::mails::MailKind;
use domain::single_use_links::LinkPurpose;
use serde::{Deserialize, Serialize};
use store::accounts::Account;
use store::db::{Conn, Tx, again};

use super::second_step::{self, Entry};
use super::{mail_limits, passwords, single_use_links};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::mail::{self, Letter};

/// How long a link works, milliseconds.
const LINK_MS: i64 = 30 * MINUTE_MS;
/// A link that works at least this long is sent again instead of a new one.
const REUSED_MS: i64 = 10 * MINUTE_MS;
/// What its mails are counted as.
const WHAT: &str = "password link";

/// Who an invitation is for, and to which program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The address that was invited.
    pub email: Email,
    /// The company that invites.
    pub company: String,
    /// The program that the person can see after signing in.
    pub program: String,
    /// Its id.
    pub program_id: ProgramId,
    /// The affiliate that the person is there.
    pub affiliate_id: AffiliateId,
}

/// The account of a link to choose a password.
async fn account_of(engine: &Engine, conn: &mut Conn, token: &str) -> Result<Option<Account>> {
    let link = single_use_links::find(engine, conn, token, LinkPurpose::Password).await?;
    let Some(account) = link.and_then(|link| link.account_id) else { return Ok(None) };
    Ok(store::accounts::get(conn, &account).await?)
}

/// The address of the account whose password a link sets; `None` if the link no longer works.
///
/// Needs no actor: the link's secret token is the credential.
pub async fn password_link(engine: &Engine, token: &str) -> Result<Option<Email>> {
    let mut conn = engine.db().read().await?;
    Ok(account_of(engine, &mut conn, token).await?.map(|account| account.email))
}

/// Sets the password of an account with a link, ends its sessions and all its other links, and
/// signs in; with two-step sign-in, a code is asked for next.
///
/// Needs no actor: the link's secret token is the credential.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or has expired; [`Error::Invalid`] when the
/// password is too weak.
pub async fn choose_password(engine: &Engine, token: &str, password: &str) -> Result<Entry> {
    let mut conn = engine.db().read().await?;
    let account = account_of(engine, &mut conn, token).await?.ok_or(Error::NotFound)?;
    drop(conn);
    let mut problems = Problems::new();
    passwords::check(password, &[&account.name, account.email.as_str()], &mut problems);
    problems.or(())?;
    let hash = engine.hasher().hash(password, engine.random()).await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let link = single_use_links::find(engine, &mut tx, token, LinkPurpose::Password).await?;
        let link = link.ok_or(Error::NotFound)?;
        if !store::single_use_links::mark_used(&mut tx, &link.id, engine.now()).await? {
            return Err(Error::NotFound);
        }
        set_password(engine, &mut tx, &account, &hash).await?;
        let account = Account { password_hash: Some(hash.clone()), ..account.clone() };
        let entry = second_step::after_first(engine, &mut tx, &account).await?;
        tx.commit().await?;
        Ok(entry)
    })
    .await
}

/// Sets a password, ends all sessions and links of the account, and notifies the person by mail.
pub(crate) async fn set_password(engine: &Engine, tx: &mut Tx, account: &Account, hash: &str) -> Result<()> {
    const SUBJECT: &str = "Your Honeyguide password was changed";
    store::accounts::set_password(tx, &account.id, hash).await?;
    store::sessions::delete_all(tx, &account.id).await?;
    store::single_use_links::end_all(tx, &account.id, engine.now()).await?;
    if account.password_hash.is_some() {
        let letter = Letter::new(MailKind::Account, SUBJECT).text(format!(
            "The password of your account at {} was changed, and every browser was signed out. If this wasn’t \
             you, reset your password from the sign-in page now.",
            engine.base_url()
        ));
        mail::put(engine, tx, &account.email, &letter).await?;
    }
    Ok(())
}

/// Sends an email with a link to choose a new password, if the address has an account. The
/// result is the same if it has none, so that accounts cannot be enumerated.
///
/// Needs no actor: it is for people who cannot sign in; attempts are limited.
///
/// # Errors
/// [`Error::Invalid`] for an invalid address, [`Error::TooMany`] after too many requests.
pub async fn forgot_password(engine: &Engine, email: &str, network: &str) -> Result<()> {
    let email: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let may_send = mail_limits::count(engine, &mut tx, WHAT, &email, network).await?;
        if may_send && let Some(account) = store::accounts::by_email(&mut tx, &email).await? {
            queue_link(engine, &mut tx, &account.id).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// The token of a new link, for someone who has just proved that the mailbox is theirs.
pub(crate) async fn token_for(engine: &Engine, tx: &mut Tx, account: &AccountId) -> Result<String> {
    let until = engine.now().plus_ms(LINK_MS);
    let account = Some(account.clone());
    let link = single_use_links::create(engine, tx, LinkPurpose::Password, account, None, until).await?;
    Ok(single_use_links::token(engine, &link.id))
}

/// Queues the mail with a link. The newest link is sent again if it still works for [`REUSED_MS`].
async fn queue_link(engine: &Engine, tx: &mut Tx, account: &AccountId) -> Result<()> {
    let now = engine.now();
    let purpose = LinkPurpose::Password;
    let last = store::single_use_links::newest(tx, account, purpose, now.plus_ms(REUSED_MS)).await?;
    let link = match last {
        Some(link) => link,
        None => {
            let until = now.plus_ms(LINK_MS);
            single_use_links::create(engine, tx, purpose, Some(account.clone()), None, until).await?
        }
    };
    jobs::enqueue(engine, tx, &SendPasswordLink { link: link.id }, now).await?;
    Ok(())
}

/// The invitation of a link; `None` if it no longer works.
///
/// Needs no actor: the link's secret token is the credential.
pub async fn invitation(engine: &Engine, token: &str) -> Result<Option<Invitation>> {
    let mut conn = engine.db().read().await?;
    let link = single_use_links::find(engine, &mut conn, token, LinkPurpose::Invitation).await?;
    let Some(affiliate) = link.and_then(|link| link.affiliate_id) else { return Ok(None) };
    let Some(affiliate) = store::affiliates::get_unscoped(&mut conn, &affiliate).await? else {
        return Ok(None);
    };
    let program = store::programs::get_unscoped(&mut conn, &affiliate.program_id).await?;
    let Some(program) = program else { return Ok(None) };
    let company = store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default();
    Ok(Some(Invitation {
        email: affiliate.email,
        company,
        program: program.name,
        program_id: program.id,
        affiliate_id: affiliate.id,
    }))
}

/// Sends the invited person a link to choose a password. The result does not reveal whether the
/// account has a password, because the merchant has the invitation too.
///
/// Needs no actor: the link's secret token is the credential.
///
/// # Errors
/// [`Error::NotFound`] when the invitation has ended, [`Error::TooMany`] after too many
/// requests.
pub async fn accept_invitation(engine: &Engine, token: &str, network: &str) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let link = single_use_links::find(engine, &mut tx, token, LinkPurpose::Invitation).await?;
        let account = link.and_then(|link| link.account_id).ok_or(Error::NotFound)?;
        let account = store::accounts::get(&mut tx, &account).await?.ok_or(Error::NotFound)?;
        if mail_limits::count(engine, &mut tx, WHAT, &account.email, network).await? {
            queue_link(engine, &mut tx, &account.id).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// Sends a person a link to choose a password. The token is made when the mail is sent, so
/// that it is in no queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendPasswordLink {
    link: SingleUseLinkId,
}

impl Job for SendPasswordLink {
    const KIND: JobKind = JobKind::SendPasswordLink;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let mut conn = engine.db().read().await?;
        let token = single_use_links::token(engine, &self.link);
        // A link that was used or ended meanwhile is not sent.
        let account = account_of(engine, &mut conn, &token).await?;
        drop(conn);
        if let Some(account) = account {
            return mail::send(engine, &account.email, &letter(engine, &account, &token), job).await;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// The mail. It has no name in it: that of an affiliate was typed by a merchant, who must not
/// write into mails of the installation.
fn letter(engine: &Engine, account: &Account, token: &str) -> Letter {
    let url = format!("{}{}", engine.base_url(), (engine.pages().choose_password)(token));
    let (subject, why, otherwise) = if account.password_hash.is_some() {
        (
            "Reset your Honeyguide password",
            "We received a request to reset the password of your account.",
            "If you didn’t ask for it, ignore this message: your password stays the same.",
        )
    } else {
        (
            "Choose your Honeyguide password",
            "Choose a password to sign in and see your affiliate programs.",
            "If you didn’t ask for it, ignore this message.",
        )
    };
    Letter::new(MailKind::Account, subject)
        .text(why)
        .link("Choose a password", url)
        .note(format!("The link works once, for {} minutes. {otherwise}", LINK_MS / MINUTE_MS))
}

//! Signing in by a link in a mail, without the password.

use domain::clock::MINUTE_MS;
use domain::emails::Email;
use domain::ids::JobId;
use domain::jobs::{JobKind, Queue};
use domain::mails::MailKind;
use domain::single_use_links::LinkPurpose;
use serde::{Deserialize, Serialize};
use store::accounts::Account;
use store::db::{Conn, again};

use super::second_step::{self, Entry};
use super::{mail_limits, single_use_links};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};
use crate::mail::{self, Letter};

/// How long a link works, minutes. OWASP ASVS 5.0, 6.5.5: ten at most for requests that go
/// another way.
pub const LINK_MINUTES: i64 = 10;

/// Mails a link to sign in, if the address has an account. Whether it has one is looked up later,
/// by a job: the answer and the time it takes are the same.
///
/// Needs no actor: it is for people who are not signed in; attempts are limited.
///
/// # Errors
/// [`Error::Invalid`] for an invalid address, [`Error::TooMany`] after too many requests.
pub async fn request(engine: &Engine, email: &str, network: &str) -> Result<()> {
    let email: Email = email
        .parse()
        .map_err(|error: domain::emails::NotAnEmail| Error::field("email", error.to_string()))?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if mail_limits::count(engine, &mut tx, "sign-in link", &email, network).await? {
            let job = SendSignInLink { email: email.clone() };
            jobs::enqueue(engine, &mut tx, &job, engine.now()).await?;
        }
        tx.commit().await?;
        Ok::<_, Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

async fn account_of(engine: &Engine, conn: &mut Conn, token: &str) -> Result<Option<Account>> {
    let link = single_use_links::find(engine, conn, token, LinkPurpose::SignIn).await?;
    let Some(account) = link.and_then(|link| link.account_id) else { return Ok(None) };
    Ok(store::accounts::get(conn, &account).await?)
}

/// The address of the account that a link signs in to; `None` when the link no longer works.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn address_of(engine: &Engine, token: &str) -> Result<Option<Email>> {
    let mut conn = engine.db().read().await?;
    Ok(account_of(engine, &mut conn, token).await?.map(|account| account.email))
}

/// Signs in by a link; with two-step sign-in, a code is asked for next.
///
/// Needs no actor: signing in is how a person becomes one; the token of the link is secret.
///
/// # Errors
/// [`Error::NotFound`] when the link was used or has ended.
pub async fn sign_in(engine: &Engine, token: &str) -> Result<Entry> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let link = single_use_links::find(engine, &mut tx, token, LinkPurpose::SignIn).await?;
        let link = link.ok_or(Error::NotFound)?;
        let account = account_of(engine, &mut tx, token).await?.ok_or(Error::NotFound)?;
        if !store::single_use_links::mark_used(&mut tx, &link.id, engine.now()).await? {
            return Err(Error::NotFound);
        }
        let entry = second_step::after_first(engine, &mut tx, &account).await?;
        tx.commit().await?;
        Ok(entry)
    })
    .await
}

/// Sends a link to sign in, if the address has an account. The link is made when the mail is sent,
/// and ends the ones before.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendSignInLink {
    email: Email,
}

impl Job for SendSignInLink {
    const KIND: JobKind = JobKind::SendSignInLink;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let token = again(|| async {
            let now = engine.now();
            let mut tx = engine.db().begin().await?;
            let Some(account) = store::accounts::by_email(&mut tx, &self.email).await? else {
                return Ok(None);
            };
            let (purpose, until) = (LinkPurpose::SignIn, now.plus_ms(LINK_MINUTES * MINUTE_MS));
            store::single_use_links::end_purpose(&mut tx, &account.id, purpose, now).await?;
            let link =
                single_use_links::create(engine, &mut tx, purpose, Some(account.id), None, until).await?;
            tx.commit().await?;
            Ok::<_, Error>(Some(single_use_links::token(engine, &link.id)))
        })
        .await?;
        if let Some(token) = token {
            return mail::send(engine, &self.email, &letter(engine, &token), job).await;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

fn letter(engine: &Engine, token: &str) -> Letter {
    Letter::new(MailKind::Account, "Your link to sign in to Honeyguide")
        .link("Sign in to Honeyguide", engine.url(&(engine.pages().sign_in_link)(token)))
        .note(format!(
            "The link works once, for {LINK_MINUTES} minutes. If you didn’t ask for it, ignore this message."
        ))
}

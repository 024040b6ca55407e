//! The second step of signing in: after a password, or a link in a mail, a code.
//!
//! In between, the browser has a *ticket*: it opens nothing but the page that asks for the code,
//! ends after ten minutes, and when the password is changed.

use domain::clock::{MINUTE_MS, Timestamp};
use domain::ids::AccountId;
use store::accounts::Account;
use store::db::{Conn, again};

use super::{codes, devices};
use crate::engine::Engine;
use crate::error::{Error, Result};

/// How long a ticket works, milliseconds.
const TICKET_MS: i64 = 10 * MINUTE_MS;
/// Codes within [`WINDOW_MS`] for one account from one network.
const TRIES: i64 = 10;
/// Codes within [`WINDOW_MS`] from one network; offices share one.
const TRIES_PER_NETWORK: i64 = 50;
const WINDOW_MS: i64 = 15 * MINUTE_MS;

/// Who signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The account.
    pub account: AccountId,
    /// Makes the browser known for the next attempt; to be kept in a cookie for
    /// [`super::devices::DEVICE_MS`].
    pub device: String,
}

/// Where the first step of signing in leads.
#[derive(Debug, Clone)]
pub enum Entry {
    /// The person is in.
    In(SignedIn),
    /// A code is asked for. To be kept in the browser's session until then.
    Code {
        /// Proves the first step, to [`finish`].
        ticket: String,
    },
}

/// Where someone is led who has proved to be the owner of an account by one factor.
pub(super) async fn after_first(engine: &Engine, conn: &mut Conn, account: &Account) -> Result<Entry> {
    let found = store::two_step::get(conn, &account.id).await?;
    if found.is_none_or(|found| found.confirmed_at.is_none()) {
        return Ok(Entry::In(signed_in(engine, account)));
    }
    let until = engine.now().plus_ms(TICKET_MS);
    let mac = engine.key().fingerprint(&ticket_text(account, until));
    Ok(Entry::Code { ticket: format!("{}.{}.{mac}", account.id, until.0) })
}

fn signed_in(engine: &Engine, account: &Account) -> SignedIn {
    SignedIn { account: account.id.clone(), device: devices::new(engine, &account.email) }
}

/// What a ticket proves. With the password's hash in it, a changed password ends it.
fn ticket_text(account: &Account, until: Timestamp) -> String {
    let password = account.password_hash.as_deref().unwrap_or_default();
    format!("first step of {} until {} with {password}", account.id, until.0)
}

async fn account_of(engine: &Engine, ticket: &str) -> Result<Option<Account>> {
    let mut parts = ticket.splitn(3, '.');
    let (Some(account), Some(until), Some(mac)) = (parts.next(), parts.next(), parts.next()) else {
        return Ok(None);
    };
    let (Ok(account), Ok(until)) = (account.parse::<AccountId>(), until.parse().map(Timestamp)) else {
        return Ok(None);
    };
    if until <= engine.now() {
        return Ok(None);
    }
    let account = store::accounts::get(&mut engine.db().read().await?, &account).await?;
    Ok(account.filter(|account| engine.key().has_fingerprint(&ticket_text(account, until), mac)))
}

/// Whether a ticket still works.
///
/// Needs no actor: the ticket is proof enough.
pub async fn ticket_works(engine: &Engine, ticket: &str) -> Result<bool> {
    Ok(account_of(engine, ticket).await?.is_some())
}

/// Signs in with a code of the authenticator app or a recovery code, after the first step.
///
/// Needs no actor: signing in is how a person becomes one; the ticket proves the first step.
///
/// # Errors
/// [`Error::NotFound`] when the ticket has ended; [`Error::Invalid`] for a code that is wrong or
/// was used; [`Error::TooMany`] after too many.
pub async fn finish(engine: &Engine, ticket: &str, code: &str, network: &str) -> Result<SignedIn> {
    let account = account_of(engine, ticket).await?.ok_or(Error::NotFound)?;
    let subject = |text: String| engine.key().fingerprint(&text);
    let own = subject(format!("code account {} network {network}", account.id));
    let all = subject(format!("code network {network}"));
    let (by_both, by_network) = again(|| async {
        let (mut conn, now) = (engine.db().write().await?, engine.now());
        let own = store::sessions::count_attempt(&mut conn, &own, WINDOW_MS, now).await?;
        Ok::<_, Error>((own, store::sessions::count_attempt(&mut conn, &all, WINDOW_MS, now).await?))
    })
    .await?;
    if by_both > TRIES || by_network > TRIES_PER_NETWORK {
        return Err(Error::TooMany { minutes: WINDOW_MS / MINUTE_MS });
    }
    if !codes::accept(engine, &account, code).await? {
        return Err(Error::field("code", "Incorrect code. Each code works once"));
    }
    store::sessions::forget_attempts(&mut engine.db().write().await?, &own).await?;
    Ok(signed_in(engine, &account))
}

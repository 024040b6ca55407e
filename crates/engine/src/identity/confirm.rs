//! Proving again who one is, before something that must not be done by whoever finds an open
//! browser (OWASP ASVS 5.0, 7.5.1).

use domain::clock::MINUTE_MS;
use domain::ids::AccountId;
use store::accounts::Account;

use super::codes;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Tries within [`WINDOW_MS`].
const TRIES: i64 = 10;
const WINDOW_MS: i64 = 15 * MINUTE_MS;

/// What the tries of a signed-in person are counted under.
pub(super) fn tries_of(engine: &Engine, account: &AccountId) -> String {
    engine.key().fingerprint(&format!("change password of {account}"))
}

/// The account, after counting a try.
async fn count(engine: &Engine, account: &AccountId) -> Result<Account> {
    let mut conn = engine.db().write().await?;
    let subject = tries_of(engine, account);
    let tries = store::sessions::count_attempt(&mut conn, &subject, WINDOW_MS, engine.now()).await?;
    if tries > TRIES {
        return Err(Error::TooMany { minutes: WINDOW_MS / MINUTE_MS });
    }
    store::accounts::get(&mut conn, account).await?.ok_or(Error::NotFound)
}

/// Whether a password is the account's; too many wrong ones are not looked at.
pub(super) async fn try_password(
    engine: &Engine,
    account: &AccountId,
    password: &str,
) -> Result<(Account, bool)> {
    let stored = count(engine, account).await?;
    let is_right = engine.hasher().verify(password, stored.password_hash.as_deref()).await?;
    Ok((stored, is_right))
}

/// Has a signed-in person enter their password. A code of two-step sign-in will do, too.
///
/// # Errors
/// [`Error::Invalid`] for a wrong password, [`Error::TooMany`] after too many.
pub(crate) async fn confirm(engine: &Engine, account: &AccountId, typed: &str) -> Result<Account> {
    let stored = count(engine, account).await?;
    let is_right = codes::accept(engine, &stored, typed).await?
        || engine.hasher().verify(typed, stored.password_hash.as_deref()).await?;
    if !is_right {
        return Err(Error::field("password", "Incorrect password"));
    }
    store::sessions::forget_attempts(&mut engine.db().write().await?, &tries_of(engine, account)).await?;
    Ok(stored)
}

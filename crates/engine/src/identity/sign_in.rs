//! Signing in with a password, and the limits that slow down guessing.
//!
//! A limit on the account alone would let anyone lock its owner out. So attempts are refused per
//! account and network, and per network; the tries at an account from everywhere only become
//! slow. A device on which the account has signed in before counts for itself.

use std::time::Duration;

use domain::clock::MINUTE_MS;
use domain::emails::Email;
use domain::fields::WHOLE_FORM;
use store::db::again;

use super::second_step::Entry;
use super::{devices, second_step};
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Tries within [`WINDOW_MS`] at one account from one network, or from a known device; a
/// rightful owner who forgot waits it out.
const TRIES: i64 = 10;
/// Tries within [`WINDOW_MS`] from one network; offices share one.
const TRIES_PER_NETWORK: i64 = 50;
/// Tries within [`WINDOW_MS`] at one account from all networks that are answered at once.
const QUICK_TRIES_PER_ACCOUNT: i64 = 30;
/// The window, milliseconds.
const WINDOW_MS: i64 = 15 * MINUTE_MS;
/// The pause before a try above [`QUICK_TRIES_PER_ACCOUNT`] grows by this.
const PAUSE_STEP: Duration = Duration::from_millis(250);
/// The longest pause: the owner on a new device waits it too.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// An attempt to sign in.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The address, as typed.
    pub email: &'a str,
    /// The password, as typed.
    pub password: &'a str,
    /// The network that it comes from.
    pub network: &'a str,
    /// What [`second_step::SignedIn::device`] was when this browser last signed in.
    pub device: Option<&'a str>,
}

/// Checks an email address and a password; with two-step sign-in, a code is asked for next. The
/// message is the same for an unknown address and for a wrong password.
///
/// Needs no actor: signing in is how a person becomes one.
///
/// # Errors
/// [`Error::TooMany`] after too many attempts; [`Error::Invalid`] when the address or the
/// password is incorrect.
pub async fn sign_in(engine: &Engine, attempt: Attempt<'_>) -> Result<Entry> {
    const INCORRECT: &str = "Incorrect email or password";
    let Ok(email) = attempt.email.parse::<Email>() else {
        return Err(Error::field("email", domain::emails::NotAnEmail.to_string()));
    };
    let subjects = Subjects::of(engine, &email, attempt);
    let pause = count(engine, &subjects).await?;
    tokio::time::sleep(pause).await;
    let account = store::accounts::by_email(&mut engine.db().read().await?, &email).await?;
    let hash = account.as_ref().and_then(|account| account.password_hash.as_deref());
    if !engine.hasher().verify(attempt.password, hash).await? {
        return Err(Error::field(WHOLE_FORM, INCORRECT));
    }
    let account = account.ok_or_else(|| Error::field(WHOLE_FORM, INCORRECT))?;
    let mut conn = engine.db().write().await?;
    store::sessions::forget_attempts(&mut conn, &subjects.own).await?;
    store::sessions::forget_attempts(&mut conn, &subjects.account).await?;
    second_step::after_first(engine, &mut conn, &account).await
}

/// What an attempt counts for; HMACs, so that no address is stored.
struct Subjects {
    /// The account and the network, or the known device.
    own: String,
    network: String,
    account: String,
    known_device: bool,
}

impl Subjects {
    fn of(engine: &Engine, email: &Email, attempt: Attempt<'_>) -> Self {
        let network = attempt.network;
        let known = attempt.device.filter(|device| devices::is_known(engine, email, device));
        let own = match known {
            Some(device) => format!("sign-in device {device}"),
            None => format!("sign-in account {email} network {network}"),
        };
        let subject = |text: &str| engine.key().fingerprint(text);
        Self {
            own: subject(&own),
            network: subject(&format!("sign-in network {network}")),
            account: subject(&format!("sign-in account {email}")),
            known_device: known.is_some(),
        }
    }
}

/// Counts an attempt and returns how long it has to wait.
async fn count(engine: &Engine, subjects: &Subjects) -> Result<Duration> {
    let now = engine.now();
    let too_many = Error::TooMany { minutes: WINDOW_MS / MINUTE_MS };
    let (own, by_network, by_account) = again(|| async {
        let mut conn = engine.db().write().await?;
        let own = store::sessions::count_attempt(&mut conn, &subjects.own, WINDOW_MS, now).await?;
        if subjects.known_device {
            return Ok((own, 0, 0));
        }
        let network = store::sessions::count_attempt(&mut conn, &subjects.network, WINDOW_MS, now).await?;
        // What is refused anyway must not slow the account down for others.
        if own > TRIES || network > TRIES_PER_NETWORK {
            return Ok((own, network, 0));
        }
        let account = store::sessions::count_attempt(&mut conn, &subjects.account, WINDOW_MS, now).await?;
        Ok::<_, Error>((own, network, account))
    })
    .await?;
    if own > TRIES || by_network > TRIES_PER_NETWORK {
        return Err(too_many);
    }
    Ok(pause(by_account))
}

/// The pause before an attempt, by how many there were at the account from everywhere.
fn pause(attempts: i64) -> Duration {
    let above = attempts.saturating_sub(QUICK_TRIES_PER_ACCOUNT).max(0);
    let above = u32::try_from(above).unwrap_or(u32::MAX);
    PAUSE_STEP.saturating_mul(above).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_from_many_networks_are_delayed_but_never_refused() {
        assert_eq!(pause(QUICK_TRIES_PER_ACCOUNT), Duration::ZERO);
        assert_eq!(pause(QUICK_TRIES_PER_ACCOUNT + 2), Duration::from_millis(500));
        assert_eq!(pause(i64::MAX), LONGEST_PAUSE);
    }
}

//! How many mails people who are not signed in can have sent to an address.

use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::emails::Email;
use store::db::Tx;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// Mails to one account that one network can ask for within [`NETWORK_WINDOW_MS`]: enough for
/// a person who checks the wrong folder first.
const MAILS_PER_NETWORK_AND_ACCOUNT: i64 = 3;
/// Mails that one network, behind which an office may be, can ask for within
/// [`NETWORK_WINDOW_MS`].
const MAILS_PER_NETWORK: i64 = 20;
const NETWORK_WINDOW_MS: i64 = 15 * MINUTE_MS;
/// Mails to one account within [`ACCOUNT_WINDOW_MS`], for all requests together: too few to flood a
/// mailbox, too many for one network to use up.
const MAILS_PER_ACCOUNT: i64 = 10;
const ACCOUNT_WINDOW_MS: i64 = HOUR_MS;

/// Counts a request for a mail, such as one with a "password link"; whether it may be sent.
///
/// # Errors
/// [`Error::TooMany`] for a network that asks for too many.
pub(super) async fn count(
    engine: &Engine,
    tx: &mut Tx,
    what: &str,
    email: &Email,
    network: &str,
) -> Result<bool> {
    let now = engine.now();
    let subject = |text: String| engine.key().fingerprint(&text);
    let by_network = subject(format!("{what}, network {network}"));
    let by_both = subject(format!("{what}, account {email}, network {network}"));
    let by_account = subject(format!("{what}, account {email}"));
    let count = store::sessions::count_attempt(tx, &by_network, NETWORK_WINDOW_MS, now).await?;
    if count > MAILS_PER_NETWORK {
        return Err(Error::TooMany { minutes: NETWORK_WINDOW_MS / MINUTE_MS });
    }
    let count = store::sessions::count_attempt(tx, &by_both, NETWORK_WINDOW_MS, now).await?;
    if count > MAILS_PER_NETWORK_AND_ACCOUNT {
        return Ok(false);
    }
    let count = store::sessions::count_attempt(tx, &by_account, ACCOUNT_WINDOW_MS, now).await?;
    Ok(count <= MAILS_PER_ACCOUNT)
}

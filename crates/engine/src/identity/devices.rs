//! Devices on which an account has signed in before: their tries count for themselves.

use domain::clock::{DAY_MS, Timestamp};
use domain::emails::Email;

use crate::engine::Engine;

/// How long a device stays known, milliseconds.
pub const DEVICE_MS: i64 = 365 * DAY_MS;

/// Makes a device known to an account: the time, chance, and an HMAC of both with the address.
pub(super) fn new(engine: &Engine, email: &Email) -> String {
    let id = format!("{}.{}", engine.now().0, hex::encode(engine.random().bytes::<16>()));
    let mac = engine.key().fingerprint(&device_text(email, &id));
    format!("{id}.{mac}")
}

fn device_text(email: &Email, id: &str) -> String {
    format!("known device of {email}: {id}")
}

pub(super) fn is_known(engine: &Engine, email: &Email, device: &str) -> bool {
    let Some((id, mac)) = device.rsplit_once('.') else { return false };
    let issued = id.split_once('.').and_then(|(at, _)| at.parse::<i64>().ok());
    let is_recent = issued.is_some_and(|at| engine.now().since_ms(Timestamp(at)) < DEVICE_MS);
    is_recent && engine.key().has_fingerprint(&device_text(email, id), mac)
}

//! The operating system's time and randomness. All other code gets a [`Clock`] and a
//! [`Random`] as arguments.

use domain::clock::{Clock, Random, Timestamp};

/// The system's clock.
pub fn system() -> Clock {
    Clock::new(now)
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// The system's randomness, fit for keys.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the system")]
pub fn random() -> Random {
    Random::new(|buffer| rand::Rng::fill_bytes(&mut rand::rng(), buffer))
}

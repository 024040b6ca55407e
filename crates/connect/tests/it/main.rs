//! External services over real connections: the stand-in for Stripe, and a scripted server
//! for what goes wrong.

#![expect(clippy::unwrap_used, reason = "a test may panic, and says where")]

mod answerer;
mod calls;
mod failures;
mod mail;
mod oauth;
mod schema;

use connect::secret::Secret;
use connect::stripe::client::{Access, Caller, Stripe};

/// A key that must be seen nowhere but in the header.
const KEY: &str = "rk_test_canary_4711_secret";

fn caller(base: &str) -> Caller {
    Stripe::new(base).with(&Access { key: Secret::new(KEY.to_owned()), account: None })
}

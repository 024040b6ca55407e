//! The verifier of a click: a secret that only its own visitor's browser gets.
//!
//! Tokens are not secret: they appear in Stripe's metadata, in lists and files. A verifier
//! is handed out with the redirect and by the script's own report, and shown nowhere else, so
//! whoever has it has made the visit. It is an HMAC of the token and stored nowhere.

use domain::clicks::ClickToken;

use crate::engine::Engine;

/// 128 bits in hex.
const LENGTH: usize = 32;

/// The verifier of a click.
pub(super) fn of(engine: &Engine, token: &ClickToken) -> String {
    let mut verifier = engine.key().fingerprint(&format!("click {token}"));
    verifier.truncate(LENGTH);
    verifier
}

/// Whether a text is the verifier of a click.
pub(super) fn is_of(engine: &Engine, token: &ClickToken, sent: &str) -> bool {
    connect::mac::is_equal(sent, &of(engine, token))
}

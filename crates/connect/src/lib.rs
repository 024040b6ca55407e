//! External services: Stripe's events, signatures, API and OAuth, and mail; and secrets at
//! rest.

pub mod mac;
pub mod mail;
pub mod receipt_key;
pub mod seal;
pub mod secret;
pub mod stripe;

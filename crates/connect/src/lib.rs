//! The outside world: Stripe's events, signatures, API and OAuth, mail, and secrets at
//! rest.

pub mod mail;
pub mod seal;
pub mod secret;
pub mod stripe;

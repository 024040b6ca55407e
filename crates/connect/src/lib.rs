//! The outside world: Stripe's events and signatures, and secrets at rest.

pub mod seal;
pub mod stripe;

//! Stripe: signatures over raw bytes, events of every API version since 2023-10-16, the
//! calls that Honeyguide makes, and OAuth.

pub mod account;
pub mod charges;
pub mod client;
pub mod endpoints;
pub mod envelope;
mod error;
pub mod events;
mod fields;
pub mod invoice_payments;
mod items;
pub mod oauth;
mod objects;
pub mod promotion_codes;
pub mod read;
pub mod sample;
pub mod signature;
#[cfg(test)]
mod tests;
mod values;

pub use error::{ErrorKind, StripeError};

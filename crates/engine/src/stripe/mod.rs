//! A program's connection to Stripe and everything that keeps it working.

pub(crate) mod backfill;
pub mod connections;
pub mod credentials;
pub mod delivery;
pub(crate) mod endpoint_checks;
pub(crate) mod endpoints;
pub mod events;
mod failure;
pub mod platform;
pub(crate) mod promotion_codes;
pub mod reconciliation;
pub mod rejections;
pub mod repair;
pub mod webhooks;

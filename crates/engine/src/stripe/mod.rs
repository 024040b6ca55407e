//! A program's connection to Stripe and everything that keeps it working.

pub(crate) mod backfill;
pub mod connections;
pub mod credentials;
pub mod delivery;
pub(crate) mod endpoints;
pub mod events;
pub mod platform;
pub mod reconciliation;
pub mod rejections;
pub mod repair;
pub mod webhooks;

//! What Honeyguide can do: one use case is one function and one transaction.
//!
//! Permission is in the signature: functions take a [`sessions::MerchantActor`] or a
//! [`sessions::AffiliateActor`] that only [`sessions`] can make, and every query is scoped
//! by its owner's id. Not yours is not found.

pub mod accounts;
pub mod affiliates;
pub mod api_keys;
pub mod around;
pub mod audit;
mod cache;
pub mod checks;
pub mod clicks;
pub mod commissions;
pub mod connections;
pub mod conversions;
pub mod coupons;
mod endpoints;
mod engine;
mod error;
pub mod inbox;
pub mod jobs;
pub mod links;
mod mails;
mod missed;
mod passwords;
pub mod payments;
pub mod platform;
pub mod programs;
pub mod reach;
pub mod reconciliation;
pub mod refused;
pub mod rehearsal;
pub mod repair;
pub mod reports;
mod scope;
pub mod sessions;
pub mod settings;
pub mod terms;
pub mod verify;

pub use engine::{Counters, Engine, Parts};
pub use error::{Error, Result};
pub use store::db::Db;

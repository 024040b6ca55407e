//! What Honeyguide can do: one use case is one function and one transaction.
//!
//! Permission is in the signature: functions take a [`identity::sessions::MerchantActor`] or
//! an [`identity::sessions::AffiliateActor`] that only [`identity::sessions`] can make, and
//! every query is scoped by its owner's id. What is not yours is not found.

mod caches;
pub mod diagnostics;
mod engine;
mod error;
pub mod identity;
pub mod jobs;
pub mod ledger;
mod mail;
mod password_hasher;
pub mod programs;
mod rejection_counter;
pub mod settings;
pub mod stripe;
pub mod tracking;

pub use engine::{Counters, Engine, PageLinks, Parts};
pub use error::{Error, Result};
pub use store::db::Db;

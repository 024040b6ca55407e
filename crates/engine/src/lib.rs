//! The use cases of Honeyguide. Each is one function and one transaction.
//!
//! Permission is in the signature: functions take a [`identity::sessions::MerchantActor`] or
//! an [`identity::sessions::AffiliateActor`] that only [`identity::sessions`] can make, and
//! every query is scoped by its owner's id. What an actor may not see is not found. The few
//! functions without an actor say why they need none.
//!
//! Modules form no cycle: the use cases use [`jobs`] to add background jobs, and [`worker`],
//! which knows them all, runs them.

mod caches;
pub mod diagnostics;
mod engine;
mod error;
pub mod identity;
pub mod jobs;
pub mod ledger;
pub mod live;
mod live_programs;
mod mail;
pub mod mail_log;
mod password_hasher;
pub mod payouts;
pub mod programs;
mod readiness;
mod recent_clicks;
mod rejection_counter;
pub mod retention;
pub mod search;
pub mod settings;
pub mod stripe;
pub mod tracking;
pub mod worker;

pub use engine::{Counters, Engine, PageLinks, Parts};
pub use error::{Error, Result};
pub use store::db::Db;

//! The only SQL. Each text runs on SQLite and on Postgres.
//!
//! A store function is a signature, a text and a mapping; what belongs to a
//! merchant is queried by its owner's id too. Modules use [`db`], and [`sums`] what they add up.

pub mod accounts;
pub mod affiliates;
pub mod api_keys;
pub mod applications;
pub mod audit;
pub mod candidates;
pub mod clicks;
pub mod commissions;
pub mod connections;
pub mod conversions;
pub mod coupons;
pub mod customers;
pub mod db;
pub mod decisions;
pub mod email_changes;
pub mod files;
pub mod inbox;
pub mod invitation_links;
pub mod invitations;
pub mod jobs;
pub mod join_pages;
pub mod leads;
pub mod links;
pub mod mails;
pub mod merchants;
pub mod oauth_attempts;
pub mod payments;
pub mod payouts;
pub mod platform;
pub mod programs;
pub mod receipt_keys;
pub mod reconciliations;
pub mod referral_requests;
pub mod rejected_deliveries;
pub mod repairs;
pub mod resources;
pub mod search;
pub mod sessions;
pub mod settings;
pub mod single_use_links;
pub mod sums;
pub mod terms;
#[cfg(feature = "testing")]
pub mod testing;
pub mod two_step;
pub mod visitor_keys;

//! The rules of affiliate programs: pure, without IO, clock or randomness.
//!
//! Everything here is a function of its arguments. Ids and amounts have types of their
//! own, which are made by `parse` and checked arithmetic.

pub mod affiliates;
pub mod applications;
pub mod attribution;
pub mod audit;
pub mod candidates;
pub mod checks;
pub mod clicks;
pub mod clock;
pub mod colors;
pub mod commissions;
pub mod connections;
pub mod coupons;
pub mod deliveries;
pub mod diagnostics;
pub mod emails;
pub mod events;
pub mod facts;
pub mod fields;
pub mod files;
pub mod ids;
pub mod invitations;
pub mod items;
pub mod jobs;
pub mod join_pages;
pub mod leads;
pub mod links;
pub mod mails;
pub mod members;
pub mod money;
pub mod no_commission;
pub mod one_or_more;
pub mod payouts;
pub mod programs;
pub mod questions;
pub mod receipts;
pub mod reconciliations;
pub mod referral_requests;
pub mod repairs;
pub mod resources;
pub mod search;
pub mod single_use_links;
pub mod terms;
pub mod words;

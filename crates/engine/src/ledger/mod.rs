//! Payments, commissions, reports, and the verification of the ledger.

mod affiliate_sums;
pub mod commissions;
pub mod conversions;
pub mod payments;
pub mod receipts;
pub mod referral_requests;
pub mod reports;
mod top_affiliates;
pub mod verify;

//! Payments, commissions, reports, and the verification of the ledger.

pub mod commissions;
pub mod conversions;
pub mod payments;
pub mod reports;
pub mod verify;

//! Payments, what they earn, and the proof that it adds up.

pub mod commissions;
pub mod conversions;
pub mod payments;
pub mod reports;
pub mod verify;

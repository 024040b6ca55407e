//! Signed receipts: the public check, and the receipts of affiliates and companies.

mod check;
mod issued;

pub use check::{ReceiptCheck, SubmittedReceipt};
pub use issued::{MerchantReceipt, OwnReceipt};

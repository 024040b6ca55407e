//! What an event says about a refund.

use serde::{Deserialize, Serialize};

use crate::money::Currency;

/// The status of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// On its way; counts.
    Pending,
    /// Done; counts.
    Succeeded,
    /// Failed or canceled; does not count. Last, so that it wins between snapshots of
    /// one second.
    Failed,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct RefundFact {
    pub id: String,
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: i64,
    pub status: RefundStatus,
    pub currency: Currency,
}

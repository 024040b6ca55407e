//! What an event says about a subscription.

use serde::{Deserialize, Serialize};

use super::Hints;
use crate::clock::Timestamp;

crate::word_enum! {
    /// The status of a subscription, in Stripe's words.
    pub enum SubscriptionStatus {
        /// Its first payment is missing.
        Incomplete = "incomplete",
        /// Its first payment did not come in time.
        IncompleteExpired = "incomplete_expired",
        /// In its trial; nothing was paid yet.
        Trialing = "trialing",
        /// Runs.
        Active = "active",
        /// A later payment is missing.
        PastDue = "past_due",
        /// Ended.
        Canceled = "canceled",
        /// Stripe no longer tries to collect what is missing.
        Unpaid = "unpaid",
        /// Its trial ended without a payment method.
        Paused = "paused",
        /// A word that is newer than this code.
        Unknown = "unknown",
    }
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct SubscriptionFact {
    pub id: String,
    pub customer: Option<String>,
    pub status: SubscriptionStatus,
    pub created_at: Option<Timestamp>,
    /// Set by `customer.subscription.deleted`: from when on nothing is earned.
    pub ended_at: Option<Timestamp>,
    pub hints: Hints,
}

//! What an event says about a possible fraud: an early fraud warning, or a review.

use serde::{Deserialize, Serialize};

crate::word_enum! {
    /// What an alert is about.
    pub enum AlertKind {
        /// The card's issuer suspects fraud.
        EarlyFraudWarning = "early_fraud_warning",
        /// Stripe asks for a review of the payment.
        Review = "review",
    }
}

/// A reason to look at a payment before its commission is paid out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct AlertFact {
    pub id: String,
    pub alert: AlertKind,
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub open: bool,
}

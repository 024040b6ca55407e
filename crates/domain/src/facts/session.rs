//! What an event says about a Checkout Session.

use serde::{Deserialize, Serialize};

use super::Hints;
use crate::clock::Timestamp;
use crate::money::Currency;

/// The payment status of a session (`payment_status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionPayment {
    /// The money is there.
    Paid,
    /// An asynchronous method: not yet.
    Unpaid,
    /// Nothing to pay: a trial or a full discount.
    NoneRequired,
    /// `checkout.session.async_payment_failed`.
    Failed,
}

/// A Checkout Session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct SessionFact {
    pub id: String,
    pub subscription_mode: bool,
    pub payment: SessionPayment,
    pub invoice: Option<String>,
    pub payment_intent: Option<String>,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub amount_total: i64,
    pub amount_tax: i64,
    pub amount_shipping: i64,
    pub currency: Option<Currency>,
    pub created_at: Option<Timestamp>,
    pub hints: Hints,
}

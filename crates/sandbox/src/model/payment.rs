//! Customers, payment intents, charges, refunds and disputes, as the sandbox stores them.

use domain::clock::Timestamp;
use domain::facts::{DisputeStatus, RefundStatus};

use super::Metadata;

#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub id: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub metadata: Metadata,
    pub created: Timestamp,
}

/// A card or an account that payments are made with.
#[derive(Clone, Debug)]
pub(crate) struct PaymentMethod {
    pub id: String,
    /// `card` or `sepa_debit`.
    pub kind: String,
    /// The token, number or IBAN of Stripe's test data, which says how payments go.
    pub source: String,
    pub email: Option<String>,
    pub name: Option<String>,
    pub customer: Option<String>,
    pub created: Timestamp,
}

domain::word_enum! {
    /// The status of a payment intent, in Stripe's words.
    pub(crate) enum IntentStatus {
        RequiresPaymentMethod = "requires_payment_method",
        RequiresConfirmation = "requires_confirmation",
        RequiresCapture = "requires_capture",
        Processing = "processing",
        Succeeded = "succeeded",
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PaymentIntent {
    pub id: String,
    pub amount: i64,
    pub amount_received: i64,
    pub amount_capturable: i64,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    pub status: IntentStatus,
    pub manual_capture: bool,
    pub latest_charge: Option<String>,
    pub invoice: Option<String>,
    pub payment_method: Option<String>,
    pub receipt_email: Option<String>,
    pub buyer_name: Option<String>,
    pub secret: String,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub id: String,
    pub amount: i64,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub captured: bool,
    pub disputed: bool,
    pub currency: String,
    pub customer: Option<String>,
    pub description: Option<String>,
    pub metadata: Metadata,
    /// None if the charge was made directly.
    pub payment_intent: Option<String>,
    pub payment_method: String,
    pub balance_transaction: Option<String>,
    pub invoice: Option<String>,
    pub email: Option<String>,
    pub name: Option<String>,
    pub created: Timestamp,
}

impl Charge {
    /// What can still be refunded.
    pub(crate) const fn refundable(&self) -> i64 {
        self.amount.saturating_sub(self.amount_refunded)
    }

    pub(crate) const fn fully_refunded(&self) -> bool {
        self.captured && self.amount_refunded >= self.amount
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub id: String,
    pub amount: i64,
    pub charge: String,
    pub payment_intent: Option<String>,
    pub customer: Option<String>,
    pub payment_method: String,
    pub currency: String,
    pub status: RefundStatus,
    pub reason: Option<String>,
    pub failure_reason: Option<&'static str>,
    /// The bank's number of the refund, which comes a moment later.
    pub reference: Option<String>,
    pub balance_transaction: String,
    pub metadata: Metadata,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    pub id: String,
    pub amount: i64,
    pub charge: String,
    pub payment_intent: Option<String>,
    pub currency: String,
    pub metadata: Metadata,
    pub status: DisputeStatus,
    pub inquiry: bool,
    /// The bookings that took the money and gave it back: id, signed amount, when.
    pub bookings: Vec<(String, i64, Timestamp)>,
    pub created: Timestamp,
}

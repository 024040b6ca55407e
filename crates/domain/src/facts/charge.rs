//! What an event says about a charge.

use serde::{Deserialize, Serialize};

use super::Hints;
use crate::clock::Timestamp;
use crate::money::Currency;

/// What a charge says of its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeInvoice {
    /// The field is not in this API version (from basil on): nothing is known.
    Unknown,
    /// The field is there and null: no invoice is behind this charge.
    None,
    /// The invoice.
    Is(String),
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct ChargeFact {
    pub id: String,
    pub succeeded: bool,
    pub payment_intent: Option<String>,
    pub invoice: ChargeInvoice,
    pub customer: Option<String>,
    pub amount: i64,
    pub amount_captured: i64,
    pub captured: bool,
    pub amount_refunded: i64,
    pub currency: Currency,
    pub charged_at: Timestamp,
    /// When the money arrived, where the event says so (`charge.succeeded`,
    /// `charge.captured`). A bank debit's is days after `charged_at`.
    pub settled_at: Option<Timestamp>,
    pub label: Option<String>,
    pub hints: Hints,
}

//! What an event says about an invoice, about what paid it, and about its credit notes.

use serde::{Deserialize, Serialize};

use super::Hints;
use crate::clock::Timestamp;
use crate::items::Item;
use crate::money::Currency;

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct InvoiceFact {
    pub id: String,
    pub paid: bool,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub payment_intents: Vec<String>,
    pub charges: Vec<String>,
    /// What was paid, inside Stripe and outside of it, whatever the version counts.
    pub amount_paid: i64,
    /// How much of it was paid outside Stripe; absent where the version does not say
    /// (its payment records say it then).
    pub outside_stripe: Option<i64>,
    /// What the customer owed before this invoice (negative: had to their credit).
    pub starting_balance: i64,
    pub total: i64,
    /// `total` without tax, from the first of the version's fields that exists.
    pub total_excluding_tax: i64,
    pub amount_shipping: i64,
    pub currency: Currency,
    pub created_at: Option<Timestamp>,
    pub paid_at: Timestamp,
    /// The earliest beginning of a period that it bills.
    pub period_start: Option<Timestamp>,
    /// The latest one: the period that a renewal begins.
    pub latest_period_start: Option<Timestamp>,
    pub billing_reason: Option<String>,
    pub label: Option<String>,
    /// Its lines, as far as the event lists them. What lines that are not listed charge is one
    /// more, without a product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    pub hints: Hints,
}

/// The link between an invoice and what paid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct InvoicePaymentFact {
    pub id: String,
    pub invoice: String,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    /// Set when the money was paid outside Stripe.
    pub payment_record: Option<String>,
    pub amount_paid: Option<i64>,
}

/// A payment intent that paid no invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoInvoiceFact {
    /// `pi_…`
    pub payment_intent: String,
}

/// A credit note. Refunds and later invoices report what it refunds through Stripe and what it
/// puts on the customer's balance; only the credit note reports what was given back outside
/// Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct CreditNoteFact {
    pub id: String,
    pub invoice: String,
    pub customer: Option<String>,
    pub outside_stripe: i64,
    pub voided: bool,
    pub currency: Currency,
}

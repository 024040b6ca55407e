//! Subscriptions and invoices, as the sandbox stores them.

use domain::clock::Timestamp;
use domain::facts::SubscriptionStatus;

use super::{Discount, Metadata, Price, Totals};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InvoiceStatus {
    Draft,
    Open,
    Paid,
    Void,
    Uncollectible,
}

impl InvoiceStatus {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
            Self::Uncollectible => "uncollectible",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct InvoiceLine {
    pub id: String,
    pub price: Price,
    pub quantity: u32,
    pub description: String,
    pub totals: Totals,
    pub period: (Timestamp, Timestamp),
    /// The subscription's metadata on its lines.
    pub metadata: Metadata,
    pub subscription_item: Option<String>,
    pub invoice_item: Option<String>,
    pub proration: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Invoice {
    pub id: String,
    pub number: String,
    pub status: InvoiceStatus,
    pub billing_reason: &'static str,
    pub currency: String,
    pub customer: String,
    pub customer_email: Option<String>,
    pub customer_name: Option<String>,
    pub subscription: Option<String>,
    /// A fixed copy of the subscription's metadata.
    pub subscription_metadata: Metadata,
    pub payment_intent: Option<String>,
    pub charge: Option<String>,
    pub lines: Vec<InvoiceLine>,
    pub discount: Option<Discount>,
    pub tax_rate: Option<String>,
    pub totals: Totals,
    pub period: (Timestamp, Timestamp),
    pub metadata: Metadata,
    pub created: Timestamp,
    pub paid_at: Option<Timestamp>,
}

impl Invoice {
    /// What has to be paid; a negative total (a downgrade) is nothing to pay.
    pub(crate) fn amount_due(&self) -> i64 {
        self.totals.total.max(0)
    }

    pub(crate) fn amount_paid(&self) -> i64 {
        if self.status == InvoiceStatus::Paid { self.amount_due() } else { 0 }
    }
}

/// Something to be billed with an invoice of a customer.
#[derive(Clone, Debug)]
pub(crate) struct InvoiceItem {
    pub id: String,
    pub customer: String,
    pub description: String,
    pub price: Price,
    pub invoice: Option<String>,
    pub created: Timestamp,
}

/// What links an invoice to its payment intent from basil on.
#[derive(Clone, Debug)]
pub(crate) struct InvoicePayment {
    pub id: String,
    pub invoice: String,
    pub payment_intent: String,
    pub amount: i64,
    pub currency: String,
    pub paid_at: Option<Timestamp>,
    pub created: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub id: String,
    pub item: String,
    pub customer: String,
    pub status: SubscriptionStatus,
    pub price: Price,
    pub quantity: u32,
    pub metadata: Metadata,
    pub discount: Option<Discount>,
    pub tax_bps: u32,
    pub tax_rate: Option<String>,
    pub period: (Timestamp, Timestamp),
    pub trial: Option<(Timestamp, Timestamp)>,
    pub cancel_at_period_end: bool,
    pub canceled_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub latest_invoice: Option<String>,
    pub payment_method: String,
    pub created: Timestamp,
}

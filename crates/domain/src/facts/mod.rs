//! Facts: what Stripe's events say, in our own types, one file for each of Stripe's objects.
//!
//! `connect::stripe::read` makes them from JSON of any API version; [`crate::attribution`] turns
//! all facts about one customer into payments and commissions. Facts are kept forever: they
//! remain when the payloads of the events have been deleted.

mod alert;
mod charge;
mod customer;
mod dispute;
mod invoice;
mod refund;
mod session;
mod subscription;

use serde::{Deserialize, Serialize};

use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::emails::Email;

pub use alert::{AlertFact, AlertKind};
pub use charge::{ChargeFact, ChargeInvoice};
pub use customer::CustomerFact;
pub use dispute::{DisputeFact, DisputeStatus, DisputeStep};
pub use invoice::{CreditNoteFact, InvoiceFact, InvoicePaymentFact, NoInvoiceFact};
pub use refund::{RefundFact, RefundStatus};
pub use session::{SessionFact, SessionPayment};
pub use subscription::{SubscriptionFact, SubscriptionStatus};

/// One event's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts {
    /// Stripe's id of the event; breaks ties between events of one second.
    pub event: String,
    /// `event.created`.
    pub created: Timestamp,
    /// What it is about.
    pub fact: Fact,
}

/// Where a click token was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// `metadata` of the Checkout Session.
    SessionMetadata,
    /// `subscription_data.metadata`, as copied to invoices.
    SubscriptionMetadata,
    /// `metadata` of the invoice itself.
    InvoiceMetadata,
    /// `metadata` of payment intent or charge.
    ChargeMetadata,
    /// `metadata` of the customer.
    CustomerMetadata,
    /// `client_reference_id` of the Checkout Session.
    ClientReference,
}

/// A click token and where it was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Carried {
    /// Where it was found.
    pub carrier: Carrier,
    /// The token.
    pub token: ClickToken,
}

/// What may lead to an affiliate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hints {
    /// Click tokens.
    #[serde(default)]
    pub tokens: Vec<Carried>,
    /// Ids of Stripe promotion codes (`promo_…`).
    #[serde(default)]
    pub promotion_codes: Vec<String>,
    /// Addresses that the buyer typed or that Stripe keeps.
    #[serde(default)]
    pub emails: Vec<Email>,
    /// The buyer's country as ISO code, from an address. Never evidence: it only helps a
    /// person to weigh candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Other Stripe ids of the same buyer or purchase: the `customer_account` of Accounts v2,
    /// the session that this one was recovered from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

/// One object of Stripe at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// `checkout.session.*`
    Session(SessionFact),
    /// `invoice.paid` (and its twin `invoice.payment_succeeded`), `invoice.voided`.
    Invoice(InvoiceFact),
    /// `invoice_payment.paid`: the link between invoice and payment from basil on.
    InvoicePayment(InvoicePaymentFact),
    /// Stripe's answer to our question: no invoice was paid by this payment intent.
    NoInvoice(NoInvoiceFact),
    /// `charge.succeeded`, `charge.captured`, `charge.refunded`, …
    Charge(ChargeFact),
    /// `refund.*`
    Refund(RefundFact),
    /// `charge.dispute.*`
    Dispute(DisputeFact),
    /// `radar.early_fraud_warning.created`, `review.opened`, `review.closed`
    Alert(AlertFact),
    /// `credit_note.created`, `credit_note.updated`, `credit_note.voided`
    CreditNote(CreditNoteFact),
    /// `customer.created`, `customer.updated`
    Customer(CustomerFact),
    /// `customer.subscription.*`
    Subscription(SubscriptionFact),
}

impl Fact {
    /// Every Stripe id that this fact connects with one buyer, its own first.
    pub fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = Vec::new();
        match self {
            Self::Session(s) => {
                ids.push(&s.id);
                ids.extend(
                    [&s.customer, &s.subscription, &s.invoice, &s.payment_intent]
                        .into_iter()
                        .flatten()
                        .map(String::as_str),
                );
            }
            Self::Invoice(i) => {
                ids.push(&i.id);
                ids.extend([&i.customer, &i.subscription].into_iter().flatten().map(String::as_str));
                ids.extend(i.payment_intents.iter().chain(&i.charges).map(String::as_str));
            }
            Self::InvoicePayment(p) => {
                ids.push(&p.invoice);
                ids.extend([&p.payment_intent, &p.charge].into_iter().flatten().map(String::as_str));
            }
            Self::NoInvoice(n) => ids.push(&n.payment_intent),
            Self::Charge(c) => {
                ids.push(&c.id);
                ids.extend([&c.customer, &c.payment_intent].into_iter().flatten().map(String::as_str));
                if let ChargeInvoice::Is(invoice) = &c.invoice {
                    ids.push(invoice);
                }
            }
            Self::Refund(r) => {
                ids.extend([&r.charge, &r.payment_intent].into_iter().flatten().map(String::as_str));
                ids.push(&r.id);
            }
            Self::Dispute(d) => {
                ids.extend([&d.charge, &d.payment_intent].into_iter().flatten().map(String::as_str));
                ids.push(&d.id);
            }
            Self::Alert(a) => {
                ids.extend([&a.charge, &a.payment_intent].into_iter().flatten().map(String::as_str));
                ids.push(&a.id);
            }
            Self::CreditNote(n) => {
                ids.extend([n.invoice.as_str(), n.id.as_str()]);
                ids.extend(n.customer.as_deref());
            }
            Self::Customer(c) => ids.push(&c.id),
            Self::Subscription(s) => {
                ids.push(&s.id);
                ids.extend(s.customer.as_deref());
            }
        }
        ids.extend(self.hints().into_iter().flat_map(|hints| &hints.aliases).map(String::as_str));
        ids
    }

    /// When the subscription ended that this is about.
    pub fn subscription_end(&self) -> Option<Timestamp> {
        match self {
            Self::Subscription(s) => s.ended_at,
            _ => None,
        }
    }

    /// What may lead to an affiliate.
    pub fn hints(&self) -> Option<&Hints> {
        match self {
            Self::Session(s) => Some(&s.hints),
            Self::Invoice(i) => Some(&i.hints),
            Self::Charge(c) => Some(&c.hints),
            Self::Customer(c) => Some(&c.hints),
            Self::Subscription(s) => Some(&s.hints),
            Self::InvoicePayment(_)
            | Self::NoInvoice(_)
            | Self::Refund(_)
            | Self::Dispute(_)
            | Self::Alert(_)
            | Self::CreditNote(_) => None,
        }
    }

    /// The ids of invoices, payment intents, charges and sessions in this fact. Two facts that
    /// share one are about the same payment.
    pub fn payment_ids(&self) -> Vec<&str> {
        self.ids().into_iter().filter(|id| is_payment_id(id)).collect()
    }
}

/// Whether an id is that of an invoice, a payment intent, a charge or a session.
pub fn is_payment_id(id: &str) -> bool {
    ["in_", "pi_", "ch_", "py_", "cs_"].iter().any(|prefix| id.starts_with(prefix))
}

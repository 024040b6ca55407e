//! What an event of Stripe says, in our own types. The reader in `connect` makes these from
//! JSON of any API version; [`crate::attribution`] turns all facts about one customer into
//! payments and commissions. Facts are kept forever: they are what remains when the raw
//! bytes have been deleted.

use serde::{Deserialize, Serialize};

use crate::clicks::ClickToken;
use crate::clock::Timestamp;
use crate::emails::Email;
use crate::money::Currency;

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
    /// Where.
    pub carrier: Carrier,
    /// What.
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
    /// (payment records tell it then).
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

/// What a charge says of its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeInvoice {
    /// The field is not in this API version (from basil on): nothing is known.
    Unsaid,
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

/// What happened to a dispute, in the order of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStep {
    /// Opened or changed.
    Opened,
    /// The money left the merchant's balance.
    FundsWithdrawn,
    /// The money came back.
    FundsReinstated,
    /// Over.
    Closed,
}

crate::word_enum! {
    /// The status of a dispute, in Stripe's words.
    pub enum DisputeStatus {
        /// An inquiry waits for the merchant's answer.
        WarningNeedsResponse = "warning_needs_response",
        /// The bank reads the answer to an inquiry.
        WarningUnderReview = "warning_under_review",
        /// The inquiry ended without a dispute.
        WarningClosed = "warning_closed",
        /// The dispute waits for the merchant's answer.
        NeedsResponse = "needs_response",
        /// The bank reads the merchant's answer.
        UnderReview = "under_review",
        /// Decided for the merchant.
        Won = "won",
        /// Decided for the buyer.
        Lost = "lost",
        /// The lost dispute can be appealed.
        AppealNeedsResponse = "appeal_needs_response",
        /// The bank reads the appeal.
        AppealUnderReview = "appeal_under_review",
        /// Resolved before it became a dispute.
        Prevented = "prevented",
        /// A word that is newer than this code. The dispute counts as open.
        Unknown = "unknown",
    }
}

impl DisputeStatus {
    /// Whether the dispute is decided, so that its money moves no more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::WarningClosed | Self::Prevented)
    }
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct DisputeFact {
    pub id: String,
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: i64,
    /// What the balance transactions come to, where the object lists them: withdrawn less
    /// reinstated.
    pub taken: Option<i64>,
    pub status: DisputeStatus,
    pub step: DisputeStep,
    pub currency: Currency,
}

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

/// A credit note. What it refunds through Stripe and what it puts on the customer's balance
/// is told by refunds and later invoices; only what was given back outside Stripe is told
/// here alone.
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

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct CustomerFact {
    pub id: String,
    pub hints: Hints,
}

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

    /// The ids of the money that this fact speaks of: invoice, payment intent, charge and
    /// session. Two facts that share one are about the same payment.
    pub fn payment_ids(&self) -> Vec<&str> {
        self.ids().into_iter().filter(|id| is_payment_id(id)).collect()
    }
}

/// Whether an id names a payment under one of its four names.
pub fn is_payment_id(id: &str) -> bool {
    ["in_", "pi_", "ch_", "py_", "cs_"].iter().any(|prefix| id.starts_with(prefix))
}

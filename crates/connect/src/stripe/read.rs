//! From an event's JSON to facts.
//!
//! A pure function that branches on the presence of fields, never on the version: fields
//! move between versions, and real events carry two generations at once (Stripe docs: API
//! upgrades; changelog 2025-03-31.basil).

use domain::clock::Timestamp;
use domain::facts::{DisputeStep, EventFacts, Fact, SessionPayment};
use serde_json::Value;

use super::objects;

/// What was read from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Facts about a buyer.
    Facts(Box<EventFacts>),
    /// An event of a type that Honeyguide does not handle.
    TypeNotHandled,
    /// An event of a type that we handle whose content cannot be read.
    Unreadable {
        /// The field that is missing or malformed.
        field: &'static str,
    },
}

/// The types that are handled; an endpoint should send these.
pub const EVENT_TYPES: [&str; 23] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "invoice.paid",
    "invoice.voided",
    "invoice_payment.paid",
    "charge.succeeded",
    "charge.captured",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "customer.created",
    "customer.updated",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "account.application.deauthorized",
];

/// The core of the list, shown first.
pub const BASELINE_TYPES: [&str; 5] = [
    "checkout.session.completed",
    "invoice.paid",
    "charge.succeeded",
    "charge.refunded",
    "customer.subscription.deleted",
];

/// The id of the object that an event is about.
pub fn object_id(event: &Value) -> Option<String> {
    let object = event.get("data")?.get("object")?;
    let id = object.get("id").and_then(Value::as_str);
    let invoice = object.get("invoice").and_then(Value::as_str);
    // An invoice payment is about its invoice.
    let is_link = object.get("object").and_then(Value::as_str) == Some("invoice_payment");
    if is_link { invoice.or(id) } else { id }.map(str::to_owned)
}

/// Reads an event.
pub fn read(event: &Value) -> Reading {
    let Some(id) = event.get("id").and_then(Value::as_str) else {
        return Reading::Unreadable { field: "id" };
    };
    let Some(kind) = event.get("type").and_then(Value::as_str) else {
        return Reading::Unreadable { field: "type" };
    };
    let Some(object) = event.get("data").and_then(|data| data.get("object")) else {
        return Reading::Unreadable { field: "data.object" };
    };
    let created = Timestamp::from_seconds(event.get("created").and_then(Value::as_i64).unwrap_or(0));
    let fact = match kind {
        "checkout.session.completed" => objects::session(object, None).map(Fact::Session),
        "checkout.session.async_payment_succeeded" => {
            objects::session(object, Some(SessionPayment::Paid)).map(Fact::Session)
        }
        "checkout.session.async_payment_failed" => {
            objects::session(object, Some(SessionPayment::Failed)).map(Fact::Session)
        }
        "invoice.paid" | "invoice.payment_succeeded" => {
            objects::invoice(object, true, created).map(Fact::Invoice)
        }
        "invoice.voided" => objects::invoice(object, false, created).map(Fact::Invoice),
        "invoice_payment.paid" => objects::invoice_payment(object).map(Fact::InvoicePayment),
        "charge.succeeded" | "charge.captured" | "charge.refunded" | "charge.updated" => {
            objects::charge(object, created).map(Fact::Charge)
        }
        "refund.created" | "refund.updated" | "refund.failed" | "charge.refund.updated" => {
            objects::refund(object).map(Fact::Refund)
        }
        "charge.dispute.created" | "charge.dispute.updated" => {
            objects::dispute(object, DisputeStep::Opened).map(Fact::Dispute)
        }
        "charge.dispute.funds_withdrawn" => {
            objects::dispute(object, DisputeStep::FundsWithdrawn).map(Fact::Dispute)
        }
        "charge.dispute.funds_reinstated" => {
            objects::dispute(object, DisputeStep::FundsReinstated).map(Fact::Dispute)
        }
        "charge.dispute.closed" => objects::dispute(object, DisputeStep::Closed).map(Fact::Dispute),
        "customer.created" | "customer.updated" => objects::customer(object).map(Fact::Customer),
        "customer.subscription.created" | "customer.subscription.updated" => {
            objects::subscription(object, None).map(Fact::Subscription)
        }
        "customer.subscription.deleted" => {
            objects::subscription(object, Some(created)).map(Fact::Subscription)
        }
        _ => return Reading::TypeNotHandled,
    };
    match fact {
        Ok(fact) => Reading::Facts(Box::new(EventFacts { event: id.to_owned(), created, fact })),
        Err(field) => Reading::Unreadable { field },
    }
}

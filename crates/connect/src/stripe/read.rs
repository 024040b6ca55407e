//! From an event's JSON to facts.
//!
//! A pure function that branches on the presence of fields, never on the version: fields
//! move between versions, and real events carry two generations at once (Stripe docs: API
//! upgrades; changelog 2025-03-31.basil).

use domain::clock::Timestamp;
use domain::coupons::CodeStatus;
use domain::facts::{AlertKind, DisputeStep, EventFacts, Fact, SessionPayment};
use serde_json::Value;

use super::{objects, promotion_codes, values};

/// What was read from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// Facts about a buyer.
    Facts(Box<EventFacts>),
    /// The status of a promotion code.
    PromotionCode {
        /// Its id.
        id: String,
        /// Its status.
        status: CodeStatus,
        /// The time of that status.
        at: Timestamp,
    },
    /// A coupon was deleted, and with it all its promotion codes ended.
    CouponDeleted {
        /// The coupon's id.
        id: String,
    },
    /// An event that names its object and carries none (Stripe docs: thin events).
    Thin {
        /// Stripe's id of the same event with its object.
        snapshot: Option<String>,
    },
    /// An event of a type that Honeyguide does not handle.
    TypeNotHandled,
    /// An event of a type that we handle whose content cannot be read.
    Unreadable {
        /// The field that is missing or malformed.
        field: &'static str,
    },
}

/// The types that are handled; an endpoint should send these.
pub const EVENT_TYPES: [&str; 31] = [
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
    "credit_note.created",
    "credit_note.updated",
    "credit_note.voided",
    "radar.early_fraud_warning.created",
    "review.opened",
    "review.closed",
    "promotion_code.updated",
    "coupon.deleted",
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

/// Whether an event about a Checkout Session says that Stripe sells as merchant of record (Stripe
/// docs: Managed Payments).
pub fn uses_managed_payments(event: &Value) -> bool {
    let place = ["data", "object", "managed_payments", "enabled"];
    place.iter().try_fold(event, |value, name| value.get(name)).and_then(Value::as_bool).unwrap_or(false)
}

/// Types that are read where an endpoint sends them, though none needs to.
const ALIAS_TYPES: [&str; 3] = ["invoice.payment_succeeded", "charge.updated", "charge.refund.updated"];

fn is_thin(event: &Value) -> bool {
    let is_v2 = event.get("object").and_then(Value::as_str).is_some_and(|object| object.starts_with("v2."));
    let has_object = event.get("data").and_then(|data| data.get("object")).is_some();
    is_v2 || (!has_object && event.get("related_object").is_some_and(Value::is_object))
}

fn handles(kind: &str) -> bool {
    EVENT_TYPES.contains(&kind) || ALIAS_TYPES.contains(&kind)
}

/// The account that an event names: `account`, or what thin events say instead.
pub fn account(event: &Value) -> Option<String> {
    values::account_id(event, &["account"]).or_else(|| values::account_id(event, &["context"]))
}

/// Reads an event.
pub fn read(event: &Value) -> Reading {
    let Some(id) = event.get("id").and_then(Value::as_str) else {
        return Reading::Unreadable { field: "id" };
    };
    let Some(kind) = event.get("type").and_then(Value::as_str) else {
        return Reading::Unreadable { field: "type" };
    };
    // A thin event about an object of v1 puts that before the type.
    if !handles(kind.strip_prefix("v1.").unwrap_or(kind)) {
        return Reading::TypeNotHandled;
    }
    if is_thin(event) {
        return Reading::Thin { snapshot: values::event_id(event, &["snapshot_event"]) };
    }
    let Some(object) = event.get("data").and_then(|data| data.get("object")) else {
        return Reading::Unreadable { field: "data.object" };
    };
    let Ok(Some(created)) = values::time(event, &["created"], "created") else {
        return Reading::Unreadable { field: "created" };
    };
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
        "charge.succeeded" | "charge.captured" => objects::charge(object, created, true).map(Fact::Charge),
        "charge.refunded" | "charge.updated" => objects::charge(object, created, false).map(Fact::Charge),
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
        "credit_note.created" | "credit_note.updated" => {
            objects::credit_note(object, false).map(Fact::CreditNote)
        }
        "credit_note.voided" => objects::credit_note(object, true).map(Fact::CreditNote),
        "radar.early_fraud_warning.created" => {
            objects::alert(object, AlertKind::EarlyFraudWarning, true).map(Fact::Alert)
        }
        "review.opened" => objects::alert(object, AlertKind::Review, true).map(Fact::Alert),
        "review.closed" => objects::alert(object, AlertKind::Review, false).map(Fact::Alert),
        "customer.created" | "customer.updated" => objects::customer(object).map(Fact::Customer),
        "customer.subscription.created" | "customer.subscription.updated" => {
            objects::subscription(object, None).map(Fact::Subscription)
        }
        "customer.subscription.deleted" => {
            objects::subscription(object, Some(created)).map(Fact::Subscription)
        }
        "promotion_code.updated" => {
            return match promotion_codes::status(object, created) {
                Ok((id, status)) => Reading::PromotionCode { id, status, at: created },
                Err(field) => Reading::Unreadable { field },
            };
        }
        "coupon.deleted" => {
            return values::id(object, &["id"])
                .map_or(Reading::Unreadable { field: "id" }, |id| Reading::CouponDeleted { id });
        }
        _ => return Reading::TypeNotHandled,
    };
    match fact {
        Ok(fact) => Reading::Facts(Box::new(EventFacts { event: id.to_owned(), created, fact })),
        Err(field) => Reading::Unreadable { field },
    }
}

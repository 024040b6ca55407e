//! One pure function per object of Stripe. Every field is optional until a rule needs it;
//! an id may be an expanded object.

use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::facts::{
    Carried, Carrier, ChargeFact, ChargeInvoice, CustomerFact, DisputeFact, DisputeStatus, DisputeStep,
    Hints, InvoiceFact, InvoicePaymentFact, RefundFact, RefundStatus, SessionFact, SessionPayment,
    SubscriptionFact, SubscriptionStatus,
};
use domain::money::{Currency, share};
use serde_json::Value;

/// The field that is missing.
type Missing = &'static str;

/// Follows a path of keys; null is absent.
fn at<'v>(value: &'v Value, path: &[&str]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, key| value.get(key)).filter(|value| !value.is_null())
}

fn text(value: &Value, path: &[&str]) -> Option<String> {
    // Postgres keeps no NUL.
    let plain = |text: &&str| !text.is_empty() && !text.contains('\0');
    at(value, path).and_then(Value::as_str).filter(plain).map(str::to_owned)
}

/// Longer ids are not Stripe's, and no index would take them.
const LONGEST_ID: usize = 255;

fn integer(value: &Value, path: &[&str]) -> Option<i64> {
    at(value, path).and_then(Value::as_i64)
}

fn time(value: &Value, path: &[&str]) -> Option<Timestamp> {
    integer(value, path).map(Timestamp::from_seconds)
}

/// An id, or the id of an expanded object.
fn id_of(value: &Value) -> Option<String> {
    let id = if value.is_object() { text(value, &["id"]) } else { text(value, &[]) };
    id.filter(|id| id.len() <= LONGEST_ID)
}

fn id(value: &Value, path: &[&str]) -> Option<String> {
    at(value, path).and_then(id_of)
}

fn own_id(value: &Value) -> Result<String, Missing> {
    id_of(value).ok_or("data.object.id")
}

fn currency(value: &Value) -> Option<Currency> {
    text(value, &["currency"]).and_then(|code| code.parse().ok())
}

fn list<'v>(value: &'v Value, path: &[&str]) -> &'v [Value] {
    at(value, path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Every value of the metadata that is one of our tokens, under whatever key: a value is
/// only ever looked up as a token, so a program's older key keeps working.
fn tokens_in(metadata: Option<&Value>, carrier: Carrier) -> Vec<Carried> {
    let Some(Value::Object(entries)) = metadata else { return Vec::new() };
    entries
        .values()
        .filter_map(Value::as_str)
        .filter_map(|value| value.trim().parse::<ClickToken>().ok())
        .map(|token| Carried { carrier, token })
        .collect()
}

fn emails(value: &Value, paths: &[&[&str]]) -> Vec<domain::emails::Email> {
    let mut found = Vec::new();
    for email in paths.iter().filter_map(|path| text(value, path)).filter_map(|text| text.parse().ok()) {
        if !found.contains(&email) {
            found.push(email);
        }
    }
    found
}

/// The country of the first address that names one.
fn country(value: &Value, paths: &[&[&str]]) -> Option<String> {
    paths.iter().find_map(|path| text(value, path)).and_then(|code| domain::clicks::country(&code))
}

/// Promotion codes in any of the places where discounts stand: `discounts[]` (ids only,
/// or expanded) and the older single `discount`.
fn promotion_codes(value: &Value) -> Vec<String> {
    let single = at(value, &["discount"]).into_iter();
    let mut codes: Vec<String> = list(value, &["discounts"])
        .iter()
        .chain(single)
        .filter_map(|discount| id(discount, &["promotion_code"]))
        .collect();
    codes.dedup();
    codes
}

pub(super) fn session(value: &Value, says: Option<SessionPayment>) -> Result<SessionFact, Missing> {
    let payment = says.unwrap_or_else(|| match text(value, &["payment_status"]).as_deref() {
        Some("paid") => SessionPayment::Paid,
        Some("no_payment_required") => SessionPayment::NoneRequired,
        _ => SessionPayment::Unpaid,
    });
    let mut tokens = tokens_in(at(value, &["metadata"]), Carrier::SessionMetadata);
    let reference = text(value, &["client_reference_id"]).and_then(|text| text.parse().ok());
    tokens.extend(reference.map(|token| Carried { carrier: Carrier::ClientReference, token }));
    let presented = integer(value, &["amount_total"]).unwrap_or(0);
    // Old sessions with Adaptive Pricing carry the merchant's own total apart; tax and
    // shipping stand in the buyer's currency and are taken in proportion.
    let converted = at(value, &["currency_conversion"]);
    let own_total = converted.and_then(|c| integer(c, &["amount_total"]));
    let in_own = |amount: i64| match own_total {
        Some(total) => share(amount, total, presented, 1).unwrap_or(0),
        None => amount,
    };
    let source = converted.and_then(|c| text(c, &["source_currency"])).and_then(|code| code.parse().ok());
    let tax = integer(value, &["total_details", "amount_tax"]).unwrap_or(0);
    let shipping = integer(value, &["total_details", "amount_shipping"])
        .or_else(|| integer(value, &["shipping_cost", "amount_subtotal"]))
        .unwrap_or(0);
    Ok(SessionFact {
        id: own_id(value)?,
        subscription_mode: text(value, &["mode"]).as_deref() == Some("subscription"),
        payment,
        invoice: id(value, &["invoice"]),
        payment_intent: id(value, &["payment_intent"]),
        customer: id(value, &["customer"]),
        subscription: id(value, &["subscription"]),
        amount_total: own_total.unwrap_or(presented),
        amount_tax: in_own(tax),
        amount_shipping: in_own(shipping),
        currency: source.or_else(|| currency(value)),
        hints: Hints {
            tokens,
            promotion_codes: promotion_codes(value),
            emails: emails(value, &[&["customer_details", "email"], &["customer_email"]]),
            country: country(value, &[&["customer_details", "address", "country"]]),
        },
    })
}

pub(super) fn invoice(value: &Value, paid: bool, created: Timestamp) -> Result<InvoiceFact, Missing> {
    let lines = list(value, &["lines", "data"]);
    let subscription = id(value, &["subscription"])
        .or_else(|| id(value, &["parent", "subscription_details", "subscription"]))
        .or_else(|| {
            lines.iter().find_map(|line| id(line, &["parent", "subscription_item_details", "subscription"]))
        })
        .or_else(|| lines.iter().find_map(|line| id(line, &["subscription"])));
    let subscription_metadata = at(value, &["subscription_details", "metadata"])
        .or_else(|| at(value, &["parent", "subscription_details", "metadata"]));
    let mut tokens = tokens_in(subscription_metadata, Carrier::SubscriptionMetadata);
    for line in lines {
        tokens.extend(tokens_in(at(line, &["metadata"]), Carrier::SubscriptionMetadata));
    }
    tokens.extend(tokens_in(at(value, &["metadata"]), Carrier::InvoiceMetadata));
    tokens.sort();
    tokens.dedup();
    let total = integer(value, &["total"]).unwrap_or(0);
    let payments = list(value, &["payments", "data"]);
    let paid_by = |key: &str| -> Vec<String> {
        let mut ids: Vec<String> = id(value, &[key]).into_iter().collect();
        ids.extend(payments.iter().filter_map(|payment| id(payment, &["payment", key])));
        ids.dedup();
        ids
    };
    Ok(InvoiceFact {
        id: own_id(value)?,
        paid,
        customer: id(value, &["customer"]),
        subscription,
        payment_intents: paid_by("payment_intent"),
        charges: paid_by("charge"),
        amount_paid: integer(value, &["amount_paid"]).ok_or("amount_paid")?,
        total,
        total_excluding_tax: total.saturating_sub(tax(value, total)),
        amount_shipping: integer(value, &["amount_shipping"]).unwrap_or(0),
        currency: currency(value).ok_or("currency")?,
        paid_at: time(value, &["status_transitions", "paid_at"]).unwrap_or(created),
        period_start: lines.iter().filter_map(|line| time(line, &["period", "start"])).max(),
        billing_reason: text(value, &["billing_reason"]),
        label: lines.iter().find_map(|line| text(line, &["description"])).map(|text| clipped(&text)),
        hints: Hints {
            tokens,
            promotion_codes: promotion_codes(value),
            emails: emails(value, &[&["customer_email"]]),
            country: country(value, &[&["customer_address", "country"]]),
        },
    })
}

/// The tax in a total: the first of the fields that exists, never two of them, since
/// real invoices carry both generations at once.
fn tax(value: &Value, total: i64) -> i64 {
    let sum = |key: &str| {
        at(value, &[key]).and_then(Value::as_array).map(|taxes| {
            taxes.iter().filter_map(|tax| integer(tax, &["amount"])).fold(0, i64::saturating_add)
        })
    };
    integer(value, &["total_excluding_tax"])
        .map(|excluding| total.saturating_sub(excluding))
        .or_else(|| integer(value, &["tax"]))
        .or_else(|| sum("total_tax_amounts"))
        .or_else(|| sum("total_taxes"))
        .unwrap_or(0)
}

pub(super) fn invoice_payment(value: &Value) -> Result<InvoicePaymentFact, Missing> {
    Ok(InvoicePaymentFact {
        id: own_id(value)?,
        invoice: id(value, &["invoice"]).ok_or("invoice")?,
        payment_intent: id(value, &["payment", "payment_intent"]),
        charge: id(value, &["payment", "charge"]),
    })
}

pub(super) fn charge(value: &Value, created: Timestamp) -> Result<ChargeFact, Missing> {
    let captured = at(value, &["captured"]).and_then(Value::as_bool).unwrap_or(true);
    let amount = integer(value, &["amount"]).ok_or("amount")?;
    let succeeded = text(value, &["status"]).is_none_or(|status| status == "succeeded");
    Ok(ChargeFact {
        id: own_id(value)?,
        succeeded,
        payment_intent: id(value, &["payment_intent"]),
        invoice: match value.get("invoice") {
            Some(Value::Null) => ChargeInvoice::None,
            invoice => invoice.and_then(id_of).map_or(ChargeInvoice::Unsaid, ChargeInvoice::Is),
        },
        customer: id(value, &["customer"]),
        amount,
        amount_captured: integer(value, &["amount_captured"]).unwrap_or(if captured { amount } else { 0 }),
        captured,
        amount_refunded: integer(value, &["amount_refunded"]).unwrap_or(0),
        currency: currency(value).ok_or("currency")?,
        charged_at: time(value, &["created"]).unwrap_or(created),
        label: text(value, &["description"]).map(|text| clipped(&text)),
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::ChargeMetadata),
            promotion_codes: Vec::new(),
            emails: emails(value, &[&["billing_details", "email"], &["receipt_email"]]),
            country: country(value, &[&["billing_details", "address", "country"]]),
        },
    })
}

pub(super) fn refund(value: &Value) -> Result<RefundFact, Missing> {
    Ok(RefundFact {
        id: own_id(value)?,
        charge: id(value, &["charge"]),
        payment_intent: id(value, &["payment_intent"]),
        amount: integer(value, &["amount"]).ok_or("amount")?,
        status: match text(value, &["status"]).as_deref() {
            Some("failed" | "canceled") => RefundStatus::Failed,
            Some("pending" | "requires_action") => RefundStatus::Pending,
            _ => RefundStatus::Succeeded,
        },
        currency: currency(value).ok_or("currency")?,
    })
}

pub(super) fn dispute(value: &Value, step: DisputeStep) -> Result<DisputeFact, Missing> {
    Ok(DisputeFact {
        id: own_id(value)?,
        charge: id(value, &["charge"]),
        payment_intent: id(value, &["payment_intent"]),
        amount: integer(value, &["amount"]).ok_or("amount")?,
        status: text(value, &["status"])
            .and_then(|word| DisputeStatus::from_word(&word))
            .unwrap_or(DisputeStatus::Unknown),
        step,
        currency: currency(value).ok_or("currency")?,
    })
}

pub(super) fn customer(value: &Value) -> Result<CustomerFact, Missing> {
    Ok(CustomerFact {
        id: own_id(value)?,
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::CustomerMetadata),
            promotion_codes: promotion_codes(value),
            emails: emails(value, &[&["email"]]),
            country: country(value, &[&["address", "country"]]),
        },
    })
}

pub(super) fn subscription(value: &Value, deleted: Option<Timestamp>) -> Result<SubscriptionFact, Missing> {
    let ended_at = deleted.map(|created| {
        time(value, &["ended_at"]).or_else(|| time(value, &["canceled_at"])).unwrap_or(created)
    });
    Ok(SubscriptionFact {
        id: own_id(value)?,
        customer: id(value, &["customer"]),
        status: text(value, &["status"])
            .and_then(|word| SubscriptionStatus::from_word(&word))
            .unwrap_or(SubscriptionStatus::Unknown),
        ended_at,
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::SubscriptionMetadata),
            promotion_codes: promotion_codes(value),
            emails: Vec::new(),
            country: None,
        },
    })
}

/// The longest description that is kept.
const LONGEST_LABEL: usize = 120;

fn clipped(text: &str) -> String {
    domain::clicks::clipped(text, LONGEST_LABEL)
}

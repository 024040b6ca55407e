//! Reads Stripe's objects into facts: one pure function per object.

use domain::clock::Timestamp;
use domain::facts::{
    AlertFact, AlertKind, Carried, Carrier, ChargeFact, ChargeInvoice, CreditNoteFact, CustomerFact,
    DisputeFact, DisputeStatus, DisputeStep, Hints, InvoiceFact, InvoicePaymentFact, RefundFact,
    RefundStatus, SessionFact, SessionPayment, SubscriptionFact, SubscriptionStatus,
};
use domain::money::share;
use serde_json::Value;

use super::items::items;
use super::values::{
    Missing, aliases, at, clipped, country, currency, customer_of, emails, id, id_of, integer, list, own_id,
    promotion_codes, text, time, tokens_in,
};

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
        customer: customer_of(value),
        subscription: id(value, &["subscription"]),
        amount_total: own_total.unwrap_or(presented),
        amount_tax: in_own(tax),
        amount_shipping: in_own(shipping),
        currency: source.or_else(|| currency(value)),
        created_at: time(value, &["created"], "data.object.created")?,
        hints: Hints {
            aliases: aliases(value, &[&["customer_account"], &["recovered_from"]]),
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
    let (amount_paid, outside_stripe) = paid_amounts(value)?;
    let mut period_starts = Vec::new();
    let mut billed_starts = Vec::new();
    for line in lines {
        if let Some(start) = time(line, &["period", "start"], "lines.data.period.start")? {
            period_starts.push(start);
            // A credit for an earlier period bills nothing for it.
            if integer(line, &["amount"]).is_none_or(|amount| amount > 0) {
                billed_starts.push(start);
            }
        }
    }
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
        customer: customer_of(value),
        subscription,
        payment_intents: paid_by("payment_intent"),
        charges: paid_by("charge"),
        amount_paid,
        outside_stripe,
        starting_balance: integer(value, &["starting_balance"]).unwrap_or(0),
        total,
        total_excluding_tax: total.saturating_sub(tax(value, total)),
        amount_shipping: integer(value, &["amount_shipping"]).unwrap_or(0),
        currency: currency(value).ok_or("currency")?,
        created_at: time(value, &["created"], "data.object.created")?,
        paid_at: time(value, &["status_transitions", "paid_at"], "status_transitions.paid_at")?
            .unwrap_or(created),
        period_start: billed_starts.iter().min().or_else(|| period_starts.iter().min()).copied(),
        latest_period_start: period_starts.iter().max().copied(),
        billing_reason: text(value, &["billing_reason"]),
        label: lines.iter().find_map(|line| text(line, &["description"])).map(|text| clipped(&text)),
        items: items(value),
        hints: Hints {
            tokens,
            promotion_codes: promotion_codes(value),
            aliases: aliases(value, &[&["customer_account"]]),
            emails: emails(value, &[&["customer_email"]]),
            country: country(value, &[&["customer_address", "country"]]),
        },
    })
}

/// What was paid, and how much of it outside Stripe. Up to 2025-02-24.acacia `amount_paid`
/// leaves out what was paid out of band, from basil on it counts it (changelog
/// 2025-03-31.basil); `amount_paid_off_stripe` says how much since 2026-05-27.dahlia.
fn paid_amounts(value: &Value) -> Result<(i64, Option<i64>), Missing> {
    let paid = integer(value, &["amount_paid"]).ok_or("amount_paid")?;
    if let Some(outside) = integer(value, &["amount_paid_off_stripe"]) {
        return Ok((paid, Some(outside)));
    }
    match at(value, &["paid_out_of_band"]).and_then(Value::as_bool) {
        Some(true) => {
            let due = integer(value, &["amount_due"]).unwrap_or(paid);
            Ok((paid.max(due), Some(if paid < due { due.saturating_sub(paid) } else { paid })))
        }
        Some(false) => Ok((paid, Some(0))),
        None => Ok((paid, None)),
    }
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
        payment_record: id(value, &["payment", "payment_record"])
            .or_else(|| is_record(value).then(|| "payment_record".to_owned())),
        amount_paid: integer(value, &["amount_paid"]),
    })
}

fn is_record(value: &Value) -> bool {
    text(value, &["payment", "type"]).as_deref() == Some("payment_record")
}

/// `settled` when the event reports that the money has just arrived.
pub(super) fn charge(value: &Value, created: Timestamp, settled: bool) -> Result<ChargeFact, Missing> {
    let captured = at(value, &["captured"]).and_then(Value::as_bool).unwrap_or(true);
    let amount = integer(value, &["amount"]).ok_or("amount")?;
    let succeeded = text(value, &["status"]).is_none_or(|status| status == "succeeded");
    Ok(ChargeFact {
        id: own_id(value)?,
        succeeded,
        payment_intent: id(value, &["payment_intent"]),
        invoice: match value.get("invoice") {
            Some(Value::Null) => ChargeInvoice::None,
            invoice => invoice.and_then(id_of).map_or(ChargeInvoice::Unknown, ChargeInvoice::Is),
        },
        customer: customer_of(value),
        amount,
        amount_captured: integer(value, &["amount_captured"]).unwrap_or(if captured { amount } else { 0 }),
        captured,
        amount_refunded: integer(value, &["amount_refunded"]).unwrap_or(0),
        currency: currency(value).ok_or("currency")?,
        charged_at: time(value, &["created"], "data.object.created")?.unwrap_or(created),
        settled_at: settled.then_some(created),
        label: text(value, &["description"]).map(|text| clipped(&text)),
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::ChargeMetadata),
            promotion_codes: Vec::new(),
            aliases: aliases(value, &[&["customer_account"]]),
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
            // An authorization that ran out: nothing that was captured goes back.
            _ if text(value, &["reason"]).as_deref() == Some("expired_uncaptured_charge") => {
                RefundStatus::Failed
            }
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
        taken: taken(value),
        status: text(value, &["status"])
            .and_then(|word| DisputeStatus::from_word(&word))
            .unwrap_or(DisputeStatus::Unknown),
        step,
        currency: currency(value).ok_or("currency")?,
    })
}

/// The sum of a dispute's balance transactions in its own currency. They are in the
/// account's; where that is another one, the share that came back is taken.
fn taken(value: &Value) -> Option<i64> {
    let transactions = list(value, &["balance_transactions"]);
    let sum = |sign: i64| {
        let amounts = transactions.iter().filter_map(|one| integer(one, &["amount"]));
        amounts.map(|amount| amount.saturating_mul(sign).max(0)).fold(0, i64::saturating_add)
    };
    let (withdrawn, reinstated) = (sum(-1), sum(1));
    if withdrawn == 0 {
        return None;
    }
    let left = withdrawn.saturating_sub(reinstated).max(0);
    if transactions.iter().all(|one| currency(one) == currency(value)) {
        return Some(left);
    }
    share(integer(value, &["amount"])?, left, withdrawn, 1)
}

pub(super) fn alert(value: &Value, alert: AlertKind, open: bool) -> Result<AlertFact, Missing> {
    let (charge, payment_intent) = (id(value, &["charge"]), id(value, &["payment_intent"]));
    if charge.is_none() && payment_intent.is_none() {
        return Err("charge");
    }
    Ok(AlertFact { id: own_id(value)?, alert, charge, payment_intent, open })
}

pub(super) fn credit_note(value: &Value, voided: bool) -> Result<CreditNoteFact, Missing> {
    Ok(CreditNoteFact {
        id: own_id(value)?,
        invoice: id(value, &["invoice"]).ok_or("invoice")?,
        customer: customer_of(value),
        outside_stripe: integer(value, &["out_of_band_amount"]).unwrap_or(0),
        voided: voided || text(value, &["status"]).as_deref() == Some("void"),
        currency: currency(value).ok_or("currency")?,
    })
}

pub(super) fn customer(value: &Value) -> Result<CustomerFact, Missing> {
    Ok(CustomerFact {
        id: own_id(value)?,
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::CustomerMetadata),
            promotion_codes: promotion_codes(value),
            aliases: aliases(value, &[&["customer_account"]]),
            emails: emails(value, &[&["email"]]),
            country: country(value, &[&["address", "country"]]),
        },
    })
}

pub(super) fn subscription(value: &Value, deleted: Option<Timestamp>) -> Result<SubscriptionFact, Missing> {
    let ended_at = match deleted {
        Some(created) => Some(
            time(value, &["ended_at"], "ended_at")?
                .or(time(value, &["canceled_at"], "canceled_at")?)
                .unwrap_or(created),
        ),
        None => None,
    };
    Ok(SubscriptionFact {
        id: own_id(value)?,
        customer: customer_of(value),
        status: text(value, &["status"])
            .and_then(|word| SubscriptionStatus::from_word(&word))
            .unwrap_or(SubscriptionStatus::Unknown),
        created_at: time(value, &["created"], "data.object.created")?,
        ended_at,
        hints: Hints {
            tokens: tokens_in(at(value, &["metadata"]), Carrier::SubscriptionMetadata),
            promotion_codes: promotion_codes(value),
            aliases: aliases(value, &[&["customer_account"]]),
            emails: Vec::new(),
            country: None,
        },
    })
}

//! Payments with difficult amounts, times or customers: each with events of every API version, in
//! several orders, and with a clock that advances between them.

mod customers;
mod events;
mod outside_stripe;
mod refunds;
mod times;

use domain::terms::Terms;
use serde_json::{Value, json};

use crate::harness::TERMS;
use crate::ledger::timeline::{Clicks, Timeline, day, with};

/// A click of Mira's a day before everything.
const MIRA: [(&str, &str, i64); 1] = [("a", "mira", day(-1))];
const RECORD: &str = "payment_record";

/// The usual terms, under which payments outside Stripe earn too.
fn outside() -> Terms {
    Terms { outside_stripe: true, ..TERMS }
}

fn reference(token: &str) -> Value {
    json!({"client_reference_id": token})
}

fn metadata(token: &str) -> Value {
    json!({"metadata": {"honeyguide_click": token}})
}

/// How an invoice names a payment outside Stripe.
fn record() -> Value {
    json!({"type": RECORD, "payment_record": "pr_1"})
}

/// A charge of 100.00 with the token of click `a`.
fn add_sale(s: &mut Timeline, c: &Clicks) {
    let charge = with(s.charge(1, 10_000, day(0), None), metadata(&c["a"]));
    s.add(day(0), "charge.succeeded", charge);
}

//! Payments that are made outside Stripe, and what is given back there.

use serde_json::json;

use super::{MIRA, metadata, outside, record, reference};
use crate::harness::TERMS;
use crate::ledger::timeline::{Clicks, Timeline, check, day, with};

/// An invoice of 100.00 that is marked as paid outside Stripe, with its record.
fn add_out_of_band(s: &mut Timeline, at: i64) {
    let invoice = s.out_of_band(s.manual_invoice(9, 10_000, at));
    s.add(at, "invoice.paid", invoice);
    s.add_link(at, 9, 9, 10_000, record());
}

fn sold_by_checkout(s: &mut Timeline, c: &Clicks) {
    let session = with(s.session(1, 10_000, day(0)), reference(&c["a"]));
    s.add(day(0), "checkout.session.completed", session);
    let charge = s.charge(1, 10_000, day(0), None);
    s.add(day(0), "charge.succeeded", charge);
    add_out_of_band(s, day(0) + 20);
}

fn sold_by_intent(s: &mut Timeline, c: &Clicks) {
    let charge = with(s.charge(1, 10_000, day(0), None), metadata(&c["a"]));
    s.add(day(0), "charge.succeeded", charge);
    add_out_of_band(s, day(0) + 20);
}

#[tokio::test]
async fn a_payment_and_the_invoice_marked_as_paid_after_it_are_one_payment() {
    // Without a word about the two being one, the invoice of the older shapes was paid with
    // nothing, and stands beside the sale.
    check(outside(), &MIRA, |_| vec!["mira 2000 usd by client_reference"], sold_by_checkout).await;
    check(outside(), &MIRA, |_| vec!["mira 2000 usd by metadata"], sold_by_intent).await;
    check(TERMS, &MIRA, |_| vec!["mira 2000 usd by client_reference"], sold_by_checkout).await;
    check(TERMS, &MIRA, |_| vec!["mira 2000 usd by metadata"], sold_by_intent).await;
}

#[tokio::test]
async fn payments_outside_stripe_earn_if_the_terms_say_so() {
    let timeline = |s: &mut Timeline, c: &Clicks| {
        let at = day(0);
        let invoice = s.out_of_band(with(s.manual_invoice(9, 10_000, at), metadata(&c["a"])));
        s.add(at, "invoice.paid", invoice);
        s.add_link(at, 9, 9, 10_000, record());
    };
    check(TERMS, &MIRA, |_| vec!["no commission: paid_outside_stripe"], timeline).await;
    check(outside(), &MIRA, |_| vec!["mira 2000 usd by metadata"], timeline).await;
}

#[tokio::test]
async fn a_credit_note_counts_what_was_given_back_outside_stripe() {
    check(TERMS, &MIRA, |_| vec!["mira 1200 usd by metadata"], |s, c| {
        let invoice = with(s.manual_invoice(1, 10_000, day(0)), metadata(&c["a"]));
        s.add(day(0), "invoice.paid", invoice);
        for (number, outside, refund) in [(1, 4_000, None), (2, 0, Some("re_1"))] {
            let note = json!({
                "id": format!("cn_{number}"), "object": "credit_note", "invoice": "in_1", "customer": "cus_1",
                "amount": 4_000, "out_of_band_amount": outside, "currency": "usd", "status": "issued",
                "refund": refund,
            });
            s.add(day(3), "credit_note.created", note);
        }
    })
    .await;
}

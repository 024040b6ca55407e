//! Refunds, disputes, expired authorizations and fraud warnings.

use serde_json::json;

use super::{MIRA, add_sale, metadata, record};
use crate::harness::TERMS;
use crate::ledger::timeline::{Clicks, Shape, Timeline, check, day, with};

#[tokio::test]
async fn a_refund_takes_its_share_of_all_that_was_paid() {
    // 40.00 by card and 60.00 outside Stripe; the card is refunded.
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 1200 usd by metadata"],
        |s, c| {
            let invoice = with(s.manual_invoice(1, 10_000, day(0)), metadata(&c["a"]));
            let partly = match s.shape {
                Shape::Floor | Shape::Acacia => {
                    json!({"amount_paid": 4_000, "amount_remaining": 6_000, "paid_out_of_band": true})
                }
                Shape::Clover => json!({}),
                Shape::Endive => json!({"amount_paid_off_stripe": 6_000}),
            };
            s.add(day(0), "invoice.paid", with(invoice, partly));
            let charge = s.charge(1, 4_000, day(0), Some("in_1"));
            s.add(day(0), "charge.succeeded", charge.clone());
            s.add_link(day(0), 1, 1, 4_000, json!({"type": "payment_intent", "payment_intent": "pi_1"}));
            s.add_link(day(0), 2, 1, 6_000, record());
            s.add(
                day(3),
                "charge.refunded",
                with(charge, json!({"amount_refunded": 4_000, "refunded": true})),
            );
        },
    )
    .await;
}

/// A sale of 100.00 by a click.
#[tokio::test]
async fn the_newest_status_of_a_dispute_counts() {
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            add_sale(s, c);
            for (at, kind, status) in [
                (day(2), "charge.dispute.created", "needs_response"),
                (day(2), "charge.dispute.funds_withdrawn", "needs_response"),
                (day(20), "charge.dispute.closed", "lost"),
                (day(30), "charge.dispute.updated", "appeal_under_review"),
                (day(40), "charge.dispute.funds_reinstated", "won"),
            ] {
                let dispute = s.dispute(1, 10_000, status);
                s.add(at, kind, dispute);
            }
        },
    )
    .await;
}

#[tokio::test]
async fn a_disputes_money_is_what_its_balance_transactions_say() {
    // 40.00 had been refunded; the bank gives 60.00 of 100.00 back.
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 1200 usd by metadata"],
        |s, c| {
            add_sale(s, c);
            let withdrawn = json!({"amount": -10_000, "currency": "usd"});
            let reinstated = json!({"amount": 6_000, "currency": "usd"});
            let taken =
                with(s.dispute(1, 10_000, "needs_response"), json!({"balance_transactions": [withdrawn]}));
            s.add(day(2), "charge.dispute.funds_withdrawn", taken);
            let transactions = json!({"balance_transactions": [withdrawn, reinstated]});
            let won = with(s.dispute(1, 10_000, "won"), transactions);
            s.add(day(20), "charge.dispute.funds_reinstated", won);
        },
    )
    .await;
}

#[tokio::test]
async fn an_expired_authorization_reverses_nothing() {
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            add_sale(s, c);
            let refund = json!({
                "id": "re_1", "object": "refund", "charge": "ch_1", "payment_intent": "pi_1", "amount": 2_000,
                "currency": "usd", "status": "succeeded", "reason": "expired_uncaptured_charge",
            });
            s.add(day(7), "refund.created", refund);
        },
    )
    .await;
}

#[tokio::test]
async fn a_commission_is_held_for_a_reason() {
    let expect = async |timeline: fn(&mut Timeline, &Clicks), expected: &'static str| {
        check(TERMS, &MIRA, |_| vec![expected], timeline).await;
    };
    let held = "mira 2000 usd by metadata, held";
    let own = |s: &mut Timeline, c: &Clicks| {
        let email = json!({"billing_details": {"email": "Mira@affiliates.example"}});
        let charge = with(with(s.charge(1, 10_000, day(0), None), metadata(&c["a"])), email);
        s.add(day(0), "charge.succeeded", charge);
    };
    expect(own, held).await;
    let review = |s: &mut Timeline, c: &Clicks| {
        add_sale(s, c);
        s.add(
            day(0),
            "review.opened",
            json!({"id": "prv_1", "object": "review", "charge": "ch_1", "open": true}),
        );
    };
    expect(review, held).await;
    let closed = |s: &mut Timeline, c: &Clicks| {
        add_sale(s, c);
        for (at, kind) in [(day(0), "review.opened"), (day(2), "review.closed")] {
            s.add(at, kind, json!({"id": "prv_1", "object": "review", "charge": "ch_1"}));
        }
    };
    expect(closed, "mira 2000 usd by metadata").await;
    let warned = |s: &mut Timeline, c: &Clicks| {
        add_sale(s, c);
        let warning = json!({"id": "issfr_1", "object": "radar.early_fraud_warning", "charge": "ch_1"});
        s.add(day(1), "radar.early_fraud_warning.created", warning);
    };
    expect(warned, held).await;
}

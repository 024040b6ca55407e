//! When something was ordered, paid or ended, where Stripe reports several times.

use domain::terms::{Recurrence, Terms};
use serde_json::json;

use super::{MIRA, add_sale, metadata, reference};
use crate::harness::{TERMS, lasting};
use crate::ledger::timeline::{check, day, line, with};

#[tokio::test]
async fn a_bank_debit_and_its_renewal_are_counted_once() {
    let expected = |_| vec!["mira 2000 usd by client_reference", "mira 2600 usd by known_customer"];
    check(TERMS, &MIRA, expected, |s, c| {
        let session = with(s.subscription_session(1, 10_000, day(0)), reference(&c["a"]));
        s.add(day(0), "checkout.session.completed", with(session, json!({"payment_status": "unpaid"})));
        // No invoice_payment.paid: the endpoint was created manually.
        for (number, amount, began, paid) in [(1, 10_000, 0, 5), (2, 13_000, 31, 36)] {
            let charge = s.charge(number, amount, day(began), Some(&format!("in_{number}")));
            s.add(day(paid), "charge.succeeded", charge);
            let reason = if number == 1 { "subscription_create" } else { "subscription_cycle" };
            let invoice = s.invoice(number, amount, day(paid) + 3, reason);
            s.add(day(paid) + 4, "invoice.paid", with(invoice, json!({"created": day(began)})));
        }
    })
    .await;
}

#[tokio::test]
async fn the_final_invoice_of_a_canceled_subscription_earns() {
    let expected = |_| vec!["mira 2000 usd by metadata", "mira 400 usd by known_customer"];
    check(TERMS, &MIRA, expected, |s, c| {
        let first = with(s.invoice(1, 10_000, day(0), "subscription_create"), metadata(&c["a"]));
        s.add(day(0), "invoice.paid", first);
        let ended =
            with(s.subscription("canceled", day(0)), json!({"ended_at": day(10), "canceled_at": day(10)}));
        s.add(day(10), "customer.subscription.deleted", ended);
        let last = s.invoice(2, 2_000, day(10) + 5, "subscription_update");
        let lines = json!({"lines": {"data": [line(3_000, day(0)), line(-1_000, day(10))]}});
        s.add(day(10) + 5, "invoice.paid", with(last, lines));
    })
    .await;
}

#[tokio::test]
async fn the_window_is_measured_to_the_order_not_to_the_money() {
    let week = Terms { window_days: 7, ..TERMS };
    // A bank debit ordered on day 6, whose money comes on day 11.
    check(
        week.clone(),
        &[("a", "mira", day(0))],
        |_| vec!["mira 2000 usd by client_reference"],
        |s, c| {
            let session = with(s.session(1, 10_000, day(6)), reference(&c["a"]));
            s.add(
                day(6),
                "checkout.session.completed",
                with(session.clone(), json!({"payment_status": "unpaid"})),
            );
            let charge = s.charge(1, 10_000, day(6), None);
            s.add(day(11), "charge.succeeded", charge);
            s.add(day(11), "checkout.session.async_payment_succeeded", session);
        },
    )
    .await;
    // A subscription that begins on day 6, whose invoice is due in 20 days.
    check(
        week,
        &[("a", "mira", day(0))],
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            let subscription = with(s.subscription("active", day(6)), metadata(&c["a"]));
            s.add(day(6), "customer.subscription.created", subscription);
            let invoice = s.invoice(1, 10_000, day(26), "subscription_create");
            s.add(day(26), "invoice.paid", with(invoice, json!({"created": day(6)})));
        },
    )
    .await;
}

#[tokio::test]
async fn months_are_counted_by_subscription_periods() {
    let month = lasting(Recurrence::Months { months: 1 });
    // 31 January 2027, 2:00 in UTC, and 28 February, 3:01.
    let (first, second) = (1_801_360_800, 1_803_783_660);
    let expected = |_| vec!["mira 200 usd by metadata", "no commission: recurrence_over"];
    check(month.clone(), &[("a", "mira", first - 60)], expected, |s, c| {
        s.add(
            first,
            "invoice.paid",
            with(s.invoice(1, 1_000, first, "subscription_create"), metadata(&c["a"])),
        );
        let lines = json!({"lines": {"data": [line(1_000, second - 3_660)]}});
        s.add(second, "invoice.paid", with(s.invoice(2, 1_000, second, "subscription_cycle"), lines));
    })
    .await;
    check(month, &[("a", "mira", first - 60)], expected, |s, c| {
        s.add(first, "charge.succeeded", with(s.charge(1, 1_000, first, None), metadata(&c["a"])));
        s.add(second, "charge.succeeded", s.charge(2, 1_000, second, None));
    })
    .await;
}

#[tokio::test]
async fn a_balance_from_before_earns_when_it_is_paid() {
    let expected = |_| vec!["no commission: amount_zero", "mira 2100 usd by known_customer"];
    check(TERMS, &MIRA, expected, |s, c| {
        let below = json!({"amount_due": 0, "amount_paid": 0, "ending_balance": 500});
        let small = with(with(s.invoice(1, 500, day(0), "subscription_create"), below), metadata(&c["a"]));
        s.add(day(0), "invoice.paid", small);
        let carried = json!({"starting_balance": 500, "amount_due": 10_500, "amount_paid": 10_500});
        let next = with(s.invoice(2, 10_000, day(31), "subscription_cycle"), carried);
        s.add(day(31), "invoice.paid", next);
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_time_changes_no_commission() {
    check(
        TERMS,
        &MIRA,
        |_| vec!["mira 2000 usd by metadata"],
        |s, c| {
            add_sale(s, c);
            let session = with(s.session(1, 10_000, day(0)), reference(&c["a"]));
            let broken = json!({"type": "checkout.session.completed", "created": "yesterday"});
            s.add_with(day(1), broken, session.clone());
            let broken = json!({"type": "checkout.session.completed"});
            s.add_with(day(1), broken, with(session, json!({"created": "2026-03-02"})));
        },
    )
    .await;
}

#[tokio::test]
async fn clocks_may_differ_by_some_minutes() {
    check(TERMS, &[("a", "mira", day(0) + 100)], |_| vec!["mira 2000 usd by metadata"], add_sale).await;
    let expected = |_| vec!["no commission: click_after_payment"];
    check(TERMS, &[("a", "mira", day(0) + 400)], expected, add_sale).await;
}

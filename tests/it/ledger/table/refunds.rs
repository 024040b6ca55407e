//! Refunds, disputes and cancellations.

use sandbox::{Cancel, Verdict};

use super::{bought, check, subscribed};
use crate::harness::{TERMS, checkout};

#[tokio::test]
async fn a_partial_refund() {
    check(TERMS, "usd", &["mira 780 usd by metadata", "mira 267 usd by metadata"], async |w| {
        w.stripe.refund(&bought(w).await, Some(1_000)).unwrap();
        // 400 less a third of it, rounded: 133.
        w.stripe.refund(&subscribed(w).await, Some(667)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_partial_and_then_a_full_refund() {
    check(TERMS, "usd", &["mira 0 usd by metadata"; 2], async |w| {
        for charge in [bought(w).await, subscribed(w).await] {
            w.stripe.refund(&charge, Some(1_000)).unwrap();
            w.time.days(1);
            w.stripe.refund(&charge, None).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_refund_after_a_failed_refund() {
    check(TERMS, "usd", &["mira 880 usd by metadata"], async |w| {
        let charge = bought(w).await;
        let failing = w.stripe.refund(&charge, Some(1_000)).unwrap();
        w.time.days(1);
        w.stripe.fail_refund(&failing).unwrap();
        w.time.days(1);
        w.stripe.refund(&charge, Some(500)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn commissions_of_lost_won_and_open_disputes() {
    let expected = [
        "mira 0 usd by metadata",
        "mira 980 usd by metadata",
        "mira 0 usd by metadata, held",
        "mira 780 usd by metadata, held",
    ];
    check(TERMS, "usd", &expected, async |w| {
        for verdict in [Verdict::Lost, Verdict::Won] {
            let dispute = w.stripe.open_dispute(&bought(w).await, None).unwrap();
            w.time.days(20);
            w.stripe.close_dispute(&dispute, verdict).unwrap();
        }
        w.stripe.open_dispute(&bought(w).await, None).unwrap();
        w.stripe.open_dispute(&bought(w).await, Some(1_000)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn inquiries_hold_the_commission_and_reverse_nothing() {
    let expected = ["mira 980 usd by metadata, held", "mira 980 usd by metadata"];
    check(TERMS, "usd", &expected, async |w| {
        w.stripe.open_inquiry(&bought(w).await).unwrap();
        let closed = w.stripe.open_inquiry(&bought(w).await).unwrap();
        w.time.days(9);
        w.stripe.close_dispute(&closed, Verdict::Won).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_refund_and_a_lost_dispute_never_take_more_than_the_commission() {
    check(TERMS, "usd", &["mira 0 usd by metadata"], async |w| {
        let charge = bought(w).await;
        w.stripe.refund(&charge, Some(2_000)).unwrap();
        w.time.days(1);
        let dispute = w.stripe.open_dispute(&charge, None).unwrap();
        w.stripe.close_dispute(&dispute, Verdict::Lost).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_canceled_subscription_ends_with_its_paid_period() {
    let expected = ["mira 400 usd by metadata", "mira 400 usd by known_customer"];
    check(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        let subscription = w.buy(checkout(&w.monthly(2_000, "usd"), &token)).subscription.unwrap();
        w.time.days(31);
        w.stripe.renew(&subscription).unwrap();
        w.stripe.cancel(&subscription, Cancel::AtPeriodEnd).unwrap();
        w.time.days(30);
        assert_eq!(w.stripe.renew(&subscription).unwrap().invoice, None);
    })
    .await;
}

//! Ways of paying: checkouts, payment links, subscriptions, trials, direct and delayed payments.

use domain::clock::{DAY_MS, MINUTE_MS};
use domain::terms::{Recurrence, Terms};
use sandbox::{Buyer, NewPayment, NewPaymentLink, NewSession};

use super::check;
use crate::harness::{TERMS, checkout, lasting, metadata};

#[tokio::test]
async fn a_one_time_checkout() {
    check(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        w.buy(checkout(&w.once(4_900, "usd"), &token));
    })
    .await;
}

#[tokio::test]
async fn a_one_time_checkout_with_an_invoice() {
    check(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        let session = checkout(&w.once(4_900, "usd"), &token);
        w.buy(NewSession { invoice_creation: true, tax_bps: 1_900, ..session });
    })
    .await;
}

#[tokio::test]
async fn a_subscription_with_two_renewals() {
    let expected =
        ["mira 400 usd by metadata", "mira 400 usd by known_customer", "mira 400 usd by known_customer"];
    check(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.days(1);
        let bought = w.buy(NewSession {
            subscription_metadata: metadata(&token),
            ..NewSession::of(&w.monthly(2_000, "usd"))
        });
        for _ in 0..2 {
            w.time.days(31);
            w.stripe.renew(bought.subscription.as_ref().unwrap()).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_payment_link_that_carries_only_the_reference() {
    let expected = ["mira 980 usd by client_reference"];
    check(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.advance(MINUTE_MS);
        let price = w.once(4_900, "usd");
        let link = NewPaymentLink { lines: vec![(price.clone(), 1)], ..NewPaymentLink::default() };
        let link = w.stripe.create_payment_link(link).unwrap();
        w.buy(NewSession {
            client_reference_id: Some(token),
            payment_link: Some(link),
            ..NewSession::of(&price)
        });
    })
    .await;
}

#[tokio::test]
async fn a_subscription_by_a_payment_link_renews_without_the_reference() {
    let expected = ["mira 400 usd by client_reference", "mira 400 usd by known_customer"];
    check(TERMS, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        let session =
            NewSession { client_reference_id: Some(token), ..NewSession::of(&w.monthly(2_000, "usd")) };
        let bought = w.buy(session);
        w.time.days(31);
        w.stripe.renew(&bought.subscription.unwrap()).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_click_and_a_payment_within_one_second() {
    check(TERMS, "usd", &["mira 980 usd by metadata"], async |w| {
        w.time.advance(400);
        let token = w.click("mira").await;
        w.time.advance(200);
        w.buy(checkout(&w.once(4_900, "usd"), &token));
    })
    .await;
}

#[tokio::test]
async fn a_direct_payment_with_metadata() {
    check(TERMS, "usd", &["mira 2469 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        let payment = NewPayment {
            amount: 12_345,
            currency: "usd".to_owned(),
            metadata: metadata(&token),
            ..NewPayment::default()
        };
        w.stripe.pay(payment).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_direct_payment_of_a_customer_whose_metadata_has_the_token() {
    check(TERMS, "usd", &["mira 200 usd by metadata"], async |w| {
        let token = w.click("mira").await;
        let customer = w.stripe.create_customer(&w.buyer_email(), "Ann", metadata(&token));
        let payment = NewPayment {
            amount: 1_000,
            currency: "usd".to_owned(),
            customer: Some(customer),
            ..NewPayment::default()
        };
        w.time.days(1);
        w.stripe.pay(payment).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_trial_attributes_the_customer_and_its_first_paid_cycle_earns() {
    let terms = Terms { window_days: 7, ..lasting(Recurrence::FirstPayment) };
    let expected =
        ["no commission: amount_zero", "mira 400 usd by known_customer", "no commission: not_first_payment"];
    check(terms, "usd", &expected, async |w| {
        let token = w.click("mira").await;
        w.time.days(6);
        let session = NewSession { trial_days: 14, ..checkout(&w.monthly(2_000, "usd"), &token) };
        let subscription = w.buy(session).subscription.unwrap();
        w.time.days(14);
        w.stripe.renew(&subscription).unwrap();
        w.time.days(31);
        w.stripe.renew(&subscription).unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_asynchronous_payment_that_succeeds() {
    check(TERMS, "usd", &["mira 980 usd by metadata", "mira 400 usd by metadata"], async |w| {
        for price in [w.once(4_900, "usd"), w.monthly(2_000, "usd")] {
            let token = w.click("mira").await;
            let later = Buyer { pay_later: true, ..Buyer::new("ann@buyers.example", "Ann") };
            let session = w.stripe.buy(checkout(&price, &token), &later).unwrap().session.unwrap();
            w.time.days(3);
            w.stripe.settle_async(&session, true).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_asynchronous_payment_that_fails() {
    check(TERMS, "usd", &["no commission: payment_failed", "no commission: payment_failed"], async |w| {
        for price in [w.once(4_900, "usd"), w.monthly(2_000, "usd")] {
            let token = w.click("mira").await;
            let later = Buyer { pay_later: true, ..Buyer::new("ann@buyers.example", "Ann") };
            let session = w.stripe.buy(checkout(&price, &token), &later).unwrap().session.unwrap();
            w.time.days(3);
            w.stripe.settle_async(&session, false).unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn an_authorized_payment_earns_when_it_is_captured_and_on_what_is_captured() {
    let expected =
        ["mira 100 usd by metadata", "mira 60 usd by metadata", "no commission: waits_for_capture"];
    check(TERMS, "usd", &expected, async |w| {
        for (captured, refunded) in [(Some(500), None), (Some(500), Some(200)), (None, None)] {
            let token = w.click("mira").await;
            let payment = NewPayment {
                amount: 700,
                currency: "usd".to_owned(),
                metadata: metadata(&token),
                manual_capture: true,
                ..NewPayment::default()
            };
            let charge = w.stripe.pay(payment).unwrap().charge.unwrap();
            w.time.advance(DAY_MS);
            if captured.is_some() {
                w.stripe.capture(&charge, captured).unwrap();
            }
            if refunded.is_some() {
                w.stripe.refund(&charge, refunded).unwrap();
            }
        }
    })
    .await;
}

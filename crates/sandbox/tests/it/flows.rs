//! Which events each flow sends, and what it refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::clock::{Clock, Random, Timestamp};
use sandbox::{
    ApiVersion, Buyer, Cancel, Duration, Interval, NewPayment, NewPrice, NewSession, Stripe, Verdict,
};
use serde_json::json;

use crate::{account, kinds, newest};

fn ann() -> Buyer {
    Buyer::new("ann@example.com", "Ann")
}

fn once(stripe: &Stripe) -> String {
    stripe.create_price(NewPrice::once("Atlas", 4_900, "usd")).unwrap()
}

fn monthly(stripe: &Stripe) -> String {
    stripe.create_price(NewPrice::every(Interval::Month, "Pro", 2_000, "usd")).unwrap()
}

#[test]
fn a_guest_checkout_is_counted_once() {
    let stripe = account();
    let receipt = stripe.buy(NewSession::of(&once(&stripe)), &ann()).unwrap();
    assert_eq!(
        kinds(&stripe),
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "checkout.session.completed"
        ]
    );
    assert_eq!((receipt.customer, receipt.invoice), (None, None));
    assert!(receipt.payment_intent.is_some_and(|id| id.starts_with("pi_3")));
}

#[test]
fn an_invoice_for_a_single_payment_makes_a_customer() {
    let stripe = account();
    let session = NewSession { invoice_creation: true, ..NewSession::of(&once(&stripe)) };
    let receipt = stripe.buy(session, &ann()).unwrap();
    assert!(receipt.customer.is_some() && receipt.payment_intent.is_some());
    let invoice = stripe.object(&receipt.invoice.unwrap(), ApiVersion::ACACIA).unwrap();
    assert_eq!(invoice["charge"], json!(receipt.charge));
    assert_eq!(invoice["subscription"], json!(null));
    assert!(kinds(&stripe).contains(&"invoice_payment.paid"));
}

#[test]
fn a_subscription_sends_what_stripe_sends() {
    let stripe = account();
    stripe.buy(NewSession::of(&monthly(&stripe)), &ann()).unwrap();
    assert_eq!(
        kinds(&stripe),
        [
            "customer.created",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "customer.subscription.created",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
            "checkout.session.completed",
        ]
    );
}

#[test]
fn a_trial_is_free_until_it_renews() {
    let stripe = account();
    let session = NewSession { trial_days: 14, ..NewSession::of(&monthly(&stripe)) };
    let receipt = stripe.buy(session, &ann()).unwrap();
    assert_eq!(receipt.charge, None);
    let invoice = stripe.object(&receipt.invoice.unwrap(), ApiVersion::NEWEST).unwrap();
    assert_eq!((&invoice["amount_paid"], &invoice["status"]), (&json!(0), &json!("paid")));
    let subscription = receipt.subscription.unwrap();
    let shown = stripe.object(&subscription, ApiVersion::NEWEST).unwrap();
    assert_eq!(shown["status"], "trialing");
    let session = stripe.object(&receipt.session.unwrap(), ApiVersion::NEWEST).unwrap();
    assert_eq!(session["payment_status"], "no_payment_required");
    assert_eq!(session["amount_total"], 0);

    let cycle = stripe.renew(&subscription).unwrap();
    let invoice = stripe.object(&cycle.invoice.unwrap(), ApiVersion::NEWEST).unwrap();
    assert_eq!(invoice["amount_paid"], 2_000);
    assert_eq!(invoice["billing_reason"], "subscription_cycle");
    assert_eq!(stripe.object(&subscription, ApiVersion::NEWEST).unwrap()["status"], "active");
}

#[test]
fn a_coupon_with_duration_once_applies_to_one_invoice() {
    let stripe = account();
    stripe.create_promotion_code("ONCE50", 5_000, Duration::Once).unwrap();
    let session =
        NewSession { promotion_code: Some("ONCE50".to_owned()), ..NewSession::of(&monthly(&stripe)) };
    let receipt = stripe.buy(session, &ann()).unwrap();
    let amount =
        |id: Option<String>| stripe.object(&id.unwrap(), ApiVersion::NEWEST).unwrap()["amount_paid"].clone();
    assert_eq!(amount(receipt.invoice), 1_000);
    assert_eq!(amount(stripe.renew(&receipt.subscription.unwrap()).unwrap().invoice), 2_000);
}

#[test]
fn asynchronous_payments_are_unpaid_until_they_are_settled() {
    let stripe = account();
    let later = Buyer { pay_later: true, ..ann() };
    for (price, with_invoice) in [(once(&stripe), false), (monthly(&stripe), true)] {
        let receipt = stripe.buy(NewSession::of(&price), &later).unwrap();
        assert_eq!(receipt.charge, None);
        let session = receipt.session.unwrap();
        let completed = newest(&stripe, "checkout.session.completed");
        assert_eq!(crate::json(&completed, ApiVersion::NEWEST)["data"]["object"]["payment_status"], "unpaid");
        let before = kinds(&stripe).len();
        stripe.settle_async(&session, true).unwrap();
        let after = kinds(&stripe).split_off(before);
        assert!(after.contains(&"charge.succeeded"));
        assert_eq!(after.contains(&"invoice.paid"), with_invoice);
        assert_eq!(after.last(), Some(&"checkout.session.async_payment_succeeded"));
        assert!(stripe.settle_async(&session, true).is_err());
    }
    let receipt = stripe.buy(NewSession::of(&once(&stripe)), &later).unwrap();
    let session = receipt.session.unwrap();
    stripe.settle_async(&session, false).unwrap();
    assert_eq!(kinds(&stripe).last(), Some(&"checkout.session.async_payment_failed"));
    assert!(stripe.settle_async(&session, true).is_err());
}

#[test]
fn refunds_add_up_and_failed_ones_come_back() {
    let stripe = account();
    let charge = stripe.buy(NewSession::of(&once(&stripe)), &ann()).unwrap().charge.unwrap();
    let shown = || stripe.object(&charge, ApiVersion::NEWEST).unwrap();
    let part = stripe.refund(&charge, Some(900)).unwrap();
    assert_eq!((&shown()["amount_refunded"], &shown()["refunded"]), (&json!(900), &json!(false)));
    assert!(stripe.refund(&charge, Some(4_001)).is_err());
    stripe.refund(&charge, None).unwrap();
    assert_eq!((&shown()["amount_refunded"], &shown()["refunded"]), (&json!(4_900), &json!(true)));
    assert!(stripe.refund(&charge, None).is_err());
    stripe.fail_refund(&part).unwrap();
    assert_eq!((&shown()["amount_refunded"], &shown()["refunded"]), (&json!(4_000), &json!(false)));
    assert!(stripe.fail_refund(&part).is_err());
    assert!(kinds(&stripe).contains(&"refund.failed"));
}

#[test]
fn disputes_withdraw_money_and_inquiries_do_not() {
    let stripe = account();
    let buy = || stripe.buy(NewSession::of(&once(&stripe)), &ann()).unwrap().charge.unwrap();
    let ended = |id: &str| {
        let dispute = stripe.object(id, ApiVersion::NEWEST).unwrap();
        let moved = dispute["balance_transactions"].as_array().unwrap().len();
        (dispute["status"].as_str().unwrap().to_owned(), moved)
    };
    let won = stripe.open_dispute(&buy(), None).unwrap();
    stripe.close_dispute(&won, Verdict::Won).unwrap();
    assert_eq!(ended(&won), ("won".to_owned(), 2));
    let lost = stripe.open_dispute(&buy(), Some(100)).unwrap();
    stripe.close_dispute(&lost, Verdict::Lost).unwrap();
    assert_eq!(ended(&lost), ("lost".to_owned(), 1));
    let inquiry = stripe.open_inquiry(&buy()).unwrap();
    stripe.close_dispute(&inquiry, Verdict::Lost).unwrap();
    assert_eq!(ended(&inquiry), ("warning_closed".to_owned(), 0));
    assert!(stripe.close_dispute(&won, Verdict::Lost).is_err());
    let kinds = kinds(&stripe);
    let count = |kind: &str| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!(count("charge.dispute.created"), 3);
    assert_eq!(count("charge.dispute.funds_withdrawn"), 2);
    assert_eq!(count("charge.dispute.funds_reinstated"), 1);
    assert_eq!(count("charge.dispute.closed"), 3);
}

#[test]
fn an_authorized_charge_is_captured_later_and_in_part() {
    let stripe = account();
    let payment = NewPayment {
        amount: 1_000,
        currency: "usd".to_owned(),
        metadata: [("honeyguide_click".to_owned(), "hgc_1".to_owned())].into(),
        manual_capture: true,
        ..NewPayment::default()
    };
    let charge = stripe.pay(payment).unwrap().charge.unwrap();
    let shown = || stripe.object(&charge, ApiVersion::NEWEST).unwrap();
    assert_eq!((&shown()["captured"], &shown()["amount_captured"]), (&json!(false), &json!(0)));
    assert_eq!(shown()["metadata"]["honeyguide_click"], "hgc_1");
    assert!(stripe.refund(&charge, None).is_err());
    stripe.capture(&charge, Some(600)).unwrap();
    assert_eq!(shown()["amount_captured"], 600);
    assert_eq!(shown()["amount_refunded"], 400);
    assert!(stripe.capture(&charge, None).is_err());
}

#[test]
fn subscriptions_end_now_or_with_their_period() {
    let stripe = account();
    let start = || stripe.buy(NewSession::of(&monthly(&stripe)), &ann()).unwrap().subscription.unwrap();
    let now = start();
    stripe.cancel(&now, Cancel::Now).unwrap();
    assert_eq!(kinds(&stripe).last(), Some(&"customer.subscription.deleted"));
    assert!(stripe.renew(&now).is_err());

    let later = start();
    stripe.cancel(&later, Cancel::AtPeriodEnd).unwrap();
    assert_eq!(kinds(&stripe).last(), Some(&"customer.subscription.updated"));
    let receipt = stripe.renew(&later).unwrap();
    assert_eq!(receipt.charge, None);
    assert_eq!(kinds(&stripe).last(), Some(&"customer.subscription.deleted"));
}

#[test]
fn an_upgrade_charges_what_is_left_of_the_period() {
    let clock = Arc::new(AtomicI64::new(1_790_812_800_000));
    let hand = Arc::clone(&clock);
    let now = Clock::new(move || Timestamp(hand.load(Ordering::Relaxed)));
    let stripe = Stripe::new(now, Random::seeded(1));
    let team = NewPrice::every(Interval::Month, "Team", 5_000, "usd");
    let team = stripe.create_price(team).unwrap();
    let receipt = stripe.buy(NewSession::of(&monthly(&stripe)), &ann()).unwrap();
    let subscription = receipt.subscription.unwrap();
    // The middle of a month that begins on 1 October 2026.
    clock.fetch_add(31 * 12 * 3_600_000, Ordering::Relaxed);
    let upgrade = stripe.change_price(&subscription, &team).unwrap();
    let invoice = stripe.object(&upgrade.invoice.unwrap(), ApiVersion::ACACIA).unwrap();
    assert_eq!(invoice["billing_reason"], "subscription_update");
    assert_eq!(invoice["amount_paid"], 1_500);
    assert_eq!(invoice["lines"]["data"][0]["amount"], -1_000);
    assert_eq!(invoice["lines"]["data"][1]["proration"], true);
}

#[test]
fn unknown_objects_are_refused_by_name() {
    let stripe = account();
    let error = stripe.buy(NewSession::of("price_none"), &ann()).unwrap_err();
    assert_eq!((error.status, error.code), (400, Some("resource_missing")));
    assert!(stripe.refund("ch_none", None).is_err());
    assert!(stripe.renew("sub_none").is_err());
    let price = once(&stripe);
    let wrong = NewSession { promotion_code: Some("NONE".to_owned()), ..NewSession::of(&price) };
    assert!(stripe.buy(wrong, &ann()).is_err());
    let blank = NewSession { client_reference_id: Some(String::new()), ..NewSession::of(&price) };
    assert!(stripe.buy(blank, &ann()).is_err());
}

//! One event says the same in every version of Stripe's API, but for what a version leaves
//! out.

use std::collections::{BTreeMap, BTreeSet};

use connect::stripe::read::{EVENT_TYPES, Reading, read};
use domain::clock::{Clock, Random};
use sandbox::{
    ApiVersion, Buyer, Cancel, CustomerChange, Duration, Event, Interval, NewPayment, NewPrice, NewSession,
    Stripe, Verdict, render,
};
use serde_json::{Value, json};

use crate::harness::{START, metadata};

const TOKEN: &str = "hgc_0123456789012345678901234567890123456";

/// Everything that the sandbox can do, once.
fn an_account() -> Stripe {
    let stripe = Stripe::new(Clock::fixed(START), Random::seeded(3));
    let atlas = stripe.create_price(NewPrice::once("Atlas", 4_900, "usd")).unwrap();
    let pro = stripe.create_price(NewPrice::every(Interval::Month, "Pro", 2_000, "usd")).unwrap();
    let team = stripe.create_price(NewPrice::every(Interval::Month, "Team", 5_000, "usd")).unwrap();
    let ada20 = stripe.create_promotion_code("ADA20", 2_000, Duration::Forever).unwrap();
    let ann = Buyer::new("Ann@Example.com", "Ann");
    for succeed in [true, false] {
        let later = Buyer { pay_later: true, ..ann.clone() };
        let session = stripe.buy(NewSession::of(&atlas), &later).unwrap().session.unwrap();
        stripe.settle_async(&session, succeed).unwrap();
    }
    let payment = NewPayment {
        amount: 700,
        currency: "eur".to_owned(),
        metadata: metadata(TOKEN),
        manual_capture: true,
        ..NewPayment::default()
    };
    stripe.capture(&stripe.pay(payment).unwrap().charge.unwrap(), Some(500)).unwrap();
    let session = NewSession {
        metadata: metadata(TOKEN),
        subscription_metadata: metadata(TOKEN),
        client_reference_id: Some(TOKEN.to_owned()),
        promotion_code: Some("ADA20".to_owned()),
        tax_bps: 1_900,
        ..NewSession::of(&pro)
    };
    let invoiced = NewSession { lines: vec![(atlas, 2)], invoice_creation: true, ..session.clone() };
    let charge = stripe.buy(invoiced, &ann).unwrap().charge.unwrap();
    stripe.fail_refund(&stripe.refund(&charge, Some(1_000)).unwrap()).unwrap();
    stripe.close_dispute(&stripe.open_dispute(&charge, None).unwrap(), Verdict::Won).unwrap();
    let bought = stripe.buy(session, &ann).unwrap();
    let change = CustomerChange { email: Some("ann@example.org".to_owned()), ..Default::default() };
    stripe.update_customer(&bought.customer.unwrap(), change).unwrap();
    let subscription = bought.subscription.unwrap();
    stripe.renew(&subscription).unwrap();
    stripe.change_price(&subscription, &team).unwrap();
    stripe.cancel(&subscription, Cancel::Now).unwrap();
    stripe.set_promotion_code_active(&ada20, false).unwrap();
    stripe.delete_coupon_of(&ada20).unwrap();
    stripe
}

/// What an event says in a version, as JSON.
fn facts(event: &Event, version: ApiVersion) -> Value {
    let json = serde_json::from_slice(&render(event, version)).unwrap();
    match read(&json) {
        Reading::Facts(facts) => serde_json::to_value(&*facts).unwrap(),
        // Only before clover the coupon is there, and says why.
        Reading::PromotionCode { id, status, at } => {
            json!([id, status.coupon, status.problem.is_some(), status.expires_at, at])
        }
        Reading::CouponDeleted { id } => json!(id),
        other => panic!("{} in {version}: {other:?}", event.kind()),
    }
}

/// The fields that only some versions carry, by kind of fact; what the others read there;
/// and the first version with and the first without.
const MOVING: [(&str, &str, &str, &str, &str); 7] = [
    ("charge", "/fact/invoice", "\"unknown\"", "2023", "2025-03-31"),
    ("invoice", "/fact/payment_intents", "[]", "2023", "2025-03-31"),
    ("invoice", "/fact/charges", "[]", "2023", "2025-03-31"),
    ("invoice", "/fact/outside_stripe", "null", "2023", "2025-03-31"),
    ("invoice", "/fact/hints/promotion_codes", "[]", "2023", "2025-03-31"),
    ("subscription", "/fact/hints/promotion_codes", "[]", "2023", "2025-03-31"),
    ("session", "/fact/hints/promotion_codes", "[]", "2025-01-27", "9999"),
];

/// Takes out what only some versions carry, after a look at whether it is what it must be.
fn without_moving_fields(mut facts: Value, version: ApiVersion, seen: &mut BTreeSet<&str>) -> Value {
    for (kind, path, absent, since, until) in MOVING {
        if facts["fact"]["kind"] != kind {
            continue;
        }
        let field = facts.pointer_mut(path).unwrap_or_else(|| panic!("{kind} has {path}"));
        let absent: Value = serde_json::from_str(absent).unwrap();
        if version.name() < since || version.name() >= until {
            assert_eq!(*field, absent, "{path} of {kind} in {version}");
        } else if *field != absent {
            seen.insert(path);
        }
        *field = absent;
    }
    facts
}

#[test]
fn every_event_is_read_the_same_in_every_version() {
    let stripe = an_account();
    let mut kinds = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for event in stripe.events_after(0).iter().filter(|e| EVENT_TYPES.contains(&e.kind())) {
        kinds.insert(event.kind());
        let mut said: BTreeMap<&str, Value> = BTreeMap::new();
        for version in ApiVersion::all().filter(|version| version.knows_event(event.kind())) {
            said.insert(version.name(), without_moving_fields(facts(event, version), version, &mut seen));
        }
        let newest = &said[ApiVersion::NEWEST.name()];
        for (version, facts) in &said {
            assert_eq!(facts, newest, "{} in {version}", event.kind());
        }
    }
    // What the sandbox does not send.
    let unsent = [
        "account.application.deauthorized",
        "charge.dispute.updated",
        "invoice.voided",
        "credit_note.created",
        "credit_note.updated",
        "credit_note.voided",
        "radar.early_fraud_warning.created",
        "review.opened",
        "review.closed",
    ];
    let expected: BTreeSet<&str> = EVENT_TYPES.into_iter().filter(|kind| !unsent.contains(kind)).collect();
    assert_eq!(kinds, expected);
    assert_eq!(seen.len(), 5, "each moving field was there somewhere: {seen:?}");
}

#[test]
fn a_subscription_with_every_field_is_read() {
    let stripe = an_account();
    let newest = |kind: &str| {
        let event = stripe.events_after(0).into_iter().rfind(|event| event.kind() == kind).unwrap();
        facts(&event, ApiVersion::ACACIA)["fact"].clone()
    };
    let first_invoice = stripe
        .events_after(0)
        .into_iter()
        .filter(|event| event.kind() == "invoice.paid")
        .map(|event| facts(&event, ApiVersion::ACACIA)["fact"].clone())
        .find(|fact| fact["billing_reason"] == "subscription_create")
        .unwrap();
    let read = |key: &str| first_invoice[key].clone();
    // 20.00 less 20%, plus 19 % tax.
    assert_eq!([read("amount_paid"), read("total"), read("total_excluding_tax")], [1_904, 1_904, 1_600]);
    let tokens = json!([{"carrier": "subscription_metadata", "token": TOKEN}]);
    assert_eq!(first_invoice["hints"]["tokens"], tokens);
    assert_eq!(first_invoice["hints"]["emails"], json!(["ann@example.com"]));
    assert_eq!(first_invoice["hints"]["promotion_codes"].as_array().map(Vec::len), Some(1));
    let session = newest("checkout.session.completed");
    assert_eq!(
        session["hints"]["tokens"],
        json!([
            {"carrier": "session_metadata", "token": TOKEN},
            {"carrier": "client_reference", "token": TOKEN},
        ])
    );
    assert_eq!([&session["amount_total"], &session["amount_tax"]], [1_904, 304]);
    assert_eq!(session["invoice"], read("id"));
    assert_eq!(newest("customer.subscription.deleted")["ended_at"], json!(START.0));
    assert_eq!(newest("charge.dispute.closed")["status"], "won");
    assert_eq!(newest("refund.failed")["status"], "failed");
}

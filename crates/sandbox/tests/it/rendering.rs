//! Shapes of events across API versions.

use sandbox::{ApiVersion, Buyer, Duration, Interval, Metadata, NewPrice, NewSession, Receipt, Stripe};
use serde_json::{Value, json};

use crate::{account, json as event_json, newest};

fn version(name: &str) -> ApiVersion {
    ApiVersion::parse(name).expect("a known version")
}

/// A subscription with everything on it.
fn subscribed(stripe: &Stripe) -> Receipt {
    let price = stripe.create_price(NewPrice::every(Interval::Month, "Pro", 2_000, "usd")).unwrap();
    stripe.create_promotion_code("ADA20", 2_000, Duration::Forever).unwrap();
    let click: Metadata = [("honeyguide_click".to_owned(), "hgc_1".to_owned())].into();
    let session = NewSession {
        metadata: click.clone(),
        subscription_metadata: click,
        promotion_code: Some("ada20".to_owned()),
        client_reference_id: Some("hgc_1".to_owned()),
        tax_bps: 1_900,
        ..NewSession::of(&price)
    };
    stripe.buy(session, &Buyer::new("ann@example.com", "Ann")).unwrap()
}

/// Each row: event type, first version with the field, first version without, the field.
#[test]
fn fields_exist_only_in_their_versions() {
    let stripe = account();
    subscribed(&stripe);
    let (floor, basil) = ("2023-10-16", "2025-03-31.basil");
    let table: &[(&str, &str, Option<&str>, &str)] = &[
        ("invoice.paid", floor, Some(basil), "/subscription"),
        ("invoice.paid", floor, Some(basil), "/charge"),
        ("invoice.paid", floor, Some(basil), "/payment_intent"),
        ("invoice.paid", floor, Some(basil), "/paid"),
        ("invoice.paid", floor, Some(basil), "/tax"),
        ("invoice.paid", floor, Some(basil), "/total_tax_amounts/0/amount"),
        ("invoice.paid", floor, Some(basil), "/subscription_details/metadata/honeyguide_click"),
        ("invoice.paid", floor, Some(basil), "/discount/coupon/percent_off"),
        ("invoice.paid", floor, Some(basil), "/lines/data/0/price/id"),
        ("invoice.paid", floor, Some(basil), "/lines/data/0/proration"),
        ("invoice.paid", basil, None, "/parent/subscription_details/subscription"),
        ("invoice.paid", basil, None, "/parent/subscription_details/metadata/honeyguide_click"),
        ("invoice.paid", basil, None, "/total_taxes/0/amount"),
        ("invoice.paid", basil, None, "/amount_overpaid"),
        ("invoice.paid", basil, None, "/lines/data/0/pricing/price_details/price"),
        ("invoice.paid", basil, None, "/lines/data/0/parent/subscription_item_details/proration"),
        ("invoice.paid", floor, None, "/lines/data/0/metadata/honeyguide_click"),
        ("invoice.paid", floor, None, "/total_excluding_tax"),
        ("charge.succeeded", floor, Some(basil), "/invoice"),
        ("payment_intent.succeeded", floor, Some(basil), "/invoice"),
        ("customer.subscription.created", floor, Some(basil), "/current_period_end"),
        ("customer.subscription.created", floor, Some(basil), "/discount/coupon/id"),
        ("customer.subscription.created", basil, None, "/items/data/0/current_period_end"),
        ("checkout.session.completed", "2025-01-27.acacia", None, "/discounts/0/promotion_code"),
        ("checkout.session.completed", floor, None, "/client_reference_id"),
        ("checkout.session.completed", basil, None, "/collected_information"),
        ("customer.created", "2026-02-25.clover", None, "/customer_account"),
        ("payment_intent.succeeded", "2025-08-27.basil", None, "/excluded_payment_method_types"),
    ];
    for (kind, with, without, pointer) in table {
        let event = newest(&stripe, kind);
        for version in ApiVersion::all() {
            let expected =
                version >= self::version(with) && without.is_none_or(|end| version < self::version(end));
            let object = event_json(&event, version)["data"]["object"].take();
            assert_eq!(object.pointer(pointer).is_some(), expected, "{kind} {pointer} in {version}");
        }
    }
}

#[test]
fn promotion_codes_move_their_coupon() {
    let stripe = account();
    let id = stripe.create_promotion_code("ADA20", 1_250, Duration::Forever).unwrap();
    let old = stripe.object(&id, ApiVersion::ACACIA).unwrap();
    assert_eq!(old["coupon"]["percent_off"], json!(12.5));
    assert_eq!(old.get("promotion"), None);
    let new = stripe.object(&id, ApiVersion::NEWEST).unwrap();
    assert_eq!(new["promotion"]["coupon"], old["coupon"]["id"]);
    assert_eq!(new.get("coupon"), None);
}

#[test]
fn events_have_stripes_envelope() {
    let stripe = account();
    subscribed(&stripe);
    let event = newest(&stripe, "invoice.paid");
    let envelope = event_json(&event, ApiVersion::ACACIA);
    let keys: Vec<_> = envelope.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        ["id", "object", "api_version", "created", "data", "livemode", "pending_webhooks", "request", "type"]
    );
    assert_eq!(envelope["api_version"], "2025-02-24.acacia");
    assert_eq!(envelope["livemode"], false);
    assert_eq!(envelope["created"], crate::NOW);
    let connect = sandbox::render_for_connect(&event, ApiVersion::ACACIA, "acct_1");
    let connect: Value = serde_json::from_slice(&connect).unwrap();
    assert_eq!(connect["account"], "acct_1");
}

/// Up to acacia every id can be found in the payloads; from basil on charge and invoice
/// meet in `invoice_payment.paid` only.
#[test]
fn one_payment_has_the_same_ids_in_all_its_events() {
    let stripe = account();
    let receipt = subscribed(&stripe);
    let object = |kind: &str, version| event_json(&newest(&stripe, kind), version)["data"]["object"].take();
    let (invoice, charge) = (json!(receipt.invoice), json!(receipt.charge));
    let intent = json!(receipt.payment_intent.clone().or_else(|| {
        object("charge.succeeded", ApiVersion::ACACIA)["payment_intent"].as_str().map(str::to_owned)
    }));

    let old = object("charge.succeeded", ApiVersion::ACACIA);
    assert_eq!((&old["id"], &old["invoice"]), (&charge, &invoice));
    let old = object("invoice.paid", ApiVersion::ACACIA);
    assert_eq!((&old["charge"], &old["payment_intent"]), (&charge, &intent));

    for version in ApiVersion::all().filter(|it| it.knows_event("invoice_payment.paid")) {
        let link = object("invoice_payment.paid", version);
        assert_eq!(link["invoice"], invoice);
        assert_eq!(link["payment"]["payment_intent"], intent);
        let session = object("checkout.session.completed", version);
        assert_eq!(session["invoice"], invoice);
        assert_eq!(session["subscription"], json!(receipt.subscription));
        assert_eq!(session["customer"], json!(receipt.customer));
        assert_eq!(session["payment_intent"], Value::Null);
        assert_eq!(object("charge.succeeded", version)["payment_intent"], intent);
        assert_eq!(object("customer.subscription.created", version)["latest_invoice"], invoice);
    }
}

#[test]
fn amounts_agree_between_session_invoice_and_charge() {
    let stripe = account();
    subscribed(&stripe);
    let object = |kind: &str| event_json(&newest(&stripe, kind), ApiVersion::ACACIA)["data"]["object"].take();
    // 20.00 less 20% is 16.00, and 19% tax on it is 3.04.
    let session = object("checkout.session.completed");
    assert_eq!(session["amount_total"], 1_904);
    assert_eq!(session["total_details"]["amount_tax"], 304);
    assert_eq!(session["total_details"]["amount_discount"], 400);
    let invoice = object("invoice.paid");
    assert_eq!(invoice["amount_paid"], 1_904);
    assert_eq!(invoice["total_excluding_tax"], 1_600);
    assert_eq!(invoice["tax"], 304);
    assert_eq!(object("charge.succeeded")["amount_captured"], 1_904);
}

#[test]
fn update_events_carry_the_previous_values_in_their_version() {
    let stripe = account();
    let receipt = subscribed(&stripe);
    stripe.refund(&receipt.charge.unwrap(), Some(904)).unwrap();
    let event = event_json(&newest(&stripe, "charge.refunded"), ApiVersion::NEWEST);
    assert_eq!(event["data"]["object"]["amount_refunded"], 904);
    assert_eq!(event["data"]["previous_attributes"], json!({ "amount_refunded": 0 }));

    stripe.renew(&receipt.subscription.unwrap()).unwrap();
    let event = newest(&stripe, "customer.subscription.updated");
    let old = event_json(&event, ApiVersion::ACACIA)["data"]["previous_attributes"].take();
    assert!(old.get("current_period_end").is_some());
    let new = event_json(&event, ApiVersion::NEWEST)["data"]["previous_attributes"].take();
    assert_eq!(new.get("current_period_end"), None);
    assert!(new.get("items").is_some());
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let bytes = || {
        let stripe = account();
        subscribed(&stripe);
        let events = stripe.events_after(0);
        events.iter().map(|it| sandbox::render(it, ApiVersion::NEWEST)).collect::<Vec<_>>()
    };
    assert_eq!(bytes(), bytes());
}

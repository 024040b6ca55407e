//! Events as they really come: two generations at once, ids expanded, nulls where a value
//! is promised, fields that were not announced.

use domain::clock::Timestamp;
use domain::facts::{Carrier, ChargeInvoice, DisputeStatus, DisputeStep, Fact, RefundStatus, SessionPayment};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::envelope::envelope;
use super::read::{EVENT_TYPES, Reading, object_id, read};

const TOKEN: &str = "hgc_0123456789012345678901234567890123456";

fn event(kind: &str, object: Value) -> Value {
    json!({"id": "evt_1", "object": "event", "type": kind, "created": 1_700_000_000, "data": {"object": object}})
}

fn fact(kind: &str, object: Value) -> Fact {
    match read(&event(kind, object)) {
        Reading::Facts(facts) => facts.fact,
        other => panic!("{kind}: {other:?}"),
    }
}

macro_rules! of_kind {
    ($kind:ident, $fact:expr) => {
        match $fact {
            Fact::$kind(fact) => fact,
            other => panic!("another kind of fact: {other:?}"),
        }
    };
}

fn invoice(with: Value) -> Value {
    let mut invoice = json!({"id": "in_1", "amount_paid": 1_190, "total": 1_190, "currency": "usd"});
    invoice.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    invoice
}

#[test]
fn an_invoice_of_two_generations_at_once_is_read_once() {
    let both = invoice(json!({
        "customer": {"id": "cus_1", "object": "customer"},
        "subscription": "sub_1",
        "payment_intent": {"id": "pi_1"},
        "charge": "ch_1",
        "paid": true,
        "tax": 190,
        "total_tax_amounts": [{"amount": 190}],
        "total_taxes": [{"amount": 190}],
        "parent": {
            "type": "subscription_details",
            "subscription_details": {"subscription": "sub_1", "metadata": {"honeyguide_click": TOKEN}},
        },
        "subscription_details": {"metadata": {"honeyguide_click": TOKEN}},
        "payments": {"data": [{"payment": {"payment_intent": "pi_1", "charge": "ch_1"}}]},
        "discount": {"promotion_code": "promo_1"},
        "discounts": ["di_1", {"promotion_code": {"id": "promo_1"}}],
        "customer_email": " Ann@Example.COM",
        "billing_reason": "subscription_create",
        "status_transitions": {"paid_at": 1_700_000_100},
        "lines": {"total_count": 1, "data": [{
            "description": "1 × Pro", "price": {"id": "price_1"}, "pricing": {"price_details": {"price": "price_1"}},
            "metadata": {"honeyguide_click": TOKEN}, "period": {"start": 1_700_000_000},
        }]},
    }));
    let fact = of_kind!(Invoice, fact("invoice.paid", both));
    assert_eq!((fact.total, fact.total_excluding_tax, fact.amount_paid), (1_190, 1_000, 1_190));
    assert_eq!((fact.payment_intents, fact.charges), (vec!["pi_1".to_owned()], vec!["ch_1".to_owned()]));
    assert_eq!((fact.customer.as_deref(), fact.subscription.as_deref()), (Some("cus_1"), Some("sub_1")));
    assert_eq!(fact.hints.tokens.len(), 1);
    assert_eq!(fact.hints.tokens[0].carrier, Carrier::SubscriptionMetadata);
    assert_eq!(fact.hints.promotion_codes, ["promo_1"]);
    assert_eq!(fact.hints.emails[0].as_str(), "ann@example.com");
    assert_eq!(fact.paid_at, Timestamp::from_seconds(1_700_000_100));
    assert_eq!(fact.period_start, Some(Timestamp::from_seconds(1_700_000_000)));
}

#[rstest]
#[case::excluding(json!({"total_excluding_tax": 1_000, "tax": 1, "total_taxes": [{"amount": 2}]}), 1_000)]
#[case::tax(json!({"total_excluding_tax": null, "tax": 190, "total_tax_amounts": [{"amount": 1}]}), 1_000)]
#[case::old_list(json!({"tax": null, "total_tax_amounts": [{"amount": 100}, {"amount": 90}], "total_taxes": [{"amount": 1}]}), 1_000)]
#[case::new_list(json!({"total_tax_amounts": null, "total_taxes": [{"amount": 100}, {"amount": 90}]}), 1_000)]
#[case::none(json!({}), 1_190)]
fn tax_is_the_first_field_that_exists(#[case] with: Value, #[case] expected: i64) {
    let fact = of_kind!(Invoice, fact("invoice.paid", invoice(with)));
    assert_eq!(fact.total_excluding_tax, expected);
}

#[rstest]
#[case::old(json!({"subscription": "sub_1"}))]
#[case::expanded(json!({"subscription": {"id": "sub_1"}}))]
#[case::parent(json!({"subscription": null, "parent": {"subscription_details": {"subscription": "sub_1"}}}))]
#[case::line_parent(json!({"parent": null, "lines": {"data": [{}, {"parent": {"subscription_item_details": {"subscription": "sub_1"}}}]}}))]
#[case::line(json!({"lines": {"data": [{"subscription": "sub_1"}]}}))]
fn the_subscription_is_found_in_every_field_that_names_it(#[case] with: Value) {
    let fact = of_kind!(Invoice, fact("invoice.paid", invoice(with)));
    assert_eq!(fact.subscription.as_deref(), Some("sub_1"));
}

#[rstest]
#[case::not_said(json!({}), ChargeInvoice::Unknown)]
#[case::none(json!({"invoice": null}), ChargeInvoice::None)]
#[case::named(json!({"invoice": "in_1"}), ChargeInvoice::Is("in_1".to_owned()))]
#[case::expanded(json!({"invoice": {"id": "in_1"}}), ChargeInvoice::Is("in_1".to_owned()))]
#[case::unreadable(json!({"invoice": {}}), ChargeInvoice::Unknown)]
fn what_a_charge_says_of_its_invoice(#[case] with: Value, #[case] expected: ChargeInvoice) {
    let mut charge = json!({"id": "ch_1", "amount": 500, "currency": "usd"});
    charge.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    let fact = of_kind!(Charge, fact("charge.succeeded", charge));
    assert_eq!(fact.invoice, expected);
    assert_eq!((fact.amount_captured, fact.captured, fact.succeeded), (500, true, true));
    assert_eq!(fact.charged_at, Timestamp::from_seconds(1_700_000_000));
}

#[test]
fn an_authorized_charge_has_captured_nothing() {
    let charge =
        json!({"id": "ch_1", "amount": 500, "currency": "usd", "captured": false, "status": "succeeded"});
    assert_eq!(of_kind!(Charge, fact("charge.succeeded", charge)).amount_captured, 0);
    let failed = json!({"id": "ch_1", "amount": 500, "currency": "usd", "status": "failed"});
    assert!(!of_kind!(Charge, fact("charge.updated", failed)).succeeded);
}

#[test]
fn a_session_with_adaptive_pricing_is_read_in_the_merchants_currency() {
    let session = json!({
        "id": "cs_1", "mode": "payment", "payment_status": "paid", "currency": "eur", "amount_total": 1_190,
        "total_details": {"amount_tax": 190, "amount_shipping": 100},
        "currency_conversion": {"amount_total": 2_380, "amount_subtotal": 2_000, "source_currency": "usd"},
    });
    let fact = of_kind!(Session, fact("checkout.session.completed", session));
    assert_eq!(fact.currency.unwrap().code(), "usd");
    assert_eq!((fact.amount_total, fact.amount_tax, fact.amount_shipping), (2_380, 380, 200));
}

#[rstest]
#[case("checkout.session.completed", "paid", SessionPayment::Paid)]
#[case("checkout.session.completed", "unpaid", SessionPayment::Unpaid)]
#[case("checkout.session.completed", "no_payment_required", SessionPayment::NoneRequired)]
#[case("checkout.session.completed", "something_new", SessionPayment::Unpaid)]
#[case("checkout.session.async_payment_succeeded", "unpaid", SessionPayment::Paid)]
#[case("checkout.session.async_payment_failed", "unpaid", SessionPayment::Failed)]
fn a_session_has_a_payment_status(
    #[case] kind: &str,
    #[case] status: &str,
    #[case] expected: SessionPayment,
) {
    let session = json!({"id": "cs_1", "payment_status": status});
    assert_eq!(of_kind!(Session, fact(kind, session)).payment, expected);
}

#[test]
fn metadata_is_used_as_a_click_token_only() {
    let session = json!({
        "id": "cs_1", "client_reference_id": "order_4711",
        "metadata": {"rate": "9000", "ref": TOKEN, "affiliate": "aff_1", "honeyguide_click": 7, "x": null},
    });
    let hints = of_kind!(Session, fact("checkout.session.completed", session)).hints;
    assert_eq!(hints.tokens.len(), 1);
    assert_eq!(hints.tokens[0].token.as_str(), TOKEN);
}

#[rstest]
#[case("succeeded", RefundStatus::Succeeded)]
#[case("pending", RefundStatus::Pending)]
#[case("requires_action", RefundStatus::Pending)]
#[case("failed", RefundStatus::Failed)]
#[case("canceled", RefundStatus::Failed)]
fn a_refund_has_a_status(#[case] status: &str, #[case] expected: RefundStatus) {
    let refund =
        json!({"id": "re_1", "amount": 5, "currency": "usd", "status": status, "charge": {"id": "ch_1"}});
    let fact = of_kind!(Refund, fact("refund.updated", refund));
    assert_eq!((fact.status, fact.charge.as_deref()), (expected, Some("ch_1")));
}

#[rstest]
#[case(json!({"ended_at": 5, "canceled_at": 4}), 5)]
#[case(json!({"ended_at": null, "canceled_at": 4}), 4)]
#[case(json!({}), 1_700_000_000)]
fn when_a_subscription_ended(#[case] with: Value, #[case] seconds: i64) {
    let mut subscription = json!({"id": "sub_1", "status": "canceled"});
    subscription.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    let ended = of_kind!(Subscription, fact("customer.subscription.deleted", subscription.clone())).ended_at;
    assert_eq!(ended, Some(Timestamp::from_seconds(seconds)));
    assert_eq!(of_kind!(Subscription, fact("customer.subscription.updated", subscription)).ended_at, None);
}

#[rstest]
#[case(json!("appeal_needs_response"), DisputeStatus::AppealNeedsResponse)]
#[case(json!("something_new"), DisputeStatus::Unknown)]
#[case(json!(null), DisputeStatus::Unknown)]
fn the_status_of_a_dispute(#[case] word: Value, #[case] status: DisputeStatus) {
    let dispute = json!({"id": "dp_1", "amount": 5, "currency": "usd", "status": word});
    let fact = of_kind!(Dispute, fact("charge.dispute.funds_withdrawn", dispute));
    assert_eq!((fact.step, fact.status), (DisputeStep::FundsWithdrawn, status));
}

#[rstest]
#[case("invoice.paid", json!({"id": "in_1", "currency": "usd"}), "amount_paid")]
#[case("invoice.paid", json!({"id": "in_1", "amount_paid": null, "currency": "usd"}), "amount_paid")]
#[case("invoice.paid", json!({"id": "in_1", "amount_paid": 1.5, "currency": "usd"}), "amount_paid")]
#[case("invoice.paid", json!({"id": "in_1", "amount_paid": 1, "currency": "dollars"}), "currency")]
#[case("invoice_payment.paid", json!({"id": "inpay_1", "invoice": null}), "invoice")]
#[case("charge.succeeded", json!({"id": "ch_1", "currency": "usd"}), "amount")]
#[case("refund.created", json!({"id": "re_1", "amount": 1}), "currency")]
#[case("customer.created", json!({"id": null}), "data.object.id")]
#[case("customer.created", json!({"id": "cus_\u{0}"}), "data.object.id")]
#[case("customer.created", json!(null), "data.object.id")]
fn what_cannot_be_read_names_its_field(#[case] kind: &str, #[case] object: Value, #[case] field: &str) {
    match read(&event(kind, object)) {
        Reading::Unreadable { field: found } => assert_eq!(found, field),
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_types_are_not_handled() {
    assert!(matches!(read(&event("payout.paid", json!({}))), Reading::TypeNotHandled));
    assert!(matches!(read(&json!({"id": "evt_1"})), Reading::Unreadable { field: "type" }));
    assert!(matches!(read(&json!([])), Reading::Unreadable { field: "id" }));
}

#[test]
fn the_object_of_an_event_is_read() {
    let link = json!({"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1"});
    assert_eq!(object_id(&event("invoice_payment.paid", link)).as_deref(), Some("in_1"));
    assert_eq!(object_id(&event("charge.succeeded", json!({"id": "ch_1"}))).as_deref(), Some("ch_1"));
    assert_eq!(object_id(&json!({})), None);
}

#[test]
fn the_envelope_of_an_event_is_read() {
    let read = |event: Value| envelope(event.to_string().as_bytes());
    let outside = read(json!({"id": "evt_1", "type": "x", "livemode": false, "api_version": null})).unwrap();
    assert_eq!((outside.id.as_str(), outside.livemode, outside.api_version), ("evt_1", Some(false), None));
    for id in [json!(null), json!(""), json!(7), json!("x".repeat(300)), json!("evt_\u{0}")] {
        assert_eq!(read(json!({"id": id})), None);
    }
    // A field of another kind than Stripe's hides no other.
    let odd = read(json!({"id": "evt_\u{fc}\"", "type": 7, "livemode": "yes", "account": "acct_1"})).unwrap();
    assert_eq!((odd.id.as_str(), odd.event_type.as_str()), ("evt_ü\"", "unknown"));
    assert_eq!((odd.livemode, odd.account.as_deref()), (None, Some("acct_1")));
    assert_eq!(envelope(b"no json"), None);
}

/// Names that our reading knows, so that random objects get past the first field.
const NAMES: [&str; 24] = [
    "id",
    "amount",
    "amount_paid",
    "amount_total",
    "currency",
    "customer",
    "invoice",
    "payment_intent",
    "charge",
    "subscription",
    "metadata",
    "lines",
    "data",
    "period",
    "start",
    "parent",
    "subscription_details",
    "discounts",
    "promotion_code",
    "total_taxes",
    "status",
    "payments",
    "currency_conversion",
    "total_details",
];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::from("usd")),
        Just(Value::from(TOKEN)),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        let key =
            prop_oneof![4 => prop::sample::select(&NAMES[..]).prop_map(str::to_owned), 1 => "[a-z]{1,6}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..8)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_event_panics(kind in prop::sample::select(&EVENT_TYPES[..]), object in any_json(), whole in any_json()) {
        for event in [event(kind, object), whole] {
            if let Reading::Facts(facts) = read(&event) {
                let json = serde_json::to_string(&facts).unwrap();
                prop_assert_eq!(&serde_json::from_str::<domain::facts::EventFacts>(&json).unwrap(), &*facts);
                prop_assert!(facts.fact.ids().iter().all(|id| id.len() <= 255 && !id.contains('\0')));
            }
            let _ = (object_id(&event), envelope(event.to_string().as_bytes()));
        }
    }
}

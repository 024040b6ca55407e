//! Events that arrive twice, late, or from the wrong account.

use domain::events::{EventOutcome, EventStatus};
use engine::stripe::webhooks::DeliveryOutcome;
use sandbox::{ApiVersion, NewSession};
use serde_json::{Value, json};

use crate::harness::{World, checkout};

#[tokio::test]
async fn a_replay_after_the_work_changes_nothing() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    let bought = world.buy(checkout(&world.monthly(2_000, "usd"), &token));
    world.stripe.refund(&bought.charge.unwrap(), Some(500)).unwrap();
    world.deliver(ApiVersion::ACACIA).await;
    let before = (world.ledger().await, entry_ids(&world).await);
    assert_eq!(before.0, ["mira 300 usd by metadata"]);
    for event in world.events(ApiVersion::ACACIA) {
        let received = world.deliver_event(&event, ApiVersion::ACACIA).await.unwrap();
        assert_eq!(received, DeliveryOutcome::Duplicate);
    }
    world.wait_for_the_grace_period().await;
    assert_eq!((world.ledger().await, entry_ids(&world).await), before);
    world.check_books().await;
}

/// The same facts under other event ids, as a second endpoint in another version sends
/// them, book nothing either.
#[tokio::test]
async fn two_endpoints_in_two_versions_book_once() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.monthly(2_000, "usd"), &token));
    world.deliver(ApiVersion::NEWEST).await;
    let before = entry_ids(&world).await;
    for event in world.events(ApiVersion::ACACIA) {
        let mut body = json_of(&event, ApiVersion::ACACIA);
        body["id"] = json!(format!("{}_again", event.id()));
        let received = world.deliver_body(&world.engine, body.to_string().as_bytes()).await.unwrap();
        assert_eq!(received, DeliveryOutcome::Stored);
    }
    world.wait_for_the_grace_period().await;
    assert_eq!(world.ledger().await, ["mira 400 usd by metadata"]);
    assert_eq!(entry_ids(&world).await, before);
    world.check_books().await;
}

#[tokio::test]
async fn events_of_the_other_mode_are_kept_and_ignored() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    world.deliver(ApiVersion::ACACIA).await;
    let before = world.ledger().await;
    world
        .stripe
        .refund(&world.buy(checkout(&world.once(9_900, "usd"), &token)).charge.unwrap(), None)
        .unwrap();
    for event in world.events(ApiVersion::ACACIA) {
        let mut body = json_of(&event, ApiVersion::ACACIA);
        body["livemode"] = json!(true);
        body["id"] = json!(format!("{}_live", event.id()));
        world.deliver_body(&world.engine, body.to_string().as_bytes()).await.unwrap();
    }
    world.wait_for_the_grace_period().await;
    assert_eq!(world.ledger().await, before);
    let (merchant, program) = (&world.merchant, &world.program.id);
    let filter = engine::stripe::events::Filter { status: Some(EventStatus::Ignored), ..Default::default() };
    let ignored = engine::stripe::events::list(&world.engine, merchant, program, &filter, None, 100);
    let ignored = ignored.await.unwrap();
    let other_mode =
        ignored.iter().filter(|e| matches!(e.outcome, Some(EventOutcome::WrongMode { .. }))).count();
    assert_eq!(other_mode, world.events(ApiVersion::ACACIA).len());
    world.check_books().await;
}

/// The later of two payments arrives first and attributes the customer; then the earlier one
/// with another affiliate's click.
#[tokio::test]
async fn an_earlier_payment_that_arrives_later_is_the_first_payment() {
    let world = World::new().await;
    let customer = world.stripe.create_customer("ann@buyers.example", "Ann", sandbox::Metadata::new());
    let mut events = Vec::new();
    for name in ["mira", "noah"] {
        world.time.days(1);
        let token = world.click(name).await;
        world.time.days(1);
        let session = checkout(&world.once(4_900, "usd"), &token);
        world.buy(NewSession { customer: Some(customer.clone()), ..session });
        let seen = events.len();
        let new = world.events(ApiVersion::NEWEST).split_off(seen);
        events.extend(new);
    }
    let (earlier, later): (Vec<_>, Vec<_>) = events.iter().partition(|e| e.created() < world.time.now());
    for event in later {
        world.deliver_event(event, ApiVersion::NEWEST).await.unwrap();
        world.work().await;
    }
    assert_eq!(world.ledger().await, ["noah 980 usd by metadata"]);
    world.check_books().await;
    for event in earlier {
        world.deliver_event(event, ApiVersion::NEWEST).await.unwrap();
        world.work().await;
    }
    world.wait_for_the_grace_period().await;
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata", "mira 980 usd by known_customer"]);
    world.check_books().await;
}

#[tokio::test]
async fn a_signed_body_that_cannot_be_read_is_kept_and_harms_nothing() {
    let world = World::new().await;
    let long = "x".repeat(5_000);
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"not json".to_vec(),
        b"\xff\xfe\x00".to_vec(),
        b"[]".to_vec(),
        br#"{"id":"evt_a"}"#.to_vec(),
        br#"{"id":"evt_b","type":"charge.succeeded"}"#.to_vec(),
        br#"{"id":"evt_c","type":"charge.succeeded","data":{"object":{"id":"ch_1"}}}"#.to_vec(),
        br#"{"id":"evt_d\u0000","type":"charge.succeeded\u0000","data":{"object":{}}}"#.to_vec(),
        br#"{"id":"evt_e","type":"customer.created","data":{"object":{"id":"cus_\u0000"}}}"#.to_vec(),
        format!(r#"{{"id":"evt_f","type":"customer.created","data":{{"object":{{"id":"cus_{long}"}}}}}}"#)
            .into(),
        json!({"id": "evt_g", "type": "charge.succeeded", "created": i64::MAX, "data": {"object": {
            "id": "ch_g", "amount": i64::MAX, "currency": "usd", "created": i64::MAX, "customer": "cus_g",
            "description": "a\u{0}b", "payment_intent": {"id": "pi_g\u{0}"}, "invoice": null,
        }}})
        .to_string()
        .into(),
    ];
    for body in &bodies {
        let received = world.deliver_body(&world.engine, body).await;
        assert_eq!(received.unwrap(), DeliveryOutcome::Stored, "{}", String::from_utf8_lossy(body));
    }
    world.wait_for_the_grace_period().await;
    let (merchant, program) = (&world.merchant, &world.program.id);
    let all = engine::stripe::events::list(
        &world.engine,
        merchant,
        program,
        &engine::stripe::events::Filter::default(),
        None,
        100,
    )
    .await
    .unwrap();
    assert_eq!(all.len(), bodies.len());
    assert!(all.iter().all(|event| event.status != EventStatus::Received && event.outcome.is_some()));
    world.check_books().await;
}

fn json_of(event: &sandbox::Event, version: ApiVersion) -> Value {
    serde_json::from_slice(&sandbox::render(event, version)).unwrap()
}

async fn entry_ids(world: &World) -> Vec<String> {
    let (merchant, program) = (&world.merchant, &world.program.id);
    let entries =
        engine::ledger::commissions::list(&world.engine, merchant, program, None, None, 1_000).await;
    entries.unwrap().into_iter().map(|stored| stored.entry.id.to_string()).collect()
}

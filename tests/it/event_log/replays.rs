//! Replaying events, and searching for them.

use domain::deliveries::EventSource;
use domain::events::{EventOutcome, EventStatus};
use engine::ledger::payments::{MOST_REPLAYED, replay, replay_range};
use engine::stripe::events::Filter;
use sandbox::{ApiVersion, NewSession};

use crate::harness::{World, checkout};

async fn find(world: &World, filter: &Filter) -> Vec<engine::stripe::events::InboxEvent> {
    engine::stripe::events::list(&world.engine, &world.merchant, &world.program.id, filter, None, 200)
        .await
        .unwrap()
}

/// Makes the world forget what one event said, as if an older version had not read it.
async fn forget(world: &World, event: &engine::stripe::events::InboxEvent) {
    let mut conn = world.engine.db().write().await.unwrap();
    let (outcome, object) =
        (EventOutcome::FieldMissing { field: "id".to_owned() }, event.object_id.as_deref());
    store::inbox::record_outcome(&mut conn, &event.id, &outcome, object, world.time.now()).await.unwrap();
    store::customers::forget_facts(&mut conn, &world.connection, &event.event_id).await.unwrap();
}

#[tokio::test]
async fn a_dry_run_of_processed_events_changes_nothing() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    world.deliver(ApiVersion::ACACIA).await;
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata"]);
    let (merchant, program) = (&world.merchant, &world.program.id);
    let filter = Filter::default();
    let all = find(&world, &filter).await;
    let dry = replay_range(&world.engine, merchant, program, &filter, true).await.unwrap();
    assert_eq!(dry.events.len(), all.len());
    assert!(dry.difference.is_empty(), "all of it is booked already");
    for event in &all {
        let seen = engine::stripe::events::detail(&world.engine, merchant, program, &event.id).await.unwrap();
        assert!(seen.attempts.is_empty(), "a dry run is no attempt");
        assert_eq!(seen.event.attempts, event.attempts);
    }
    world.check_books().await;
}

#[tokio::test]
async fn failed_events_are_replayed_and_counted_once() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    let bought = world.buy(checkout(&world.once(10_000, "usd"), &token));
    world.deliver(ApiVersion::ACACIA).await;
    world.stripe.refund(&bought.charge.unwrap(), Some(2_500)).unwrap();
    world.deliver(ApiVersion::ACACIA).await;
    assert_eq!(world.ledger().await, ["mira 1500 usd by metadata"]);
    // All that tells of the refund is lost, and a second look gives back what it had taken.
    let mut lost = find(&world, &Filter::default()).await;
    lost.retain(|event| event.event_type.contains("refund"));
    assert!(lost.len() > 1);
    for event in &lost {
        forget(&world, event).await;
    }
    let (merchant, program) = (&world.merchant, &world.program.id);
    let session = Filter { event_type: Some("checkout.session.completed".to_owned()), ..Filter::default() };
    let session = find(&world, &session).await.remove(0);
    replay(&world.engine, merchant, program, &session.id, false).await.unwrap();
    assert_eq!(world.ledger().await, ["mira 2000 usd by metadata"]);

    let failed = Filter { status: Some(EventStatus::Failed), ..Filter::default() };
    let dry = replay_range(&world.engine, merchant, program, &failed, true).await.unwrap();
    let told: Vec<_> =
        dry.difference.iter().map(|one| (one.affiliate_name.as_str(), one.amount.minor)).collect();
    assert_eq!(told, [("mira", -500)]);
    assert_eq!(world.ledger().await, ["mira 2000 usd by metadata"], "nothing was written");
    let done = replay_range(&world.engine, merchant, program, &failed, false).await.unwrap();
    assert_eq!(done.difference, dry.difference, "what was said is what is done");
    assert_eq!(world.ledger().await, ["mira 1500 usd by metadata"]);
    let again = replay_range(&world.engine, merchant, program, &Filter::default(), false).await.unwrap();
    assert!(again.difference.is_empty(), "any number of times");
    world.check_books().await;

    for event in &lost {
        let seen = engine::stripe::events::detail(&world.engine, merchant, program, &event.id).await.unwrap();
        assert_ne!(seen.event.status, EventStatus::Failed);
        assert_eq!(seen.attempts.len(), 2);
        assert_eq!(seen.attempts[0].by.as_deref(), Some("Olga"));
        assert!(seen.facts.is_some());
    }
}

#[tokio::test]
async fn the_attempts_kept_of_an_event_are_limited() {
    let mut world = World::new().await;
    world.buy(NewSession::of(&world.once(4_900, "usd")));
    world.deliver(ApiVersion::ACACIA).await;
    let event = find(&world, &Filter::default()).await.remove(0);
    let (merchant, program) = (&world.merchant, &world.program.id);
    for _ in 0..25 {
        world.time.advance(1);
        replay(&world.engine, merchant, program, &event.id, false).await.unwrap();
    }
    let seen = engine::stripe::events::detail(&world.engine, merchant, program, &event.id).await.unwrap();
    assert_eq!(seen.attempts.len(), 20, "the newest ones are kept");
    assert_eq!(MOST_REPLAYED, 200);
    let stranger = world.another(crate::harness::TERMS, "usd").await;
    let refused = replay(&world.engine, &stranger.merchant, &stranger.program.id, &event.id, true).await;
    assert!(matches!(refused, Err(engine::Error::NotFound)));
}

#[tokio::test]
async fn an_id_finds_the_events_of_its_payment_or_customer() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    let bought = world.buy(checkout(&world.monthly(2_000, "usd"), &token));
    world.deliver(ApiVersion::ACACIA).await;
    let mut other = world.another(crate::harness::TERMS, "usd").await;
    other.new_account();
    other.buy(NewSession::of(&other.once(4_900, "usd")));
    other.deliver(ApiVersion::ACACIA).await;
    let all = find(&world, &Filter::default()).await.len();
    let by = async |id: &str| {
        let filter = Filter { stripe_id: Some(id.to_owned()), ..Filter::default() };
        find(&world, &filter).await
    };
    let of_charge = by(bought.charge.as_deref().unwrap()).await;
    assert!(of_charge.iter().any(|event| event.event_type == "invoice.paid"), "under any of its ids");
    assert!(of_charge.iter().any(|event| event.event_type == "charge.succeeded"));
    let of_customer = by(bought.customer.as_deref().unwrap()).await;
    assert!(of_customer.len() > of_charge.len() && of_customer.len() <= all);
    let one = &of_charge[0];
    assert_eq!(by(&one.event_id).await.iter().map(|event| &event.id).collect::<Vec<_>>(), [&one.id]);
    assert!(by("pi_nobody").await.is_empty());
    let theirs = find(&other, &Filter::default()).await;
    assert!(by(&theirs[0].event_id).await.is_empty(), "another program's are not found");

    let live = Filter { livemode: Some(true), ..Filter::default() };
    assert!(find(&world, &live).await.is_empty(), "the sandbox is a test account");
    let test = Filter { livemode: Some(false), source: Some(EventSource::Webhook), ..Filter::default() };
    assert_eq!(find(&world, &test).await.len(), all);
    let later = Filter { from: Some(world.time.now().plus_ms(1)), ..Filter::default() };
    assert!(find(&world, &later).await.is_empty());
}

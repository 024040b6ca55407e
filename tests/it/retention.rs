//! What retention deletes, and what it keeps.

use domain::clock::DAY_MS;
use engine::ledger::verify;
use engine::retention;
use engine::tracking::clicks;
use sandbox::ApiVersion;

use crate::harness::{World, checkout};

/// The longest window is 30 days, and clicks stay 90 days longer.
const CLICK_DAYS: i64 = 120;

async fn clicks_of(world: &World) -> Vec<String> {
    let all = clicks::list(&world.engine, &world.merchant, &world.program.id, None, None, 100).await.unwrap();
    all.into_iter().map(|click| click.token.to_string()).collect()
}

#[tokio::test]
async fn clicks_are_deleted_after_their_time_and_credited_ones_stay() {
    let mut world = World::new().await;
    world.click("mira").await;
    let (bought, lead) = (world.click("mira").await, world.click("noah").await);
    world.lead(&lead, "ana@mailbox.example").await;
    let price = world.monthly(2_000, "usd");
    let subscription = world.buy(checkout(&price, &bought)).subscription.unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    let before = world.ledger().await;
    world.time.days(CLICK_DAYS - 1);
    retention::run(&world.engine).await.unwrap();
    assert_eq!(clicks_of(&world).await.len(), 3);
    world.time.days(2);
    let new = world.click("noah").await;
    retention::run(&world.engine).await.unwrap();
    retention::run(&world.engine).await.unwrap();
    let mut expected = vec![new, lead, bought];
    expected.sort();
    expected.reverse();
    assert_eq!(clicks_of(&world).await, expected);
    let checked = verify::ledger(&world.engine).await.unwrap();
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
    // The customer's next payment still finds the click of the first one.
    world.stripe.renew(&subscription).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    let after = world.ledger().await;
    assert_eq!((before.len(), after.len()), (1, 2));
    assert!(after.iter().all(|line| line.starts_with("mira 400 usd")), "{after:?}");
    world.check_books().await;
}

#[tokio::test]
async fn payloads_are_deleted_after_their_time_and_the_ledger_stays() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    world.deliver(ApiVersion::NEWEST).await;
    let ledger = world.ledger().await;
    let bodies = async || {
        let filter = engine::stripe::events::Filter::default();
        let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
        let events =
            engine::stripe::events::list(engine, merchant, program, &filter, None, 100).await.unwrap();
        let mut bodies = 0;
        for event in &events {
            let (_, body) = engine::stripe::events::get(engine, merchant, program, &event.id).await.unwrap();
            bodies += usize::from(!body.is_empty());
        }
        (events.len(), bodies, events)
    };
    let (all, with_body, events) = bodies().await;
    assert_eq!(all, with_body);
    world.time.advance(89 * DAY_MS);
    retention::run(&world.engine).await.unwrap();
    assert_eq!(bodies().await.1, all);
    world.time.days(2);
    retention::run(&world.engine).await.unwrap();
    assert_eq!(bodies().await.1, 0);
    let replay = engine::ledger::payments::replay;
    for event in &events {
        let replayed = replay(&world.engine, &world.merchant, &world.program.id, &event.id, false).await;
        assert!(replayed.unwrap().difference.is_empty());
    }
    assert_eq!(world.ledger().await, ledger);
    world.check_books().await;
}

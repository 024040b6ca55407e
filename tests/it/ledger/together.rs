//! Events that are processed together: the cost of a large buyer, and conflicts between batches.

use domain::clock::{MINUTE_MS, SECOND_MS, Timestamp};
use engine::Engine;
use sandbox::{ApiVersion, NewSession};
use store::db::AFTER_ALL_IDS;

use crate::harness::{World, checkout, engine_on};

/// The rows of a program that were written now, and how often its customers were.
async fn written(world: &World) -> (usize, usize, i64) {
    let mut conn = world.engine.db().read().await.unwrap();
    let now = [world.time.now().into()];
    let mut count = async |sql| conn.scalar::<i64>(sql, &now).await.unwrap();
    let payments = count("SELECT count(*) FROM payments WHERE updated_at = $1").await;
    let entries = count("SELECT count(*) FROM entries WHERE at = $1").await;
    let versions = "SELECT CAST(coalesce(sum(version), 0) AS BIGINT) FROM customers WHERE $1 > 0";
    (usize::try_from(payments).unwrap(), usize::try_from(entries).unwrap(), count(versions).await)
}

/// How many payments an affiliate is credited with.
async fn credited(world: &World, name: &str) -> usize {
    let mut conn = world.engine.db().read().await.unwrap();
    let sql = "SELECT count(*) FROM conversions WHERE affiliate_id = $1 AND NOT canceled";
    let count = conn.scalar::<i64>(sql, &[(&world.affiliates[name].id).into()]).await.unwrap();
    usize::try_from(count).unwrap()
}

#[tokio::test]
async fn the_next_payment_of_a_buyer_with_many_writes_one_payment() {
    let mut world = World::new().await;
    let token = world.click("mira").await;
    let bought = world.buy(checkout(&world.monthly(2_000, "usd"), &token));
    let subscription = bought.subscription.unwrap();
    for _ in 0..60 {
        world.stripe.renew(&subscription).unwrap();
    }
    world.deliver(ApiVersion::ACACIA).await;
    world.time.advance(MINUTE_MS);
    world.stripe.renew(&subscription).unwrap();
    let new: Vec<_> = world.events(ApiVersion::ACACIA).into_iter().rev().take(5).collect();
    let (_, _, before) = written(&world).await;
    world.time.advance(MINUTE_MS);
    for event in new.iter().rev() {
        world.deliver_event(event, ApiVersion::ACACIA).await.unwrap();
    }
    world.work().await;
    let (payments, entries, after) = written(&world).await;
    assert_eq!((payments, entries), (1, 1), "what is the same is not written");
    assert_eq!(after - before, 1, "several events of a buyer are one write");
    world.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_with_one_affiliate_take_turns() {
    const BUYERS: usize = 40;
    let mut world = World::new().await;
    for _ in 0..BUYERS {
        world.new_account();
        let token = world.click("mira").await;
        world.buy(checkout(&world.once(4_900, "usd"), &token));
        for event in world.events(ApiVersion::ACACIA) {
            world.deliver_event(&event, ApiVersion::ACACIA).await.unwrap();
        }
    }
    let nodes: [Engine; 2] = [101, 102].map(|seed| engine_on(&world.db, &world.time, seed));
    let [one, two] = nodes.map(|node| tokio::spawn(async move { engine::worker::drain(&node).await }));
    one.await.unwrap().unwrap();
    two.await.unwrap().unwrap();
    let mut conn = world.engine.db().read().await.unwrap();
    let first = (Timestamp(i64::MAX), AFTER_ALL_IDS);
    let filter = store::inbox::Filter::default();
    let events = store::inbox::list(&mut conn, &world.program.id, &filter, first, 1_000).await.unwrap();
    drop(conn);
    assert!(events.len() >= BUYERS);
    assert!(events.iter().all(|event| event.attempts == 1), "nobody has waited for a retry");
    assert_eq!(credited(&world, "mira").await, BUYERS);
    world.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lead_and_a_payment_at_the_same_moment_find_each_other() {
    const BUYERS: usize = 20;
    let mut world = World::new().await;
    let node = engine_on(&world.db, &world.time, 101);
    for _ in 0..BUYERS {
        world.new_account();
        let token = world.click("noah").await;
        world.time.advance(SECOND_MS);
        // Nothing but the address leads to the click.
        let session =
            NewSession { always_create_customer: true, ..NewSession::of(&world.once(4_900, "usd")) };
        world.buy(session);
        for event in world.events(ApiVersion::ACACIA) {
            world.deliver_event(&event, ApiVersion::ACACIA).await.unwrap();
        }
        let node = node.clone();
        let work = tokio::spawn(async move { engine::worker::drain(&node).await });
        world.lead(&token, &world.buyer_email()).await;
        work.await.unwrap().unwrap();
    }
    world.wait_for_the_grace_period().await;
    assert_eq!(credited(&world, "noah").await, BUYERS);
    world.check_books().await;
}

//! Several nodes at once on one database.

use domain::terms::{ClickModel, Terms, TermsChange};
use engine::Engine;
use engine::programs::terms;
use engine::stripe::webhooks::DeliveryOutcome;
use futures::future::join_all;
use sandbox::ApiVersion;

use crate::harness::{TERMS, World, checkout, engine_on};

/// Hands each body over by every node at once; answers what became of them.
async fn deliver_to_all_nodes(world: &World, nodes: &[Engine], bodies: &[Vec<u8>]) -> Vec<DeliveryOutcome> {
    let deliveries =
        nodes.iter().flat_map(|node| bodies.iter().map(move |body| world.deliver_body(node, body)));
    join_all(deliveries).await.into_iter().map(|outcome| outcome.expect("it is taken")).collect()
}

/// All nodes work until nothing is left.
async fn work_by_all(world: &World, nodes: &[Engine]) {
    let workers = nodes.iter().cloned().map(|node| {
        tokio::spawn(async move { engine::worker::drain(&node).await.expect("the work can be done") })
    });
    for worker in join_all(workers).await {
        worker.expect("a worker ends");
    }
    world.wait_for_the_grace_period().await;
}

fn nodes(world: &World, count: u64) -> Vec<Engine> {
    (0..count).map(|node| engine_on(&world.db, &world.time, 100 + node)).collect()
}

/// All entries of the program.
async fn entries(world: &World) -> Vec<(&'static str, i64)> {
    let entries = engine::ledger::commissions::list(
        &world.engine,
        &world.merchant,
        &world.program.id,
        None,
        None,
        1_000,
    );
    let entries = entries.await.expect("entries");
    entries.into_iter().map(|stored| (stored.entry.kind.word(), stored.entry.amount)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_event_delivered_sixteen_times_at_once_earns_once() {
    let world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    let event =
        world.events(ApiVersion::ACACIA).into_iter().find(|e| e.kind() == "checkout.session.completed");
    let body = sandbox::render(&event.expect("a completed session"), ApiVersion::ACACIA);
    let nodes = nodes(&world, 16);
    let received = deliver_to_all_nodes(&world, &nodes, &[body]).await;
    assert_eq!(received.iter().filter(|r| **r == DeliveryOutcome::Stored).count(), 1);
    assert_eq!(received.iter().filter(|r| **r == DeliveryOutcome::Duplicate).count(), 15);
    work_by_all(&world, &nodes).await;
    assert_eq!(entries(&world).await, [("earn", 980)]);
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata"]);
    world.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_events_of_one_payment_at_once_earn_once() {
    let world = World::new().await;
    let token = world.click("mira").await;
    world.buy(checkout(&world.once(4_900, "usd"), &token));
    let bodies: Vec<Vec<u8>> =
        world.events(ApiVersion::NEWEST).iter().map(|e| sandbox::render(e, ApiVersion::NEWEST)).collect();
    assert_eq!(bodies.len(), 2);
    let nodes = nodes(&world, 8);
    let received = deliver_to_all_nodes(&world, &nodes, &bodies).await;
    assert_eq!(received.iter().filter(|r| **r == DeliveryOutcome::Stored).count(), 2);
    work_by_all(&world, &nodes).await;
    assert_eq!(entries(&world).await, [("earn", 980)]);
    assert_eq!(world.ledger().await, ["mira 980 usd by metadata"]);
    world.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_chain_of_an_affiliate_survives_many_buyers_at_once() {
    let mut world = World::new().await;
    let nodes = nodes(&world, 4);
    let mut bodies = Vec::new();
    for _ in 0..16 {
        world.new_account();
        let token = world.click("mira").await;
        world.buy(checkout(&world.monthly(2_000, "usd"), &token));
        bodies
            .extend(world.events(ApiVersion::NEWEST).iter().map(|e| sandbox::render(e, ApiVersion::NEWEST)));
    }
    for (place, body) in bodies.iter().enumerate() {
        world.deliver_body(&nodes[place % nodes.len()], body).await.expect("it is taken");
    }
    work_by_all(&world, &nodes).await;
    let earned: i64 = entries(&world).await.into_iter().map(|(_, amount)| amount).sum();
    assert_eq!(earned, 16 * 400);
    world.check_books().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn partial_changes_of_the_terms_at_once_all_survive() {
    let world = World::new().await;
    let changes = [
        TermsChange { window_days: Some(7), ..TermsChange::default() },
        TermsChange { hold_days: Some(3), ..TermsChange::default() },
        TermsChange { minimum_payout_minor: Some(12_300), ..TermsChange::default() },
        TermsChange { click_model: Some(ClickModel::First), ..TermsChange::default() },
    ];
    let made = nodes(&world, changes.len() as u64).into_iter().zip(changes).map(|(node, change)| {
        let (merchant, program) = (world.merchant.clone(), world.program.id.clone());
        tokio::spawn(async move { terms::change(&node, &merchant, &program, &change).await })
    });
    for version in join_all(made).await {
        version.expect("a node ends").expect("the terms change");
    }
    let versions = terms::list(&world.engine, &world.merchant, &world.program.id).await.expect("versions");
    let numbers: Vec<i64> = versions.iter().map(|version| version.version).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    let all = Terms {
        window_days: 7,
        hold_days: 3,
        minimum_payout_minor: 12_300,
        click_model: ClickModel::First,
        ..TERMS
    };
    assert_eq!(versions.last().expect("the newest").terms, all);
}

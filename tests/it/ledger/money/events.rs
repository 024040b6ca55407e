//! Events that are ignored, and events of an account that does not belong to the connection.

use domain::clock::Timestamp;
use domain::events::EventOutcome;
use engine::stripe::connections;
use serde_json::json;

use crate::harness::World;
use crate::ledger::timeline::{Shape, Timeline, day, lines, with};

#[tokio::test]
async fn thin_events_and_unknown_types_are_ignored_with_a_reason() {
    let thin = |kind: &str| {
        json!({
            "object": "v2.core.event", "type": kind, "created": "2026-03-07T09:00:00.000Z", "data": null,
            "snapshot_event": "evt_whole", "context": "acct_mine",
            "related_object": {"id": "in_1", "type": "invoice", "url": "/v1/invoices/in_1"},
        })
    };
    let world = World::new().await;
    let mut timeline = Timeline::new(Shape::Endive);
    timeline.add_with(day(0), thin("v1.invoice.paid"), json!({}));
    timeline.add_with(day(0), thin("v2.core.account.updated"), json!({}));
    timeline.add_with(day(0), json!({"type": "payout.paid", "data": null}), json!({}));
    deliver_all(&world, &timeline).await;
    let outcomes: Vec<(&str, i64)> = events(&world)
        .await
        .iter()
        .map(|event| {
            (event.outcome.as_ref().map_or("", EventOutcome::word), event.event_created_at.seconds())
        })
        .collect();
    let mut sorted = outcomes.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted.iter().map(|(word, _)| *word).collect::<Vec<_>>(),
        ["thin_event", "type_not_handled", "type_not_handled"]
    );
    assert!(outcomes.iter().all(|(_, created)| *created == day(0)), "{outcomes:?}");
}

#[tokio::test]
async fn a_manual_connection_counts_one_account() {
    let world = World::new().await;
    let timeline_of = |number, account: &str| {
        let mut timeline = Timeline::new(Shape::Acacia);
        let charge =
            with(timeline.charge(number, 1_000, day(0), None), json!({"customer": format!("cus_{account}")}));
        let envelope = json!({"id": format!("evt_{number}"), "type": "charge.succeeded", "account": account});
        timeline.add_with(day(0), envelope, charge);
        timeline
    };
    for (number, account) in [(1, "acct_mine"), (2, "acct_other"), (3, "acct_mine")] {
        deliver_all(&world, &timeline_of(number, account)).await;
    }
    assert_eq!(lines(&world).await.len(), 2);
    let (merchant, program) = (world.merchant.clone(), world.program.id.clone());
    let connection = async |world: &World| {
        let status = connections::status(&world.engine, &merchant, &program).await.unwrap();
        let connection = status.connection.unwrap();
        (connection.events_account, connection.other_account)
    };
    let (mine, other) = ("acct_mine".to_owned(), "acct_other".to_owned());
    assert_eq!(connection(&world).await, (Some(mine), Some(other.clone())));
    connections::choose_account(&world.engine, &merchant, &program, "acct_third").await.unwrap_err();
    connections::choose_account(&world.engine, &merchant, &program, "acct_other").await.unwrap();
    assert_eq!(connection(&world).await, (Some(other), None));
    world.work().await;
    assert_eq!(lines(&world).await.len(), 3, "what was kept of it is processed by itself");
    deliver_all(&world, &timeline_of(4, "acct_other")).await;
    deliver_all(&world, &timeline_of(5, "acct_mine")).await;
    assert_eq!(lines(&world).await.len(), 4);
}

async fn deliver_all(world: &World, timeline: &Timeline) {
    for (at, body) in timeline.bodies() {
        world.time.set(Timestamp::from_seconds(at + 1));
        world.deliver_body(&world.engine, &body).await.expect("the event is taken");
        world.work().await;
    }
}

async fn events(world: &World) -> Vec<engine::stripe::events::InboxEvent> {
    let (merchant, program) = (&world.merchant, &world.program.id);
    let filter = engine::stripe::events::Filter::default();
    engine::stripe::events::list(&world.engine, merchant, program, &filter, None, 100).await.unwrap()
}

//! Several nodes, killed runs, the daily check, and manual connections.

use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::repairs::{LineStatus, RepairCause, RepairLineCode as Code, RepairOutcome};
use sandbox::{Defect, Failure, Fault};

use crate::harness::{World, engine_at};
use crate::stripe::shop::{Shop, codes, text};

#[tokio::test]
async fn two_nodes_that_repair_at_once_do_it_once() {
    let mut shop = Shop::by_key().await;
    let other = engine_at(&shop.world.db, &shop.world.time, 2, &shop.services);
    shop.break_endpoint(Defect::Deleted);
    shop.sell().await;
    let world = &shop.world;
    let press = async |node: &engine::Engine| {
        engine::stripe::repair::start(node, &world.merchant, &world.program.id, RepairCause::Button)
            .await
            .unwrap()
    };
    let (one, two) = tokio::join!(press(&world.engine), press(&other));
    assert_eq!(one.id, two.id, "the second press finds the first");
    let (a, b) = tokio::join!(engine::worker::drain(&world.engine), engine::worker::drain(&other));
    a.unwrap();
    b.unwrap();
    world.work().await;
    let created = shop.world.stripe.requests().into_iter();
    let created = created.filter(|asked| asked.method == "POST" && asked.path == "/v1/webhook_endpoints");
    assert_eq!(created.count(), 2, "once when it was connected, once now");
    assert_eq!(shop.endpoints().len(), 1);
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn a_run_that_was_killed_is_resumed_and_creates_nothing_twice() {
    let mut shop = Shop::by_key().await;
    let old = shop.endpoints()[0].id.clone();
    shop.break_endpoint(Defect::Deleted);
    shop.sell().await;
    // Stripe is silent after it has made the endpoint: the run is under way when it is cut off.
    shop.world.stripe.fail(Fault::new(Failure::Silence).on("/v1/events"));
    let world = &shop.world;
    let started =
        engine::stripe::repair::start(&world.engine, &world.merchant, &world.program.id, RepairCause::Button)
            .await
            .unwrap();
    let killed = tokio::spawn({
        let engine = world.engine.clone();
        async move { engine::worker::drain(&engine).await }
    });
    let report = loop {
        let (engine, merchant) = (&world.engine, &world.merchant);
        let report =
            engine::stripe::repair::report(engine, merchant, &world.program.id, &started.id).await.unwrap();
        if report.lines.iter().any(|line| line.code() == Code::EndpointCreated) {
            break report;
        }
        assert!(!killed.is_finished(), "the run ended before it was cut off: {report:?}");
        tokio::task::yield_now().await;
    };
    assert!(report.is_running());
    killed.abort();
    let _ = killed.await;
    world.stripe.clear_faults();

    let again =
        engine::stripe::repair::start(&world.engine, &world.merchant, &world.program.id, RepairCause::Api)
            .await
            .unwrap();
    assert_eq!(again.id, started.id, "it still counts as running");
    world.time.advance(2 * MINUTE_MS);
    world.work().await;
    let report =
        engine::stripe::repair::report(&world.engine, &world.merchant, &world.program.id, &started.id).await;
    let report = report.unwrap();
    assert_eq!(
        codes(&report),
        [Code::AccountReached, Code::EndpointHealthy, Code::EventsFetched],
        "{report:?}"
    );
    assert_eq!(shop.endpoints().len(), 1);
    assert_ne!(shop.endpoints()[0].id, old);
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn a_stalled_repair_does_not_block_the_next() {
    let shop = Shop::by_key().await;
    let world = &shop.world;
    let start = async || {
        engine::stripe::repair::start(&world.engine, &world.merchant, &world.program.id, RepairCause::Button)
            .await
            .unwrap()
    };
    let first = start().await;
    world.time.advance(10 * MINUTE_MS);
    let second = start().await;
    assert_ne!(first.id, second.id);
    world.work().await;
    let report = async |id| {
        engine::stripe::repair::report(&world.engine, &world.merchant, &world.program.id, id).await.unwrap()
    };
    assert_eq!(report(&first.id).await.outcome, Some(RepairOutcome::Interrupted));
    assert_eq!(report(&second.id).await.outcome, Some(RepairOutcome::Healthy));
}

#[tokio::test]
async fn the_daily_check_repairs_and_retries_problems_every_hour() {
    let mut shop = Shop::by_key().await;
    let (stop, stopped) = tokio::sync::watch::channel(true);
    // Begins the looking, and stops at once.
    engine::worker::work(shop.world.engine.clone(), stopped).await;
    drop(stop);
    shop.break_endpoint(Defect::Disabled);
    shop.sell().await;
    shop.world.work().await;
    assert_eq!(shop.credited().await, 1, "not a day since it was connected");
    shop.world.time.advance(DAY_MS);
    shop.world.work().await;
    shop.world.work().await;
    assert_eq!(shop.credited().await, 2);
    let world = &shop.world;
    let latest = async || {
        engine::stripe::repair::latest(&world.engine, &world.merchant, &world.program.id)
            .await
            .unwrap()
            .unwrap()
    };
    let first = latest().await;
    assert_eq!(
        (first.cause, first.outcome, first.by),
        (RepairCause::Daily, Some(RepairOutcome::Repaired), None)
    );

    world.stripe.fail(Fault::new(Failure::Status(500)).on("/v1/account"));
    world.time.advance(2 * HOUR_MS);
    world.work().await;
    assert_eq!(latest().await.id, first.id, "healthy: not before tomorrow");
    world.time.advance(DAY_MS);
    world.work().await;
    let failed = latest().await;
    assert_eq!(failed.outcome, Some(RepairOutcome::NeedsAttention));
    world.stripe.clear_faults();
    world.time.advance(HOUR_MS + 6 * MINUTE_MS);
    world.work().await;
    assert_eq!(latest().await.outcome, Some(RepairOutcome::Healthy), "tried again within the hour");
}

#[tokio::test]
async fn problems_the_daily_check_cannot_fix_are_mailed_once() {
    let shop = Shop::by_key().await;
    let (_stop, stopped) = tokio::sync::watch::channel(true);
    engine::worker::work(shop.world.engine.clone(), stopped).await;
    shop.break_endpoint(Defect::Disabled);
    let permission = sandbox::Permission::WebhookEndpoints;
    shop.world.stripe.set_permission(&shop.key, permission, Some(sandbox::Level::Read)).unwrap();
    for _ in 0..3 {
        shop.world.time.advance(DAY_MS);
        shop.world.work().await;
    }
    let mails = shop.services.mails();
    assert_eq!(mails.len(), 1, "the same problem once");
    assert!(mails[0].contains("needs your attention"), "{}", mails[0]);
}

#[tokio::test]
async fn the_report_says_what_to_change_for_a_manual_connection() {
    let world = World::new().await;
    let report =
        engine::stripe::repair::start(&world.engine, &world.merchant, &world.program.id, RepairCause::Button)
            .await
            .unwrap();
    assert_eq!(report.outcome, Some(RepairOutcome::NeedsAttention));
    assert!(report.lines.iter().all(|line| line.status() == LineStatus::Notice));
    let url = text(&report, Code::CheckUrl).quote;
    assert!(url.is_some_and(|url| url.ends_with(&world.endpoint)), "the address to compare");
}

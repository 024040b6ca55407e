//! Stripe's charges beside the payments here: what is missing, refunded differently or
//! counted twice, and importing it.

use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::reconciliations::{DifferenceKind, ReconciliationOutcome, ReconciliationStep};
use domain::repairs::StripeFailure;
use engine::stripe::reconciliation::{self, PeriodInput, ReconciliationReport};
use sandbox::{Failure, Fault};
use serde_json::{Value, json};

use crate::api::Client;
use crate::harness::World;
use crate::stripe::shop::Shop;

fn march() -> PeriodInput {
    PeriodInput { from: "2026-03-01".to_owned(), to: "2026-03-31".to_owned() }
}

async fn compare(shop: &Shop) -> ReconciliationReport {
    shop.world.time.advance(HOUR_MS);
    let world = &shop.world;
    let begun =
        reconciliation::start(&world.engine, &world.merchant, &world.program.id, &march()).await.unwrap();
    assert!(begun.is_running());
    finished(shop, &begun).await
}

async fn finished(shop: &Shop, begun: &ReconciliationReport) -> ReconciliationReport {
    let world = &shop.world;
    world.work().await;
    // Fetched events have to be processed before they are compared.
    world.time.advance(MINUTE_MS);
    world.work().await;
    let report = reconciliation::report(&world.engine, &world.merchant, &world.program.id, &begun.id).await;
    let report = report.unwrap();
    assert!(!report.is_running(), "{report:?}");
    report
}

fn found(report: &ReconciliationReport) -> Vec<(DifferenceKind, i64, i64, i64, i64)> {
    let of = |d: &reconciliation::Difference| {
        (d.kind, d.stripe_amount, d.stripe_refunded, d.our_amount, d.our_refunded)
    };
    report.differences.iter().map(of).collect()
}

/// A sale that arrived and was refunded, a refund and a sale that did not arrive.
async fn behind(mut shop: Shop) -> Shop {
    let charge = |shop: &Shop| shop.newest_charge();
    let first = charge(&shop);
    shop.sell().await;
    shop.world.stripe.refund(&charge(&shop), Some(2_000)).unwrap();
    shop.deliver().await;
    shop.break_endpoint(sandbox::Defect::Disabled);
    shop.world.stripe.refund(&first, None).unwrap();
    shop.sell().await;
    shop.deliver().await;
    shop
}

#[tokio::test]
async fn differences_are_found_and_imported() {
    for shop in [behind(Shop::by_key().await).await, behind(Shop::by_oauth().await).await] {
        let report = compare(&shop).await;
        let missing = (DifferenceKind::Missing, 5_000, 0, 0, 0);
        let refunded = (DifferenceKind::Refund, 5_000, 5_000, 5_000, 0);
        assert_eq!(found(&report), [missing, refunded], "{report:?}");
        assert_eq!(
            (report.charges, report.calls, &report.outcome),
            (3, 1, &Some(ReconciliationOutcome::Complete))
        );
        assert!(report.can_backfill());

        let world = &shop.world;
        let begun =
            reconciliation::backfill(&world.engine, &world.merchant, &world.program.id, &report.id).await;
        let again = finished(&shop, &begun.unwrap()).await;
        assert_eq!(found(&again), [], "{again:?}");
        assert!(again.backfilled.is_some_and(|events| events > 0), "{again:?}");
        world.check_books().await;
        let mut ledger = world.ledger().await;
        ledger.sort();
        let starts: Vec<&str> = ledger.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
        assert_eq!(starts, ["0", "1000", "600"], "{ledger:?}");

        assert_eq!(found(&compare(&shop).await), [], "and again nothing");
    }
}

#[tokio::test]
async fn reconciliation_by_the_api() {
    let shop = behind(Shop::by_key().await).await;
    shop.world.time.advance(HOUR_MS);
    let world = &shop.world;
    let client = Client::of(world, &world.merchant, None).await;
    let path = format!("/programs/{}/reconciliations", world.program.id);
    let begun = client.post(&path, json!({"from": "2026-03-01", "to": "2026-03-31"})).await;
    assert_eq!((begun.status, &begun.data()["finished"]), (202, &json!(false)));
    let settle = async || {
        world.work().await;
        world.time.advance(MINUTE_MS);
        world.work().await;
    };
    settle().await;
    let one = format!("{path}/{}", begun.id());
    let report = client.get(&one).await;
    let data = report.data();
    assert_eq!(
        (&data["finished"], &data["charges"], &data["problem"]),
        (&json!(true), &json!(3), &Value::Null)
    );
    let kinds: Vec<_> = data["differences"].as_array().unwrap().iter().map(|it| &it["kind"]).collect();
    assert_eq!(kinds, ["missing", "refund"]);
    assert_eq!(data["differences"][0]["stripeAmount"], json!({"amount": 5_000, "currency": "usd"}));
    assert_eq!(data["differences"][0]["paymentId"], Value::Null);

    let begun = client.post(&format!("{one}/import"), json!({})).await;
    settle().await;
    let again = client.get(&format!("{path}/{}", begun.id())).await;
    assert_eq!(again.data()["differences"], json!([]));
    assert!(again.data()["eventsImported"].as_i64().is_some_and(|events| events > 0));
    let nothing_left = client.post(&format!("{path}/{}/import", begun.id()), json!({})).await;
    assert_eq!(nothing_left.code(), "forbidden");
    let refused = client.post(&path, json!({"from": "yesterday", "to": "2026-03-31"})).await;
    assert_eq!(refused.pointers(), ["/from"]);
}

#[tokio::test]
async fn databases_that_are_too_old_are_named() {
    let shop = behind(Shop::by_key().await).await;
    shop.world.time.days(40);
    let report = compare(&shop).await;
    assert_eq!(report.differences.len(), 2);
    assert!(report.differences.iter().all(|difference| !difference.can_be_backfilled));
    let world = &shop.world;
    let refused =
        reconciliation::backfill(&world.engine, &world.merchant, &world.program.id, &report.id).await;
    assert!(refused.unwrap_err().to_string().contains("30 days"));
}

/// Why the charges could not be listed.
fn charges_failure(report: &ReconciliationReport) -> Option<StripeFailure> {
    match report.outcome {
        Some(ReconciliationOutcome::Failed { step: ReconciliationStep::ListCharges, failure, .. }) => {
            Some(failure)
        }
        _ => None,
    }
}

#[tokio::test]
async fn a_failure_of_stripe_is_reported_and_changes_nothing() {
    let shop = behind(Shop::by_key().await).await;
    for failure in [Failure::Status(500), Failure::Garbage, Failure::TooMany { retry_after: Some(3_600) }] {
        shop.world.stripe.fail(Fault::new(failure).on("/v1/charges"));
        let report = compare(&shop).await;
        assert_eq!(charges_failure(&report), Some(StripeFailure::NoAnswer), "{report:?}");
        assert_eq!(report.differences, []);
        shop.world.stripe.clear_faults();
    }
    shop.world.stripe.set_permission(&shop.key, sandbox::Permission::Charges, None).unwrap();
    let report = compare(&shop).await;
    assert_eq!(charges_failure(&report), Some(StripeFailure::PermissionMissing), "{report:?}");
}

#[tokio::test]
async fn periods_are_validated_and_manual_connections_cannot_be_reconciled() {
    let shop = Shop::by_key().await;
    let world = &shop.world;
    for (from, to) in
        [("", "2026-03-02"), ("2026-03-02", "2026-03-01"), ("2026-01-01", "2026-12-31"), ("2026-03-01", "x")]
    {
        let period = PeriodInput { from: from.to_owned(), to: to.to_owned() };
        let refused = reconciliation::start(&world.engine, &world.merchant, &world.program.id, &period).await;
        assert!(matches!(refused, Err(engine::Error::Invalid(_))), "{from} {to}");
    }
    let by_hand = World::new().await;
    let refused =
        reconciliation::start(&by_hand.engine, &by_hand.merchant, &by_hand.program.id, &march()).await;
    assert!(matches!(refused, Err(engine::Error::Forbidden(_))));
    assert!(
        !reconciliation::is_possible(&by_hand.engine, &by_hand.merchant, &by_hand.program.id).await.unwrap()
    );
}

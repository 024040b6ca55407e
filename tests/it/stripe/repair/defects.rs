//! Every way for an endpoint to stop working, by key and by OAuth: what the report says,
//! and that the sale that was missed is credited once.

use domain::connections::ConnectionProblem;
use engine::stripe::repair::Outcome;
use sandbox::{Defect, NewEndpoint};

use crate::stripe::shop::{Shop, codes, line};

/// Breaks, sells, repairs, sells: three sales are credited in the end, each once.
async fn goes_round(mut shop: Shop, defect: Defect, expected: &[&str], arrives: bool) {
    shop.break_endpoint(defect);
    shop.sell().await;
    shop.deliver().await;
    assert_eq!(shop.credited().await, if arrives { 2 } else { 1 }, "{defect:?}");

    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(Outcome::Mended), "{report:?}");
    assert_eq!(codes(&report), expected, "{report:?}");
    assert_eq!(report.recovered > 0, !arrives, "{report:?}");
    assert_eq!(shop.credited().await, 2, "{defect:?}: what was missed is here");
    let brought: Vec<i64> = shop.report(&report.id).await.brought.iter().map(|sum| sum.minor).collect();
    assert_eq!(brought, if arrives { vec![] } else { vec![1_000] }, "{defect:?}: and what it came to");

    shop.sell().await;
    assert_eq!(shop.deliver().await, Vec::<String>::new(), "{defect:?}: deliveries are taken again");
    assert_eq!(shop.credited().await, 3);
    assert_eq!(shop.endpoints().len(), 1);
    let status = shop.status().await.connection.unwrap();
    assert_eq!((status.problem, status.recovered), (None, report.recovered));

    let again = shop.repair().await;
    assert_eq!(again.outcome, Some(Outcome::Well), "{again:?}");
    assert_eq!((codes(&again), again.recovered), (vec!["reached", "endpoint_well", "events_fetched"], 0));
    assert_eq!(shop.credited().await, 3, "nothing counts twice");
}

const MADE: [&str; 4] = ["reached", "endpoint_missing", "endpoint_made", "events_fetched"];

const CASES: [(Defect, &[&str], bool); 7] = [
    (Defect::Deleted, &MADE, false),
    (Defect::Disabled, &["reached", "endpoint_found", "switched_on", "events_fetched"], false),
    (Defect::WrongUrl, &["reached", "endpoint_found", "address_corrected", "events_fetched"], false),
    (Defect::FewerEvents, &["reached", "endpoint_found", "types_added", "events_fetched"], false),
    (
        Defect::SecretRolled,
        &["reached", "signatures_fail", "endpoint_made", "leftover_deleted", "events_fetched"],
        false,
    ),
    (
        Defect::WrongVersion,
        &["reached", "secret_lost", "endpoint_made", "leftover_deleted", "events_fetched"],
        true,
    ),
    (Defect::Doubled, &["reached", "endpoint_well", "leftover_deleted", "events_fetched"], true),
];

#[tokio::test]
async fn each_defect_is_put_right_by_a_restricted_key() {
    for (defect, expected, arrives) in CASES {
        goes_round(Shop::by_key().await, defect, expected, arrives).await;
    }
}

#[tokio::test]
async fn each_defect_is_put_right_at_the_platforms_endpoint() {
    for (defect, expected, arrives) in CASES {
        goes_round(Shop::by_oauth().await, defect, expected, arrives).await;
    }
}

#[tokio::test]
async fn a_secret_that_was_lost_here_is_replaced_with_its_endpoint() {
    let mut shop = Shop::by_key().await;
    let mut conn = shop.world.engine.db().write().await.unwrap();
    let now = shop.world.time.now();
    store::connections::expire_secrets(&mut conn, &shop.world.connection, now).await.unwrap();
    drop(conn);
    shop.world.time.advance(10_000);
    shop.sell().await;
    assert!(!shop.deliver().await.is_empty(), "refused for the signature");
    let old = shop.endpoints()[0].id.clone();
    let report = shop.repair().await;
    assert_eq!(
        codes(&report),
        ["reached", "secret_lost", "endpoint_made", "leftover_deleted", "events_fetched"]
    );
    assert!(line(&report, "leftover_deleted").text.contains(&old));
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn other_peoples_endpoints_are_left_alone() {
    let shop = Shop::by_key().await;
    let theirs = NewEndpoint {
        url: "https://lumen.example/hooks".to_owned(),
        enabled_events: vec!["*".to_owned()],
        ..NewEndpoint::default()
    };
    let (theirs, _) = shop.world.stripe.add_endpoint(theirs).unwrap();
    shop.break_endpoint(Defect::Deleted);
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(Outcome::Mended));
    assert!(line(&report, "endpoint_missing").text.contains("left alone"));
    assert!(shop.world.stripe.endpoints().iter().any(|endpoint| endpoint.id == theirs));
}

#[tokio::test]
async fn an_account_that_is_full_is_told_so_and_nothing_is_lost() {
    let mut shop = Shop::by_key().await;
    shop.break_endpoint(Defect::Deleted);
    for number in 0..16 {
        let url = format!("https://lumen.example/hooks/{number}");
        let enabled_events = vec!["*".to_owned()];
        shop.world
            .stripe
            .add_endpoint(NewEndpoint { url, enabled_events, ..NewEndpoint::default() })
            .unwrap();
    }
    shop.sell().await;
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(Outcome::Trouble));
    let refused = line(&report, "too_many_endpoints");
    assert!(refused.text.contains("Delete one") && refused.quote.is_some(), "{refused:?}");
    assert_eq!(shop.credited().await, 2, "the sale came by the replay all the same");
    let status = shop.status().await.connection.unwrap();
    assert_eq!(status.problem, Some(ConnectionProblem::RepairFailed { message: refused.text.clone() }));

    let one = shop.world.stripe.endpoints()[0].id.clone();
    shop.world.stripe.delete_endpoint(&one).unwrap();
    assert_eq!(shop.repair().await.outcome, Some(Outcome::Mended));
    assert_eq!(shop.status().await.connection.unwrap().problem, None);

    // Full again, and ours has to be replaced: it makes room itself.
    shop.break_endpoint(Defect::WrongVersion);
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(Outcome::Mended), "{report:?}");
    assert_eq!(
        codes(&report),
        ["reached", "secret_lost", "leftover_deleted", "endpoint_made", "events_fetched"]
    );
}

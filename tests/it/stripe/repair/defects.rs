//! Every way for an endpoint to stop working, by key and by OAuth: what the report says,
//! and that the sale that was missed is credited once.

use domain::connections::ConnectionProblem;
use domain::repairs::{RepairLineCode as Code, RepairOutcome};
use sandbox::{Defect, NewEndpoint};

use crate::stripe::shop::{Shop, codes, line, text};

/// Breaks, sells, repairs, sells: three sales are credited in the end, each once.
async fn goes_round(mut shop: Shop, defect: Defect, expected: &[Code], arrives: bool) {
    shop.break_endpoint(defect);
    shop.sell().await;
    shop.deliver().await;
    assert_eq!(shop.credited().await, if arrives { 2 } else { 1 }, "{defect:?}");

    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(RepairOutcome::Repaired), "{report:?}");
    assert_eq!(codes(&report), expected, "{report:?}");
    assert_eq!(report.recovered > 0, !arrives, "{report:?}");
    assert_eq!(shop.credited().await, 2, "{defect:?}: what was missed is here");
    let now = shop.report(&report.id).await;
    let commissions: Vec<i64> = now.recovered_commissions.iter().map(|sum| sum.minor).collect();
    assert_eq!(commissions, if arrives { vec![] } else { vec![1_000] }, "{defect:?}: and its commissions");

    shop.sell().await;
    assert_eq!(shop.deliver().await, Vec::<String>::new(), "{defect:?}: deliveries are taken again");
    assert_eq!(shop.credited().await, 3);
    assert_eq!(shop.endpoints().len(), 1);
    let status = shop.status().await.connection.unwrap();
    assert_eq!((status.problem, status.recovered), (None, report.recovered));

    let again = shop.repair().await;
    assert_eq!(again.outcome, Some(RepairOutcome::Healthy), "{again:?}");
    assert_eq!(
        (codes(&again), again.recovered),
        (vec![Code::AccountReached, Code::EndpointHealthy, Code::EventsFetched], 0)
    );
    assert_eq!(shop.credited().await, 3, "nothing counts twice");
}

const CREATED: [Code; 4] =
    [Code::AccountReached, Code::EndpointMissing, Code::EndpointCreated, Code::EventsFetched];

const CASES: [(Defect, &[Code], bool); 7] = [
    (Defect::Deleted, &CREATED, false),
    (
        Defect::Disabled,
        &[Code::AccountReached, Code::EndpointDefective, Code::EndpointEnabled, Code::EventsFetched],
        false,
    ),
    (
        Defect::WrongUrl,
        &[Code::AccountReached, Code::EndpointDefective, Code::UrlCorrected, Code::EventsFetched],
        false,
    ),
    (
        Defect::FewerEvents,
        &[Code::AccountReached, Code::EndpointDefective, Code::EventTypesAdded, Code::EventsFetched],
        false,
    ),
    (
        Defect::SecretRolled,
        &[
            Code::AccountReached,
            Code::SecretRolled,
            Code::EndpointCreated,
            Code::EndpointDeleted,
            Code::EventsFetched,
        ],
        false,
    ),
    (
        Defect::WrongVersion,
        &[
            Code::AccountReached,
            Code::SecretLost,
            Code::EndpointCreated,
            Code::EndpointDeleted,
            Code::EventsFetched,
        ],
        true,
    ),
    (
        Defect::Doubled,
        &[Code::AccountReached, Code::EndpointHealthy, Code::EndpointDeleted, Code::EventsFetched],
        true,
    ),
];

#[tokio::test]
async fn each_defect_is_fixed_by_a_restricted_key() {
    for (defect, expected, arrives) in CASES {
        goes_round(Shop::by_key().await, defect, expected, arrives).await;
    }
}

#[tokio::test]
async fn each_defect_is_fixed_at_the_platforms_endpoint() {
    for (defect, expected, arrives) in CASES {
        goes_round(Shop::by_oauth().await, defect, expected, arrives).await;
    }
}

#[tokio::test]
async fn a_lost_secret_is_replaced_with_its_endpoint() {
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
        [
            Code::AccountReached,
            Code::SecretLost,
            Code::EndpointCreated,
            Code::EndpointDeleted,
            Code::EventsFetched
        ]
    );
    assert!(text(&report, Code::EndpointDeleted).detail.contains(&old));
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn other_endpoints_of_the_account_are_not_changed() {
    let shop = Shop::by_key().await;
    let theirs = NewEndpoint {
        url: "https://lumen.example/hooks".to_owned(),
        enabled_events: vec!["*".to_owned()],
        ..NewEndpoint::default()
    };
    let (theirs, _) = shop.world.stripe.add_endpoint(theirs).unwrap();
    shop.break_endpoint(Defect::Deleted);
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(RepairOutcome::Repaired));
    assert!(text(&report, Code::EndpointMissing).detail.contains("left unchanged"));
    assert!(shop.world.stripe.endpoints().iter().any(|endpoint| endpoint.id == theirs));
}

#[tokio::test]
async fn an_account_at_its_limit_gets_a_message_and_keeps_its_input() {
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
    assert_eq!(report.outcome, Some(RepairOutcome::NeedsAttention));
    let refused = text(&report, Code::EndpointLimitReached);
    assert!(refused.detail.contains("Delete one") && refused.quote.is_some(), "{refused:?}");
    assert_eq!(shop.credited().await, 2, "the sale came by the replay all the same");
    let status = shop.status().await.connection.unwrap();
    let line = line(&report, Code::EndpointLimitReached).clone();
    assert_eq!(status.problem, Some(ConnectionProblem::RepairFailed { line }));

    let one = shop.world.stripe.endpoints()[0].id.clone();
    shop.world.stripe.delete_endpoint(&one).unwrap();
    assert_eq!(shop.repair().await.outcome, Some(RepairOutcome::Repaired));
    assert_eq!(shop.status().await.connection.unwrap().problem, None);

    // Full again, and ours has to be replaced: it makes room itself.
    shop.break_endpoint(Defect::WrongVersion);
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(RepairOutcome::Repaired), "{report:?}");
    assert_eq!(
        codes(&report),
        [
            Code::AccountReached,
            Code::SecretLost,
            Code::EndpointDeleted,
            Code::EndpointCreated,
            Code::EventsFetched
        ]
    );
}

//! Stripe failing in the middle of a repair, and access that ends: what the report says,
//! and that the next repair does the rest.

use domain::connections::ConnectionStatus;
use engine::stripe::repair::{LineState, Outcome};
use sandbox::{Defect, Failure, Fault, Permission};

use crate::stripe::shop::{Shop, codes, line};

#[tokio::test]
async fn whatever_stripe_answers_in_the_middle_the_next_repair_does_the_rest() {
    let failures =
        [Failure::TooMany { retry_after: Some(3_600) }, Failure::Status(500), Failure::Garbage, Failure::Cut];
    let places = [
        ("/v1/account", "GET", "away"),
        ("/v1/webhook_endpoints", "GET", "find_away"),
        ("/v1/webhook_endpoints", "POST", "make_away"),
        ("/v1/events", "GET", "events_away"),
    ];
    for failure in failures {
        let mut shop = Shop::by_key().await;
        for (sold, (path, method, code)) in (2..).zip(places) {
            shop.break_endpoint(Defect::Deleted);
            shop.sell().await;
            shop.world.stripe.fail(Fault::new(failure).on(path).method(method));
            let report = shop.repair().await;
            assert_eq!(report.outcome, Some(Outcome::Trouble), "{failure:?} {path}: {report:?}");
            assert_eq!(line(&report, code).state, LineState::Refused, "{failure:?} {path}");
            assert!(line(&report, code).quote.is_some());
            shop.world.stripe.heal();

            let report = shop.repair().await;
            assert_eq!(report.outcome, Some(Outcome::Mended), "{failure:?} {path}: {report:?}");
            assert_eq!(shop.credited().await, sold, "{failure:?} {path}");
            assert_eq!(shop.endpoints().len(), 1, "{failure:?} {path}");
            shop.deliver().await;
        }
    }
}

#[tokio::test]
async fn silence_ends_the_repair_and_not_the_server() {
    let mut shop = Shop::by_key().await;
    shop.sell().await;
    shop.world.stripe.fail(Fault::new(Failure::Silence).on("/v1/events"));
    let report = shop.repair().await;
    assert_eq!(codes(&report), ["reached", "endpoint_well", "events_away"]);
    assert_eq!(line(&report, "events_away").quote.as_deref(), Some("Stripe did not answer in time."));
    shop.world.stripe.heal();
    assert!(shop.repair().await.recovered > 0);
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn a_missing_permission_is_named_and_what_can_be_done_is_done() {
    let mut shop = Shop::by_key().await;
    shop.break_endpoint(Defect::Disabled);
    shop.sell().await;
    shop.world
        .stripe
        .set_permission(&shop.key, Permission::WebhookEndpoints, Some(sandbox::Level::Read))
        .unwrap();
    let report = shop.repair().await;
    assert_eq!(codes(&report), ["reached", "endpoint_found", "change_forbidden", "events_fetched"]);
    let refused = line(&report, "change_forbidden");
    assert!(refused.text.contains("Webhook Endpoints: Write"), "{refused:?}");
    assert!(!format!("{report:?}").contains(&shop.key));
    assert_eq!(shop.credited().await, 2, "the replay needs no such permission");

    shop.world.stripe.set_permission(&shop.key, Permission::WebhookEndpoints, None).unwrap();
    assert_eq!(line(&shop.repair().await, "find_forbidden").state, LineState::Refused);
    shop.world.stripe.set_permission(&shop.key, Permission::Events, None).unwrap();
    let report = shop.repair().await;
    assert!(line(&report, "events_forbidden").text.contains("Events: Read"));
    shop.world.stripe.set_permission(&shop.key, Permission::Account, None).unwrap();
    assert!(line(&shop.repair().await, "reached").text.contains("not needed"));
}

#[tokio::test]
async fn a_key_that_ends_in_the_middle_revokes_the_connection_and_tells_the_owners() {
    let mut shop = Shop::by_key().await;
    shop.break_endpoint(Defect::Disabled);
    shop.sell().await;
    shop.world.stripe.revoke_key(&shop.key).unwrap();
    let report = shop.repair().await;
    assert_eq!((report.outcome, codes(&report)), (Some(Outcome::Trouble), vec!["access_lost"]));
    shop.world.work().await;
    let status = shop.status().await;
    assert_eq!(status.connection.unwrap().status, ConnectionStatus::Revoked);
    assert_eq!(shop.outside.mails().len(), 1);
    let (world, program) = (&shop.world, &shop.world.program.id);
    let refused = engine::stripe::repair::start(
        &world.engine,
        &world.merchant,
        program,
        engine::stripe::repair::Cause::Api,
    )
    .await;
    assert!(refused.unwrap_err().to_string().contains("Reconnect"));

    shop.key = shop.world.stripe.create_restricted_key(&crate::stripe::shop::PERMISSIONS);
    engine::stripe::connections::connect_with_key(
        &shop.world.engine,
        &shop.world.merchant,
        &shop.world.program.id,
        &shop.key,
    )
    .await
    .unwrap();
    shop.repair().await;
    assert_eq!(shop.credited().await, 2, "what happened meanwhile is fetched after reconnecting");
}

#[tokio::test]
async fn a_key_that_ends_between_two_steps_revokes_the_connection_at_that_step() {
    for (path, method, code) in [
        ("/v1/webhook_endpoints", "GET", "find_access_lost"),
        ("/v1/webhook_endpoints", "POST", "make_access_lost"),
        ("/v1/events", "GET", "events_access_lost"),
    ] {
        let mut shop = Shop::by_key().await;
        shop.break_endpoint(Defect::Deleted);
        shop.sell().await;
        shop.world.stripe.fail(Fault::new(Failure::Status(401)).on(path).method(method));
        let report = shop.repair().await;
        assert_eq!(report.lines.last().map(|line| line.code.as_str()), Some(code), "{report:?}");
        assert_eq!(
            shop.status().await.connection.unwrap().status,
            ConnectionStatus::Revoked,
            "{path} {method}"
        );
        shop.world.stripe.heal();
        let (world, key) = (&shop.world, &shop.key);
        engine::stripe::connections::connect_with_key(&world.engine, &world.merchant, &world.program.id, key)
            .await
            .unwrap();
        shop.repair().await;
        assert_eq!(shop.credited().await, 2, "{path} {method}: nothing is lost");
    }
}

#[tokio::test]
async fn access_that_the_merchant_took_back_is_found_by_the_probe() {
    let mut shop = Shop::by_oauth().await;
    shop.sell().await;
    shop.world.stripe.disconnect(&shop.client_id);
    let report = shop.repair().await;
    assert_eq!(codes(&report), ["access_lost"], "{report:?}");
    assert_eq!(shop.status().await.connection.unwrap().status, ConnectionStatus::Revoked);
    assert!(shop.endpoints().len() == 1, "the endpoint belongs to all connections");
}

//! Stripe failing in the middle of a repair, and access that ends: what the report says,
//! and that the next repair does the rest.

use domain::connections::ConnectionStatus;
use domain::repairs::{LineStatus, RepairCause, RepairLineCode as Code, RepairOutcome, StripeFailure};
use sandbox::{Defect, Failure, Fault, Permission};

use crate::stripe::shop::{Shop, codes, line, text};

#[tokio::test]
async fn the_next_repair_completes_one_that_failed_halfway() {
    let failures =
        [Failure::TooMany { retry_after: Some(3_600) }, Failure::Status(500), Failure::Garbage, Failure::Cut];
    let places = [
        ("/v1/account", "GET", Code::ReachAccountFailed),
        ("/v1/webhook_endpoints", "GET", Code::FindEndpointFailed),
        ("/v1/webhook_endpoints", "POST", Code::CreateEndpointFailed),
        ("/v1/events", "GET", Code::FetchEventsFailed),
    ];
    for failure in failures {
        let mut shop = Shop::by_key().await;
        for (sold, (path, method, code)) in (2..).zip(places) {
            shop.break_endpoint(Defect::Deleted);
            shop.sell().await;
            shop.world.stripe.fail(Fault::new(failure).on(path).method(method));
            let report = shop.repair().await;
            assert_eq!(report.outcome, Some(RepairOutcome::NeedsAttention), "{failure:?} {path}: {report:?}");
            let failed = line(&report, code);
            assert_eq!(failed.status(), LineStatus::Failed, "{failure:?} {path}");
            assert_eq!(failed.failure(), Some(StripeFailure::NoAnswer), "{failure:?} {path}");
            assert!(text(&report, code).quote.is_some());
            shop.world.stripe.clear_faults();

            let report = shop.repair().await;
            assert_eq!(report.outcome, Some(RepairOutcome::Repaired), "{failure:?} {path}: {report:?}");
            assert_eq!(shop.credited().await, sold, "{failure:?} {path}");
            assert_eq!(shop.endpoints().len(), 1, "{failure:?} {path}");
            shop.deliver().await;
        }
    }
}

#[tokio::test]
async fn a_repair_times_out_and_the_server_keeps_running() {
    let mut shop = Shop::by_key().await;
    shop.sell().await;
    shop.world.stripe.fail(Fault::new(Failure::Silence).on("/v1/events"));
    let report = shop.repair().await;
    assert_eq!(codes(&report), [Code::AccountReached, Code::EndpointHealthy, Code::FetchEventsFailed]);
    assert_eq!(
        text(&report, Code::FetchEventsFailed).quote.as_deref(),
        Some("Stripe did not answer in time.")
    );
    shop.world.stripe.clear_faults();
    assert!(shop.repair().await.recovered > 0);
    assert_eq!(shop.credited().await, 2);
}

#[tokio::test]
async fn a_missing_permission_is_named_and_the_rest_is_done() {
    let mut shop = Shop::by_key().await;
    shop.break_endpoint(Defect::Disabled);
    shop.sell().await;
    shop.world
        .stripe
        .set_permission(&shop.key, Permission::WebhookEndpoints, Some(sandbox::Level::Read))
        .unwrap();
    let report = shop.repair().await;
    assert_eq!(
        codes(&report),
        [Code::AccountReached, Code::EndpointDefective, Code::FixEndpointFailed, Code::EventsFetched]
    );
    let refused = text(&report, Code::FixEndpointFailed);
    assert!(refused.detail.contains("Webhook Endpoints: Write"), "{refused:?}");
    assert!(!format!("{report:?}").contains(&shop.key));
    assert_eq!(shop.credited().await, 2, "the replay needs no such permission");

    shop.world.stripe.set_permission(&shop.key, Permission::WebhookEndpoints, None).unwrap();
    let report = shop.repair().await;
    let failure = line(&report, Code::FindEndpointFailed).failure();
    assert_eq!(failure, Some(StripeFailure::PermissionMissing));
    shop.world.stripe.set_permission(&shop.key, Permission::Events, None).unwrap();
    let report = shop.repair().await;
    assert!(text(&report, Code::FetchEventsFailed).detail.contains("Events: Read"));
    shop.world.stripe.set_permission(&shop.key, Permission::Account, None).unwrap();
    assert!(text(&shop.repair().await, Code::AccountReached).detail.contains("not needed"));
}

#[tokio::test]
async fn a_revoked_key_ends_the_connection_and_mails_the_owners() {
    let mut shop = Shop::by_key().await;
    shop.break_endpoint(Defect::Disabled);
    shop.sell().await;
    shop.world.stripe.revoke_key(&shop.key).unwrap();
    let report = shop.repair().await;
    assert_eq!(report.outcome, Some(RepairOutcome::NeedsAttention));
    assert_eq!(codes(&report), [Code::ReachAccountFailed]);
    assert_eq!(report.lines[0].failure(), Some(StripeFailure::AccessLost));
    shop.world.work().await;
    let status = shop.status().await;
    assert_eq!(status.connection.unwrap().status, ConnectionStatus::Revoked);
    assert_eq!(shop.services.mails().len(), 1);
    let (world, program) = (&shop.world, &shop.world.program.id);
    let refused =
        engine::stripe::repair::start(&world.engine, &world.merchant, program, RepairCause::Api).await;
    assert!(refused.unwrap_err().to_string().contains("Reconnect"));

    shop.key = shop.world.stripe.create_restricted_key(&crate::stripe::shop::permissions());
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
        ("/v1/webhook_endpoints", "GET", Code::FindEndpointFailed),
        ("/v1/webhook_endpoints", "POST", Code::CreateEndpointFailed),
        ("/v1/events", "GET", Code::FetchEventsFailed),
    ] {
        let mut shop = Shop::by_key().await;
        shop.break_endpoint(Defect::Deleted);
        shop.sell().await;
        shop.world.stripe.fail(Fault::new(Failure::Status(401)).on(path).method(method));
        let report = shop.repair().await;
        let last = report.lines.last().unwrap();
        assert_eq!((last.code(), last.failure()), (code, Some(StripeFailure::AccessLost)), "{report:?}");
        assert_eq!(
            shop.status().await.connection.unwrap().status,
            ConnectionStatus::Revoked,
            "{path} {method}"
        );
        shop.world.stripe.clear_faults();
        let (world, key) = (&shop.world, &shop.key);
        engine::stripe::connections::connect_with_key(&world.engine, &world.merchant, &world.program.id, key)
            .await
            .unwrap();
        shop.repair().await;
        assert_eq!(shop.credited().await, 2, "{path} {method}: nothing is lost");
    }
}

#[tokio::test]
async fn access_revoked_by_the_merchant_is_found_by_the_probe() {
    let mut shop = Shop::by_oauth().await;
    shop.sell().await;
    shop.world.stripe.disconnect(&shop.client_id);
    let report = shop.repair().await;
    assert_eq!(codes(&report), [Code::ReachAccountFailed], "{report:?}");
    assert_eq!(report.lines[0].failure(), Some(StripeFailure::AccessLost));
    assert_eq!(shop.status().await.connection.unwrap().status, ConnectionStatus::Revoked);
    assert!(shop.endpoints().len() == 1, "the endpoint belongs to all connections");
}

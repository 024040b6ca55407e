//! When a program is connected: at our endpoint, in the middle of a repair, at Stripe.

use axum::http::StatusCode;
use domain::clock::{MINUTE_MS, SECOND_MS};
use engine::worker;
use rstest::rstest;
use sandbox::{Defect, Failure, Fault, Level, NewEndpoint, Permission};

use super::{By, words_of};
use crate::site::webhooks::deliver;
use crate::site::{BASE, Browser, Site};
use crate::stripe::stage::{NEEDED, Stage};

#[rstest]
#[case::it_is_deleted(Defect::Deleted, "Make our endpoint")]
#[case::it_is_disabled(Defect::Disabled, "Switch the endpoint on")]
#[case::it_sends_elsewhere(Defect::WrongUrl, "Correct the address")]
#[case::it_sends_too_little(Defect::FewerEvents, "missing event types")]
#[case::its_secret_was_rolled(Defect::SecretRolled, "somebody has rolled it in Stripe")]
#[case::it_has_another_version(Defect::WrongVersion, "Replace the endpoint")]
#[case::there_are_two(Defect::Doubled, "Delete a leftover")]
#[tokio::test]
async fn at_our_endpoint(#[values(By::OAuth, By::Key)] by: By, #[case] defect: Defect, #[case] sees: &str) {
    let (mut stage, _) = Stage::connected(by).await;
    stage.holder(by).break_endpoint(&stage.our_endpoint(by), defect).unwrap();
    let sold = [stage.sell_meanwhile().await];
    if defect == Defect::SecretRolled {
        let page = words_of(&stage.browser().await.get(&stage.settings()).await.body);
        assert!(page.contains("Needs attention") && page.contains("refused for its signature"), "{page}");
        let (engine, actor) = (&stage.site.engine, &stage.merchant.actor);
        let checks = engine::diagnostics::checks::integration(engine, actor, &stage.merchant.program.id)
            .await
            .unwrap();
        let secret = checks.iter().find(|check| check.code == "secret").unwrap();
        assert_eq!(
            secret.verdict,
            engine::diagnostics::checks::Verdict::Bad,
            "the check says the same: {secret:?}"
        );
    }
    let page = stage.repair().await;
    assert!(page.contains("What was wrong is repaired.") && page.contains(sees), "{sees:?}: {page}");
    stage.has_all(&sold).await;
}

/// The secret that we keep is gone, such as after a restored backup.
#[tokio::test]
async fn our_copy_of_the_secret_is_lost() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    let connection = stage.connection().await.id;
    let now = stage.site.engine.now();
    let mut conn = stage.site.engine.db().write().await.unwrap();
    store::connections::expire_secrets(&mut conn, &connection, now).await.unwrap();
    drop(conn);
    stage.site.advance(10 * SECOND_MS);
    let sold = [stage.sell_meanwhile().await];
    let page = stage.repair().await;
    assert!(page.contains("Stripe tells it only once"), "{page}");
    stage.has_all(&sold).await;
}

/// Others have used up the sixteen endpoints that Stripe allows.
#[tokio::test]
async fn the_account_has_no_room_for_our_endpoint() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    for number in 0..16 {
        let url = format!("{BASE}/other/{number}");
        let enabled_events = vec!["payout.paid".to_owned()];
        stage.account.add_endpoint(NewEndpoint { url, enabled_events, ..NewEndpoint::default() }).unwrap();
    }
    let sold = [stage.sell_meanwhile().await];
    let page = stage.repair().await;
    assert!(
        page.contains("Something is left for you to do.") && page.contains("Delete one in Stripe"),
        "{page}"
    );
    assert!(stage.knows(&sold[0]).await, "the sale was fetched all the same");
    let one = stage.account.endpoints()[0].id.clone();
    stage.account.delete_endpoint(&one).unwrap();
    assert!(stage.repair().await.contains("What was wrong is repaired."));
    stage.has_all(&sold).await;
}

#[rstest]
#[case::stripe_answers_429(Failure::TooMany { retry_after: Some(3_600) }, "/v1/events", "Request rate limit exceeded")]
#[case::stripe_answers_500(Failure::Status(500), "/v1/webhook_endpoints", "Stripe answered 500")]
#[case::stripe_is_silent(Failure::Silence, "/v1/events", "Stripe did not answer in time.")]
#[case::stripe_answers_garbage(Failure::Garbage, "/v1/webhook_endpoints", "Try again in a few minutes")]
#[case::the_answer_is_cut(Failure::Cut, "/v1/events", "The connection to Stripe was cut")]
#[case::access_ends_in_the_middle(Failure::Status(401), "/v1/events", "Reconnect")]
#[tokio::test]
async fn in_the_middle_of_a_repair(#[case] failure: Failure, #[case] path: &str, #[case] sees: &str) {
    let (mut stage, key) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    let sold = [stage.sell_meanwhile().await];
    stage.platform.fail(Fault::new(failure).on(path));
    let page = stage.repair().await;
    assert!(page.contains("Something is left for you to do.") && page.contains(sees), "{sees:?}: {page}");
    stage.platform.heal();
    if stage.connection().await.is_connected() {
        stage.repair().await;
    } else {
        stage.connect_with(&key).await;
        worker::drain(&stage.site.engine).await.unwrap();
    }
    stage.has_all(&sold).await;
}

/// Two servers of one installation are told to repair at once.
#[tokio::test]
async fn two_servers_repair_at_once() {
    let (mut stage, _) = Stage::connected(By::Key).await;
    stage.account.delete_endpoint(&stage.our_endpoint(By::Key)).unwrap();
    let sold = [stage.sell_meanwhile().await];
    let other =
        Site::beside(stage.site.db.clone(), stage.site.time.clone(), stage.site.outside.clone()).await;
    let (one, two) = (stage.browser().await, Browser::signed_in(&other, &stage.merchant.email).await);
    let program = stage.merchant.program.id.to_string();
    let fields = [("program", program.as_str())];
    let work = async || {
        let (here, there) = tokio::join!(worker::drain(&stage.site.engine), worker::drain(&other.engine));
        here.and(there).unwrap();
    };
    tokio::join!(one.post("/do/stripe/repair", &fields), two.post("/do/stripe/repair", &fields), async {
        while stage.account.endpoints().is_empty() {
            work().await;
            tokio::task::yield_now().await;
        }
    });
    work().await;
    let page = words_of(&one.get(&stage.settings()).await.body);
    assert!(page.contains("What was wrong is repaired."), "{page}");
    assert_eq!(stage.account.endpoints().len(), 1, "one endpoint was made");
    drop((one, two));
    stage.has_all(&sold).await;
}

/// The key is deleted at Stripe, or the app is taken away there.
#[rstest]
#[case::the_key_is_deleted(By::Key)]
#[case::the_app_is_taken_away(By::OAuth)]
#[tokio::test]
async fn access_ends_at_stripe(#[case] by: By) {
    let (mut stage, key) = Stage::connected(by).await;
    match by {
        By::Key => stage.account.revoke_key(&key).unwrap(),
        By::OAuth => assert!(stage.account.disconnect(&stage.keys.client_id)),
    }
    let account = stage.account.clone();
    let sold = [stage.sell(&account)];
    let page = stage.repair().await;
    assert!(page.contains("Revoked") && page.contains("Reconnect"), "{page}");
    assert_eq!(stage.site.outside.mails().len(), 1, "the owner is told by mail");
    match by {
        By::Key => stage.connect_with(&stage.account.create_restricted_key(&NEEDED)).await,
        By::OAuth => stage.connect(&stage.browser().await).await,
    }
    stage.has_all(&sold).await;
}

/// The key may not do what a repair needs.
#[rstest]
#[case::endpoints_may_not_be_changed(
    Permission::WebhookEndpoints,
    Some(Level::Read),
    "Webhook Endpoints: Write"
)]
#[case::endpoints_may_not_be_read(Permission::WebhookEndpoints, None, "Webhook Endpoints: Write")]
#[case::events_may_not_be_read(Permission::Events, None, "Events: Read")]
#[tokio::test]
async fn a_permission_is_missing(
    #[case] permission: Permission,
    #[case] level: Option<Level>,
    #[case] sees: &str,
) {
    let (mut stage, key) = Stage::connected(By::Key).await;
    stage.account.break_endpoint(&stage.our_endpoint(By::Key), Defect::Disabled).unwrap();
    let sold = [stage.sell_meanwhile().await];
    stage.account.set_permission(&key, permission, level).unwrap();
    let page = stage.repair().await;
    assert!(page.contains("Something is left for you to do.") && page.contains(sees), "{sees:?}: {page}");
    let given = NEEDED.iter().find(|(needed, _)| *needed == permission).map(|(_, level)| *level);
    stage.account.set_permission(&key, permission, given).unwrap();
    stage.repair().await;
    stage.has_all(&sold).await;
}

/// The clocks of Stripe and of this server are ten minutes apart.
#[rstest]
#[case::ours_is_late(-10)]
#[case::ours_is_early(10)]
#[tokio::test]
async fn the_clocks_differ(#[case] minutes: i64) {
    let (mut stage, _) = Stage::connected(By::Key).await;
    let account = stage.account.clone();
    let sold = [stage.sell(&account)];
    let endpoint = stage.account.endpoints().remove(0);
    let path = endpoint.url.strip_prefix(BASE).unwrap().to_owned();
    let events = account.events_after(0);
    let event = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap();
    let body = sandbox::render(event, sandbox::ApiVersion::ACACIA);
    let signed_at = stage.site.engine.now().plus_ms(-minutes * MINUTE_MS);
    let secrets = endpoint.secrets.iter().map(String::as_str);
    let signature = sandbox::signature_header(secrets, &body, signed_at);
    let answer = deliver(&stage.site, &path, Some(&signature), &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("stripe_signature_stale"), "{}", answer.body);
    worker::drain(&stage.site.engine).await.unwrap();
    let page = words_of(&stage.browser().await.get(&stage.settings()).await.body);
    assert!(page.contains("clock"), "the page names the clock: {page}");
    // Stripe sends again, and the clocks have been set.
    stage.deliver(&account).await;
    stage.has_all(&sold).await;
}

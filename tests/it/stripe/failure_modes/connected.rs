//! Failures of a connected program: of its endpoint, during a repair, at Stripe.

use axum::http::StatusCode;
use domain::clock::{MINUTE_MS, SECOND_MS};
use domain::diagnostics::{CheckKind, CheckVerdict};
use engine::worker;
use rstest::rstest;
use sandbox::{Defect, Failure, Fault, Level, NewEndpoint, Permission};

use super::{By, words_of};
use crate::site::webhooks::deliver;
use crate::site::{BASE, Browser, Site};
use crate::stripe::stripe_site::{NEEDED, StripeSite};

#[rstest]
#[case::it_is_deleted(Defect::Deleted, "Create the endpoint")]
#[case::it_is_disabled(Defect::Disabled, "Enable the endpoint")]
#[case::it_sends_elsewhere(Defect::WrongUrl, "Correct the address")]
#[case::it_sends_too_little(Defect::FewerEvents, "missing event types")]
#[case::its_secret_was_rolled(Defect::SecretRolled, "it was rolled in Stripe")]
#[case::it_has_another_version(Defect::WrongVersion, "Replace the endpoint")]
#[case::there_are_two(Defect::Doubled, "Delete an old endpoint")]
#[tokio::test]
async fn a_broken_endpoint_is_shown_and_repaired(
    #[values(By::OAuth, By::Key)] by: By,
    #[case] defect: Defect,
    #[case] sees: &str,
) {
    let (mut stripe_site, _) = StripeSite::connected(by).await;
    stripe_site.holder(by).break_endpoint(&stripe_site.our_endpoint(by), defect).unwrap();
    let sold = [stripe_site.sell_meanwhile().await];
    if defect == Defect::SecretRolled {
        let page = words_of(&stripe_site.browser().await.get(&stripe_site.settings()).await.body);
        assert!(page.contains("Needs attention") && page.contains("rejected"), "{page}");
        let (engine, actor) = (&stripe_site.site.engine, &stripe_site.merchant.actor);
        let checks =
            engine::diagnostics::checks::integration(engine, actor, &stripe_site.merchant.program.id)
                .await
                .unwrap();
        let secret = checks.iter().find(|check| check.kind == CheckKind::Secret).unwrap();
        assert_eq!(secret.verdict, CheckVerdict::Bad, "the check says the same: {secret:?}");
    }
    let page = stripe_site.repair().await;
    assert!(page.contains("All problems fixed.") && page.contains(sees), "{sees:?}: {page}");
    stripe_site.has_all(&sold).await;
}

/// The secret that we keep is gone, such as after a restored backup.
#[tokio::test]
async fn a_lost_copy_of_the_secret_is_repaired() {
    let (mut stripe_site, _) = StripeSite::connected(By::Key).await;
    let connection = stripe_site.connection().await.id;
    let now = stripe_site.site.engine.now();
    let mut conn = stripe_site.site.engine.db().write().await.unwrap();
    store::connections::expire_secrets(&mut conn, &connection, now).await.unwrap();
    drop(conn);
    stripe_site.site.advance(10 * SECOND_MS);
    let sold = [stripe_site.sell_meanwhile().await];
    let page = stripe_site.repair().await;
    assert!(page.contains("Stripe shows it only once"), "{page}");
    stripe_site.has_all(&sold).await;
}

/// Others have used up the sixteen endpoints that Stripe allows.
#[tokio::test]
async fn an_account_at_its_endpoint_limit_is_named() {
    let (mut stripe_site, _) = StripeSite::connected(By::Key).await;
    stripe_site.account.delete_endpoint(&stripe_site.our_endpoint(By::Key)).unwrap();
    for number in 0..16 {
        let url = format!("{BASE}/other/{number}");
        let enabled_events = vec!["payout.paid".to_owned()];
        stripe_site
            .account
            .add_endpoint(NewEndpoint { url, enabled_events, ..NewEndpoint::default() })
            .unwrap();
    }
    let sold = [stripe_site.sell_meanwhile().await];
    let page = stripe_site.repair().await;
    assert!(
        page.contains("There is something left for you to do.") && page.contains("Delete one in Stripe"),
        "{page}"
    );
    assert!(stripe_site.knows(&sold[0]).await, "the sale was fetched all the same");
    let one = stripe_site.account.endpoints()[0].id.clone();
    stripe_site.account.delete_endpoint(&one).unwrap();
    assert!(stripe_site.repair().await.contains("All problems fixed."));
    stripe_site.has_all(&sold).await;
}

#[rstest]
#[case::stripe_answers_429(Failure::TooMany { retry_after: Some(3_600) }, "/v1/events", "Request rate limit exceeded")]
#[case::stripe_answers_500(Failure::Status(500), "/v1/webhook_endpoints", "Stripe answered 500")]
#[case::stripe_is_silent(Failure::Silence, "/v1/events", "Stripe did not answer in time.")]
#[case::stripe_answers_garbage(Failure::Garbage, "/v1/webhook_endpoints", "Try again in a few minutes")]
#[case::the_answer_is_cut(Failure::Cut, "/v1/events", "The connection to Stripe was cut")]
#[case::access_ends_in_the_middle(Failure::Status(401), "/v1/events", "Reconnect")]
#[tokio::test]
async fn a_failure_during_a_repair_is_repaired_later(
    #[case] failure: Failure,
    #[case] path: &str,
    #[case] sees: &str,
) {
    let (mut stripe_site, key) = StripeSite::connected(By::Key).await;
    stripe_site.account.delete_endpoint(&stripe_site.our_endpoint(By::Key)).unwrap();
    let sold = [stripe_site.sell_meanwhile().await];
    stripe_site.platform.fail(Fault::new(failure).on(path));
    let page = stripe_site.repair().await;
    assert!(
        page.contains("There is something left for you to do.") && page.contains(sees),
        "{sees:?}: {page}"
    );
    stripe_site.platform.clear_faults();
    if stripe_site.connection().await.is_connected() {
        stripe_site.repair().await;
    } else {
        stripe_site.connect_with(&key).await;
        worker::drain(&stripe_site.site.engine).await.unwrap();
    }
    stripe_site.has_all(&sold).await;
}

/// Two servers of one installation are told to repair at once.
#[tokio::test]
async fn two_servers_repair_at_once() {
    let (mut stripe_site, _) = StripeSite::connected(By::Key).await;
    stripe_site.account.delete_endpoint(&stripe_site.our_endpoint(By::Key)).unwrap();
    let sold = [stripe_site.sell_meanwhile().await];
    let other = Site::beside(
        stripe_site.site.db.clone(),
        stripe_site.site.time.clone(),
        stripe_site.site.services.clone(),
    )
    .await;
    let (one, two) =
        (stripe_site.browser().await, Browser::signed_in(&other, &stripe_site.merchant.email).await);
    let program = stripe_site.merchant.program.id.to_string();
    let fields = [("program", program.as_str())];
    let work = async || {
        let (here, there) =
            tokio::join!(worker::drain(&stripe_site.site.engine), worker::drain(&other.engine));
        here.and(there).unwrap();
    };
    tokio::join!(one.post("/do/stripe/repair", &fields), two.post("/do/stripe/repair", &fields), async {
        while stripe_site.account.endpoints().is_empty() {
            work().await;
            tokio::task::yield_now().await;
        }
    });
    work().await;
    let page = words_of(&one.get(&stripe_site.settings()).await.body);
    assert!(page.contains("All problems fixed."), "{page}");
    assert_eq!(stripe_site.account.endpoints().len(), 1, "one endpoint was made");
    drop((one, two));
    stripe_site.has_all(&sold).await;
}

/// The key is deleted at Stripe, or the app is taken away there.
#[rstest]
#[case::the_key_is_deleted(By::Key)]
#[case::the_app_is_taken_away(By::OAuth)]
#[tokio::test]
async fn access_that_ends_at_stripe_is_noticed(#[case] by: By) {
    let (mut stripe_site, key) = StripeSite::connected(by).await;
    match by {
        By::Key => stripe_site.account.revoke_key(&key).unwrap(),
        By::OAuth => assert!(stripe_site.account.disconnect(&stripe_site.keys.client_id)),
    }
    let account = stripe_site.account.clone();
    let sold = [stripe_site.sell(&account)];
    let page = stripe_site.repair().await;
    assert!(page.contains("Revoked") && page.contains("Reconnect"), "{page}");
    assert_eq!(stripe_site.site.services.mails().len(), 1, "the owner is told by mail");
    match by {
        By::Key => stripe_site.connect_with(&stripe_site.account.create_restricted_key(&NEEDED)).await,
        By::OAuth => stripe_site.connect(&stripe_site.browser().await).await,
    }
    stripe_site.has_all(&sold).await;
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
    let (mut stripe_site, key) = StripeSite::connected(By::Key).await;
    stripe_site.account.break_endpoint(&stripe_site.our_endpoint(By::Key), Defect::Disabled).unwrap();
    let sold = [stripe_site.sell_meanwhile().await];
    stripe_site.account.set_permission(&key, permission, level).unwrap();
    let page = stripe_site.repair().await;
    assert!(
        page.contains("There is something left for you to do.") && page.contains(sees),
        "{sees:?}: {page}"
    );
    let given = NEEDED.iter().find(|(needed, _)| *needed == permission).map(|(_, level)| *level);
    stripe_site.account.set_permission(&key, permission, given).unwrap();
    stripe_site.repair().await;
    stripe_site.has_all(&sold).await;
}

/// The clocks of Stripe and of this server are ten minutes apart.
#[rstest]
#[case::ours_is_late(-10)]
#[case::ours_is_early(10)]
#[tokio::test]
async fn deliveries_signed_by_a_different_clock_are_rejected(#[case] minutes: i64) {
    let (mut stripe_site, _) = StripeSite::connected(By::Key).await;
    let account = stripe_site.account.clone();
    let sold = [stripe_site.sell(&account)];
    let endpoint = stripe_site.account.endpoints().remove(0);
    let path = endpoint.url.strip_prefix(BASE).unwrap().to_owned();
    let events = account.events_after(0);
    let event = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap();
    let body = sandbox::render(event, sandbox::ApiVersion::ACACIA);
    let signed_at = stripe_site.site.engine.now().plus_ms(-minutes * MINUTE_MS);
    let secrets = endpoint.secrets.iter().map(String::as_str);
    let signature = sandbox::signature_header(secrets, &body, signed_at);
    let answer = deliver(&stripe_site.site, &path, Some(&signature), &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(answer.body.contains("stripe_signature_stale"), "{}", answer.body);
    worker::drain(&stripe_site.site.engine).await.unwrap();
    let page = words_of(&stripe_site.browser().await.get(&stripe_site.settings()).await.body);
    assert!(page.contains("clock"), "the page names the clock: {page}");
    // Stripe sends again, and the clocks have been set.
    stripe_site.deliver(&account).await;
    stripe_site.has_all(&sold).await;
}

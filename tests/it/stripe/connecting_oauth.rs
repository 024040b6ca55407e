//! Connecting by OAuth: the way there and back, and everything that goes wrong on it.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use domain::connections::ConnectionMethod;
use engine::stripe::connections;
use engine::stripe::credentials;
use sandbox::{Failure, Fault, Platform};

use super::stage::Stage;
use crate::site::Browser;

#[tokio::test]
async fn a_merchant_connects_and_payments_come_by_the_platforms_endpoint() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    let ways = browser.get(&stage.settings()).await.body;
    assert!(ways.contains("Sign in with Stripe") && ways.contains("Recommended for this server"));
    let before = browser.get(&format!("{}?method=oauth", stage.settings())).await.body;
    assert!(before.contains("Charge, refund or move money") && before.contains("Never does"));
    assert!(before.contains("Live payments") && before.contains("Test data"), "both modes can be chosen");
    stage.connect(&browser).await;
    drop(browser);

    let connection = stage.connection().await;
    assert_eq!(connection.method(), ConnectionMethod::OAuth);
    assert_eq!(connection.stripe_account, Some(stage.account.account_id()));
    assert_eq!((connection.livemode, connection.kind.sealed()), (Some(false), None), "no token is kept");
    let endpoints = stage.platform.endpoints();
    assert_eq!(endpoints.len(), 1);
    assert!(endpoints[0].connect && endpoints[0].url.ends_with("/webhooks/stripe"));
    assert_eq!(endpoints[0].api_version, Some(sandbox::ApiVersion::ACACIA));
    assert_eq!(endpoints[0].metadata["honeyguide_connection"], "platform");

    let account = stage.account.clone();
    let charge = stage.sell(&account);
    let statuses = stage.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(stage.knows(&charge).await);

    let browser = stage.browser().await;
    let page = browser.get(&stage.settings()).await.body;
    for words in
        ["Connected", "Lumen Notes", &stage.account.account_id(), "Sign in with Stripe", "2025-02-24.acacia"]
    {
        assert!(page.contains(words), "{words} is not on the page");
    }
    let other = browser.get(&format!("/programs/{}", stage.merchant.program.id)).await.body;
    assert!(other.contains("Test data"), "every page of the program says that it is a test");
    assert!(!page.contains(&stage.keys.secret_key) && !page.contains(&endpoints[0].secrets[0]));
}

/// Comes back and answers the page, after making sure that nothing is connected.
async fn refused(stage: &Stage, browser: &Browser<'_>, answer: &[(&str, &str)]) -> String {
    let page = stage.come_back(browser, answer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    assert!(!stage.status().await.is_connected());
    page.body
}

#[tokio::test]
async fn every_refusal_has_a_page_that_says_what_to_do() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    let cases = [
        (
            vec![("error", "access_denied"), ("error_description", "The user denied your request")],
            "Access was not granted",
        ),
        (vec![("code", "ac_unknown")], "already used, or is too old"),
        (
            vec![("error", "invalid_scope"), ("error_description", "No such scope <b>read_only</b>")],
            "STRIPE_SCOPE",
        ),
        (vec![("error", "server_error")], "Stripe did not allow the connection"),
        (vec![], "Stripe did not allow the connection"),
    ];
    for (answer, words) in cases {
        let state = stage.leave(&browser, "test").await;
        let answer: Vec<(&str, &str)> = answer.into_iter().chain([("state", state.as_str())]).collect();
        let page = refused(&stage, &browser, &answer).await;
        assert!(page.contains(words), "{answer:?}: {words} is not on the page");
        assert!(page.contains("Try again") || page.contains("operator"));
        assert!(!page.contains("<b>read_only"), "Stripe’s words are no HTML");
        let again = refused(&stage, &browser, &answer).await;
        assert!(again.contains(words), "the stored outcome is shown");
    }
}

#[tokio::test]
async fn a_used_code_and_a_late_return_change_nothing() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    let state = stage.leave(&browser, "test").await;
    let code = stage.allow(&stage.account);
    stage.site.advance(11 * MINUTE_MS);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let page = refused(&stage, &browser, &answer).await;
    assert!(page.contains("longer than ten minutes"));
    assert_eq!(stage.asked("/oauth/token"), 0, "a late code is not exchanged");

    // The code has run out at Stripe as well; a fresh state does not help it.
    let state = stage.leave(&browser, "test").await;
    let page = refused(&stage, &browser, &[("code", &code), ("state", &state)]).await;
    assert!(page.contains("too old") && page.contains("Stripe says"));
}

#[tokio::test]
async fn a_state_is_bound_to_whoever_left_with_it() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    let state = stage.leave(&browser, "test").await;
    let code = stage.allow(&stage.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let nobody = Browser::new(&stage.site);
    let asked = stage.come_back(&nobody, &answer).await;
    assert!(asked.location().starts_with("/login?next="), "who is signed out signs in first");
    let other = stage.site.merchant("other").await;
    let stranger = Browser::signed_in(&stage.site, &other.email).await;
    let page = stage.come_back(&stranger, &answer).await;
    assert!(page.body.contains("Another person started this connection"));
    assert!(!page.body.contains("Program lumen"), "a stranger learns nothing of the program");
    for unknown in ["", "nonsense"] {
        let page = stage.come_back(&browser, &[("code", &code), ("state", unknown)]).await;
        assert!(page.body.contains("This link from Stripe is not valid"));
    }
    assert_eq!(stage.asked("/oauth/token"), 0);
    // Their own way back is still open.
    assert_eq!(stage.come_back(&browser, &answer).await.location(), stage.settings());
}

#[tokio::test]
async fn the_other_mode_is_refused_on_the_way_and_afterwards() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    // Access was given in test mode to a way that asked for live payments.
    let state = stage.leave(&browser, "live").await;
    let code = stage.allow(&stage.account);
    let page = refused(&stage, &browser, &[("code", &code), ("state", &state)]).await;
    assert!(page.contains("other mode") || page.contains("already used"), "{page}");
    stage.connect(&browser).await;
    let program = stage.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/authorize", &[("program", &program), ("mode", "live")]).await;
    assert!(answer.location().starts_with(&stage.settings()), "{}", answer.location());
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("Live and test never mix"));
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_made_is_said_and_nothing_is_taken_back() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.platform.fail(Fault::new(Failure::Status(403)).on("/v1/webhook_endpoints"));
    stage.connect(&browser).await;
    let page = browser.get(&stage.settings()).await.body;
    assert!(page.contains("Needs attention") && page.contains("could not be created"));
    assert!(stage.connection().await.is_connected());
}

#[tokio::test]
async fn one_account_feeds_one_program() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    let other = stage.site.merchant("other").await;
    let theirs = Browser::signed_in(&stage.site, &other.email).await;
    let program = other.program.id.to_string();
    let answer = theirs.post("/do/stripe/authorize", &[("program", &program), ("mode", "test")]).await;
    let url = url::Url::parse(answer.location()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = stage.allow(&stage.account);
    let page = stage.come_back(&theirs, &[("code", &code), ("state", &state)]).await.body;
    assert!(
        page.contains("already connected to another program") && page.contains(&stage.account.account_id())
    );
    drop((browser, theirs));
    // The first program lost nothing by it.
    let account = stage.account.clone();
    let charge = stage.sell(&account);
    stage.deliver(&account).await;
    assert!(stage.knows(&charge).await);
    let status = connections::status(&stage.site.engine, &other.actor, &other.program.id).await.unwrap();
    assert!(status.connection.is_none());
}

#[tokio::test]
async fn another_account_needs_a_disconnection_first() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    let second = stage.platform.new_account("Lumen Studio");
    // The page does not offer it; the API does.
    let url =
        connections::authorize(&stage.site.engine, &stage.merchant.actor, &stage.merchant.program.id, false);
    let url = url::Url::parse(&url.await.unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = stage.allow(&second);
    let page = stage.come_back(&browser, &[("code", &code), ("state", &state)]).await.body;
    assert!(page.contains("connected to another account") && page.contains(&stage.account.account_id()));
    assert!(!second.is_connected(&stage.keys.client_id), "access that is not used is given back");
    assert_eq!(stage.connection().await.stripe_account, Some(stage.account.account_id()));
}

#[tokio::test]
async fn a_stripe_apps_tokens_are_sealed_and_roll() {
    let stage = Stage::of(Platform { is_app: true, ..Platform::default() }, "none").await;
    let browser = stage.browser().await;
    let state = stage.leave(&browser, "test").await;
    let code = stage.account.approve(&stage.keys.client_id, None).unwrap();
    let answer = stage.come_back(&browser, &[("code", &code), ("state", &state)]).await;
    assert_eq!(answer.location(), stage.settings(), "{}", answer.body);
    let connection = stage.connection().await;
    let sealed = connection.kind.sealed().expect("tokens are kept").to_owned();
    let engine = &stage.site.engine;
    let access = credentials::caller(engine, &connection).await.unwrap();
    assert!(!sealed.contains(access.key.reveal()) && access.account.is_none());
    stage.site.advance(61 * MINUTE_MS);
    let (one, other) =
        tokio::join!(credentials::caller(engine, &connection), credentials::caller(engine, &connection));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.key, access.key);
    assert_eq!(one.key, other.key, "one of two renews, the other waits for it");
    assert_eq!(stage.asked("/oauth/token"), 2);
    let account = connect::stripe::account::account(&engine_client(&stage, &one)).await.unwrap();
    assert_eq!(account.id, stage.account.account_id());
    // The merchant takes the app away: the next renewal says so.
    stage.account.disconnect(&stage.keys.client_id);
    stage.site.advance(61 * MINUTE_MS);
    assert!(credentials::caller(engine, &connection).await.is_err());
    let page = browser.get(&stage.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("Reconnect"));
}

fn engine_client(stage: &Stage, access: &connect::stripe::client::Access) -> connect::stripe::client::Caller {
    stage.site.outside.stripe().with(access)
}

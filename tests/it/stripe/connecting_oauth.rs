//! Connecting by OAuth: the way there and back, and everything that goes wrong on it.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use domain::connections::ConnectionMethod;
use engine::stripe::connections;
use engine::stripe::credentials;
use sandbox::{Failure, Fault, Platform};

use super::stripe_site::StripeSite;
use crate::site::Browser;

#[tokio::test]
async fn a_merchant_connects_and_payments_come_by_the_platforms_endpoint() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let ways = browser.get(&stripe_site.settings()).await.body;
    assert!(ways.contains("Sign in with Stripe") && ways.contains("Recommended for this server"));
    let before = browser.get(&format!("{}?method=oauth", stripe_site.settings())).await.body;
    assert!(before.contains("Charge, refund or move money") && before.contains("Never does"));
    assert!(before.contains("Live payments") && before.contains("Test data"), "both modes can be chosen");
    stripe_site.connect(&browser).await;
    drop(browser);

    let connection = stripe_site.connection().await;
    assert_eq!(connection.method(), ConnectionMethod::OAuth);
    assert_eq!(connection.stripe_account, Some(stripe_site.account.account_id()));
    assert_eq!((connection.livemode, connection.kind.sealed()), (Some(false), None), "no token is kept");
    let endpoints = stripe_site.platform.endpoints();
    assert_eq!(endpoints.len(), 1);
    assert!(endpoints[0].connect && endpoints[0].url.ends_with("/webhooks/stripe"));
    assert_eq!(endpoints[0].api_version, Some(sandbox::ApiVersion::ACACIA));
    assert_eq!(endpoints[0].metadata["honeyguide_connection"], "platform");

    let account = stripe_site.account.clone();
    let charge = stripe_site.sell(&account);
    let statuses = stripe_site.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(stripe_site.knows(&charge).await);

    let browser = stripe_site.browser().await;
    let page = browser.get(&stripe_site.settings()).await.body;
    for words in [
        "Connected",
        "Lumen Notes",
        &stripe_site.account.account_id(),
        "Sign in with Stripe",
        "2025-02-24.acacia",
    ] {
        assert!(page.contains(words), "{words} is not on the page");
    }
    let other = browser.get(&format!("/programs/{}", stripe_site.merchant.program.id)).await.body;
    assert!(other.contains("Test data"), "every page of the program says that it is a test");
    assert!(!page.contains(&stripe_site.keys.secret_key) && !page.contains(&endpoints[0].secrets[0]));
}

/// Comes back and answers the page, after making sure that nothing is connected.
async fn refused(stripe_site: &StripeSite, browser: &Browser<'_>, answer: &[(&str, &str)]) -> String {
    let page = stripe_site.come_back(browser, answer).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.location());
    assert!(!stripe_site.status().await.is_connected());
    page.body
}

#[tokio::test]
async fn every_refusal_has_a_page_with_instructions() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let cases = [
        (
            vec![("error", "access_denied"), ("error_description", "The user denied your request")],
            "Access was not granted",
        ),
        (vec![("code", "ac_unknown")], "already used or has expired"),
        (
            vec![("error", "invalid_scope"), ("error_description", "No such scope <b>read_only</b>")],
            "STRIPE_SCOPE",
        ),
        (vec![("error", "server_error")], "Stripe did not allow the connection"),
        (vec![], "Stripe did not allow the connection"),
    ];
    for (answer, words) in cases {
        let state = stripe_site.leave(&browser, "test").await;
        let answer: Vec<(&str, &str)> = answer.into_iter().chain([("state", state.as_str())]).collect();
        let page = refused(&stripe_site, &browser, &answer).await;
        assert!(page.contains(words), "{answer:?}: {words} is not on the page");
        assert!(page.contains("Try again") || page.contains("operator"));
        assert!(!page.contains("<b>read_only"), "Stripe’s words are no HTML");
        let again = refused(&stripe_site, &browser, &answer).await;
        assert!(again.contains(words), "the stored outcome is shown");
    }
}

#[tokio::test]
async fn a_used_code_and_a_late_return_change_nothing() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let state = stripe_site.leave(&browser, "test").await;
    let code = stripe_site.allow(&stripe_site.account);
    stripe_site.site.advance(11 * MINUTE_MS);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let page = refused(&stripe_site, &browser, &answer).await;
    assert!(page.contains("longer than ten minutes"));
    assert_eq!(stripe_site.asked("/oauth/token"), 0, "a late code is not exchanged");

    // The code has run out at Stripe as well; a fresh state does not help it.
    let state = stripe_site.leave(&browser, "test").await;
    let page = refused(&stripe_site, &browser, &[("code", &code), ("state", &state)]).await;
    assert!(page.contains("has expired") && page.contains("Stripe says"));
}

#[tokio::test]
async fn an_oauth_state_belongs_to_the_account_that_started() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let state = stripe_site.leave(&browser, "test").await;
    let code = stripe_site.allow(&stripe_site.account);
    let answer = [("code", code.as_str()), ("state", state.as_str())];
    let nobody = Browser::new(&stripe_site.site);
    let asked = stripe_site.come_back(&nobody, &answer).await;
    assert!(asked.location().starts_with("/login?next="), "who is signed out signs in first");
    let other = stripe_site.site.merchant("other").await;
    let stranger = Browser::signed_in(&stripe_site.site, &other.email).await;
    let page = stripe_site.come_back(&stranger, &answer).await;
    assert!(page.body.contains("Another person started this connection"));
    assert!(!page.body.contains("Program lumen"), "a stranger learns nothing of the program");
    for unknown in ["", "nonsense"] {
        let page = stripe_site.come_back(&browser, &[("code", &code), ("state", unknown)]).await;
        assert!(page.body.contains("This link from Stripe is not valid"));
    }
    assert_eq!(stripe_site.asked("/oauth/token"), 0);
    // Their own way back is still open.
    assert_eq!(stripe_site.come_back(&browser, &answer).await.location(), stripe_site.settings());
}

#[tokio::test]
async fn the_other_mode_is_refused_while_connecting_and_later() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    // Access was given in test mode to a way that asked for live payments.
    let state = stripe_site.leave(&browser, "live").await;
    let code = stripe_site.allow(&stripe_site.account);
    let page = refused(&stripe_site, &browser, &[("code", &code), ("state", &state)]).await;
    assert!(page.contains("Wrong mode"), "{page}");
    stripe_site.connect(&browser).await;
    let program = stripe_site.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/authorize", &[("program", &program), ("mode", "live")]).await;
    assert!(answer.location().starts_with(&stripe_site.settings()), "{}", answer.location());
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("Live and test never mix"));
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_created_is_reported_and_the_connection_stays() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.platform.fail(Fault::new(Failure::Status(403)).on("/v1/webhook_endpoints"));
    stripe_site.connect(&browser).await;
    let page = browser.get(&stripe_site.settings()).await.body;
    assert!(page.contains("Needs attention") && page.contains("could not be created"));
    assert!(stripe_site.connection().await.is_connected());
}

#[tokio::test]
async fn one_stripe_account_is_connected_to_one_program() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    let other = stripe_site.site.merchant("other").await;
    let theirs = Browser::signed_in(&stripe_site.site, &other.email).await;
    let program = other.program.id.to_string();
    let answer = theirs.post("/do/stripe/authorize", &[("program", &program), ("mode", "test")]).await;
    let url = url::Url::parse(answer.location()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = stripe_site.allow(&stripe_site.account);
    let page = stripe_site.come_back(&theirs, &[("code", &code), ("state", &state)]).await.body;
    assert!(
        page.contains("already connected to another program")
            && page.contains(&stripe_site.account.account_id())
    );
    drop((browser, theirs));
    // The first program lost nothing by it.
    let account = stripe_site.account.clone();
    let charge = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;
    assert!(stripe_site.knows(&charge).await);
    let status =
        connections::status(&stripe_site.site.engine, &other.actor, &other.program.id).await.unwrap();
    assert!(status.connection.is_none());
}

#[tokio::test]
async fn connecting_another_account_requires_a_disconnection() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    let second = stripe_site.platform.new_account("Lumen Studio");
    // The page does not offer it; the API does.
    let url = connections::authorize(
        &stripe_site.site.engine,
        &stripe_site.merchant.actor,
        &stripe_site.merchant.program.id,
        false,
    );
    let url = url::Url::parse(&url.await.unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let code = stripe_site.allow(&second);
    let page = stripe_site.come_back(&browser, &[("code", &code), ("state", &state)]).await.body;
    assert!(
        page.contains("connected to another account") && page.contains(&stripe_site.account.account_id())
    );
    assert!(!second.is_connected(&stripe_site.keys.client_id), "access that is not used is given back");
    assert_eq!(stripe_site.connection().await.stripe_account, Some(stripe_site.account.account_id()));
}

#[tokio::test]
async fn a_stripe_apps_tokens_are_encrypted_and_renewed() {
    let stripe_site = StripeSite::of(Platform { is_app: true, ..Platform::default() }, "none").await;
    let browser = stripe_site.browser().await;
    let state = stripe_site.leave(&browser, "test").await;
    let code = stripe_site.account.approve(&stripe_site.keys.client_id, None).unwrap();
    let answer = stripe_site.come_back(&browser, &[("code", &code), ("state", &state)]).await;
    assert_eq!(answer.location(), stripe_site.settings(), "{}", answer.body);
    let connection = stripe_site.connection().await;
    let sealed = connection.kind.sealed().expect("tokens are kept").to_owned();
    let engine = &stripe_site.site.engine;
    let access = credentials::caller(engine, &connection).await.unwrap();
    assert!(!sealed.contains(access.key.reveal()) && access.account.is_none());
    stripe_site.site.advance(61 * MINUTE_MS);
    let (one, other) =
        tokio::join!(credentials::caller(engine, &connection), credentials::caller(engine, &connection));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert_ne!(one.key, access.key);
    assert_eq!(one.key, other.key, "one of two renews, the other waits for it");
    assert_eq!(stripe_site.asked("/oauth/token"), 2);
    let account = connect::stripe::account::account(&engine_client(&stripe_site, &one)).await.unwrap();
    assert_eq!(account.id, stripe_site.account.account_id());
    // The merchant takes the app away: the next renewal says so.
    stripe_site.account.disconnect(&stripe_site.keys.client_id);
    stripe_site.site.advance(61 * MINUTE_MS);
    assert!(credentials::caller(engine, &connection).await.is_err());
    let page = browser.get(&stripe_site.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("Reconnect"));
}

fn engine_client(
    stripe_site: &StripeSite,
    access: &connect::stripe::client::Access,
) -> connect::stripe::client::Caller {
    stripe_site.site.services.stripe().with(access)
}

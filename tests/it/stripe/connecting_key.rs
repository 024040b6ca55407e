//! Connecting by a restricted key: what is refused, what is kept, and what is made.

use axum::http::StatusCode;
use connect::stripe::client::API_VERSION;
use domain::connections::ConnectionMethod;
use engine::stripe::connections;
use sandbox::{Failure, Fault, NewEndpoint};

use super::stripe_site::{NEEDED, StripeSite};
use crate::site::Browser;

/// Pastes a key and answers the page that follows.
async fn paste(stripe_site: &StripeSite, browser: &Browser<'_>, key: &str) -> String {
    let program = stripe_site.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/key", &[("program", &program), ("restricted_key", key)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get(answer.location()).await.body;
    assert!(key.is_empty() || !page.contains(key), "the key is on the page");
    page
}

#[tokio::test]
async fn a_key_makes_our_own_endpoint_and_payments_come() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let form = browser.get(&format!("{}?method=key", stripe_site.settings())).await.body;
    assert!(form.contains("/apikeys/create?name=Honeyguide") && form.contains("rak_webhook_write"));
    let key = stripe_site.account.create_restricted_key(&NEEDED);
    let page = paste(&stripe_site, &browser, &format!("  {key}\n")).await;
    assert!(page.contains("Our endpoint is in place"), "{page}");
    assert!(page.contains(&format!("ending in <code>{}", &key[key.len() - 4..])));
    drop(browser);
    let connection = stripe_site.connection().await;
    assert_eq!((connection.method(), connection.livemode), (ConnectionMethod::Key, Some(false)));
    assert!(!connection.kind.sealed().expect("the key is kept").contains(&key), "sealed");
    let endpoints = stripe_site.account.endpoints();
    assert_eq!(endpoints.len(), 1);
    assert_eq!(endpoints[0].api_version.map(sandbox::ApiVersion::name), Some(API_VERSION));
    assert_eq!(endpoints[0].metadata["honeyguide_connection"], connection.id.as_str());
    assert_eq!(connection.own_endpoint().map(|own| &own.id), Some(&endpoints[0].id));
    let account = stripe_site.account.clone();
    let charge = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;
    assert!(stripe_site.knows(&charge).await);
}

#[tokio::test]
async fn each_missing_permission_is_named_and_nothing_is_kept() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    for (missing, permission) in connections::PERMISSIONS.iter().enumerate() {
        let rest: Vec<_> =
            NEEDED.into_iter().enumerate().filter(|(index, _)| *index != missing).map(|(_, it)| it).collect();
        let key = stripe_site.account.create_restricted_key(&rest);
        let page = paste(&stripe_site, &browser, &key).await;
        let named = format!("{}: {}", permission.name, permission.level);
        assert!(page.contains(&named), "{named} is not named");
    }
    assert!(!stripe_site.status().await.is_connected());
    assert!(stripe_site.account.endpoints().is_empty(), "nothing was made");
}

#[tokio::test]
async fn reading_endpoints_is_not_enough() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let mut rights = NEEDED;
    rights[0].1 = sandbox::Level::Read;
    let page = paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&rights)).await;
    assert!(page.contains("Webhook Endpoints: Write"));
    assert!(!stripe_site.status().await.is_connected());
}

#[tokio::test]
async fn other_keys_are_refused_with_the_reason() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let revoked = stripe_site.account.create_restricted_key(&NEEDED);
    stripe_site.account.revoke_key(&revoked).unwrap();
    for (key, words) in [
        (stripe_site.account.create_secret_key().as_str(), "can charge, refund and move money"),
        ("sk_live_canary1234567890", "can charge, refund and move money"),
        ("pk_live_canary1234567890", "publishable key"),
        ("whsec_canary1234567890", "signing secret"),
        ("", "starts with rk_live_"),
        (revoked.as_str(), "recognize this key"),
    ] {
        let page = paste(&stripe_site, &browser, key).await;
        assert!(page.contains(words), "{words}");
    }
    assert!(!stripe_site.status().await.is_connected());
}

#[tokio::test]
async fn stripe_failing_in_the_middle_leaves_nothing_behind() {
    for failure in [Failure::Status(500), Failure::Garbage] {
        let stripe_site = StripeSite::new().await;
        let browser = stripe_site.browser().await;
        let key = stripe_site.account.create_restricted_key(&NEEDED);
        stripe_site.platform.fail(Fault::new(failure).on("/v1/webhook_endpoints").method("POST"));
        let page = paste(&stripe_site, &browser, &key).await;
        assert!(page.contains("Stripe did not answer"), "{failure:?}");
        assert!(!stripe_site.status().await.is_connected());
        stripe_site.platform.clear_faults();
        paste(&stripe_site, &browser, &key).await;
        assert!(stripe_site.status().await.is_connected());
        let ours = stripe_site.account.endpoints();
        assert_eq!(ours.len(), 1, "what the failure may have left is cleared away");
    }
}

#[tokio::test]
async fn an_account_of_another_program_is_refused_even_without_its_id() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    // Neither key may read the account's id.
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    assert!(stripe_site.status().await.is_connected());
    let other = stripe_site.site.merchant("other").await;
    let theirs = Browser::signed_in(&stripe_site.site, &other.email).await;
    let program = other.program.id.to_string();
    let key = stripe_site.account.create_restricted_key(&NEEDED);
    let answer = theirs.post("/do/stripe/key", &[("program", &program), ("restricted_key", &key)]).await;
    let page = theirs.get(answer.location()).await.body;
    assert!(page.contains("already connected to another program"), "{page}");
    assert_eq!(stripe_site.account.endpoints().len(), 1);
}

#[tokio::test]
async fn continuing_from_a_manual_endpoint_counts_nothing_twice() {
    let mut stripe_site = StripeSite::new().await;
    let (engine, actor) = (stripe_site.site.engine.clone(), stripe_site.merchant.actor.clone());
    let program = stripe_site.merchant.program.id.clone();
    let url = stripe_site.status().await.webhook_url;
    let (core, rest) = connections::event_types();
    let enabled_events = core.iter().chain(&rest).map(|kind| (*kind).to_owned()).collect();
    let new = NewEndpoint {
        url,
        enabled_events,
        api_version: Some(sandbox::ApiVersion::ACACIA),
        ..NewEndpoint::default()
    };
    let (_, secret) = stripe_site.account.add_endpoint(new).unwrap();
    let by_hand = connections::connect_manually(&engine, &actor, &program, &secret).await.unwrap();
    let account = stripe_site.account.clone();
    let first = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;

    let browser = stripe_site.browser().await;
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    drop(browser);
    let connection = stripe_site.connection().await;
    assert_eq!(connection.id, by_hand.connection.unwrap().id, "the history stays in its place");
    assert_eq!(stripe_site.account.endpoints().len(), 1, "the manual endpoint is replaced by ours");
    let second = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;
    assert!(stripe_site.knows(&first).await && stripe_site.knows(&second).await);

    // A key of quite another account is refused while this one is connected.
    let elsewhere = stripe_site.platform.new_account("Elsewhere");
    let browser = stripe_site.browser().await;
    let page = paste(&stripe_site, &browser, &elsewhere.create_restricted_key(&NEEDED)).await;
    assert!(page.contains("Disconnect it first"), "{page}");
    assert!(elsewhere.endpoints().is_empty());
}

#[tokio::test]
async fn replacing_the_key_keeps_the_endpoint() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    let before = stripe_site.account.endpoints();
    let second = stripe_site.account.create_restricted_key(&NEEDED);
    let page = paste(&stripe_site, &browser, &second).await;
    assert!(page.contains(&second[second.len() - 4..]));
    assert_eq!(stripe_site.account.endpoints(), before);
}

//! The end of a connection: from here, from Stripe's side, and what comes afterwards.

use axum::http::StatusCode;
use connect::stripe::account::account;
use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::connections::ConnectionStatus;
use engine::stripe::credentials;
use engine::worker;
use sandbox::{Failure, Fault};

use super::stage::{NEEDED, Stage};
use crate::site::Browser;

async fn paste(stage: &Stage, browser: &Browser<'_>, key: &str) {
    let program = stage.merchant.program.id.to_string();
    browser.post("/do/stripe/key", &[("program", &program), ("restricted_key", key)]).await;
    assert!(stage.status().await.is_connected());
}

/// Presses the button; answers the page that follows.
async fn disconnect(stage: &Stage, browser: &Browser<'_>) -> String {
    let program = stage.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/disconnect", &[("program", &program)]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(!stage.status().await.is_connected());
    page
}

#[tokio::test]
async fn oauth_access_is_given_back_and_the_history_stays() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    drop(browser);
    let account = stage.account.clone();
    let charge = stage.sell(&account);
    stage.deliver(&account).await;
    let browser = stage.browser().await;
    let question = browser.get(&format!("{}?disconnect=ask", stage.settings())).await.body;
    assert!(question.contains(&account.account_id()) && question.contains("gives up its access"));
    let page = disconnect(&stage, &browser).await;
    assert!(page.contains("Stripe is disconnected"));
    drop(browser);
    assert!(!account.is_connected(&stage.keys.client_id));
    assert!(stage.knows(&charge).await, "what was received stays");
    // What still comes is answered, and dropped.
    let late = stage.sell(&account);
    let statuses = stage.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(!stage.knows(&late).await);
    let before = stage.connection().await.id;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    assert_eq!(stage.connection().await.id, before, "the same account goes on where it stopped");
    worker::drain(&stage.site.engine).await.unwrap();
    assert!(stage.knows(&late).await, "what happened meanwhile is fetched");
}

#[tokio::test]
async fn disconnecting_works_when_stripe_is_away() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    stage.platform.fail(Fault::new(Failure::Status(503)).on("/oauth/deauthorize"));
    let page = disconnect(&stage, &browser).await;
    assert!(page.contains("given up there as soon as it answers"), "{page}");
    assert!(stage.account.is_connected(&stage.keys.client_id));
    stage.platform.heal();
    stage.site.advance(HOUR_MS);
    worker::drain(&stage.site.engine).await.unwrap();
    assert!(!stage.account.is_connected(&stage.keys.client_id));
}

#[tokio::test]
async fn whoever_connected_again_is_not_cut_off_by_a_late_farewell() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    stage.platform.fail(Fault::new(Failure::Status(503)).on("/oauth/deauthorize"));
    disconnect(&stage, &browser).await;
    stage.platform.heal();
    stage.connect(&browser).await;
    stage.site.advance(HOUR_MS);
    worker::drain(&stage.site.engine).await.unwrap();
    assert!(stage.account.is_connected(&stage.keys.client_id));
    assert!(stage.connection().await.is_connected());
}

#[tokio::test]
async fn our_endpoint_is_deleted_and_the_key_forgotten() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    paste(&stage, &browser, &stage.account.create_restricted_key(&NEEDED)).await;
    let page = disconnect(&stage, &browser).await;
    assert!(page.contains("Stripe is disconnected"));
    assert!(stage.account.endpoints().is_empty());
    assert_eq!(stage.connection().await.kind.sealed(), None);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_deleted_is_named_and_its_events_are_answered() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    paste(&stage, &browser, &stage.account.create_restricted_key(&NEEDED)).await;
    let endpoint = stage.account.endpoints()[0].id.clone();
    stage.platform.fail(Fault::new(Failure::Status(500)).on("/v1/webhook_endpoints").method("DELETE"));
    let page = disconnect(&stage, &browser).await;
    assert!(page.contains(&endpoint) && page.contains("delete it in Stripe"), "{page}");
    drop(browser);
    let account = stage.account.clone();
    stage.sell(&account);
    let statuses = stage.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(stage.events().await.is_empty());
}

#[tokio::test]
async fn access_taken_back_at_stripe_shows_as_revoked_and_mails_the_owners() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    drop(browser);
    let account = stage.account.clone();
    let charge = stage.sell(&account);
    stage.deliver(&account).await;
    stage.account.disconnect(&stage.keys.client_id);
    stage.site.advance(MINUTE_MS);
    let taken_back = stage.site.engine.now();
    stage.tell_deauthorized(&account, taken_back).await;
    assert_eq!(stage.connection().await.status, ConnectionStatus::Revoked);
    let mails = stage.site.outside.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains(&stage.merchant.email));
    let browser = stage.browser().await;
    let page = browser.get(&stage.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("Reconnect") && page.contains(&account.account_id()));
    assert!(stage.knows(&charge).await);
    // Told twice, and told late: a new connection is not ended by the old farewell.
    stage.site.advance(MINUTE_MS);
    stage.connect(&browser).await;
    drop(browser);
    for late in [taken_back, taken_back.plus_ms(1_000)] {
        stage.tell_deauthorized(&account, late).await;
    }
    assert!(stage.connection().await.is_connected(), "that was before");
    assert_eq!(stage.site.outside.mails().len(), 1);
}

#[tokio::test]
async fn a_key_revoked_in_the_middle_is_noticed_on_use_and_its_endpoint_still_counts() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    let key = stage.account.create_restricted_key(&NEEDED);
    paste(&stage, &browser, &key).await;
    drop(browser);
    stage.account.revoke_key(&key).unwrap();
    let connection = stage.connection().await;
    let caller = credentials::client(&stage.site.engine, &connection).await.unwrap();
    let error = account(&caller).await.unwrap_err();
    assert!(credentials::refused(&stage.site.engine, &connection, &error).await.unwrap());
    worker::drain(&stage.site.engine).await.unwrap();
    assert_eq!(stage.site.outside.mails().len(), 1);
    let seller = stage.account.clone();
    let charge = stage.sell(&seller);
    stage.deliver(&seller).await;
    assert!(stage.knows(&charge).await, "no event is lost");
    let browser = stage.browser().await;
    let page = browser.get(&stage.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("still delivers"));
    paste(&stage, &browser, &stage.account.create_restricted_key(&NEEDED)).await;
    assert_eq!(stage.account.endpoints().len(), 1);
}

#[tokio::test]
async fn the_platforms_key_being_refused_is_no_merchants_fault() {
    let stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    stage.platform.revoke_key(&stage.keys.secret_key).unwrap();
    let connection = stage.connection().await;
    let caller = credentials::client(&stage.site.engine, &connection).await.unwrap();
    let error = account(&caller).await.unwrap_err();
    assert!(!credentials::refused(&stage.site.engine, &connection, &error).await.unwrap());
    assert!(stage.connection().await.is_connected());
    let page = browser.get(&stage.settings()).await.body;
    assert!(page.contains("Needs attention") && page.contains("operator"));
}

#[tokio::test]
async fn events_of_nobody_and_of_the_other_mode_are_answered_and_dropped() {
    let mut stage = Stage::new().await;
    let browser = stage.browser().await;
    stage.connect(&browser).await;
    drop(browser);
    let stranger = stage.platform.new_account("Stranger");
    stage.sell(&stranger);
    let statuses = stage.deliver(&stranger).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    let body = format!(
        r#"{{"id":"evt_live","object":"event","type":"customer.created","created":{},"livemode":true,
        "account":"{}","data":{{"object":{{"id":"cus_1","object":"customer"}}}}}}"#,
        stage.site.engine.now().seconds(),
        stage.account.account_id()
    );
    for body in [body.as_bytes(), b"{\"id\":\"evt_nobody\",\"type\":\"charge.succeeded\"}", b"nonsense"] {
        assert_eq!(stage.post(&stage.platform, "customer.created", body, true).await, [StatusCode::OK]);
    }
    assert!(stage.events().await.is_empty());
    // A wrong signature is refused, and says so on the page of every program it may concern.
    let answer =
        crate::site::webhooks::deliver(&stage.site, "/webhooks/stripe", Some("t=1,v1=00"), b"{}").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

//! The end of a connection, started here or at Stripe, and what follows.

use axum::http::StatusCode;
use connect::stripe::account::account;
use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::connections::ConnectionStatus;
use engine::stripe::credentials;
use engine::worker;
use sandbox::{Failure, Fault};

use super::stripe_site::{NEEDED, StripeSite};
use crate::site::Browser;

async fn paste(stripe_site: &StripeSite, browser: &Browser<'_>, key: &str) {
    let program = stripe_site.merchant.program.id.to_string();
    browser.post("/do/stripe/key", &[("program", &program), ("restricted_key", key)]).await;
    assert!(stripe_site.status().await.is_connected());
}

/// Presses the button; answers the page that follows.
async fn disconnect(stripe_site: &StripeSite, browser: &Browser<'_>) -> String {
    let program = stripe_site.merchant.program.id.to_string();
    let answer = browser.post("/do/stripe/disconnect", &[("program", &program)]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(!stripe_site.status().await.is_connected());
    page
}

#[tokio::test]
async fn oauth_access_is_given_back_and_the_history_stays() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    drop(browser);
    let account = stripe_site.account.clone();
    let charge = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;
    let browser = stripe_site.browser().await;
    let question = browser.get(&format!("{}?disconnect=ask", stripe_site.settings())).await.body;
    assert!(
        question.contains(&account.account_id())
            && question.contains("Honeyguide’s access to the Stripe account")
    );
    let page = disconnect(&stripe_site, &browser).await;
    assert!(page.contains("Stripe is disconnected"));
    drop(browser);
    assert!(!account.is_connected(&stripe_site.keys.client_id));
    assert!(stripe_site.knows(&charge).await, "what was received stays");
    let status = stripe_site.status().await;
    let own = status.connection.expect("its row").endpoint_token;
    assert!(status.webhook_url.ends_with(&own), "a manual endpoint would be the program's own");
    // What still comes is answered, and dropped.
    let late = stripe_site.sell(&account);
    let statuses = stripe_site.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(!stripe_site.knows(&late).await);
    let before = stripe_site.connection().await.id;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    assert_eq!(stripe_site.connection().await.id, before, "the same account goes on where it stopped");
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert!(stripe_site.knows(&late).await, "what happened meanwhile is fetched");
}

#[tokio::test]
async fn disconnecting_works_when_stripe_is_away() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    stripe_site.platform.fail(Fault::new(Failure::Status(503)).on("/oauth/deauthorize"));
    let page = disconnect(&stripe_site, &browser).await;
    assert!(page.contains("Access there ends as soon as it answers"), "{page}");
    assert!(stripe_site.account.is_connected(&stripe_site.keys.client_id));
    stripe_site.platform.clear_faults();
    stripe_site.site.advance(HOUR_MS);
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert!(!stripe_site.account.is_connected(&stripe_site.keys.client_id));
}

#[tokio::test]
async fn a_late_deauthorization_does_not_end_a_new_connection() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    stripe_site.platform.fail(Fault::new(Failure::Status(503)).on("/oauth/deauthorize"));
    disconnect(&stripe_site, &browser).await;
    stripe_site.platform.clear_faults();
    stripe_site.connect(&browser).await;
    stripe_site.site.advance(HOUR_MS);
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert!(stripe_site.account.is_connected(&stripe_site.keys.client_id));
    assert!(stripe_site.connection().await.is_connected());
}

#[tokio::test]
async fn disconnecting_deletes_our_endpoint_and_the_key() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    let page = disconnect(&stripe_site, &browser).await;
    assert!(page.contains("Stripe is disconnected"));
    assert!(stripe_site.account.endpoints().is_empty());
    assert_eq!(stripe_site.connection().await.kind.sealed(), None);
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_deleted_is_named_and_its_events_are_answered() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    let endpoint = stripe_site.account.endpoints()[0].id.clone();
    stripe_site.platform.fail(Fault::new(Failure::Status(500)).on("/v1/webhook_endpoints").method("DELETE"));
    let page = disconnect(&stripe_site, &browser).await;
    assert!(page.contains(&endpoint) && page.contains("Delete it in the Stripe Dashboard"), "{page}");
    drop(browser);
    let account = stripe_site.account.clone();
    stripe_site.sell(&account);
    let statuses = stripe_site.deliver(&account).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    assert!(stripe_site.events().await.is_empty());
}

#[tokio::test]
async fn access_revoked_at_stripe_is_shown_and_mails_the_owners() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    drop(browser);
    let account = stripe_site.account.clone();
    let charge = stripe_site.sell(&account);
    stripe_site.deliver(&account).await;
    stripe_site.account.disconnect(&stripe_site.keys.client_id);
    stripe_site.site.advance(MINUTE_MS);
    let taken_back = stripe_site.site.engine.now();
    stripe_site.tell_deauthorized(&account, taken_back).await;
    assert_eq!(stripe_site.connection().await.status, ConnectionStatus::Revoked);
    let mails = stripe_site.site.services.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains(&stripe_site.merchant.email));
    let browser = stripe_site.browser().await;
    let page = browser.get(&stripe_site.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("Reconnect") && page.contains(&account.account_id()));
    assert!(stripe_site.knows(&charge).await);
    // Sent twice, and late: the old deauthorization does not end a new connection.
    stripe_site.site.advance(MINUTE_MS);
    stripe_site.connect(&browser).await;
    drop(browser);
    for late in [taken_back, taken_back.plus_ms(1_000)] {
        stripe_site.tell_deauthorized(&account, late).await;
    }
    assert!(stripe_site.connection().await.is_connected(), "that was before");
    assert_eq!(stripe_site.site.services.mails().len(), 1);
}

#[tokio::test]
async fn a_revoked_key_is_noticed_on_use_and_its_endpoint_still_counts() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    let key = stripe_site.account.create_restricted_key(&NEEDED);
    paste(&stripe_site, &browser, &key).await;
    drop(browser);
    stripe_site.account.revoke_key(&key).unwrap();
    let connection = stripe_site.connection().await;
    let caller = credentials::client(&stripe_site.site.engine, &connection).await.unwrap();
    let error = account(&caller).await.unwrap_err();
    assert!(credentials::refused(&stripe_site.site.engine, &connection, &error).await.unwrap());
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert_eq!(stripe_site.site.services.mails().len(), 1);
    let seller = stripe_site.account.clone();
    let charge = stripe_site.sell(&seller);
    stripe_site.deliver(&seller).await;
    assert!(stripe_site.knows(&charge).await, "no event is lost");
    let browser = stripe_site.browser().await;
    let page = browser.get(&stripe_site.settings()).await.body;
    assert!(page.contains("Revoked") && page.contains("still delivers"));
    paste(&stripe_site, &browser, &stripe_site.account.create_restricted_key(&NEEDED)).await;
    assert_eq!(stripe_site.account.endpoints().len(), 1);
}

#[tokio::test]
async fn a_rejected_platform_key_revokes_no_connection() {
    let stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    stripe_site.platform.revoke_key(&stripe_site.keys.secret_key).unwrap();
    let connection = stripe_site.connection().await;
    let caller = credentials::client(&stripe_site.site.engine, &connection).await.unwrap();
    let error = account(&caller).await.unwrap_err();
    assert!(!credentials::refused(&stripe_site.site.engine, &connection, &error).await.unwrap());
    assert!(stripe_site.connection().await.is_connected());
    let page = browser.get(&stripe_site.settings()).await.body;
    assert!(page.contains("Needs attention") && page.contains("operator"));
}

#[tokio::test]
async fn events_of_unknown_accounts_and_of_the_other_mode_are_answered_and_dropped() {
    let mut stripe_site = StripeSite::new().await;
    let browser = stripe_site.browser().await;
    stripe_site.connect(&browser).await;
    drop(browser);
    let stranger = stripe_site.platform.new_account("Stranger");
    stripe_site.sell(&stranger);
    let statuses = stripe_site.deliver(&stranger).await;
    assert!(!statuses.is_empty() && statuses.iter().all(|status| *status == StatusCode::OK));
    let body = format!(
        r#"{{"id":"evt_live","object":"event","type":"customer.created","created":{},"livemode":true,
        "account":"{}","data":{{"object":{{"id":"cus_1","object":"customer"}}}}}}"#,
        stripe_site.site.engine.now().seconds(),
        stripe_site.account.account_id()
    );
    for body in [body.as_bytes(), b"{\"id\":\"evt_nobody\",\"type\":\"charge.succeeded\"}", b"nonsense"] {
        assert_eq!(
            stripe_site.post(&stripe_site.platform, "customer.created", body, true).await,
            [StatusCode::OK]
        );
    }
    assert!(stripe_site.events().await.is_empty());
    // A wrong signature is refused, and says so on the page of every program it may concern.
    let answer =
        crate::site::webhooks::deliver(&stripe_site.site, "/webhooks/stripe", Some("t=1,v1=00"), b"{}").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

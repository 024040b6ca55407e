//! Connecting a program and losing the connection again.

use domain::connections::{ConnectionStatus, RevocationReason};
use engine::stripe::connections;
use engine::stripe::credentials;
use engine::worker;
use url::Url;

use crate::services::Services;
use crate::site::webhooks::connect;
use crate::site::{BASE, Browser, Site};

#[tokio::test]
async fn connecting_names_the_platform_and_returns_here() {
    let site = Site::with(Services::nowhere().with_keys(false, "sk_test_platform", "ca_test_1")).await;
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let url = connections::authorize(engine, actor, program, false).await.unwrap();
    let url = Url::parse(&url).unwrap();
    let parameter =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert_eq!(parameter("client_id").as_deref(), Some("ca_test_1"));
    assert_eq!(parameter("redirect_uri"), Some(format!("{BASE}/stripe/callback")));
    assert_eq!(parameter("response_type").as_deref(), Some("code"));
    assert_eq!(parameter("scope").as_deref(), Some("read_write"));
    assert!(parameter("state").is_some_and(|state| state.len() >= 43), "256 bits of chance");
    let refused = connections::authorize(engine, actor, program, true).await;
    assert!(matches!(refused, Err(engine::Error::Forbidden(_))), "no keys for live payments");
}

/// The operator can copy what has to be registered at Stripe, until a platform is set up.
#[tokio::test]
async fn the_redirect_address_is_shown_until_a_platform_is_set_up() {
    let callback = format!("value=\"{BASE}/stripe/callback\"");
    for (services, is_shown) in [
        (Services::nowhere(), true),
        (Services::nowhere().with_keys(false, "sk_test_platform", "ca_test_1"), false),
    ] {
        let site = Site::with(services).await;
        let merchant = site.merchant("lumen").await;
        let browser = Browser::signed_in(&site, &merchant.email).await;
        let path = format!("/programs/{}/settings/stripe", merchant.program.id);
        let page = browser.get(&path).await.body;
        assert_eq!(page.contains(&callback), is_shown, "{page}");
    }
}

#[tokio::test]
async fn owners_learn_of_lost_access_by_mail_and_on_the_page() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    connect(&site, &merchant).await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let connection = connections::status(engine, actor, program).await.unwrap().connection.unwrap();
    for _ in 0..2 {
        credentials::lost(engine, &connection, RevocationReason::RemovedInDashboard).await.unwrap();
    }
    worker::drain(engine).await.unwrap();
    let status = connections::status(engine, actor, program).await.unwrap();
    assert_eq!(status.connection.unwrap().status, ConnectionStatus::Revoked);
    let mails = site.services.mails();
    assert_eq!(mails.len(), 1, "once is enough");
    assert!(mails[0].contains(&merchant.email) && mails[0].contains("no longer connected"), "{}", mails[0]);
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = browser.get(&format!("/programs/{program}/settings/stripe")).await.body;
    assert!(page.contains("Disconnected") || page.contains("Revoked"));
}

//! Signing in and out.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use engine::accounts;

use super::{Browser, PASSWORD, Site};

#[tokio::test]
async fn a_wrong_password_says_so_and_keeps_the_address_only() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    let answer =
        browser.post("/do/session/start", &[("email", &merchant.email), ("password", "wrong-canary")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get(answer.location()).await;
    assert!(page.body.contains("do not fit together"), "{}", page.body);
    assert!(page.body.contains("<title>Error: "));
    assert!(page.body.contains(&merchant.email));
    assert!(!page.body.contains("wrong-canary"));
}

#[tokio::test]
async fn known_and_unknown_accounts_get_the_same_answer() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let mut pages = Vec::new();
    for email in [merchant.email.as_str(), "nobody@example.com"] {
        let browser = Browser::new(&site);
        let answer = browser.post("/do/session/start", &[("email", email), ("password", "wrong")]).await;
        let page = browser.get(answer.location()).await.body.replace(email, "EMAIL");
        pages.push(without_nonces(&page));
    }
    assert_eq!(pages[0], pages[1]);
}

fn without_nonces(page: &str) -> String {
    page.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}

#[tokio::test]
async fn tries_are_limited_and_come_back() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    let wrong = [("email", merchant.email.as_str()), ("password", "wrong")];
    for _ in 0..10 {
        browser.post("/do/session/start", &wrong).await;
    }
    let right = [("email", merchant.email.as_str()), ("password", PASSWORD)];
    let refused = browser.post("/do/session/start", &right).await;
    let page = browser.get(refused.location()).await;
    assert!(page.body.contains("15 minutes"), "a clear message with the time to wait: {}", page.body);
    site.advance(16 * MINUTE_MS);
    assert_eq!(browser.sign_in(&right).await, "/programs");
}

#[tokio::test]
async fn the_session_changes_its_id_and_is_stored_by_its_hash() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    // A flash makes an anonymous session first.
    browser.post("/do/session/start", &[("email", "x"), ("password", "x")]).await;
    let before = browser.cookie("hg_session").unwrap();
    browser.post("/do/session/start", &[("email", &merchant.email), ("password", PASSWORD)]).await;
    let after = browser.cookie("hg_session").unwrap();
    assert_ne!(before, after);
    let stored = engine::sessions::rows::load(&site.engine, &after).await.unwrap();
    assert!(stored.is_some_and(|(data, _)| data.contains("usr_")));
    assert!(engine::sessions::rows::load(&site.engine, &before).await.unwrap().is_none());
}

#[tokio::test]
async fn signing_out_everywhere_ends_the_other_browser() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let one = Browser::signed_in(&site, &merchant.email).await;
    let other = Browser::signed_in(&site, &merchant.email).await;
    assert_eq!(other.get("/programs").await.status, StatusCode::OK);
    one.post("/do/session/end-all", &[]).await;
    for browser in [&one, &other] {
        let answer = browser.get("/programs").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        assert!(answer.location().starts_with("/login"));
    }
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let site = Site::new().await;
    let link = accounts::setup_link(&site.engine).await.unwrap();
    let token = link.rsplit('/').next().unwrap();
    let input = accounts::SetupInput {
        name: "Hanna".into(),
        email: "hanna@example.com".into(),
        password: PASSWORD.into(),
        company: "Lumen".into(),
    };
    assert!(accounts::set_up(&site.engine, token, &input).await.is_ok());
    let again = accounts::SetupInput { email: "second@example.com".into(), ..input };
    assert!(matches!(accounts::set_up(&site.engine, token, &again).await, Err(engine::Error::NotFound)));
    assert!(!accounts::setup_link_works(&site.engine, token).await.unwrap());
}

#[tokio::test]
async fn the_set_up_link_runs_out_after_half_an_hour() {
    let site = Site::new().await;
    let link = accounts::setup_link(&site.engine).await.unwrap();
    let token = link.rsplit('/').next().unwrap();
    assert!(accounts::setup_link_works(&site.engine, token).await.unwrap());
    site.advance(30 * MINUTE_MS);
    assert!(!accounts::setup_link_works(&site.engine, token).await.unwrap());
}

#[tokio::test]
async fn the_next_page_is_a_local_one() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    for (next, to) in [
        ("/programs/new", "/programs/new"),
        ("https://evil.test/", "/"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
    ] {
        let browser = Browser::new(&site);
        let fields = [("email", merchant.email.as_str()), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.sign_in(&fields).await, to, "{next}");
    }
}

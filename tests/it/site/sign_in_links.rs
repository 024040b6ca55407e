//! Signing in by a link in a mail.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;

use super::two_step::set_up;
use super::{Browser, Site, link_in_mails};

async fn ask(site: &Site, browser: &Browser<'_>, email: &str) -> String {
    let answer = browser.post("/do/session/mail-link", &[("email", email)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
    browser.get(answer.location()).await.body
}

async fn press(browser: &Browser<'_>, path: &str) -> String {
    let token = path.rsplit('/').next().unwrap();
    browser.post("/do/session/use-link", &[("token", token)]).await.location().to_owned()
}

async fn is_in(browser: &Browser<'_>) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

#[tokio::test]
async fn a_link_signs_in_once_when_its_button_is_pressed() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    ask(&site, &Browser::new(&site), &merchant.email).await;
    let path = link_in_mails(&site, "/login/link/");
    for _ in 0..3 {
        let scanner = Browser::new(&site);
        assert!(scanner.get(&path).await.body.contains(&merchant.email), "opening it uses nothing up");
        assert!(!is_in(&scanner).await);
    }
    let browser = Browser::new(&site);
    press(&browser, &path).await;
    assert!(is_in(&browser).await);
    let second = Browser::new(&site);
    assert_eq!(press(&second, &path).await, path);
    assert!(second.get(&path).await.body.contains("no longer works"));
    assert!(!is_in(&second).await);
}

#[tokio::test]
async fn a_link_ends_after_ten_minutes_and_with_the_next_one() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    ask(&site, &browser, &merchant.email).await;
    let first = link_in_mails(&site, "/login/link/");
    let page = ask(&site, &browser, &merchant.email).await;
    assert!(page.contains("for 10 minutes"), "{page}");
    let second = link_in_mails(&site, "/login/link/");
    assert_ne!(first, second);
    assert!(browser.get(&first).await.body.contains("no longer works"));
    site.advance(10 * MINUTE_MS);
    press(&browser, &second).await;
    assert!(!is_in(&browser).await);
    let page = browser.get(&second).await.body;
    assert!(page.contains("no longer works") && page.contains("for 10 minutes"), "{page}");
}

#[tokio::test]
async fn nobody_learns_who_has_an_account_and_nobody_is_flooded() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let plain = |page: String, email: &str| {
        let page = page.replace(email, "EMAIL");
        page.split("nonce=\"")
            .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest))
            .collect::<String>()
    };
    let known = plain(ask(&site, &Browser::new(&site), &merchant.email).await, &merchant.email);
    let unknown = plain(ask(&site, &Browser::new(&site), "nobody@example.com").await, "nobody@example.com");
    assert_eq!(known, unknown);
    assert!(known.contains("we’ve sent it a link"));
    assert_eq!(site.services.mails().len(), 1, "who has no account gets no mail");
    for _ in 0..5 {
        ask(&site, &Browser::new(&site), &merchant.email).await;
    }
    assert_eq!(site.services.mails().len(), 3, "no more than three in a quarter of an hour");
    for number in 0..15 {
        ask(&site, &Browser::new(&site), &format!("nobody{number}@example.com")).await;
    }
    assert!(ask(&site, &Browser::new(&site), &merchant.email).await.contains("Wait 15 minutes"));
    let page = ask(&site, &Browser::new(&site), "no address").await;
    assert!(page.contains("Error: "), "{page}");
}

#[tokio::test]
async fn a_link_for_one_thing_does_no_other() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    ask(&site, &browser, &merchant.email).await;
    let sign_in = link_in_mails(&site, "/login/link/");
    let token = sign_in.rsplit('/').next().unwrap();
    for page in ["/password/choose/", "/email/confirm/", "/email/undo/", "/invitation/", "/setup/"] {
        let body = browser.get(&format!("{page}{token}")).await.body;
        assert!(body.contains("no longer works") || body.contains("has ended"), "{page}");
    }
    browser.post("/do/account/forgot", &[("email", &merchant.email)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
    let password = link_in_mails(&site, "/password/choose/");
    press(&browser, &password).await;
    assert!(!is_in(&browser).await);
}

#[tokio::test]
async fn a_link_does_not_replace_the_second_step() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (app, _) = set_up(&site, &Browser::signed_in(&site, &merchant.email).await).await;
    let browser = Browser::new(&site);
    ask(&site, &browser, &merchant.email).await;
    assert_eq!(press(&browser, &link_in_mails(&site, "/login/link/")).await, "/login/code?sent=1");
    assert!(!is_in(&browser).await);
    browser.post("/do/session/code", &[("code", &app.code(&site))]).await;
    assert!(is_in(&browser).await);
}

//! Signing in and out.

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use engine::identity::accounts;

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
    assert!(page.body.contains("Incorrect email or password"), "{}", page.body);
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

/// Asks for a link, and gives the mails that were sent and what the page then says.
async fn forget(site: &Site, email: &str) -> (Vec<String>, String) {
    let browser = Browser::new(site);
    let answer = browser.post("/do/account/forgot", &[("email", email)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
    let page = browser.get(answer.location()).await.body.replace(email, "EMAIL");
    (site.services.mails(), without_nonces(&page))
}

/// The token of the link in a mail.
fn token_in(mail: &str) -> String {
    let (_, rest) = mail.split_once("/password/choose/").expect("a link");
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forgotten_password_is_reset_by_a_mailed_link() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let signed_in_before = Browser::signed_in(&site, &merchant.email).await;
    let (mails, page) = forget(&site, &merchant.email).await;
    let (still, same) = forget(&site, "nobody@example.com").await;
    assert_eq!((mails.len(), still.len()), (1, 1), "who has no account gets no mail");
    assert_eq!(page, same, "and nobody is told who has one");
    assert!(page.contains("we’ve sent it a link"), "{page}");

    let token = token_in(&mails[0]);
    let browser = Browser::new(&site);
    let path = format!("/password/choose/{token}");
    assert!(browser.get(&path).await.body.contains(&merchant.email));
    let short = [("token", token.as_str()), ("password", "short")];
    let answer = browser.post("/do/account/choose-password", &short).await;
    assert!(browser.get(answer.location()).await.body.contains("Use 10 to 256 characters"));
    let chosen = [("token", token.as_str()), ("password", "another battery staple")];
    browser.post("/do/account/choose-password", &chosen).await;
    assert_eq!(browser.get("/programs").await.status, StatusCode::OK, "signed in at once");
    let elsewhere = signed_in_before.get("/programs").await;
    assert!(elsewhere.location().starts_with("/login"), "and signed out everywhere else");
    assert!(browser.get(&path).await.body.contains("no longer works"), "once");
    let old = Browser::new(&site);
    assert!(old.sign_in(&[("email", &merchant.email), ("password", PASSWORD)]).await.starts_with("/login"));
}

#[tokio::test]
async fn password_reset_links_expire_and_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let token = token_in(&forget(&site, &merchant.email).await.0[0]);
    site.advance(31 * MINUTE_MS);
    let page = Browser::new(&site).get(&format!("/password/choose/{token}")).await.body;
    assert!(page.contains("no longer works") && page.contains("Send a new link"));
    for _ in 0..5 {
        forget(&site, &merchant.email).await;
    }
    assert_eq!(site.services.mails().len(), 1 + 3, "no more than three in a quarter of an hour");
    for number in 0..15 {
        forget(&site, &format!("nobody{number}@example.com")).await;
    }
    let (_, page) = forget(&site, "nobody@example.com").await;
    assert!(page.contains("15 minutes"), "who asks for many has to wait: {page}");
    let (_, page) = forget(&site, "no address").await;
    assert!(page.contains("Error: "), "{page}");
}

fn without_nonces(page: &str) -> String {
    page.split("nonce=\"").map(|part| part.split_once('"').map_or(part, |(_, rest)| rest)).collect()
}

#[tokio::test]
async fn sign_in_attempts_are_limited_for_a_time() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    let wrong = [("email", merchant.email.as_str()), ("password", "wrong")];
    for _ in 0..10 {
        browser.post("/do/session/start", &wrong).await;
    }
    let right = [("email", merchant.email.as_str()), ("password", PASSWORD)];
    let elsewhere = Browser::at(&site, "203.0.113.9");
    assert_eq!(elsewhere.sign_in(&right).await, "/programs", "who is elsewhere is not locked out");
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
    let stored = engine::identity::browser_sessions::load(&site.engine, &after).await.unwrap();
    assert!(stored.is_some_and(|(data, _)| data.contains("usr_")));
    let mut conn = site.db.db.read().await.unwrap();
    let at_rest: Vec<String> =
        conn.all("SELECT data FROM sessions", &[], |row| row.get("data")).await.unwrap();
    assert!(at_rest.iter().all(|data| !data.contains("usr_")), "encrypted at rest");
    assert!(engine::identity::browser_sessions::load(&site.engine, &before).await.unwrap().is_none());
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
    let draft = accounts::OwnerDraft {
        name: "Hanna".parse().unwrap(),
        email: "hanna@example.com".parse().unwrap(),
        password: PASSWORD.into(),
        company: "Lumen".parse().unwrap(),
    };
    assert!(accounts::set_up(&site.engine, token, &draft).await.is_ok());
    let again = accounts::OwnerDraft { email: "second@example.com".parse().unwrap(), ..draft };
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
async fn only_local_pages_are_redirected_to() {
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

#[tokio::test]
async fn an_invitation_by_mail_leads_to_the_program_and_is_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    let send = || {
        let (actor, program) = (&merchant.actor, &merchant.program.id);
        engine::programs::affiliates::email_invitation(&site.engine, actor, program, &affiliate.id)
    };
    for _ in 0..3 {
        send().await.unwrap();
    }
    assert!(matches!(send().await, Err(engine::Error::TooMany { .. })));
    engine::worker::drain(&site.engine).await.unwrap();
    let mails = site.services.mails();
    assert_eq!(mails.len(), 3);
    let path =
        mails[0].split_whitespace().find_map(|word| word.split_once("/invitation/")).unwrap().1.to_owned();
    let page = Browser::new(&site).get(&format!("/invitation/{path}")).await;
    assert!(page.body.contains(affiliate.email.as_str()), "{}", page.body);
    let stored: Vec<String> = {
        let mut conn = site.db.db.read().await.unwrap();
        conn.all("SELECT payload FROM jobs", &[], |row| row.get("payload")).await.unwrap()
    };
    assert!(stored.iter().all(|payload| !payload.contains(&path)), "the token is in no queue");
}

//! Two-step sign-in: codes, recovery codes, what a half signed-in browser reaches, and requiring
//! it of a team. The names say which requirements of OWASP ASVS 5.0 a test holds.

use axum::http::StatusCode;
use domain::clock::{HOUR_MS, MINUTE_MS, SECOND_MS};
use totp_rs::{Builder, Secret, Totp};

use super::{Browser, Merchant, PASSWORD, Site};

const STEP_MS: i64 = 30 * SECOND_MS;

/// An authenticator app that a person has set up.
pub struct App(Totp);

impl App {
    /// The code that it shows in some milliseconds.
    pub fn code_in(&self, site: &Site, ms: i64) -> String {
        let at = site.engine.now().plus_ms(ms).seconds();
        self.0.generate(u64::try_from(at).unwrap()).to_string()
    }

    pub fn code(&self, site: &Site) -> String {
        self.code_in(site, 0)
    }
}

fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    rest.split(end).next().unwrap()
}

/// Reads the key from the page and makes an app of it.
async fn scan(browser: &Browser<'_>) -> App {
    let page = browser.get("/account/two-step").await.body;
    assert!(page.contains("class=\"qr\""), "{page}");
    let key = Secret::try_from_base32(between(&page, "id=\"app-key\">", "<")).unwrap();
    App(Builder::new().with_secret(key).build().unwrap())
}

/// Sets two-step sign-in up on a browser that is signed in. The clock goes on by a step, so that
/// the app shows a new code.
pub async fn set_up(site: &Site, browser: &Browser<'_>) -> (App, Vec<String>) {
    browser.post("/do/account/two-step-begin", &[("password", PASSWORD)]).await;
    let app = scan(browser).await;
    let answer = browser.post("/do/account/two-step-on", &[("code", &app.code(site))]).await;
    let page = browser.get(answer.location()).await.body;
    let codes: Vec<String> =
        between(&page, "id=\"recovery-codes\">", "<").lines().map(str::to_owned).collect();
    assert_eq!(codes.len(), 10, "{page}");
    site.advance(STEP_MS);
    (app, codes)
}

/// A browser after the right password.
async fn half<'s>(site: &'s Site, email: &str) -> Browser<'s> {
    let browser = Browser::new(site);
    let fields = [("email", email), ("password", PASSWORD)];
    assert_eq!(browser.post("/do/session/start", &fields).await.location(), "/login/code?sent=1");
    browser
}

/// Enters a code and says what the page answers that follows.
async fn enter(browser: &Browser<'_>, code: &str) -> String {
    let answer = browser.post("/do/session/code", &[("code", code)]).await;
    browser.get(answer.location()).await.body
}

async fn is_in(browser: &Browser<'_>) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

async fn with_two_step(site: &Site) -> (Merchant, App, Vec<String>) {
    let merchant = site.merchant("lumen").await;
    let (app, codes) = set_up(site, &Browser::signed_in(site, &merchant.email).await).await;
    (merchant, app, codes)
}

#[tokio::test]
async fn v7_4_3_it_is_set_up_with_the_password_and_a_first_code() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (here, other) =
        (Browser::signed_in(&site, &merchant.email).await, Browser::signed_in(&site, &merchant.email).await);
    let answer = here.post("/do/account/two-step-begin", &[("password", "guess")]).await;
    assert!(here.get(answer.location()).await.body.contains("Incorrect password"));
    here.post("/do/account/two-step-begin", &[("password", PASSWORD)]).await;
    let app = scan(&here).await;
    let again = scan(&here).await;
    assert_eq!(app.code(&site), again.code(&site), "a page that is loaded again has the same key");
    let wrong = here.post("/do/account/two-step-on", &[("code", &app.code_in(&site, HOUR_MS))]).await;
    assert!(here.get(wrong.location()).await.body.contains("Incorrect code"));
    let start = Browser::new(&site).sign_in(&[("email", &merchant.email), ("password", PASSWORD)]).await;
    assert_eq!(start, "/programs", "nothing is asked for before it is on");

    let on = here.post("/do/account/two-step-on", &[("code", &app.code(&site))]).await;
    assert!(here.get(on.location()).await.body.contains("Save your recovery codes"));
    assert!(!here.get(on.location()).await.body.contains("Save your recovery codes"), "they are shown once");
    assert!(is_in(&here).await && !is_in(&other).await, "other browsers are signed out");
    assert!(here.get("/account").await.body.contains("10 recovery codes are left"));
    engine::worker::drain(&site.engine).await.unwrap();
    assert!(site.services.mails().iter().any(|mail| mail.contains("Subject: Two-step sign-in is on")));
    let mut conn = site.db.db.read().await.unwrap();
    let stored: Vec<String> =
        conn.all("SELECT secret FROM authenticators", &[], |row| row.get("secret")).await.unwrap();
    let key = app.0.secret().to_base32();
    assert!(stored.len() == 1 && !stored[0].contains(&key), "sealed at rest");
}

#[tokio::test]
async fn v6_5_1_and_6_5_5_a_code_is_accepted_once_and_one_step_late_or_early() {
    let site = Site::new().await;
    let (merchant, app, _) = with_two_step(&site).await;
    let first = app.code(&site);
    let browser = half(&site, &merchant.email).await;
    enter(&browser, &first).await;
    assert!(is_in(&browser).await);
    let second = half(&site, &merchant.email).await;
    assert!(enter(&second, &first).await.contains("Incorrect code"), "a code that was seen is worth nothing");
    assert!(
        enter(&second, &app.code_in(&site, -STEP_MS)).await.contains("Incorrect code"),
        "nor an older one"
    );
    for wrong in [2 * STEP_MS, -2 * STEP_MS] {
        assert!(enter(&second, &app.code_in(&site, wrong)).await.contains("Incorrect code"));
    }
    enter(&second, &app.code_in(&site, STEP_MS)).await;
    assert!(is_in(&second).await, "a phone whose clock is half a minute fast");
    site.advance(5 * MINUTE_MS);
    let third = half(&site, &merchant.email).await;
    enter(&third, &app.code_in(&site, -STEP_MS)).await;
    assert!(is_in(&third).await, "and one that is slow");
}

#[tokio::test]
async fn v6_5_1_a_code_that_two_browsers_send_at_once_lets_one_in() {
    let site = Site::new().await;
    let (merchant, app, _) = with_two_step(&site).await;
    let code = app.code(&site);
    let (one, other) = (half(&site, &merchant.email).await, half(&site, &merchant.email).await);
    tokio::join!(enter(&one, &code), enter(&other, &code));
    assert_ne!(is_in(&one).await, is_in(&other).await);
}

#[tokio::test]
async fn v6_3_3_after_the_password_alone_nothing_is_reached() {
    let site = Site::new().await;
    let (merchant, app, _) = with_two_step(&site).await;
    let browser = half(&site, &merchant.email).await;
    let program = merchant.program.id.as_str();
    for path in [
        "/account",
        "/account/two-step",
        "/programs",
        &format!("/programs/{program}/affiliates.csv"),
        "/affiliate",
    ] {
        let answer = browser.get(path).await;
        assert!(answer.location().starts_with("/login"), "{path}: {} {}", answer.status, answer.location());
    }
    for (form, fields) in [
        ("/do/account/name", [("name", "Taken over")]),
        ("/do/account/two-step-off", [("off[password]", PASSWORD)]),
        ("/do/account/recovery-codes", [("password", PASSWORD)]),
        ("/do/key/create", [("program", program)]),
    ] {
        assert!(browser.post(form, &fields).await.location().starts_with("/login"), "{form}");
    }
    // It ends after ten minutes, and with the password.
    site.advance(10 * MINUTE_MS);
    assert!(enter(&browser, &app.code(&site)).await.contains("Sign in again"));
    assert!(!is_in(&browser).await);
    let (early, owner) = (half(&site, &merchant.email).await, half(&site, &merchant.email).await);
    enter(&owner, &app.code(&site)).await;
    let new = [("old_password", PASSWORD), ("password", "another battery staple")];
    owner.post("/do/account/password", &new).await;
    site.advance(STEP_MS);
    enter(&early, &app.code(&site)).await;
    assert!(!is_in(&early).await, "a changed password ends what began with the old one");
}

#[tokio::test]
async fn v6_5_1_and_6_5_2_a_recovery_code_works_once_and_is_told_by_mail() {
    let site = Site::new().await;
    let (merchant, _, codes) = with_two_step(&site).await;
    let browser = half(&site, &merchant.email).await;
    let page = browser.get("/login/code?recovery=1").await.body;
    assert!(page.contains("Enter a recovery code"));
    enter(&browser, &codes[3].to_uppercase()).await;
    assert!(browser.get("/account").await.body.contains("9 recovery codes are left"));
    engine::worker::drain(&site.engine).await.unwrap();
    assert!(site.services.mails().iter().any(|mail| mail.contains("Subject: A recovery code of")));
    let again = half(&site, &merchant.email).await;
    assert!(enter(&again, &codes[3]).await.contains("Incorrect code"));
    let answer = browser.post("/do/account/recovery-codes", &[("password", &codes[4])]).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("Save your recovery codes"), "{page}");
    assert!(enter(&again, &codes[5]).await.contains("Incorrect code"), "new codes end the earlier ones");
    let mut conn = site.db.db.read().await.unwrap();
    let stored: Vec<String> =
        conn.all("SELECT code_hash FROM recovery_codes", &[], |row| row.get("code_hash")).await.unwrap();
    assert!(stored.iter().all(|hash| !page.contains(hash)), "only hashes are stored");
    let audit: Vec<String> =
        conn.all("SELECT action FROM audit", &[], |row| row.get("action")).await.unwrap();
    for action in ["two_step_turned_on", "recovery_code_used", "recovery_codes_replaced"] {
        assert!(audit.iter().any(|line| line.contains(action)), "{action}");
    }
}

#[tokio::test]
async fn v6_3_1_guessing_codes_is_limited_by_network_and_for_the_account() {
    let site = Site::new().await;
    let (merchant, app, codes) = with_two_step(&site).await;
    let wrong = app.code_in(&site, HOUR_MS);
    let attacker = half(&site, &merchant.email).await;
    for _ in 0..10 {
        assert!(enter(&attacker, &wrong).await.contains("Incorrect code"));
    }
    assert!(enter(&attacker, &app.code(&site)).await.contains("Wait 15 minutes"), "not even the right one");
    // From everywhere together.
    for address in ["203.0.113.20", "203.0.113.21"] {
        let browser = Browser::at(&site, address);
        browser.post("/do/session/start", &[("email", &merchant.email), ("password", PASSWORD)]).await;
        for _ in 0..6 {
            enter(&browser, &wrong).await;
        }
    }
    let owner = Browser::at(&site, "203.0.113.22");
    owner.post("/do/session/start", &[("email", &merchant.email), ("password", PASSWORD)]).await;
    assert!(enter(&owner, &app.code(&site)).await.contains("Wait 60 minutes"));
    engine::worker::drain(&site.engine).await.unwrap();
    let told = site.services.mails().iter().filter(|mail| mail.contains("Subject: Many wrong codes")).count();
    assert_eq!(told, 1, "the owner is told once");
    enter(&owner, &codes[0]).await;
    assert!(is_in(&owner).await, "a recovery code still works");
}

#[tokio::test]
async fn v6_4_3_a_link_that_sets_the_password_still_asks_for_the_code() {
    let site = Site::new().await;
    let (merchant, app, _) = with_two_step(&site).await;
    let browser = Browser::new(&site);
    browser.post("/do/account/forgot", &[("email", &merchant.email)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
    let path = super::link_in_mails(&site, "/password/choose/");
    let token = path.rsplit('/').next().unwrap();
    let fields = [("token", token), ("password", "another battery staple")];
    let answer = browser.post("/do/account/choose-password", &fields).await;
    assert_eq!(answer.location(), "/login/code?sent=1");
    assert!(!is_in(&browser).await);
    enter(&browser, &app.code(&site)).await;
    assert!(is_in(&browser).await);
}

#[tokio::test]
async fn v7_5_1_it_is_turned_off_with_the_password_and_a_code() {
    let site = Site::new().await;
    let (merchant, app, codes) = with_two_step(&site).await;
    let browser = half(&site, &merchant.email).await;
    enter(&browser, &app.code(&site)).await;
    site.advance(STEP_MS);
    for (password, code, problem) in [
        ("guess", app.code(&site), "Incorrect password"),
        (PASSWORD, app.code_in(&site, HOUR_MS), "Incorrect code"),
        (PASSWORD, String::new(), "Incorrect code"),
    ] {
        let fields = [("off[password]", password), ("off[code]", code.as_str())];
        let answer = browser.post("/do/account/two-step-off", &fields).await;
        assert!(browser.get(answer.location()).await.body.contains(problem), "{problem}");
    }
    let fields = [("off[password]", PASSWORD), ("off[code]", codes[0].as_str())];
    browser.post("/do/account/two-step-off", &fields).await;
    assert!(browser.get("/account").await.body.contains("Two-step sign-in is off"));
    assert!(is_in(&Browser::signed_in(&site, &merchant.email).await).await, "no code is asked for");
    engine::worker::drain(&site.engine).await.unwrap();
    assert!(site.services.mails().iter().any(|mail| mail.contains("Subject: Two-step sign-in is off")));
}

#[tokio::test]
async fn the_operator_can_turn_it_off_for_somebody_who_lost_phone_and_codes() {
    let site = Site::new().await;
    let (merchant, app, _) = with_two_step(&site).await;
    let browser = half(&site, &merchant.email).await;
    enter(&browser, &app.code(&site)).await;
    assert!(is_in(&browser).await);
    let reset =
        async |email: &str| engine::identity::two_step::reset(&site.engine, &email.parse().unwrap()).await;
    assert!(matches!(reset("nobody@lumen.example").await, Err(engine::Error::NotFound)));
    assert!(reset(&merchant.email).await.unwrap());
    assert!(!is_in(&browser).await, "all sessions end");
    assert!(is_in(&Browser::signed_in(&site, &merchant.email).await).await, "the password is enough");
    assert!(!reset(&merchant.email).await.unwrap(), "it was off");
    engine::worker::drain(&site.engine).await.unwrap();
    let told =
        site.services.mails().iter().filter(|mail| mail.contains("The operator of the server")).count();
    assert_eq!(told, 1);
    let mut conn = site.engine.db().read().await.unwrap();
    let lines = "SELECT count(*) FROM audit WHERE action LIKE '%two_step_reset%' AND account_id IS NULL";
    assert_eq!(conn.scalar::<i64>(lines, &[]).await.unwrap(), 1);
}

#[tokio::test]
async fn v7_5_1_a_code_confirms_a_change_of_the_payout_method_once() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    let (app, _) = set_up(&site, &browser).await;
    let program = merchant.program.id.as_str();
    let page = format!("/affiliate/{program}/payouts?method=paypal");
    assert!(browser.get(&page).await.body.contains("Your password or a code"));
    let code = app.code(&site);
    let change = |email: &'static str| {
        [
            ("program", program),
            ("method[kind]", "paypal"),
            ("method[email]", email),
            ("password", code.as_str()),
        ]
    };
    browser.post("/do/affiliate/payout-method", &change("mira@deskandmargin.example")).await;
    assert!(browser.get(&page).await.body.contains("Payout method saved"));
    let answer = browser.post("/do/affiliate/payout-method", &change("mallory@evil.example")).await;
    assert!(browser.get(answer.location()).await.body.contains("Incorrect password"));
}

#[tokio::test]
async fn a_company_can_require_it_of_its_members() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let member = site.member(&merchant, "noah").await;
    let noah = Browser::signed_in(&site, &member).await;
    let program = merchant.program.id.as_str();
    let key = engine::identity::api_keys::create_for(&site.engine, &member, None).await.unwrap();

    let require = [("required", "on")];
    let answer = owner.post("/do/account/require-two-step", &require).await;
    assert!(owner.get(answer.location()).await.body.contains("for yourself first"));
    set_up(&site, &owner).await;
    let refused = noah.post("/do/account/require-two-step", &require).await;
    assert!(noah.get(refused.location()).await.body.contains("Only an owner"));
    owner.post("/do/account/require-two-step", &require).await;
    assert_eq!(owner.get("/programs").await.status, StatusCode::OK);

    for path in
        ["/", "/programs", &format!("/programs/{program}"), &format!("/programs/{program}/settings/keys")]
    {
        assert_eq!(noah.get(path).await.location(), "/account/two-step", "{path}");
    }
    let change = [("program", program), ("settings[name]", "Changed")];
    assert_eq!(noah.post("/do/program/change", &change).await.location(), "/account/two-step");
    assert_eq!(noah.get(&format!("/programs/{program}/affiliates.csv")).await.status, StatusCode::NOT_FOUND);
    let page = noah.get("/account/two-step").await.body;
    assert!(page.contains("Company lumen requires it") && page.contains("Sign out"), "{page}");
    assert!(is_in(&Browser::signed_in(&site, mira.email.as_str()).await).await, "affiliates are no members");
    let api = engine::identity::sessions::api_actor(&site.engine, &key).await.unwrap();
    assert!(api.is_some(), "keys work as before");

    set_up(&site, &noah).await;
    assert_eq!(noah.get("/programs").await.status, StatusCode::OK);
    assert_eq!(noah.get("/").await.location(), "/programs");
}

#[tokio::test]
async fn other_browsers_are_signed_out_from_this_one() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let here = Browser::signed_in(&site, &merchant.email).await;
    let others =
        [Browser::signed_in(&site, &merchant.email).await, Browser::signed_in(&site, &merchant.email).await];
    here.post("/do/session/end-others", &[]).await;
    assert!(here.get("/account").await.body.contains("Signed out everywhere else"));
    for other in &others {
        assert!(!is_in(other).await);
    }
}

//! OWASP ASVS 5.0, level 2: passwords (6.2), authentication (6.3, 6.4) and sessions (7). Each
//! test names the requirements that it holds. Those of the second factor (6.3.3, 6.5) are in
//! `two_step.rs`, that of links to sign in (6.5.5) in `sign_in_links.rs`.

use axum::http::StatusCode;
use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use engine::identity::accounts;
use engine::identity::passwords;
use engine::programs::affiliates;

use super::{Browser, Merchant, PASSWORD, Site};

const OTHER_PASSWORD: &str = "another battery staple";

/// The token of the link in the newest mail that has one.
fn token(site: &Site) -> String {
    let mails = site.services.mails();
    let link = mails.iter().rev().find_map(|text| text.split_once("/password/choose/"));
    link.expect("a mail with a link").1.split_whitespace().next().unwrap().to_owned()
}

async fn forget(site: &Site, browser: &Browser<'_>, email: &str) {
    browser.post("/do/account/forgot", &[("email", email)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
}

async fn choose(browser: &Browser<'_>, token: &str, password: &str) -> bool {
    browser.post("/do/account/choose-password", &[("token", token), ("password", password)]).await;
    browser.get("/account").await.status == StatusCode::OK
}

async fn change(browser: &Browser<'_>, current: &str, new: &str) -> String {
    let answer = browser.post("/do/account/password", &[("old_password", current), ("password", new)]).await;
    browser.get(answer.location()).await.body
}

async fn can_sign_in(site: &Site, email: &str, password: &str) -> bool {
    !Browser::new(site).sign_in(&[("email", email), ("password", password)]).await.starts_with("/login")
}

async fn an_affiliate(site: &Site, merchant: &Merchant, name: &str) -> affiliates::Affiliate {
    let draft = domain::affiliates::AffiliateDraft {
        name: "Mira".parse().unwrap(),
        email: format!("{name}@affiliates.example").parse().unwrap(),
        code: Some(name.parse().unwrap()),
    };
    affiliates::add(&site.engine, &merchant.actor, &merchant.program.id, &draft).await.unwrap().0
}

async fn invitation(site: &Site, merchant: &Merchant, affiliate: &domain::ids::AffiliateId) -> String {
    let link = affiliates::invitation_link(&site.engine, &merchant.actor, &merchant.program.id, affiliate);
    link.await.unwrap().rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn v6_2_1_to_6_2_5_and_6_2_8_to_6_2_12_what_a_password_may_be() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for weak in ["ninechars", "password123", "1q2w3e4r5t", "lumen-lumen", &"long and winding ".repeat(16)] {
        let page = change(&browser, PASSWORD, weak).await;
        assert!(page.contains("Use 10 to 256") || page.contains("easy to guess"), "{weak}: {page}");
        assert!(!page.contains(weak), "a password never comes back");
    }
    let page = change(&browser, "not the current one", OTHER_PASSWORD).await;
    assert!(page.contains("Incorrect password"), "6.2.3: the current one is asked for");
    // Only lower-case letters and spaces; exactly as typed, spaces and capitals included.
    let spaced = "  Four unrelated words here  ";
    assert!(change(&browser, PASSWORD, spaced).await.contains("Password changed"));
    assert!(can_sign_in(&site, &merchant.email, spaced).await);
    assert!(!can_sign_in(&site, &merchant.email, spaced.trim()).await);
    assert!(!can_sign_in(&site, &merchant.email, &spaced.to_lowercase()).await);
    site.advance(200 * DAY_MS);
    assert!(can_sign_in(&site, &merchant.email, spaced).await, "6.2.10: it never expires");
}

#[test]
fn v6_2_4_the_most_common_passwords_that_are_long_enough_are_refused() {
    for common in [
        "qwertyuiop",
        "1234567890",
        "q1w2e3r4t5",
        "1q2w3e4r5t",
        "123456789a",
        "12345qwert",
        "password12",
        "basketball",
        "1029384756",
        "123qweasdzxc",
        "manchester",
        "1qaz2wsx3edc",
        "12345678910",
        "qwerty12345",
    ] {
        let mut problems = domain::fields::Problems::new();
        passwords::check(common, &[], &mut problems);
        assert!(!problems.is_empty(), "{common}");
    }
}

#[tokio::test]
async fn v6_2_6_and_6_2_7_password_fields_hide_what_is_typed_and_work_with_password_managers() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let page = Browser::new(&site).get("/login").await.body;
    assert!(page.contains("type=\"password\"") && page.contains("autocomplete=\"current-password\""));
    let page = Browser::signed_in(&site, &merchant.email).await.get("/account").await.body;
    assert!(page.contains("autocomplete=\"new-password\"") && page.contains("autocomplete=\"username\""));
    assert!(!page.contains("onpaste"), "pasting is allowed");
}

#[tokio::test]
async fn v6_3_1_guessing_is_slowed_down_without_locking_the_owner_out() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let right = [("email", merchant.email.as_str()), ("password", PASSWORD)];
    let wrong = [("email", merchant.email.as_str()), ("password", "wrong")];
    let known = Browser::new(&site);
    assert_eq!(known.sign_in(&right).await, "/programs");
    known.post("/do/session/end", &[]).await;

    let attacker = Browser::at(&site, "203.0.113.9");
    for _ in 0..11 {
        attacker.post("/do/session/start", &wrong).await;
    }
    let answer = attacker.post("/do/session/start", &right).await;
    assert!(
        attacker.get(answer.location()).await.body.contains("Wait 15 minutes"),
        "even with the right one"
    );

    // The owner's own network, too, is used up by somebody in it; the known browser is not.
    let beside = Browser::new(&site);
    for _ in 0..11 {
        beside.post("/do/session/start", &wrong).await;
    }
    assert!(beside.sign_in(&right).await.starts_with("/login"));
    assert_eq!(known.sign_in(&right).await, "/programs", "a browser that signed in before has its own tries");

    // Its cookie is for this account only, and cannot be made up.
    let other = site.merchant("second").await;
    known.post("/do/session/end", &[]).await;
    let device = known.cookie("hg_device").unwrap();
    let forged = Browser::with_cookies(&site, vec![("hg_device".to_owned(), device.replace('.', ".0"))]);
    assert!(forged.sign_in(&right).await.starts_with("/login"));
    let others = [("email", other.email.as_str()), ("password", "wrong")];
    for _ in 0..11 {
        known.post("/do/session/start", &others).await;
    }
    let theirs = [("email", other.email.as_str()), ("password", PASSWORD)];
    assert!(known.sign_in(&theirs).await.starts_with("/login"));
    // And it has limits itself.
    for _ in 0..11 {
        known.post("/do/session/start", &wrong).await;
    }
    assert!(known.sign_in(&right).await.starts_with("/login"));
}

#[tokio::test]
async fn v6_3_1_the_current_password_cannot_be_guessed_in_a_stolen_session() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for _ in 0..10 {
        assert!(change(&browser, "guess", OTHER_PASSWORD).await.contains("Incorrect password"));
    }
    assert!(change(&browser, PASSWORD, OTHER_PASSWORD).await.contains("Wait 15 minutes"));
    site.advance(16 * MINUTE_MS);
    assert!(change(&browser, PASSWORD, OTHER_PASSWORD).await.contains("Password changed"));
}

#[tokio::test]
async fn v6_4_1_and_6_4_3_links_end_each_other() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::new(&site);
    forget(&site, &browser, &merchant.email).await;
    let first = token(&site);
    site.advance(25 * MINUTE_MS);
    forget(&site, &browser, &merchant.email).await;
    let second = token(&site);
    assert_ne!(first, second, "a link that is about to end is not sent again");
    assert!(choose(&Browser::new(&site), &second, OTHER_PASSWORD).await);
    for old in [&first, &second] {
        assert!(!choose(&Browser::new(&site), old, "yet another staple battery").await);
    }
    assert!(can_sign_in(&site, &merchant.email, OTHER_PASSWORD).await);

    // A change of the password ends them, too.
    site.advance(HOUR_MS);
    forget(&site, &browser, &merchant.email).await;
    let third = token(&site);
    let signed_in = Browser::new(&site);
    signed_in.sign_in(&[("email", &merchant.email), ("password", OTHER_PASSWORD)]).await;
    assert!(change(&signed_in, OTHER_PASSWORD, PASSWORD).await.contains("Password changed"));
    assert!(!choose(&Browser::new(&site), &third, OTHER_PASSWORD).await);
}

#[tokio::test]
async fn v6_4_1_one_set_up_link_ends_the_others() {
    let site = Site::new().await;
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let link = accounts::setup_link(&site.engine).await.unwrap();
        tokens.push(link.rsplit('/').next().unwrap().to_owned());
    }
    let fields = |token: &str, name: &str| {
        let email = format!("{name}@example.com");
        [
            ("token", token.to_owned()),
            ("owner[company]", "Lumen".to_owned()),
            ("owner[name]", name.to_owned()),
            ("owner[email]", email),
            ("owner[password]", PASSWORD.to_owned()),
        ]
    };
    for (token, works) in [(&tokens[1], true), (&tokens[0], false)] {
        let browser = Browser::new(&site);
        let fields = fields(token, if works { "hanna" } else { "mallory" });
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/do/account/set-up", &fields).await;
        assert_eq!(browser.get("/programs").await.status == StatusCode::OK, works);
    }
}

#[tokio::test]
async fn v6_4_1_an_owner_from_the_environment_ends_the_set_up_links() {
    let site = Site::new().await;
    let link = accounts::setup_link(&site.engine).await.unwrap();
    let token = link.rsplit('/').next().unwrap();
    assert!(accounts::setup_link_works(&site.engine, token).await.unwrap());
    site.merchant("lumen").await;
    assert!(!accounts::setup_link_works(&site.engine, token).await.unwrap());
}

#[tokio::test]
async fn v6_4_1_a_merchant_cannot_take_an_affiliates_account_over() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let mira = an_affiliate(&site, &merchant, "mira").await;
    let (early, late) =
        (invitation(&site, &merchant, &mira.id).await, invitation(&site, &merchant, &mira.id).await);

    // What the merchant has in hand sets no password: it only sends a mail to the affiliate.
    let evil = Browser::new(&site);
    assert!(!choose(&evil, &early, OTHER_PASSWORD).await);
    let page = evil.get(&format!("/invitation/{early}")).await;
    assert!(page.body.contains("mira@affiliates.example") && !page.body.contains("type=\"password\""));
    evil.post("/do/account/accept-invitation", &[("token", &early)]).await;
    engine::worker::drain(&site.engine).await.unwrap();
    let mails = site.services.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: mira@affiliates.example"), "{}", mails[0]);
    assert!(
        !mails[0].contains("Mira") && !site.services.html_mails()[0].contains("Mira"),
        "no text of the merchant's is in the mail"
    );

    // The affiliate chooses one, and every invitation has ended.
    assert!(choose(&Browser::new(&site), &token(&site), PASSWORD).await);
    for old in [&early, &late] {
        assert!(evil.get(&format!("/invitation/{old}")).await.body.contains("This invitation has ended"));
    }

    // A new one looks the same, and does not say that there is a password.
    let again = invitation(&site, &merchant, &mira.id).await;
    let with_password = Browser::new(&site).get(&format!("/invitation/{again}")).await.body;
    let noah = an_affiliate(&site, &merchant, "noah").await;
    let other = invitation(&site, &merchant, &noah.id).await;
    let without = Browser::new(&site).get(&format!("/invitation/{other}")).await.body;
    let plain = |page: &str, token: &str, name: &str| {
        let page = page.replace(token, "TOKEN").replace(name, "NAME");
        page.split("nonce=\"")
            .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest))
            .collect::<String>()
    };
    assert_eq!(plain(&with_password, &again, "mira"), plain(&without, &other, "noah"));
}

#[tokio::test]
async fn v6_4_3_requests_by_others_do_not_use_up_the_owners_mails() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let attacker = Browser::at(&site, "203.0.113.9");
    for _ in 0..6 {
        forget(&site, &attacker, &merchant.email).await;
    }
    let before = site.services.mails().len();
    assert_eq!(before, 3);
    let theirs = token(&site);
    forget(&site, &Browser::new(&site), &merchant.email).await;
    assert_eq!(site.services.mails().len(), before + 1);
    assert_eq!(token(&site), theirs, "the link that still works is sent again");
    // A mailbox is not flooded either.
    for address in ["203.0.113.10", "203.0.113.11", "203.0.113.12", "203.0.113.13"] {
        for _ in 0..3 {
            forget(&site, &Browser::at(&site, address), &merchant.email).await;
        }
    }
    assert_eq!(site.services.mails().len(), 10);
}

#[tokio::test]
async fn secrets_are_not_stored_in_the_clear() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.as_str();
    owner.post("/do/account/forgot", &[("email", &merchant.email)]).await;
    owner.post("/do/key/create", &[("program", program), ("scope", "program")]).await;
    let mut conn = site.db.db.read().await.unwrap();
    let sql = "SELECT data AS text FROM sessions UNION ALL SELECT payload FROM jobs \
               UNION ALL SELECT id FROM single_use_links";
    let stored: Vec<String> = conn.all(sql, &[], |row| row.get("text")).await.unwrap();
    drop(conn);
    assert!(stored.len() > 2);
    engine::worker::drain(&site.engine).await.unwrap();
    let token = token(&site);
    assert!(stored.iter().all(|text| !text.contains(&token)), "a reset link");
    assert!(stored.iter().all(|text| !text.contains("hgk_")), "a new API key");
    let page = owner.get(&format!("/programs/{program}/settings/keys")).await.body;
    assert!(page.contains("hgk_"), "and it is shown, once");
    assert!(!owner.get(&format!("/programs/{program}/settings/keys")).await.body.contains("value=\"hgk_"));
}

#[tokio::test]
async fn v7_3_1_and_7_3_2_sessions_end_when_idle_and_in_any_case() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let idle = Browser::signed_in(&site, &merchant.email).await;
    let used = Browser::signed_in(&site, &merchant.email).await;
    for _ in 0..5 {
        site.advance(11 * DAY_MS);
        assert_eq!(used.get("/account").await.status, StatusCode::OK, "a session that is used goes on");
    }
    assert!(idle.get("/account").await.location().starts_with("/login"));
    site.advance(6 * DAY_MS);
    assert!(used.get("/account").await.location().starts_with("/login"), "after 60 days at the latest");
}

#[tokio::test]
async fn v7_4_and_7_5_2_sessions_are_listed_and_can_be_ended() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let here = Browser::signed_in(&site, &merchant.email).await;
    let lost = Browser::signed_in(&site, &merchant.email).await;
    let page = here.get("/account").await.body;
    assert_eq!(page.matches("name=\"handle\"").count(), 1, "the other one");
    let (_, rest) = page.split_once("name=\"handle\" value=\"").expect("its handle");
    let handle = rest.split('"').next().unwrap().to_owned();

    let other = site.merchant("second").await;
    let stranger = Browser::signed_in(&site, &other.email).await;
    stranger.post("/do/session/end-one", &[("handle", &handle)]).await;
    assert_eq!(lost.get("/account").await.status, StatusCode::OK, "not by somebody else");
    here.post("/do/session/end-one", &[("handle", &handle)]).await;
    assert!(lost.get("/account").await.location().starts_with("/login"));
    assert_eq!(here.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn names_can_be_changed_by_whom_they_belong_to() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    owner.post("/do/account/name", &[("name", "Hanna Lindqvist")]).await;
    owner.post("/do/account/company", &[("company", "Lumen Notes")]).await;
    let page = owner.get("/account").await.body;
    assert!(page.contains("Hanna Lindqvist") && page.contains("Lumen Notes"));
    let answer = owner.post("/do/account/name", &[("name", " ")]).await;
    assert!(owner.get(answer.location()).await.body.contains("Enter your name"));
    let affiliate = Browser::signed_in(&site, mira.email.as_str()).await;
    affiliate.post("/do/account/company", &[("company", "Mine now")]).await;
    assert!(!owner.get("/account").await.body.contains("Mine now"));
}

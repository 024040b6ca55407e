//! Changing the address that a person signs in with.

use axum::http::StatusCode;
use domain::clock::{DAY_MS, HOUR_MS};

use super::two_step::set_up;
use super::{Browser, PASSWORD, Site, link_in_mails};

const NEW: &str = "hanna@new.example";

async fn ask(site: &Site, browser: &Browser<'_>, email: &str, password: &str) -> String {
    let fields = [("address[email]", email), ("address[password]", password)];
    let answer = browser.post("/do/account/email", &fields).await;
    engine::worker::drain(&site.engine).await.unwrap();
    browser.get(answer.location()).await.body
}

async fn press(browser: &Browser<'_>, form: &str, path: &str) -> String {
    let token = path.rsplit('/').next().unwrap();
    browser.post(form, &[("token", token)]).await.location().to_owned()
}

async fn can_sign_in(site: &Site, email: &str) -> bool {
    let browser = Browser::new(site);
    !browser.sign_in(&[("email", email), ("password", PASSWORD)]).await.starts_with("/login")
}

async fn is_in(browser: &Browser<'_>) -> bool {
    browser.get("/account").await.status == StatusCode::OK
}

fn mails_to(site: &Site, email: &str) -> usize {
    site.services.mails().iter().filter(|mail| mail.contains(&format!("To: {email}"))).count()
}

#[tokio::test]
async fn a_change_holds_when_the_new_mailbox_confirms_it() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (here, other) =
        (Browser::signed_in(&site, &merchant.email).await, Browser::signed_in(&site, &merchant.email).await);
    for (email, password, problem) in [
        (NEW, "guess", "Incorrect password"),
        ("no address", PASSWORD, "Enter an email address"),
        (&merchant.email, PASSWORD, "You sign in with this address already"),
    ] {
        let page = ask(&site, &here, email, password).await;
        assert!(page.contains(problem), "{problem}");
        assert!(page.contains(&format!("value=\"{email}\"")), "what was typed is kept");
    }
    assert!(site.services.mails().is_empty());
    let page = ask(&site, &here, NEW, PASSWORD).await;
    assert!(page.contains(&format!("We’ve sent {NEW} a link")), "{page}");
    assert_eq!((mails_to(&site, NEW), mails_to(&site, &merchant.email)), (1, 1));
    assert!(can_sign_in(&site, &merchant.email).await && !can_sign_in(&site, NEW).await, "nothing holds yet");

    let path = link_in_mails(&site, "/email/confirm/");
    assert!(here.get(&path).await.body.contains(NEW), "opening the link changes nothing");
    assert!(!can_sign_in(&site, NEW).await);
    assert_eq!(press(&here, "/do/account/confirm-email", &path).await, "/account");
    assert!(is_in(&here).await, "the browser that confirms stays signed in");
    assert!(!is_in(&other).await, "all others are signed out");
    assert!(!can_sign_in(&site, &merchant.email).await && can_sign_in(&site, NEW).await);
    assert!(here.get(&path).await.body.contains("no longer works"));
    engine::worker::drain(&site.engine).await.unwrap();
    assert_eq!(mails_to(&site, &merchant.email), 2, "the old mailbox is told");
}

#[tokio::test]
async fn a_link_to_confirm_ends_after_a_day_and_with_the_next_one() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    ask(&site, &browser, NEW, PASSWORD).await;
    let first = link_in_mails(&site, "/email/confirm/");
    ask(&site, &browser, "hanna@other.example", PASSWORD).await;
    let second = link_in_mails(&site, "/email/confirm/");
    assert!(browser.get(&first).await.body.contains("no longer works"));
    site.advance(24 * HOUR_MS);
    assert!(browser.get(&second).await.body.contains("no longer works"));
    assert!(!browser.get("/account").await.body.contains("We’ve sent"), "nothing waits any longer");
}

#[tokio::test]
async fn the_old_mailbox_takes_the_account_back_from_a_thief() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    // The thief knows the password: moves the account, chooses another password, turns two-step
    // sign-in on, and moves it again.
    let thief = Browser::signed_in(&site, &merchant.email).await;
    ask(&site, &thief, "thief@evil.example", PASSWORD).await;
    let undo = link_in_mails(&site, "/email/undo/");
    press(&thief, "/do/account/confirm-email", &link_in_mails(&site, "/email/confirm/")).await;
    set_up(&site, &thief).await;
    ask(&site, &thief, "second@evil.example", PASSWORD).await;
    press(&thief, "/do/account/confirm-email", &link_in_mails(&site, "/email/confirm/")).await;
    let passwords = [("old_password", PASSWORD), ("password", "another battery staple")];
    thief.post("/do/account/password", &passwords).await;
    assert!(is_in(&thief).await);

    site.advance(6 * DAY_MS);
    let owner = Browser::new(&site);
    assert!(owner.get(&undo).await.body.contains("Keep my address"));
    assert!(is_in(&thief).await, "opening the link changes nothing");
    let choose = press(&owner, "/do/account/undo-email", &undo).await;
    assert!(choose.starts_with("/password/choose/"), "{choose}");
    assert!(!is_in(&thief).await);
    let knows = [("email", merchant.email.as_str()), ("password", "another battery staple")];
    assert!(Browser::new(&site).sign_in(&knows).await.starts_with("/login"), "the password is worth nothing");
    let token = choose.rsplit('/').next().unwrap();
    owner.post("/do/account/choose-password", &[("token", token), ("password", PASSWORD)]).await;
    assert!(is_in(&owner).await, "without a code of the thief’s");
    assert!(can_sign_in(&site, &merchant.email).await);
    assert!(owner.get(&undo).await.body.contains("no longer works"), "once");
    let back = link_in_mails(&site, "/email/undo/");
    assert!(owner.get(&back).await.body.contains("no longer works"), "the thief cannot undo that");
}

#[tokio::test]
async fn undoing_ends_after_a_week_and_cancels_what_was_not_confirmed() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    ask(&site, &browser, NEW, PASSWORD).await;
    let (confirm, undo) = (link_in_mails(&site, "/email/confirm/"), link_in_mails(&site, "/email/undo/"));
    press(&Browser::new(&site), "/do/account/undo-email", &undo).await;
    assert!(browser.get(&confirm).await.body.contains("no longer works"));
    press(&browser, "/do/account/confirm-email", &confirm).await;
    assert!(!can_sign_in(&site, NEW).await);

    let second = site.merchant("second").await;
    let browser = Browser::signed_in(&site, &second.email).await;
    ask(&site, &browser, "second@new.example", PASSWORD).await;
    press(&browser, "/do/account/confirm-email", &link_in_mails(&site, "/email/confirm/")).await;
    let undo = link_in_mails(&site, "/email/undo/");
    site.advance(7 * DAY_MS);
    assert!(browser.get(&undo).await.body.contains("no longer works"));
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_to_its_owner_alone() {
    let site = Site::new().await;
    let (merchant, second) = (site.merchant("lumen").await, site.merchant("second").await);
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let free = ask(&site, &browser, NEW, PASSWORD).await.replace(NEW, "EMAIL");
    let taken = ask(&site, &browser, &second.email, PASSWORD).await.replace(&second.email, "EMAIL");
    let plain = |page: &str| {
        page.split("nonce=\"")
            .map(|part| part.split_once('"').map_or(part, |(_, rest)| rest))
            .collect::<String>()
    };
    assert_eq!(plain(&free), plain(&taken));
    let mails = site.services.mails();
    let to_owner = mails.iter().find(|mail| mail.contains(&format!("To: {}", second.email))).expect("a mail");
    assert!(
        to_owner.contains("has an account already") && !to_owner.contains("/email/confirm/"),
        "{to_owner}"
    );
    assert!(can_sign_in(&site, &second.email).await && can_sign_in(&site, &merchant.email).await);
}

#[tokio::test]
async fn an_address_that_can_be_taken_back_is_given_to_nobody_else() {
    let site = Site::new().await;
    let (merchant, thief) = (site.merchant("lumen").await, site.merchant("thief").await);
    let owner = Browser::signed_in(&site, &merchant.email).await;
    ask(&site, &owner, NEW, PASSWORD).await;
    press(&owner, "/do/account/confirm-email", &link_in_mails(&site, "/email/confirm/")).await;
    let undo = link_in_mails(&site, "/email/undo/");
    // Another company adds it as an affiliate's: it is still this person.
    let draft = domain::affiliates::AffiliateDraft {
        name: "Hanna".parse().unwrap(),
        email: merchant.email.parse().unwrap(),
        code: None,
    };
    let (engine, actor, program) = (&site.engine, &thief.actor, &thief.program.id);
    let (added, _) = engine::programs::affiliates::add(engine, actor, program, &draft).await.unwrap();
    assert_eq!(added.account_id.as_ref(), Some(merchant.actor.account_id()));
    // And nobody can move there.
    let other = Browser::signed_in(&site, &thief.email).await;
    ask(&site, &other, &merchant.email, PASSWORD).await;
    let mails = site.services.mails();
    let told = mails.iter().filter(|mail| mail.contains("has an account already"));
    assert_eq!(told.filter(|mail| mail.contains(&format!("To: {}", merchant.email))).count(), 1);
    press(&other, "/do/account/undo-email", &undo).await;
    assert!(!is_in(&owner).await);
}

#[tokio::test]
async fn requests_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for number in 0..5 {
        ask(&site, &browser, &format!("hanna{number}@new.example"), PASSWORD).await;
    }
    let page = ask(&site, &browser, "hanna5@new.example", PASSWORD).await;
    assert!(page.contains("Too many attempts"), "{page}");
    assert_eq!(mails_to(&site, &merchant.email), 5);
    // One address is not flooded by several accounts either.
    for name in ["a", "b", "c", "d"] {
        let other = site.merchant(&format!("company-{name}")).await;
        ask(&site, &Browser::signed_in(&site, &other.email).await, NEW, PASSWORD).await;
    }
    assert_eq!(mails_to(&site, NEW), 3);
}

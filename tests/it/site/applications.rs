//! Applications by a program's public page: confirming, limits, approval.

use axum::http::StatusCode;
use domain::affiliates::AffiliateStatus;
use domain::clock::{DAY_MS, HOUR_MS};
use domain::programs::ProgramChange;
use engine::programs::affiliates::{self, Affiliate};
use engine::programs::applications::{self, APPLICATIONS_PER_NETWORK, MAILS_PER_ADDRESS};
use engine::programs::{self, join_page};
use engine::{retention, worker};

use super::{Browser, Merchant, PASSWORD, Site};

pub const EMAIL: &str = "amara@slowpages.example";

/// A company with a public page, which reviews applications or approves them at once.
pub async fn merchant(site: &Site, auto_approve: bool) -> Merchant {
    let merchant = site.merchant("lumen").await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let page = domain::join_pages::JoinPage { is_on: true, ..Default::default() };
    join_page::change(engine, actor, program, &page).await.unwrap();
    let change = ProgramChange { auto_approve: Some(auto_approve), ..ProgramChange::default() };
    programs::change(engine, actor, program, &change).await.unwrap();
    merchant
}

/// Sends an application and gives where it leads.
pub async fn apply(site: &Site, merchant: &Merchant, browser: &Browser<'_>, email: &str) -> String {
    let slug = &merchant.program.slug;
    let offer = join_page::offer(&site.engine, slug).await.unwrap();
    let (terms, questions) = (offer.terms.id.to_string(), offer.questions.version());
    let fields = [
        ("slug", slug.as_str()),
        ("application[name]", "Amara Nwosu"),
        ("application[email]", email),
        ("application[website]", "slowpages.example"),
        ("application[promotion]", "A Sunday letter, 11,400 readers."),
        ("application[terms]", terms.as_str()),
        ("application[questions]", questions.as_str()),
        ("application[accept]", "on"),
    ];
    let answer = browser.post("/do/join/apply", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

/// The mails that were sent so far.
pub async fn mails(site: &Site) -> Vec<String> {
    worker::drain(&site.engine).await.unwrap();
    site.services.mails()
}

/// The path of the link in the newest mail that has one.
pub async fn link(site: &Site) -> String {
    let mails = mails(site).await;
    let mail = mails.iter().rev().find(|mail| mail.contains("/application/")).expect("a mail with a link");
    let (_, rest) = mail.split_once("/application/").unwrap();
    format!("/application/{}", rest.split_whitespace().next().unwrap())
}

/// Presses the button on the page of a link, and gives where it leads.
pub async fn confirm(browser: &Browser<'_>, path: &str) -> String {
    let token = path.rsplit('/').next().unwrap();
    let answer = browser.post("/do/join/confirm", &[("token", token)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

pub async fn affiliates_of(site: &Site, merchant: &Merchant) -> Vec<Affiliate> {
    affiliates::list(&site.engine, &merchant.actor, &merchant.program.id, None, "", 100).await.unwrap()
}

#[tokio::test]
async fn a_form_with_problems_comes_back_with_what_was_typed() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let browser = Browser::new(&site);
    let fields = [
        ("slug", merchant.program.slug.as_str()),
        ("application[name]", "Amara"),
        ("application[email]", "no address"),
        ("application[promotion]", "A letter."),
    ];
    let answer = browser.post("/do/join/apply", &fields).await;
    assert_eq!(answer.location(), app::routes::apply(&merchant.program.slug));
    let page = browser.get(answer.location()).await;
    assert_eq!(page.header("cache-control"), "no-store");
    for text in ["Enter an email address", "Accept the terms to apply", "no address", "A letter.", "Amara"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert_eq!(mails(&site).await.len(), 0);
}

#[tokio::test]
async fn a_confirmed_application_is_approved_at_once_and_leads_to_the_first_link() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    let browser = Browser::new(&site);
    let sent = apply(&site, &merchant, &browser, EMAIL).await;
    assert!(browser.get(&sent).await.body.contains("Check your email"));
    assert!(browser.cookies().is_empty(), "nothing is kept in the browser");
    let path = link(&site).await;

    // A scanner of mail opens the link, more than once.
    for _ in 0..2 {
        let page = site.get(&path).await;
        assert!(page.body.contains("Confirm email address"), "{}", page.body);
    }
    assert!(affiliates_of(&site, &merchant).await.is_empty());

    let choose = confirm(&browser, &path).await;
    assert!(choose.starts_with("/password/choose/"), "{choose}");
    let added = affiliates_of(&site, &merchant).await;
    assert_eq!((added.len(), added[0].status), (1, AffiliateStatus::Active));
    let token = choose.rsplit('/').next().unwrap();
    browser.post("/do/account/choose-password", &[("token", token), ("password", PASSWORD)]).await;
    let page = browser.get(&app::routes::affiliate_program(&merchant.program.id).links()).await.body;
    assert!(page.replace("<wbr>", "").contains("/r/amara"), "{page}");

    // Pressed twice: the same affiliate.
    assert_eq!(confirm(&Browser::new(&site), &path).await, path);
    assert!(site.get(&path).await.body.contains("You are in Program lumen"));
    assert_eq!(affiliates_of(&site, &merchant).await.len(), 1);
    let mails = mails(&site).await;
    assert!(mails.iter().any(|mail| mail.contains("/r/amara")), "{mails:?}");
}

#[tokio::test]
async fn where_applications_are_reviewed_a_confirmed_one_waits() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let browser = Browser::new(&site);
    apply(&site, &merchant, &browser, EMAIL).await;
    let path = link(&site).await;
    assert_eq!(confirm(&browser, &path).await, path);
    let page = browser.get(&path).await.body;
    assert!(
        page.contains("Your application is confirmed") && page.contains("Company lumen reviews it"),
        "{page}"
    );
    assert!(affiliates_of(&site, &merchant).await.is_empty());

    apply(&site, &merchant, &browser, EMAIL).await;
    let mails = mails(&site).await;
    assert!(mails.last().unwrap().contains("still"), "{mails:?}");
    assert_eq!(mails.len(), 2);
}

#[tokio::test]
async fn one_account_joins_many_programs_and_keeps_its_password() {
    let site = Site::new().await;
    let other = site.merchant("other").await;
    let (existing, _) = site.affiliate(&other, "mira").await;
    let merchant = merchant(&site, true).await;
    let browser = Browser::new(&site);
    apply(&site, &merchant, &browser, existing.email.as_str()).await;
    let path = link(&site).await;
    assert_eq!(confirm(&browser, &path).await, path, "no password is chosen");
    let added = affiliates_of(&site, &merchant).await;
    assert_eq!(added[0].account_id, existing.account_id);
    let signed_in = Browser::signed_in(&site, existing.email.as_str()).await;
    for program in [&other.program.id, &merchant.program.id] {
        let page = signed_in.get(&app::routes::affiliate_program(program).overview()).await;
        assert_eq!(page.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn only_the_mail_says_who_is_in_a_program() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    let (member, _) = site.affiliate(&merchant, "mira").await;
    let mut pages = Vec::new();
    for email in [member.email.as_str(), EMAIL] {
        let browser = Browser::new(&site);
        pages.push(apply(&site, &merchant, &browser, email).await);
    }
    assert_eq!(pages[0], pages[1]);
    let mails = mails(&site).await;
    assert_eq!(mails.len(), 2);
    let to_member = mails.iter().find(|mail| mail.contains("mira@")).unwrap();
    assert!(to_member.contains("You are already in"), "{to_member}");
    assert!(!to_member.contains("/application/"), "{to_member}");
}

#[tokio::test]
async fn other_terms_than_those_that_were_read_are_not_accepted() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    let questions = join_page::offer(&site.engine, &merchant.program.slug).await.unwrap().questions.version();
    let browser = Browser::new(&site);
    let fields = [
        ("slug", merchant.program.slug.as_str()),
        ("application[name]", "Amara"),
        ("application[email]", EMAIL),
        ("application[promotion]", "A letter."),
        ("application[terms]", "trm_01h455vb4pex5vsknk084sn02q"),
        ("application[questions]", questions.as_str()),
        ("application[accept]", "on"),
    ];
    let answer = browser.post("/do/join/apply", &fields).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("The terms have changed"), "{page}");
}

#[tokio::test]
async fn applications_are_limited_per_network_and_per_address() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    let browser = Browser::new(&site);
    for number in 0..APPLICATIONS_PER_NETWORK {
        let to = apply(&site, &merchant, &browser, &format!("a{number}@slowpages.example")).await;
        assert!(to.ends_with("/sent"), "{to}");
    }
    let to = apply(&site, &merchant, &browser, EMAIL).await;
    assert!(browser.get(&to).await.body.contains("Too many attempts"));
    assert_eq!(mails(&site).await.len() as i64, APPLICATIONS_PER_NETWORK);

    // Another network goes on; one address gets few mails, and nobody is told.
    let elsewhere = Browser::at(&site, "192.0.2.7");
    for _ in 0..MAILS_PER_ADDRESS + 2 {
        assert!(apply(&site, &merchant, &elsewhere, EMAIL).await.ends_with("/sent"));
    }
    assert_eq!(mails(&site).await.len() as i64, APPLICATIONS_PER_NETWORK + MAILS_PER_ADDRESS);
    site.advance(HOUR_MS + 1);
    assert!(apply(&site, &merchant, &browser, EMAIL).await.ends_with("/sent"));
}

#[tokio::test]
async fn applications_to_one_program_are_limited() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    let offer = join_page::offer(&site.engine, &merchant.program.slug).await.unwrap();
    let send = async |number: i64| {
        let draft = domain::applications::ApplicationDraft {
            name: "Amara".parse().unwrap(),
            email: format!("a{number}@slowpages.example").parse().unwrap(),
            website: None,
            promotion: domain::applications::Promotion::parse("A letter.").ok(),
            terms: offer.terms.id.clone(),
            questions: offer.questions.version(),
            answers: Vec::new(),
        };
        applications::apply(&site.engine, &offer.program.slug, &draft, &format!("network {number}")).await
    };
    for number in 0..applications::APPLICATIONS_PER_PROGRAM {
        send(number).await.unwrap();
    }
    assert!(matches!(send(-1).await, Err(engine::Error::TooMany { minutes: 60 })));
    site.advance(HOUR_MS + 1);
    send(-1).await.unwrap();
}

#[tokio::test]
async fn applications_that_are_not_confirmed_are_deleted_after_a_week() {
    let site = Site::new().await;
    let merchant = merchant(&site, true).await;
    apply(&site, &merchant, &Browser::new(&site), EMAIL).await;
    let path = link(&site).await;
    site.advance(6 * DAY_MS);
    retention::run(&site.engine).await.unwrap();
    assert!(site.get(&path).await.body.contains("Confirm email address"));
    site.advance(DAY_MS + 1);
    retention::run(&site.engine).await.unwrap();
    assert!(site.get(&path).await.body.contains("This link no longer works"));
    assert_eq!(confirm(&Browser::new(&site), &path).await, path);
    assert!(affiliates_of(&site, &merchant).await.is_empty());
}

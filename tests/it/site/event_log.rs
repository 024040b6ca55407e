//! The pages on which a merchant sees what happened and mends it, without JavaScript.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::ids::PaymentId;
use engine::ledger::payments::PaymentFilter;
use engine::stripe::events::{Filter, InboxEvent};

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{Browser, Merchant, START, Site};

async fn work(site: &Site) {
    engine::worker::drain(&site.engine).await.unwrap();
}

async fn pay(site: &Site, path: &str, event: &str, token: &str) {
    let body = charge(event, token);
    let answer = deliver(site, path, Some(&signature(SECRET, &body, START)), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    work(site).await;
}

async fn only_payment(site: &Site, merchant: &Merchant, filter: PaymentFilter) -> PaymentId {
    let rows =
        engine::ledger::payments::list(&site.engine, &merchant.actor, &merchant.program.id, filter, None, 9)
            .await;
    let mut rows = rows.unwrap();
    assert_eq!(rows.len(), 1);
    rows.remove(0).id
}

async fn only_event(site: &Site, merchant: &Merchant) -> InboxEvent {
    let filter = Filter::default();
    let found =
        engine::stripe::events::list(&site.engine, &merchant.actor, &merchant.program.id, &filter, None, 9);
    let mut found = found.await.unwrap();
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// The proxy in front tells where a visitor is; a click from the buyer's country comes first.
#[tokio::test]
async fn a_click_from_the_buyers_country_is_the_likelier_candidate() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    for (name, country) in [("mira", "de"), ("noah", "US")] {
        site.affiliate(&merchant, name).await;
        let visit = Request::get(format!("/r/{name}"))
            .header("host", "hg.test")
            .header("user-agent", "Mozilla/5.0 Firefox/140.0")
            .header("cf-ipcountry", country);
        assert!(site.send(visit.body(Body::empty()).unwrap()).await.status.is_redirection());
        site.advance(1_000);
    }
    let body = String::from_utf8(charge("evt_1", "")).unwrap();
    let body = body.replace("\"email\":\"ana@", "\"address\":{\"country\":\"DE\"},\"email\":\"ana@");
    let signature = signature(SECRET, body.as_bytes(), START);
    assert_eq!(deliver(&site, &path, Some(&signature), body.as_bytes()).await.status, StatusCode::OK);
    work(&site).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = browser.get(&format!("/programs/{}/unattributed", merchant.program.id)).await.body;
    assert!(page.contains("a click on /r/mira from the same country (DE)"), "{page}");
    let place = |name: &str| page.find(&format!("Assign to Affiliate {name}")).expect("a candidate");
    assert!(place("mira") < place("noah"), "noah’s click was nearer, but from elsewhere");
}

#[tokio::test]
async fn a_payment_is_assigned_by_one_button_and_unassigned_by_another() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    // A visitor follows the link, and a minute later someone pays without a token.
    let visit =
        Request::get("/r/mira").header("host", "hg.test").header("user-agent", "Mozilla/5.0 Firefox/140.0");
    assert!(site.send(visit.body(Body::empty()).unwrap()).await.status.is_redirection());
    pay(&site, &path, "evt_1", "").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.to_string();
    let inbox = format!("/programs/{program}/unattributed");

    let page = browser.get(&inbox).await.body;
    assert!(page.contains("Assign to Affiliate mira"), "{page}");
    assert!(page.contains("a click on /r/mira 1 minute before"), "{page}");
    assert!(page.contains("Not an affiliate sale"));
    let payment = only_payment(&site, &merchant, PaymentFilter::Unattributed).await.to_string();
    let why = browser.get(&format!("/programs/{program}/payments/{payment}")).await.body;
    assert!(why.contains("What would have matched"), "{why}");
    assert!(why.contains("honeyguide_click: click"), "the sample code stands beside it");

    let fields = [
        ("program", program.as_str()),
        ("payment", payment.as_str()),
        ("affiliate", affiliate.id.as_str()),
        ("in_list", "on"),
    ];
    let answer = browser.post("/do/payment/assign", &fields).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, inbox.as_str()));
    let page = browser.get(&inbox).await.body;
    assert!(page.contains("Assigned: 20.00 USD for Affiliate mira."), "{page}");
    assert!(page.contains("No unattributed payments"));
    let decided = browser.get(&format!("{inbox}?show=decided")).await.body;
    assert!(decided.contains("Owner lumen assigned this payment to Affiliate mira"), "{decided}");
    let payment_page = browser.get(&format!("/programs/{program}/payments/{payment}")).await.body;
    assert!(payment_page.contains("Assigned manually") && payment_page.contains("Undo"), "{payment_page}");
    assert!(payment_page.contains("Assigned to Affiliate mira."), "its history: {payment_page}");

    // The affiliate reads why, and nothing of who decided or who paid.
    let own = Browser::signed_in(&site, "mira@affiliates.example").await;
    let list = own.get(&format!("/affiliate/{program}/earnings")).await.body;
    let earning = list.split("/earnings/cnv_").nth(1).unwrap().split('"').next().unwrap();
    let earning = own.get(&format!("/affiliate/{program}/earnings/cnv_{earning}")).await.body;
    assert!(earning.contains("The program assigned this payment to you manually."), "{earning}");
    assert!(!earning.contains("Owner lumen") && !earning.contains("ana@buyers.example"));
    assert!(!earning.contains("buyers.example"), "the domain often names a company: {earning}");
    crate::printed_commands::hashes_are_made_again(&earning).await;

    let answer = browser.post("/do/payment/undo-assignment", &fields).await;
    assert_eq!(answer.location(), inbox);
    let page = browser.get(&inbox).await.body;
    assert!(page.contains("20.00 USD reversed for Affiliate mira"), "{page}");
    only_payment(&site, &merchant, PaymentFilter::Unattributed).await;

    let missing = [("program", program.as_str()), ("payment", payment.as_str()), ("affiliate", "")];
    let answer = browser.post("/do/payment/assign", &missing).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("Choose an affiliate") && page.contains("<title>Error: "), "{page}");
}

#[tokio::test]
async fn an_event_says_what_was_read_and_a_replay_what_would_change() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    pay(&site, &path, "evt_1", "").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.to_string();
    let events = format!("/programs/{program}/events");
    let event = only_event(&site, &merchant).await;

    for (query, found) in [
        ("", true),
        ("?id=ch_evt_1", true),
        ("?id=pi_evt_1&mode=live&source=webhook&type=charge.succeeded&period=30d", true),
        ("?mode=test", false),
        ("?source=backfill", false),
        ("?id=ch_other", false),
        ("?outcome=ledger_changed", false),
    ] {
        let page = browser.get(&format!("{events}{query}")).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.body.contains(event.id.as_str()), found, "{query}");
        let table = browser.get(&format!("{events}.csv{query}")).await.body;
        assert_eq!(table.contains("evt_1"), found, "{query}");
    }

    let page = browser.get(&format!("{events}/{}", event.id)).await.body;
    assert!(page.contains("Parsed fields") && page.contains("100.00 USD"), "{page}");
    assert!(page.contains("https://dashboard.stripe.com/events/evt_1"), "{page}");
    assert!(page.contains("See the payment"));

    let dry = browser.get(&format!("{events}/replay?event={}", event.id)).await.body;
    assert!(dry.contains("No commissions would change") && dry.contains("Replay 1 event"), "{dry}");
    assert_eq!(only_event(&site, &merchant).await.attempts, 1, "nothing was written");
    let query = format!("event={}", event.id);
    let answer = browser.post("/do/event/replay", &[("program", &program), ("query", &query)]).await;
    assert_eq!(answer.location(), format!("{events}/{}", event.id));
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("1 event replayed. No commissions changed."), "{page}");
    assert!(page.contains("Replayed by Owner lumen"), "{page}");
}

#[tokio::test]
async fn refused_deliveries_have_a_page() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = format!("/programs/{}/events/rejected", merchant.program.id);
    assert!(browser.get(&page).await.body.contains("No rejected deliveries"));
    let body = charge("evt_1", "");
    let wrong = signature("whsec_canary", &body, START);
    let answer = deliver(&site, &path, Some(&wrong), &body).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    work(&site).await;
    let seen = browser.get(&page).await.body;
    assert!(seen.contains("Wrong signing secret") && seen.contains("Repair Webhooks"), "{seen}");
    assert!(seen.contains("evt_1") && seen.contains("charge.succeeded"));
    assert!(!seen.contains("ana@buyers.example") && !seen.contains("whsec_"));
}

#[tokio::test]
async fn deliveries_after_a_disconnect_are_shown_apart_from_faults() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    engine::stripe::connections::disconnect(engine, actor, program).await.unwrap();
    let body = charge("evt_1", "");
    for _ in 0..2 {
        let answer = deliver(&site, &path, Some(&signature(SECRET, &body, START)), &body).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    work(&site).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = browser.get(&format!("/programs/{program}/events/rejected")).await.body;
    assert!(page.contains("2 deliveries after Stripe was disconnected, the last one today"), "{page}");
    assert!(page.contains("No rejected deliveries") && !page.contains("Why, and what to do"), "{page}");
}

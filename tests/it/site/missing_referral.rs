//! "Missing a referral?": what an affiliate sees, what the company sees, and that the first says
//! nothing about the second.

use axum::http::StatusCode;
use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::clock::{DAY_MS, SECOND_MS};
use domain::referral_requests::{ANSWERED_DAYS, MOST_OPEN, REQUESTS_A_DAY, RequestStatus};
use engine::ledger::payments::{self, PaymentFilter};
use engine::ledger::referral_requests::{self, RequestRow};
use engine::programs::affiliates;
use engine::{retention, worker};

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{Browser, Merchant, START, Site};

/// The buyer of the payments of these tests.
const BUYER: &str = "ana@buyers.example";
const DAY: &str = "2026-03-01";

fn path(merchant: &Merchant) -> String {
    app::routes::affiliate_program(&merchant.program.id).missing_referral()
}

/// A payment without a click, of `BUYER`.
async fn sale(site: &Site, merchant: &Merchant) {
    let endpoint = connect(site, merchant).await;
    let body = charge("evt_first", "not_a_token_of_ours");
    let answer = deliver(site, &endpoint, Some(&signature(SECRET, &body, START)), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    worker::drain(&site.engine).await.unwrap();
}

async fn post(browser: &Browser<'_>, merchant: &Merchant, form: &str, sought: &str) -> String {
    let fields = [
        ("program", merchant.program.id.as_str()),
        ("referral[sought]", sought),
        ("referral[day]", DAY),
        ("referral[note]", "She told me."),
    ];
    let answer = browser.post(&format!("/do/missing-referral/{form}"), &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location()).await.body
}

async fn open(site: &Site, merchant: &Merchant) -> Vec<RequestRow> {
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    referral_requests::list(engine, actor, program, RequestStatus::Open, "", 50).await.unwrap()
}

async fn answer(
    browser: &Browser<'_>,
    merchant: &Merchant,
    row: &RequestRow,
    fields: &[(&str, &str)],
) -> String {
    let id = row.request.id.to_string();
    let mut all = vec![("program", merchant.program.id.as_str()), ("request", id.as_str())];
    all.extend(fields);
    let answer = browser.post("/do/referral-requests/answer", &all).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location()).await.body
}

/// The page without what was typed into it and what differs for every request.
fn without(page: &str, words: &[&str]) -> String {
    let page = words.iter().fold(page.to_owned(), |page, word| page.replace(word, "…"));
    page.split("nonce=\"")
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('"').map_or("", |(_, rest)| rest) })
        .collect()
}

#[tokio::test]
async fn the_page_is_the_same_whether_or_not_there_is_such_a_payment() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    sale(&site, &merchant).await;
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    // A buyer, nobody, an id of Stripe that is known, and one that is not.
    let all = [BUYER, "bob@buyers.example", "ch_evt_first", "ch_evt_other"];
    for form in ["check", "ask"] {
        let (mut pages, mut costs) = (Vec::new(), Vec::new());
        for sought in all {
            let before = store::db::statements();
            let page = post(&browser, &merchant, form, sought).await;
            costs.push(store::db::statements() - before);
            pages.push(without(&page, &[sought, "a•••@•••", "b•••@•••"]));
        }
        assert!(costs.iter().all(|cost| *cost == costs[0]), "as much work: {costs:?}");
        if form == "check" {
            assert_eq!((&pages[0], &pages[2]), (&pages[1], &pages[3]));
            assert!(pages[0].contains("What your own data say"), "{}", pages[0]);
            assert!(pages[0].contains("No click on your links"), "{}", pages[0]);
        } else {
            assert!(pages.iter().all(|page| page.contains("Request sent.")), "{}", pages[0]);
        }
    }
    let last = browser.get(&path(&merchant)).await.body;
    for secret in [BUYER, "buyers.example", "100.00", "pmt_", "cst_"] {
        assert!(!last.contains(secret), "{secret}: {last}");
    }
}

#[tokio::test]
async fn own_clicks_within_the_window_are_shown() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    site.affiliate(&merchant, "noah").await;
    for code in ["mira", "noah"] {
        let visit = engine::tracking::clicks::Visit {
            user_agent: "Mozilla/5.0 Firefox".into(),
            ..Default::default()
        };
        engine::tracking::clicks::follow(&site.engine, code, &visit).await.unwrap();
    }
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    site.advance(DAY_MS);
    let fields = [
        ("program", merchant.program.id.as_str()),
        ("referral[sought]", BUYER),
        ("referral[day]", "2026-03-02"),
    ];
    let answer = browser.post("/do/missing-referral/check", &fields).await;
    let page = browser.get(answer.location()).await.body;
    assert!(page.contains("1 click on your links in the"), "{page}");
    assert!(page.contains("/r/mira") && !page.contains("/r/noah"), "{page}");
    let page = post(&browser, &merchant, "check", BUYER).await;
    assert!(page.contains("No click on your links"), "the day before: {page}");
}

#[tokio::test]
async fn a_request_lies_beside_its_payment_and_is_answered() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    sale(&site, &merchant).await;
    let affiliate = Browser::signed_in(&site, mira.email.as_str()).await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    // The first one twice.
    for sought in [BUYER, BUYER, "ch_evt_first", "#1042"] {
        post(&affiliate, &merchant, "ask", sought).await;
        site.advance(SECOND_MS);
    }
    let rows = open(&site, &merchant).await;
    assert_eq!(rows.iter().map(|row| row.matches.len()).collect::<Vec<_>>(), [1, 1, 0]);
    assert_eq!(rows[0].matches[0].id, rows[1].matches[0].id);
    let page = owner.get(&app::routes::program(&merchant.program.id).unattributed()).await.body;
    for text in
        ["Affiliates miss a referral", "Affiliate mira", BUYER, "She told me.", "Credit to Affiliate mira"]
    {
        assert!(page.contains(text), "{text}: {page}");
    }

    let decline = [("decision", "decline")];
    let page = answer(&owner, &merchant, &rows[2], &decline).await;
    assert!(page.contains("Enter an answer. The affiliate can read it"), "{page}");
    let field = format!("answers[{}]", rows[2].request.id);
    let said = [("decision", "decline"), (field.as_str(), "We have no such order.")];
    assert!(answer(&owner, &merchant, &rows[2], &said).await.contains("Declined."));
    let payment = rows[0].matches[0].id.to_string();
    let credit = [("decision", "credit"), ("payment", payment.as_str())];
    assert!(answer(&owner, &merchant, &rows[0], &credit).await.contains("Credited. The affiliate sees it."));
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let detail = affiliates::detail(engine, actor, program, &mira.id).await.unwrap();
    assert_eq!(detail.totals.conversions, 1);
    let page = affiliate.get(&path(&merchant)).await.body;
    for text in ["Credited", "Declined", "We have no such order.", "has not answered yet"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains(BUYER), "{page}");
    let page = answer(&owner, &merchant, &rows[2], &said).await;
    assert!(page.contains("This request was answered before"), "{page}");
    let unattributed = PaymentFilter::Unattributed;
    assert!(payments::list(engine, actor, program, unattributed, None, 5).await.unwrap().is_empty());

    site.advance((ANSWERED_DAYS + 1) * DAY_MS);
    retention::run(engine).await.unwrap();
    let affiliate = Browser::signed_in(&site, mira.email.as_str()).await;
    let page = affiliate.get(&path(&merchant)).await.body;
    assert!(!page.contains("We have no such order.") && page.contains("has not answered yet"), "{page}");
}

#[tokio::test]
async fn requests_are_limited() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    for number in 0..REQUESTS_A_DAY {
        post(&browser, &merchant, "ask", &format!("order-{number}")).await;
    }
    let page = post(&browser, &merchant, "ask", "order-x").await;
    assert!(page.contains("Too many attempts") && page.contains("order-x"), "{page}");
    assert_eq!(open(&site, &merchant).await.len() as i64, REQUESTS_A_DAY);
    for day in 1..=MOST_OPEN / REQUESTS_A_DAY {
        site.advance(DAY_MS + 1);
        let browser = Browser::signed_in(&site, mira.email.as_str()).await;
        for number in 0..REQUESTS_A_DAY {
            post(&browser, &merchant, "ask", &format!("order-{day}-{number}")).await;
        }
    }
    assert_eq!(open(&site, &merchant).await.len() as i64, MOST_OPEN);
}

#[tokio::test]
async fn only_active_affiliates_of_the_program_ask() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    let (mira, _) = site.affiliate(&merchant, "mira").await;
    let (stranger, _) = site.affiliate(&other, "stranger").await;
    for email in [stranger.email.as_str(), other.email.as_str()] {
        let browser = Browser::signed_in(&site, email).await;
        let fields =
            [("program", merchant.program.id.as_str()), ("referral[sought]", BUYER), ("referral[day]", DAY)];
        for form in ["check", "ask"] {
            browser.post(&format!("/do/missing-referral/{form}"), &fields).await;
        }
        assert_eq!(browser.get(&path(&merchant)).await.status, StatusCode::NOT_FOUND, "{email}");
    }
    let reason = StatusReason::parse("Bids on our name").unwrap();
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let suspended = AffiliateStatus::Suspended;
    affiliates::set_status(engine, actor, program, &mira.id, suspended, reason.as_ref()).await.unwrap();
    let browser = Browser::signed_in(&site, mira.email.as_str()).await;
    let page = post(&browser, &merchant, "ask", BUYER).await;
    assert!(page.contains("Only active affiliates can ask"), "{page}");
    assert!(open(&site, &merchant).await.is_empty());
}

//! Searching a program.

use axum::http::StatusCode;
use engine::worker;

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{Browser, Merchant, START, Site};

/// A company with an affiliate, and one payment through that affiliate's link.
async fn sold(site: &Site) -> Merchant {
    let merchant = site.merchant("lumen").await;
    site.affiliate(&merchant, "mira").await;
    let endpoint = connect(site, &merchant).await;
    let visit =
        engine::tracking::clicks::Visit { user_agent: "Mozilla/5.0 Firefox".into(), ..Default::default() };
    let redirect = engine::tracking::clicks::follow(&site.engine, "mira", &visit).await.unwrap().unwrap();
    let body = String::from_utf8(charge("evt_found01", redirect.token.unwrap().as_str())).unwrap();
    let body = body.replace("_evt_found01\"", "_found01\"").into_bytes();
    let answer = deliver(site, &endpoint, Some(&signature(SECRET, &body, START)), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    worker::drain(&site.engine).await.unwrap();
    merchant
}

fn address(merchant: &Merchant, query: &str) -> String {
    format!("/programs/{}/search?{}", merchant.program.id, serde_query(query))
}

fn serde_query(query: &str) -> String {
    let letters = query.bytes().map(|byte| format!("%{byte:02x}"));
    format!("q={}", letters.collect::<String>())
}

#[tokio::test]
async fn people_links_and_payments_are_found() {
    let site = Site::new().await;
    let merchant = sold(&site).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let found = async |query: &str| browser.get(&address(&merchant, query)).await.body.replace("<!>", "");
    let page = found("MIR").await;
    assert!(page.contains("<mark>mir</mark>a") || page.contains("<mark>Mir</mark>a"), "{page}");
    assert!(page.contains("Affiliates") && page.contains("/r/<mark>mir</mark>a"), "{page}");
    assert!(!found("ira").await.contains("<mark>"), "only beginnings of words");
    let page = found("Ana@Buyers.example").await;
    assert!(page.contains("/payments/pmt_") && page.contains("100.00"), "{page}");
    let page = found("nobody").await;
    assert!(page.contains("Nothing found for “nobody”"), "{page}");
    let page = found("x").await;
    assert!(page.contains("at least two letters"), "{page}");
    let page = found("\"><u>zz").await;
    assert!(!page.contains("<u>"), "what was typed is text: {page}");
}

#[tokio::test]
async fn a_stripe_id_leads_to_what_it_means() {
    let site = Site::new().await;
    let merchant = sold(&site).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for (id, place) in
        [("pi_found01", "/payments/"), ("ch_found01", "/payments/"), ("evt_found01", "/events/")]
    {
        let answer = browser.get(&address(&merchant, id)).await;
        assert!(answer.location().contains(place), "{id}: {} {}", answer.location(), answer.body);
    }
    let page = browser.get(&address(&merchant, "in_1NotThere")).await.body;
    assert!(page.contains("Nothing found"), "{page}");
}

#[tokio::test]
async fn nothing_of_another_company_is_found() {
    let site = Site::new().await;
    let merchant = sold(&site).await;
    let other = site.merchant("fern").await;
    let browser = Browser::signed_in(&site, &other.email).await;
    for query in ["mira", "ana@buyers.example", "evt_found01", "pi_found01", "lumen"] {
        let answer = browser.get(&address(&other, query)).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::OK, ""), "{query}");
        assert!(answer.body.contains("Nothing found"), "{query}: {}", answer.body);
    }
    let answer = browser.get(&address(&merchant, "mira")).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

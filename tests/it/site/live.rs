//! Open pages are told that something has happened.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use engine::worker;
use futures::StreamExt;
use tokio::time::timeout;

use super::webhooks::{SECRET, charge, connect, deliver, signature};
use super::{Browser, Merchant, START, Site};

fn address(merchant: &Merchant) -> String {
    format!("/programs/{}/live", merchant.program.id)
}

/// The next event of a stream, without the lines that only keep it open.
async fn next_event(body: Body) -> Option<String> {
    let mut data = body.into_data_stream();
    while let Some(part) = data.next().await {
        let text = String::from_utf8(part.unwrap().to_vec()).unwrap();
        if text.contains("event:") {
            return Some(text);
        }
    }
    None
}

#[tokio::test]
async fn a_sale_is_announced_within_seconds() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (_, link) = site.affiliate(&merchant, "mira").await;
    let endpoint = connect(&site, &merchant).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = browser.get(&format!("/programs/{}", merchant.program.id)).await.body;
    assert!(page.contains(&format!("data-live=\"{}\"", address(&merchant))), "{page}");
    let answer = browser.open(&address(&merchant)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let visit =
        engine::tracking::clicks::Visit { user_agent: "Mozilla/5.0 Firefox".into(), ..Default::default() };
    let code = link.code.as_str();
    let redirect = engine::tracking::clicks::follow(&site.engine, code, &visit).await.unwrap().unwrap();
    let body = charge("evt_live", redirect.token.unwrap().as_str());
    deliver(&site, &endpoint, Some(&signature(SECRET, &body, START)), &body).await;
    worker::drain(&site.engine).await.unwrap();
    let event = timeout(Duration::from_secs(30), next_event(answer.into_body())).await.unwrap();
    assert_eq!(event.unwrap(), "event: changed\ndata: now\n\n");
}

#[tokio::test]
async fn only_members_of_the_company_are_told() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("fern").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    for email in [other.email.as_str(), affiliate.email.as_str()] {
        let browser = Browser::signed_in(&site, email).await;
        assert_eq!(browser.open(&address(&merchant)).await.status(), StatusCode::NOT_FOUND, "{email}");
    }
    let stranger = Browser::new(&site).open(&address(&merchant)).await;
    assert_eq!(stranger.status(), StatusCode::SEE_OTHER);
}

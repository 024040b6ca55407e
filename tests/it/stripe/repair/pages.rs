//! The button, the page and the API of Repair Webhooks, and the page and file of the
//! reconciliation, as people and programs see them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use engine::stripe::connections;
use sandbox::{Defect, Settings, Stripe};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::services::Services;
use crate::site::{Browser, Merchant, Site, webhooks};
use crate::stripe::shop::permissions;

/// A site whose program is connected by a restricted key.
struct Connected {
    site: Site,
    merchant: Merchant,
    stripe: Stripe,
    key: String,
}

impl Connected {
    async fn new() -> Self {
        let time = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(crate::site::START.0));
        let clock = domain::clock::Clock::new(move || {
            domain::clock::Timestamp(time.load(std::sync::atomic::Ordering::SeqCst))
        });
        let stripe = Stripe::new(clock, domain::clock::Random::seeded(3));
        let key = stripe.create_restricted_key(&permissions());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings { base_url: base.clone(), shop: None, tracking: None };
        let router = sandbox::router(stripe.clone(), settings);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let site = Site::with(Services::at(&base)).await;
        let merchant = site.merchant("lumen").await;
        connections::connect_with_key(&site.engine, &merchant.actor, &merchant.program.id, &key)
            .await
            .unwrap();
        Self { site, merchant, stripe, key }
    }

    /// What happened before the connection was made is fetched, a minute ago.
    async fn has_fetched(&self) {
        engine::worker::drain(&self.site.engine).await.unwrap();
        self.site.advance(domain::clock::MINUTE_MS);
    }

    /// The jobs of a server that runs.
    fn work(&self) -> tokio::sync::watch::Sender<bool> {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        tokio::spawn(engine::worker::work(self.site.engine.clone(), stopped));
        stop
    }

    fn break_endpoint(&self, defect: Defect) {
        let id = self.stripe.endpoints()[0].id.clone();
        self.stripe.break_endpoint(&id, defect).unwrap();
    }
}

#[tokio::test]
async fn the_button_repairs_and_the_page_shows_the_report() {
    let it = Connected::new().await;
    it.has_fetched().await;
    let _stop = it.work();
    it.break_endpoint(Defect::Disabled);
    let browser = Browser::signed_in(&it.site, &it.merchant.email).await;
    let program = it.merchant.program.id.to_string();
    let path = format!("/programs/{program}/settings/stripe");
    let page = browser.get(&path).await.body;
    assert!(page.contains("Repair Webhooks"), "{page}");
    assert!(!page.contains("Enable the endpoint"));

    let answer = browser.post("/do/stripe/repair", &[("program", &program)]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, &*path));
    let page = browser.get(&path).await;
    for words in ["Repair report", "Enable the endpoint", "Started by Owner lumen", "All problems fixed."] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert_eq!(page.header("refresh"), "", "it has ended");
    assert!(!page.body.contains(&it.key));
}

#[tokio::test]
async fn a_running_repair_reloads_its_page() {
    let it = Connected::new().await;
    it.has_fetched().await;
    it.break_endpoint(Defect::Deleted);
    let browser = Browser::signed_in(&it.site, &it.merchant.email).await;
    let program = it.merchant.program.id.to_string();
    let path = format!("/programs/{program}/settings/stripe");
    // No worker runs: the button waits for some seconds and shows what there is.
    let answer = browser.post("/do/stripe/repair", &[("program", &program)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = browser.get(&path).await;
    assert!(page.body.contains("In progress"), "{}", page.body);
    assert_eq!(page.header("refresh"), "2");
    engine::worker::drain(&it.site.engine).await.unwrap();
    let page = browser.get(&path).await;
    assert!(page.body.contains("Create the endpoint") && page.header("refresh").is_empty(), "{}", page.body);
}

#[tokio::test]
async fn the_page_says_what_to_change_for_a_manual_connection() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    webhooks::connect(&site, &merchant).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.to_string();
    browser.post("/do/stripe/repair", &[("program", &program)]).await;
    let page = browser.get(&format!("/programs/{program}/settings/stripe")).await.body;
    assert!(
        page.contains("Compare the signing secret")
            && page.contains("There is something left for you to do."),
        "{page}"
    );
}

async fn call(it: &Connected, method: &str, key: &str) -> (StatusCode, Value) {
    let path = format!("/api/v1/programs/{}/repair-webhooks", it.merchant.program.id);
    let request = Request::builder().method(method).uri(path).header("host", "hg.test");
    let request = request.header("authorization", format!("Bearer {key}")).body(Body::empty()).unwrap();
    let answer = it.site.send(request).await;
    (answer.status, serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn the_api_answers_with_the_report() {
    let it = Connected::new().await;
    let created =
        engine::identity::api_keys::create(&it.site.engine, &it.merchant.actor, None).await.unwrap();
    let key = created.1;
    assert_eq!(call(&it, "GET", &key).await.0, StatusCode::NOT_FOUND, "none yet");
    it.has_fetched().await;
    let _stop = it.work();
    it.break_endpoint(Defect::FewerEvents);
    let (status, body) = call(&it, "POST", &key).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let report = &body["data"];
    assert_eq!((&report["finished"], &report["outcome"]), (&true.into(), &"repaired".into()), "{body}");
    let codes: Vec<&str> =
        report["lines"].as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["account_reached", "endpoint_defective", "event_types_added", "events_fetched"]);
    assert_eq!(call(&it, "GET", &key).await.1["data"], *report);
    assert!(!body.to_string().contains(&it.key));
}

#[tokio::test]
async fn the_comparison_is_a_page_and_a_file() {
    let it = Connected::new().await;
    it.has_fetched().await;
    let _stop = it.work();
    let price = it.stripe.create_price(sandbox::NewPrice::once("Atlas", 4_900, "usd")).unwrap();
    it.stripe
        .buy(sandbox::NewSession::of(&price), &sandbox::Buyer::new("ann@buyers.example", "Ann"))
        .unwrap();
    it.site.advance(domain::clock::HOUR_MS);
    let browser = Browser::signed_in(&it.site, &it.merchant.email).await;
    let program = it.merchant.program.id.to_string();
    let path = format!("/programs/{program}/settings/stripe/reconciliation");
    assert!(browser.get(&path).await.body.contains("No comparison yet"));
    let wrong = [("program", &*program), ("from", "yesterday"), ("to", "2026-03-31")];
    browser.post("/do/stripe/compare", &wrong).await;
    let page = browser.get(&path).await.body;
    assert!(page.contains("Enter a date such as 2026-11-01") && page.contains("yesterday"), "{page}");

    let right = [("program", &*program), ("from", "2026-03-01"), ("to", "2026-03-31")];
    assert_eq!(browser.post("/do/stripe/compare", &right).await.location(), path);
    let page = loop {
        let page = browser.get(&path).await;
        if page.header("refresh").is_empty() {
            break page.body;
        }
        tokio::task::yield_now().await;
    };
    assert!(page.contains("Missing here") && page.contains("49.00"), "{page}");
    assert!(page.contains("Import missing payments"), "{page}");
    let file = browser.get(&format!("{path}.csv")).await;
    assert!(file.header("content-type").starts_with("text/csv"));
    let lines: Vec<&str> = file.body.lines().collect();
    assert!(
        lines[0].contains("charge") && lines[1].contains("missing") && lines[1].contains("49.00"),
        "{lines:?}"
    );
}

//! What an affiliate can try at the public endpoints to be credited for sales of others, and
//! what each attempt gains: nothing, or a line in Unattributed. The honest ways stand beside
//! them, because a defence that stops those is none.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::leads::BrowserLeads;
use domain::programs::ProgramChange;
use engine::programs;
use engine::tracking::clicks::{self, Click as Stored};
use engine::tracking::flags::{self, Flag};
use engine::tracking::leads;
use hmac::{Hmac, KeyInit, Mac};
use honeyguide::http::proxy::Proxy;
use honeyguide::http::router::router;
use sandbox::{ApiVersion, NewSession};
use serde_json::{Value, json};
use sha2::Sha256;
use tower::ServiceExt;
use url::Url;

use crate::harness::{TERMS, World, checkout};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SITE: &str = "https://lumen.example";

/// A program with Mira, who is honest, and Noah, who is not; and what the internet sees of it.
struct Stage {
    world: World,
    router: Router,
}

/// Someone with a browser.
#[derive(Clone)]
struct Visitor {
    address: &'static str,
    agent: String,
}

/// A click as its visitor's browser knows it.
#[derive(Clone, Debug)]
struct Click {
    token: String,
    verifier: String,
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A buyer's browser, and the thief's.
fn ann() -> Visitor {
    Visitor { address: "198.51.100.1:4000", agent: FIREFOX.to_owned() }
}
fn thief() -> Visitor {
    Visitor { address: "203.0.113.66:4000", agent: FIREFOX.to_owned() }
}

impl Stage {
    async fn new() -> Self {
        crate::site::start_once();
        let world = World::new().await;
        let site = app::Site { sandbox: None, base_url: "http://localhost:3000".to_owned() };
        let proxy = Proxy { trusted: false, country_header: None };
        let router = router(world.engine.clone(), site, proxy).unwrap();
        Self { world, router }
    }

    async fn send(&self, by: &Visitor, request: Builder, body: Body) -> (StatusCode, String, String) {
        let mut request = request.header("user-agent", &by.agent).body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(by.address.parse::<SocketAddr>().unwrap()));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let location = response.headers().get("location").and_then(|value| value.to_str().ok());
        let (status, location) = (response.status(), location.unwrap_or_default().to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, location, String::from_utf8(bytes.into()).unwrap())
    }

    /// Follows a link as browsers do.
    async fn follow(&self, by: &Visitor, code: &str) -> Click {
        let url = self.load(by, &format!("/r/{code}"), "navigate", "document").await;
        Click {
            token: parameter(&url, "hg_click").unwrap(),
            verifier: parameter(&url, "hg_verifier").unwrap(),
        }
    }

    /// Loads a link for some purpose; where it leads.
    async fn load(&self, by: &Visitor, path: &str, mode: &str, dest: &str) -> Url {
        let request = Request::get(path).header("sec-fetch-dest", dest).header("sec-fetch-mode", mode);
        let (status, location, _) = self.send(by, request, Body::empty()).await;
        assert_eq!(status, StatusCode::FOUND);
        Url::parse(&location).unwrap()
    }

    /// The clicks that are stored.
    async fn clicks(&self) -> Vec<Stored> {
        let (engine, merchant) = (&self.world.engine, &self.world.merchant);
        clicks::list(engine, merchant, &self.world.program.id, None, None, 1_000).await.unwrap()
    }

    async fn post(&self, by: &Visitor, origin: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let request = Request::post(path).header("origin", origin).header("content-type", "text/plain");
        let (status, _, body) = self.send(by, request, Body::from(body.to_string())).await;
        (status, serde_json::from_str(&body).unwrap())
    }

    /// Reports a lead as the script does.
    async fn lead(&self, by: &Visitor, click: &Click, email: &str) {
        let answer = self.lead_from(by, SITE, click, email).await;
        assert_eq!(answer, (StatusCode::OK, json!({"ok": true})));
    }

    async fn lead_from(&self, by: &Visitor, origin: &str, click: &Click, email: &str) -> (StatusCode, Value) {
        let said = json!({
            "program": self.world.program.id, "token": click.token, "verifier": click.verifier, "email": email,
        });
        self.post(by, origin, "/t/lead", said).await
    }

    /// Ann buys without any token, a minute from now.
    fn buy(&self) {
        self.world.time.advance(MINUTE_MS);
        self.world.buy(NewSession::of(&self.world.once(4_900, "usd")));
        self.world.time.advance(MINUTE_MS);
    }

    fn email(&self) -> String {
        self.world.buyer_email()
    }

    /// What all payments came to.
    async fn ledger(&mut self) -> Vec<String> {
        self.world.deliver(ApiVersion::NEWEST).await;
        self.world.check_books().await;
        self.world.ledger().await
    }

    async fn rows(&self) -> usize {
        let (engine, merchant) = (&self.world.engine, &self.world.merchant);
        leads::list(engine, merchant, &self.world.program.id, None, 1_000).await.unwrap().len()
    }

    async fn set(&self, browser_leads: BrowserLeads) {
        let change = ProgramChange { browser_leads: Some(browser_leads), ..ProgramChange::default() };
        let (engine, merchant) = (&self.world.engine, &self.world.merchant);
        programs::change(engine, merchant, &self.world.program.id, &change).await.unwrap();
    }
}

/// Plays a scene and compares what Ann's payments came to.
async fn row(expected: &[&str], scene: impl AsyncFnOnce(&mut Stage)) {
    let mut stage = Stage::new().await;
    scene(&mut stage).await;
    assert_eq!(stage.ledger().await, expected);
}

const MIRAS: &str = "mira 980 usd by lead_email";
const DOUBTED: &str = "no commission: lead_doubted";

// ---- the honest ways ------------------------------------------------------------------------

#[tokio::test]
async fn a_sign_up_on_the_site_before_the_payment_counts() {
    row(&[MIRAS], async |stage| {
        let click = stage.follow(&ann(), "mira").await;
        stage.world.time.days(3);
        // At home by now.
        let at_home = Visitor { address: "[2001:db8:5::1]:4000", ..ann() };
        stage.lead(&at_home, &click, &stage.email()).await;
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn two_people_of_two_networks_count_each() {
    let mut stage = Stage::new().await;
    for (address, email) in
        [("198.51.100.1:4000", stage.email()), ("198.51.100.2:4000", "bob@x.example".into())]
    {
        let visitor = Visitor { address, ..ann() };
        let click = stage.follow(&visitor, "mira").await;
        stage.lead(&visitor, &click, &email).await;
    }
    stage.buy();
    let bob = sandbox::Buyer::new("bob@x.example", "Bob");
    stage.world.stripe.buy(NewSession::of(&stage.world.once(4_900, "usd")), &bob).unwrap();
    assert_eq!(stage.ledger().await, [MIRAS, MIRAS]);
}

#[tokio::test]
async fn what_the_merchants_server_reports_beats_what_browsers_do() {
    row(&[MIRAS], async |stage| {
        let stolen = stage.follow(&thief(), "noah").await;
        stage.lead(&thief(), &stolen, &stage.email()).await;
        let click = stage.follow(&ann(), "mira").await;
        stage.buy();
        stage.world.lead(&click.token, &stage.email()).await;
    })
    .await;
}

#[tokio::test]
async fn what_the_merchants_server_signed_counts_after_the_payment_too() {
    row(&[MIRAS], async |stage| {
        let click = stage.follow(&ann(), "mira").await;
        stage.buy();
        let (engine, merchant) = (&stage.world.engine, &stage.world.merchant);
        let secret = leads::secret(engine, merchant, &stage.world.program.id).await.unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.{}", click.token, stage.email()).as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let said = |signature: &str| {
            json!({"program": stage.world.program.id, "token": click.token, "email": stage.email(), "signature": signature})
        };
        let wrong = stage.post(&ann(), SITE, "/t/lead", said(&signature.replace('a', "b"))).await;
        assert_eq!(wrong, (StatusCode::UNPROCESSABLE_ENTITY, json!({"ok": false, "reason": "wrong_signature"})));
        let answer = stage.post(&ann(), SITE, "/t/lead", said(&signature)).await;
        assert_eq!(answer, (StatusCode::OK, json!({"ok": true})));
        leads::renew_secret(engine, merchant, &stage.world.program.id).await.unwrap();
        let late = stage.post(&ann(), SITE, "/t/lead", said(&signature)).await;
        assert_eq!(late.0, StatusCode::UNPROCESSABLE_ENTITY, "a secret that was replaced signs nothing");
    })
    .await;
}

// ---- leads of others' buyers ----------------------------------------------------------------

#[tokio::test]
async fn a_lead_after_the_payment() {
    row(&["no commission: lead_after_payment"], async |stage| {
        let click = stage.follow(&thief(), "noah").await;
        stage.buy();
        stage.lead(&thief(), &click, &stage.email()).await;
    })
    .await;
}

#[tokio::test]
async fn a_lead_before_the_payment_beside_the_honest_one() {
    for thief_first in [true, false] {
        row(&["no commission: leads_disagree"], async |stage| {
            let honest = stage.follow(&ann(), "mira").await;
            let stolen = stage.follow(&thief(), "noah").await;
            let mut leads = [(ann(), honest), (thief(), stolen)];
            if thief_first {
                leads.reverse();
            }
            for (visitor, click) in &leads {
                stage.lead(visitor, click, &stage.email()).await;
            }
            stage.buy();
        })
        .await;
    }
}

#[tokio::test]
async fn a_lead_for_a_stock_of_addresses_with_one_click() {
    row(&[DOUBTED], async |stage| {
        let click = stage.follow(&thief(), "noah").await;
        stage.lead(&thief(), &click, "first@buyers.example").await;
        stage.lead(&thief(), &click, &stage.email()).await;
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn a_lead_for_a_stock_of_addresses_with_a_click_for_each() {
    row(&[DOUBTED], async |stage| {
        for number in 0..10 {
            let agent =
                format!("Mozilla/5.0 (X11; Linux x86_64; rv:{number}.0) Gecko/20100101 Firefox/{number}.0");
            let disguised = Visitor { agent, ..thief() };
            let click = stage.follow(&disguised, "noah").await;
            let email = if number == 9 { stage.email() } else { format!("{number}@buyers.example") };
            stage.lead(&disguised, &click, &email).await;
            stage.world.time.advance(2 * HOUR_MS - MINUTE_MS);
        }
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn a_lead_from_other_pages() {
    for origin in ["https://evil.example", "null", "", "https://lumen.example.evil.example"] {
        row(&[DOUBTED], async |stage| {
            let click = stage.follow(&thief(), "noah").await;
            let answer = stage.lead_from(&thief(), origin, &click, &stage.email()).await;
            assert_eq!(answer, (StatusCode::OK, json!({"ok": true})));
            stage.buy();
        })
        .await;
    }
}

#[tokio::test]
async fn a_lead_with_the_click_of_somebody_else() {
    row(&[DOUBTED], async |stage| {
        // Noah reads the token in the list of his clicks, and the verifier is one of his own.
        let visitors = stage.follow(&ann(), "noah").await;
        let own = stage.follow(&thief(), "noah").await;
        for verifier in ["", &own.verifier, &visitors.token] {
            let click = Click { token: visitors.token.clone(), verifier: verifier.to_owned() };
            stage.lead(&thief(), &click, &stage.email()).await;
        }
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn a_flood_of_doubtful_leads_keeps_the_honest_one_in() {
    row(&[MIRAS], async |stage| {
        let clicks = [stage.follow(&thief(), "noah").await, stage.follow(&thief(), "mira").await];
        for number in 0..100 {
            let click = Click { verifier: String::new(), ..clicks[number % 2].clone() };
            let (status, _) = stage.lead_from(&thief(), SITE, &click, &stage.email()).await;
            assert!(
                number < 20 || status == StatusCode::TOO_MANY_REQUESTS || number < 40,
                "{number}: {status}"
            );
        }
        assert_eq!(stage.rows().await, 2, "one for the address and each affiliate");
        let click = stage.follow(&ann(), "mira").await;
        stage.lead(&ann(), &click, &stage.email()).await;
        assert_eq!(stage.rows().await, 2);
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn a_token_of_another_program_or_of_nobody() {
    row(&["no commission: no_match"], async |stage| {
        let other = stage.world.another(TERMS, "usd").await;
        let elsewhere = other.click("noah").await;
        for token in [elsewhere.as_str(), "hgc_00000000000000000000000000000000000000", "x", ""] {
            let click = Click { token: token.to_owned(), verifier: String::new() };
            let (status, _) = stage.lead_from(&thief(), SITE, &click, &stage.email()).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{token}");
        }
        assert_eq!(stage.rows().await, 0);
        stage.buy();
    })
    .await;
}

#[tokio::test]
async fn asking_who_bought() {
    let mut stage = Stage::new().await;
    let clicks = [stage.follow(&thief(), "noah").await, stage.follow(&ann(), "noah").await];
    stage.buy();
    stage.ledger().await;
    let bought = stage.lead_from(&thief(), SITE, &clicks[0], &stage.email()).await;
    let not = stage.lead_from(&ann(), SITE, &clicks[1], "somebody@else.example").await;
    assert_eq!(bought, not, "the answer says nothing about the address");
    assert_eq!(stage.ledger().await, ["no commission: lead_after_payment"]);
}

#[tokio::test]
async fn leads_of_browsers_are_reviewed_or_off_where_the_program_says_so() {
    row(&[DOUBTED], async |stage| {
        stage.set(BrowserLeads::Review).await;
        let click = stage.follow(&ann(), "mira").await;
        stage.lead(&ann(), &click, &stage.email()).await;
        stage.buy();
    })
    .await;
    row(&["no commission: no_match"], async |stage| {
        stage.set(BrowserLeads::Off).await;
        let click = stage.follow(&ann(), "mira").await;
        let answer = stage.lead_from(&ann(), SITE, &click, &stage.email()).await;
        assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, json!({"ok": false, "reason": "off"})));
        stage.buy();
    })
    .await;
}

// ---- cookies of others ----------------------------------------------------------------------

#[tokio::test]
async fn only_a_click_that_was_just_made_replaces_a_cookie() {
    let stage = Stage::new().await;
    let click = stage.follow(&ann(), "mira").await;
    let other = stage.follow(&thief(), "noah").await;
    let check = async |token: &str, verifier: &str| {
        let said = json!({"program": stage.world.program.id, "token": token, "verifier": verifier});
        let (status, answer) = stage.post(&ann(), SITE, "/t/check", said).await;
        assert_eq!(status, StatusCode::OK);
        (answer["ok"].as_bool().unwrap(), answer["days"].as_i64())
    };
    assert_eq!(check(&click.token, &click.verifier).await, (true, Some(30)));
    for (token, verifier) in [
        ("hgc_00000000000000000000000000000000000000", click.verifier.as_str()),
        (other.token.as_str(), click.verifier.as_str()),
        (other.token.as_str(), ""),
        ("nonsense", ""),
    ] {
        assert_eq!(check(token, verifier).await, (false, None), "{token} {verifier}");
    }
    stage.world.time.advance(HOUR_MS);
    assert_eq!(check(&click.token, &click.verifier).await, (false, None), "an address that was passed on");
}

#[tokio::test]
async fn a_token_written_into_a_link() {
    let stage = Stage::new().await;
    let forged = "/r/mira?hg_click=hgc_00000000000000000000000000000000000000&hg_verifier=x&via=noah&utm_source=mail&q=1";
    let url = stage.load(&ann(), forged, "navigate", "document").await;
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["utm_source", "q", "hg_click", "hg_verifier"], "the site's own are passed on");
    assert_ne!(parameter(&url, "hg_click").unwrap(), "hgc_00000000000000000000000000000000000000");
    let stored = stage.clicks().await;
    assert_eq!(stored[0].utm_source.as_deref(), Some("mail"));
    assert_eq!(stored[0].landing_url, "https://lumen.example/", "without parameters");
}

// ---- clicks that nobody made ----------------------------------------------------------------

#[tokio::test]
async fn a_link_that_a_page_loads_as_a_part_of_itself() {
    let stage = Stage::new().await;
    for (mode, dest) in [
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("navigate", "iframe"),
        ("navigate", "embed"),
        ("navigate", "object"),
        ("cors", "empty"),
    ] {
        let url = stage.load(&ann(), "/r/noah", mode, dest).await;
        assert_eq!(url.as_str(), "https://lumen.example/", "{mode} {dest}");
    }
    assert!(stage.clicks().await.is_empty());
}

#[tokio::test]
async fn a_click_that_a_page_of_another_site_reports() {
    let stage = Stage::new().await;
    let said =
        json!({"program": stage.world.program.id, "code": "noah", "url": "https://lumen.example/?via=noah"});
    for origin in ["https://evil.example", "null", ""] {
        let (_, answer) = stage.post(&ann(), origin, "/t/click", said.clone()).await;
        assert_eq!(answer["reason"], "foreign_page", "{origin}");
    }
    assert!(stage.clicks().await.is_empty());
    let (_, answer) = stage.post(&ann(), SITE, "/t/click", said).await;
    assert!(answer["token"].is_string() && answer["verifier"].is_string());
}

#[tokio::test]
async fn the_same_visitor_again_and_again() {
    let stage = Stage::new().await;
    let first = stage.follow(&ann(), "noah").await;
    for _ in 0..200 {
        assert_eq!(stage.follow(&ann(), "noah").await.token, first.token);
    }
    assert_eq!(stage.clicks().await.len(), 1);
    let neighbor = Visitor { address: "198.51.100.2:4000", ..ann() };
    assert_ne!(stage.follow(&neighbor, "noah").await.token, first.token);
    stage.world.time.advance(HOUR_MS);
    assert_ne!(stage.follow(&ann(), "noah").await.token, first.token);
    assert_eq!(stage.clicks().await.len(), 3);
    let checked = engine::ledger::verify::ledger(&stage.world.engine).await.unwrap();
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
}

#[tokio::test]
async fn the_same_visitor_many_times_at_once() {
    let stage = Stage::new().await;
    let visitor = ann();
    let visits = (0..50).map(|_| stage.follow(&visitor, "noah"));
    let clicks = futures::future::join_all(visits).await;
    assert!(clicks.iter().all(|click| click.token == clicks[0].token));
    assert_eq!(stage.clicks().await.len(), 1);
}

#[tokio::test]
async fn the_same_visitor_many_times_while_clicks_are_written_late() {
    let stage = Stage::new().await;
    let visitor = ann();
    // Redirects look this up once; without it they would not reach the writing in time.
    stage.follow(&thief(), "noah").await;
    let mut lock = stage.world.engine.db().begin().await.unwrap();
    if std::env::var("TEST_DATABASE_URL").is_ok_and(|url| !url.is_empty()) {
        lock.run("LOCK TABLE clicks IN EXCLUSIVE MODE", &[]).await.unwrap();
    }
    let clicks = futures::future::join_all((0..5).map(|_| stage.follow(&visitor, "noah"))).await;
    drop(lock);
    assert!(clicks.iter().all(|click| click.token == clicks[0].token));
    let again = stage.follow(&visitor, "noah").await;
    assert_eq!(again.token, clicks[0].token, "the late click was stored, and it holds");
    assert_eq!(stage.clicks().await.len(), 2);
}

#[tokio::test]
async fn a_network_that_sends_more_than_people_do() {
    const MORE_THAN_A_TOWN: usize = 400;
    let stage = Stage::new().await;
    let mut with_click = 0;
    for number in 0..MORE_THAN_A_TOWN {
        let disguised = Visitor { agent: format!("{FIREFOX} {number}"), ..thief() };
        let url = stage.load(&disguised, "/r/noah", "navigate", "document").await;
        with_click += usize::from(parameter(&url, "hg_click").is_some());
    }
    assert!((300..MORE_THAN_A_TOWN).contains(&with_click), "{with_click}");
    assert_eq!(stage.clicks().await.len(), with_click);
}

#[tokio::test]
async fn visitors_with_global_privacy_control_are_left_alone_where_the_program_says_so() {
    let stage = Stage::new().await;
    let load = async || {
        let request = Request::get("/r/mira").header("sec-gpc", "1");
        let (_, location, _) = stage.send(&ann(), request, Body::empty()).await;
        location
    };
    let change = ProgramChange { respect_gpc: Some(true), ..ProgramChange::default() };
    let (engine, merchant) = (&stage.world.engine, &stage.world.merchant);
    programs::change(engine, merchant, &stage.world.program.id, &change).await.unwrap();
    assert_eq!(load().await, "https://lumen.example/");
    assert!(stage.clicks().await.is_empty());
    let change = ProgramChange { respect_gpc: Some(false), ..ProgramChange::default() };
    programs::change(engine, merchant, &stage.world.program.id, &change).await.unwrap();
    assert!(load().await.contains("hg_click="));
}

// ---- what a merchant is shown ---------------------------------------------------------------

#[tokio::test]
async fn many_leads_and_a_click_with_many_buyers_are_flagged() {
    let mut stage = Stage::new().await;
    let click = stage.follow(&thief(), "noah").await;
    for number in 0..6 {
        let email = format!("{number}@buyers.example");
        stage.lead(&thief(), &click, &email).await;
        stage.world.time.advance(MINUTE_MS);
    }
    let price = stage.world.once(4_900, "usd");
    for name in ["bea", "cai", "dov"] {
        let buyer = sandbox::Buyer::new(&format!("{name}@buyers.example"), name);
        stage.world.stripe.buy(checkout(&price, &click.token), &buyer).unwrap();
    }
    stage.ledger().await;
    let (engine, merchant) = (&stage.world.engine, &stage.world.merchant);
    let noah = &stage.world.affiliates["noah"].id;
    let found = flags::of_affiliate(engine, merchant, &stage.world.program.id, noah).await.unwrap();
    let click = click.token.parse().unwrap();
    assert_eq!(
        found,
        [Flag::MoreLeadsThanClicks { leads: 5, clicks: 1 }, Flag::SharedClick { click, buyers: 3 }]
    );
    let mira = &stage.world.affiliates["mira"].id;
    assert_eq!(flags::of_affiliate(engine, merchant, &stage.world.program.id, mira).await.unwrap(), []);
}

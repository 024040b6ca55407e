//! What an affiliate can try at the public endpoints to be credited for other affiliates' sales,
//! and what each attempt achieves: nothing, or an entry in Unattributed. Honest leads are tested
//! beside them, because a defense must not stop those.

mod flags;
mod forged_clicks;
mod forged_leads;
mod forged_tokens;
mod honest_leads;

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use domain::clock::MINUTE_MS;
use domain::leads::BrowserLeads;
use domain::programs::ProgramChange;
use engine::programs;
use engine::tracking::clicks::{self, Click as Stored};
use engine::tracking::leads;
use honeyguide::http::proxy::Proxy;
use honeyguide::http::router::router;
use sandbox::{ApiVersion, NewSession};
use serde_json::{Value, json};
use tower::ServiceExt;
use url::Url;

use crate::harness::World;

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const SITE: &str = "https://lumen.example";
/// Lines of the ledger: Mira is credited by a lead; the lead is in doubt.
const MIRAS: &str = "mira 980 usd by lead_email";
const DOUBTED: &str = "no commission: lead_doubted";

/// A program with two affiliates, Mira, who is honest, and Noah, who is not; and its public endpoints.
struct Setup {
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

impl Setup {
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

    /// Requests a link with the headers of a kind of load; returns where it redirects.
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
        let body = json!({
            "program": self.world.program.id, "token": click.token, "verifier": click.verifier, "email": email,
        });
        self.post(by, origin, "/t/lead", body).await
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

    /// What each payment earned, in order.
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

/// Tries something and compares what Ann's payments earned with what they should earn.
async fn attempt(expected: &[&str], attack: impl AsyncFnOnce(&mut Setup)) {
    let mut setup = Setup::new().await;
    attack(&mut setup).await;
    assert_eq!(setup.ledger().await, expected);
}

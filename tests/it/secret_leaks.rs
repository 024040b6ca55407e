//! Secrets stay secret: every secret of a server is searched for in its log, its pages, its
//! API, its errors, its database on disk, and a backup.

use std::collections::{BTreeSet, VecDeque};

use domain::clock::Random;
use reqwest::header::{COOKIE, ORIGIN, SET_COOKIE};
use sandbox::{Level, Permission, Platform, Settings, Stripe};
use scraper::{Html, Selector};
use serde_json::json;

use crate::server::{Server, text};

/// More pages than a server with three programs has.
const MOST_PAGES: usize = 400;
const PASSWORD: &str = "correct horse battery";
const PASTED: &str = "whsec_canary0pasted0by0hand";
const REFUSED: &str = "sk_test_canary0secret0key0that0is0refused";
const SERVER_KEY: &str = "canary key of the server, long enough";

/// What must be nowhere.
#[derive(Default)]
struct Canaries(Vec<(&'static str, String)>);

impl Canaries {
    fn add(&mut self, name: &'static str, value: impl Into<String>) {
        self.0.push((name, value.into()));
    }

    fn assert_absent(&self, place: &str, bytes: &[u8]) {
        for (name, value) in &self.0 {
            let found = bytes.windows(value.len()).any(|window| window == value.as_bytes());
            assert!(!found, "{name} is in {place}");
        }
    }
}

#[tokio::test]
async fn no_secret_is_anywhere_but_where_it_belongs() {
    let stripe = Stripe::new(honeyguide::clock::system(), Random::seeded(5));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    stripe.set_base_url(&at);
    let platform = stripe.become_platform(Platform::default());
    let router =
        sandbox::router(stripe.clone(), Settings { base_url: at.clone(), shop: None, tracking: None });
    tokio::spawn(async move { axum::serve(listener, router).await });

    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let (authorize, token, deauthorize) =
        (format!("{at}/oauth/authorize"), format!("{at}/oauth/token"), format!("{at}/oauth/deauthorize"));
    let server = Server::logging_to(
        &log,
        &[
            ("LOG", "trace"),
            ("SECRET_KEY", SERVER_KEY),
            ("STRIPE_TEST_SECRET_KEY", &platform.secret_key),
            ("STRIPE_TEST_CLIENT_ID", &platform.client_id),
            ("STRIPE_API_BASE", &at),
            ("STRIPE_AUTHORIZE_URL", &authorize),
            ("STRIPE_TOKEN_URL", &token),
            ("STRIPE_DEAUTHORIZE_URL", &deauthorize),
        ],
    )
    .await;
    let mut canaries = Canaries::default();
    canaries.add("the platform's key", &platform.secret_key);
    canaries.add("the server's key", SERVER_KEY);
    canaries.add("a password", PASSWORD);
    canaries.add("a pasted signing secret", PASTED);
    canaries.add("a secret key that is refused", REFUSED);

    // A browser that is signed in, and three programs, one for each way to connect.
    let cookie = sign_in(&server).await;
    canaries.add("a session", cookie.split_once('=').unwrap().1);
    let api = server.api().await;
    canaries.add("an API key", api.key());
    let by_hand = api.program("By hand", PASTED).await;
    let by_key = api.unconnected("By key").await;
    let restricted = stripe.new_account("Key Shop").create_restricted_key(&everything());
    canaries.add("a restricted key", &restricted);
    let body = json!({ "method": "key", "restrictedKey": restricted });
    let connected = api.post(&format!("programs/{by_key}/connect-stripe"), body).await;
    assert_eq!(connected["connected"], true, "{connected}");
    let by_oauth = api.unconnected("By OAuth").await;
    let begun = api.post(&format!("programs/{by_oauth}/connect-stripe"), json!({ "method": "oauth" })).await;
    let shop = stripe.new_account("OAuth Shop");
    let code = shop.approve(&platform.client_id, Some("read_only")).unwrap();
    let address = url::Url::parse(&text(&begun["authUrl"])).unwrap();
    let state = address.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    canaries.add("a code", &code);
    let callback = format!("{}/stripe/callback?code={code}&state={state}", server.url);
    server.http.get(callback).header(COOKIE, &cookie).send().await.unwrap();
    let endpoints: Vec<_> = stripe.accounts().iter().flat_map(Stripe::endpoints).collect();
    assert_eq!(endpoints.len(), 2, "one for the key's account, one for the platform");
    for secret in endpoints.into_iter().flat_map(|endpoint| endpoint.secrets) {
        canaries.add("an endpoint's secret", secret);
    }

    // What goes wrong must not talk either.
    for (method, field) in [("key", "restrictedKey"), ("manual", "webhookSecret")] {
        let mut body = json!({ "method": method });
        body[field] = json!(REFUSED);
        let path = format!("programs/{by_key}/connect-stripe");
        let answer = api.try_post(&path, &body).await;
        assert!(answer.status().is_client_error());
        canaries.assert_absent("a problem document", &answer.bytes().await.unwrap());
    }
    let forged = server.http.post(&by_hand.webhook_url).header("stripe-signature", "t=1,v1=00").body("{}");
    canaries
        .assert_absent("a refused delivery's answer", &forged.send().await.unwrap().bytes().await.unwrap());
    stripe.revoke_key(&restricted).unwrap();
    let _ = api.try_post(&format!("programs/{by_key}/repair-webhooks"), &json!({})).await;

    crawl(&server, &cookie, &canaries).await;
    for path in api_paths(&[&by_hand.id, &by_key, &by_oauth]) {
        canaries.assert_absent(&path, api.get(&path).await.to_string().as_bytes());
    }
    let metrics = crate::server::monitor().get(format!("{}/metrics", server.url)).send().await.unwrap();
    canaries.assert_absent("/metrics", &metrics.bytes().await.unwrap());
    if let Some(file) = server.sqlite_file() {
        let backup = folder.path().join("backup.db");
        server.say(&["backup", backup.to_str().unwrap()]).await;
        canaries.assert_absent("a backup", &std::fs::read(&backup).unwrap());
        for part in ["", "-wal"] {
            let path = format!("{file}{part}");
            canaries.assert_absent(&path, &std::fs::read(&path).unwrap());
        }
    }
    let log = std::fs::read(&log).unwrap();
    assert!(log.len() > 10_000, "the log says much: {} bytes", log.len());
    canaries.assert_absent("the log", &log);
}

/// What Honeyguide asks for and more.
fn everything() -> Vec<(Permission, Level)> {
    Permission::ALL.iter().map(|permission| (*permission, Level::Write)).collect()
}

async fn sign_in(server: &Server) -> String {
    let form = [("email", crate::server::OWNER), ("password", PASSWORD)];
    let request = server.http.post(format!("{}/do/session/start", server.url)).header(ORIGIN, &server.url);
    let answer = request.form(&form).send().await.unwrap();
    let mut cookies = answer.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap());
    let session = cookies.find(|cookie| cookie.starts_with("hg_session=")).expect("a session");
    session.split(';').next().unwrap().to_owned()
}

/// Every page that links lead to, from the list of programs on.
async fn crawl(server: &Server, cookie: &str, canaries: &Canaries) {
    let mut seen = BTreeSet::from(["/programs".to_owned()]);
    let mut next: VecDeque<String> = seen.iter().cloned().collect();
    while let Some(path) = next.pop_front() {
        let answer =
            server.http.get(format!("{}{path}", server.url)).header(COOKIE, cookie).send().await.unwrap();
        let body = answer.text().await.unwrap();
        canaries.assert_absent(&path, body.as_bytes());
        for link in links(&body) {
            if seen.len() < MOST_PAGES && seen.insert(link.clone()) {
                next.push_back(link);
            }
        }
    }
    assert!(seen.len() > 30, "only {} pages", seen.len());
}

fn links(body: &str) -> Vec<String> {
    let anchors = Selector::parse("a[href^='/']").unwrap();
    let page = Html::parse_document(body);
    let found = page.select(&anchors).filter_map(|anchor| anchor.attr("href"));
    found.map(|href| href.split('#').next().unwrap_or_default().to_owned()).collect()
}

fn api_paths(programs: &[&str]) -> Vec<String> {
    let mut paths = vec!["me".to_owned(), "programs".to_owned(), "openapi.json".to_owned()];
    for program in programs {
        paths.push(format!("programs/{program}"));
        for list in [
            "stripe",
            "affiliates",
            "links",
            "clicks",
            "conversions",
            "payments?affiliate=none",
            "commissions",
            "events",
        ] {
            paths.push(format!("programs/{program}/{list}"));
        }
    }
    paths
}

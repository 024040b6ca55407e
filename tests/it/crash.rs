//! `kill -9` in the middle of a stream of deliveries and clicks, again and again. What was
//! answered is there, what was not is sent again, and the books are right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::clock::Random;
use reqwest::{Client, StatusCode};
use sandbox::{ApiVersion, Metadata, NewPrice, NewSession, Stripe, render, signature_header};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::server::{Program, Server, browser, click, text, try_click, until, within};

pub const SECRET: &str = "whsec_of_the_crash_test";
/// Purchases of 49.00; every fifth is refunded by 10.00.
const PURCHASES: usize = 100;
const KILLS: usize = 5;
/// Senders of deliveries and visitors side by side.
const SENDERS: usize = 4;
const VISITORS: usize = 2;
/// A redirect that takes longer may have been answered before its click was on disk, so that
/// a visitor is not kept; a killed process may lose such a click.
const REDIRECT_DEADLINE: Duration = Duration::from_millis(250);
/// A claimed job of a killed process is taken over when its lease of a minute is over.
const TAKE_OVER: Duration = Duration::from_secs(150);
const LIMIT: Duration = Duration::from_secs(60);

/// A delivery on its way: Stripe's id of the event, and its bytes.
pub type Delivery = (String, Vec<u8>);

/// What visitors and Stripe know.
struct Clients {
    http: Client,
    program: Program,
    /// Deliveries that were not answered with 200 yet.
    deliveries: Mutex<VecDeque<Delivery>>,
    /// Deliveries that were.
    answered: AtomicUsize,
    /// Tokens that visitors were given.
    tokens: Mutex<Vec<String>>,
}

impl Clients {
    fn answered(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Delivers one delivery after the other until all were answered with 200. One that was
    /// not goes back to the end of the queue, as it does with Stripe.
    async fn send(self: Arc<Self>, all: usize) {
        while self.answered() < all {
            let delivery = self.deliveries.lock().unwrap().pop_front();
            let Some((id, body)) = delivery else {
                // The last ones are with other senders.
                tokio::task::yield_now().await;
                continue;
            };
            let header = signature_header([SECRET], &body, honeyguide::clock::system().now());
            let request = self.http.post(&self.program.webhook_url).header("stripe-signature", header);
            match request.body(body.clone()).send().await {
                Ok(answer) if answer.status() == StatusCode::OK => {
                    self.answered.fetch_add(1, Ordering::SeqCst);
                }
                answer => {
                    let status = answer.map(|answer| answer.status());
                    let fits =
                        status.as_ref().map_or(true, |status| *status == StatusCode::SERVICE_UNAVAILABLE);
                    assert!(fits, "{id} was answered with {status:?}");
                    self.deliveries.lock().unwrap().push_back((id, body));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// Follows the link as long as there are deliveries.
    async fn visit(self: Arc<Self>, all: usize) {
        while self.answered() < all {
            let asked = Instant::now();
            match try_click(&self.http, &self.program.link_url).await {
                Some(token) if asked.elapsed() < REDIRECT_DEADLINE => self.tokens.lock().unwrap().push(token),
                Some(_) => {}
                None => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        }
    }
}

/// The purchases of people who came by the link.
pub async fn purchases(tokens: &[String]) -> Vec<Delivery> {
    let stripe = Stripe::new(honeyguide::clock::system(), Random::seeded(1));
    stripe.set_api_version(ApiVersion::NEWEST);
    let price = stripe.create_price(NewPrice::once("Lumen Atlas", 4_900, "usd")).unwrap();
    for (number, token) in tokens.iter().enumerate() {
        let metadata: Metadata = [("honeyguide_click".to_owned(), token.clone())].into();
        let buyer = sandbox::Buyer::new(&format!("ann{number}@buyers.example"), "Ann");
        let receipt = stripe.buy(NewSession { metadata, ..NewSession::of(&price) }, &buyer).unwrap();
        if number % 5 == 0 {
            stripe.refund(&receipt.charge.unwrap(), Some(1_000)).unwrap();
        }
    }
    let delivery = |event| (sandbox::Event::id(event).to_owned(), render(event, ApiVersion::NEWEST));
    stripe.events_after(0).iter().map(delivery).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_and_doubles_nothing() {
    let mut server = Server::start().await;
    let api = server.api().await;
    let program = api.program("Lumen", SECRET).await;
    let http = browser();
    let mut bought_by = Vec::new();
    for _ in 0..PURCHASES {
        bought_by.push(click(&http, &program.link_url).await);
    }
    let deliveries = purchases(&bought_by).await;
    let sent: BTreeSet<String> = deliveries.iter().map(|(id, _)| id.clone()).collect();
    let all = deliveries.len();

    let clients = Arc::new(Clients {
        http,
        program,
        deliveries: Mutex::new(deliveries.into()),
        answered: AtomicUsize::new(0),
        tokens: Mutex::new(bought_by),
    });
    let mut tasks = JoinSet::new();
    for _ in 0..SENDERS {
        tasks.spawn(Arc::clone(&clients).send(all));
    }
    for _ in 0..VISITORS {
        tasks.spawn(Arc::clone(&clients).visit(all));
    }
    for kill in 1..=KILLS {
        let enough = all * kill / (KILLS + 1);
        until("deliveries are answered", LIMIT, async || (clients.answered() >= enough).then_some(())).await;
        server.kill().await;
        server.start_again().await;
    }
    tasks.join_all().await;
    let program = &clients.program;
    api.processed(program, TAKE_OVER).await;

    let events = api.all(&format!("programs/{}/events", program.id)).await;
    let stored: BTreeSet<String> = events.iter().map(|event| text(&event["stripeId"])).collect();
    assert_eq!(events.len(), stored.len(), "no event is stored twice");
    assert_eq!(stored, sent, "every event is stored");

    let clicks = api.all(&format!("programs/{}/clicks", program.id)).await;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for click in &clicks {
        *times.entry(text(&click["token"])).or_default() += 1;
    }
    assert!(times.values().all(|times| *times == 1), "no click is stored twice");
    let given = clients.tokens.lock().unwrap().clone();
    assert!(given.len() >= PURCHASES + KILLS, "visitors came between the kills: {}", given.len());
    let lost: Vec<_> = given.iter().filter(|token| !times.contains_key(*token)).collect();
    assert_eq!(lost, Vec::<&String>::new(), "every click that was answered is stored");

    // 100 × 980, less 20 × 200.
    let conversions = api.all(&format!("programs/{}/conversions", program.id)).await;
    let payments: BTreeSet<String> =
        conversions.iter().map(|conversion| text(&conversion["stripeId"])).collect();
    assert_eq!((conversions.len(), payments.len()), (PURCHASES, PURCHASES));
    let sum = |rows: &[serde_json::Value], field: &str| -> i64 {
        rows.iter().map(|row| row[field]["amount"].as_i64().unwrap()).sum()
    };
    assert_eq!(sum(&conversions, "commission"), 94_000);
    let entries = api.all(&format!("programs/{}/commissions", program.id)).await;
    assert_eq!(sum(&entries, "amount"), 94_000);
    server.verify().await;
}

#[tokio::test]
async fn without_a_database_visitors_are_redirected_and_stripe_retries() {
    let server = Server::start().await;
    let api = server.api().await;
    let program = api.program("Lumen", SECRET).await;
    let token = click(&server.http, &program.link_url).await;
    let deliveries = purchases(&[token]).await;
    let deliver = async |(_, body): &Delivery| {
        let header = signature_header([SECRET], body, honeyguide::clock::system().now());
        let request = server.http.post(&program.webhook_url).header("stripe-signature", header);
        request.body(body.clone()).send().await.expect("an answer")
    };
    assert_eq!(deliver(&deliveries[0]).await.status(), StatusCode::OK);

    let away = server.take_database().await;
    let answer = server.http.get(&program.link_url).send();
    let answer = within("the redirect", Duration::from_secs(1), answer).await.unwrap();
    assert_eq!(answer.status(), StatusCode::FOUND);
    let landing = answer.headers()["location"].to_str().unwrap();
    assert!(landing.starts_with("https://lumen.example/pricing"), "{landing}");
    let refused = within("the refusal", Duration::from_secs(30), deliver(&deliveries[1])).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    away.give_back().await;

    for delivery in &deliveries[1..] {
        assert_eq!(deliver(delivery).await.status(), StatusCode::OK);
    }
    api.processed(&program, LIMIT).await;
    let events = api.all(&format!("programs/{}/events", program.id)).await;
    assert_eq!(events.len(), deliveries.len());
    server.verify().await;
}

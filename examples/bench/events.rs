//! Stored events that are processed on one core: subscribers with a click each, and one buyer
//! with a thousand payments, beside whom clicks are stored.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, ensure};
use connect::stripe::read::EVENT_TYPES;
use domain::clicks::ClickToken;
use domain::clock::{Clock, Random, Timestamp};
use engine::Engine;
use engine::programs::links::Link;
use engine::stripe::webhooks;
use honeyguide::config::Config;
use sandbox::{ApiVersion, Buyer, Event, Interval, NewPrice, NewSession, Stripe};
use store::clicks::NewClick;
use tokio::task::JoinSet;

use super::load::now;
use super::server;

/// Payments of the one buyer before the one that is measured.
const PAYMENTS: u32 = 1_000;
/// Payments after these that are measured.
const MEASURED: u32 = 20;
/// How long an event of the one buyer may hold the writer.
const MOST_IN_WRITER: Duration = Duration::from_millis(10);
/// The version whose events need no question to Stripe.
const VERSION: ApiVersion = ApiVersion::ACACIA;

pub async fn run(buyers: u64, url: Option<String>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = format!("sqlite:{}", folder.path().join("bench.db").display());
    let url = url.unwrap_or(file);
    let environment = BTreeMap::from([
        ("DATABASE_URL".to_owned(), url),
        ("SECRET_KEY".to_owned(), "bench bench bench bench bench bench".to_owned()),
    ]);
    let running = honeyguide::server::engine(&Config::read(&environment)?).await?;
    let engine = &running.engine;
    let (endpoint, link) = server::program(engine).await?;
    let mut shop = Shop::open(engine, endpoint, link)?;
    let stored = shop.sell(engine, buyers).await?;
    let started = now();
    engine::worker::drain(engine).await?;
    let took = started.elapsed();
    println!("{stored} events of {buyers} buyers in {:.1} s:", took.as_secs_f64());
    println!("  {} events a second", stored as u128 * 1_000 / took.as_millis().max(1));

    one_buyer(engine, &mut shop).await?;
    let report = engine::ledger::verify::ledger(engine).await?;
    ensure!(report.problems.is_empty(), "{:?}", report.problems);
    running.stop().await;
    Ok(())
}

/// A Stripe account that sells a subscription, and the endpoint that hears of it.
pub struct Shop {
    stripe: Stripe,
    price: String,
    endpoint: String,
    link: Link,
    /// The last event that was delivered.
    seen: u64,
}

impl Shop {
    pub fn open(engine: &Engine, endpoint: String, link: Link) -> anyhow::Result<Self> {
        let stripe = Stripe::new(clock(engine), Random::seeded(1));
        let price = NewPrice { interval: Some(Interval::Month), ..NewPrice::once("Plan", 4_900, "usd") };
        let price = stripe.create_price(price)?;
        Ok(Self { stripe, price, endpoint, link, seen: 0 })
    }

    /// Subscribers with a click each; returns how many events were delivered.
    pub async fn sell(&mut self, engine: &Engine, buyers: u64) -> anyhow::Result<usize> {
        let mut clicks = Vec::new();
        for number in 0..buyers {
            let click = click(engine.now(), engine.random(), &self.link);
            let client_reference_id = Some(click.token.to_string());
            let session = NewSession { client_reference_id, ..NewSession::of(&self.price) };
            self.stripe.buy(session, &Buyer::new(&format!("buyer{number}@example.com"), "Ann"))?;
            clicks.push(click);
        }
        for some in clicks.chunks(500) {
            engine::tracking::clicks::put_history(engine, some).await?;
        }
        self.deliver(engine).await
    }

    /// Hands over everything that is new, and counts it.
    async fn deliver(&mut self, engine: &Engine) -> anyhow::Result<usize> {
        let mut events = self.stripe.events_after(self.seen);
        self.seen = events.last().map_or(self.seen, Event::sequence);
        events.retain(|event| EVENT_TYPES.contains(&event.kind()) && VERSION.knows_event(event.kind()));
        let count = events.len();
        for some in events.chunks(256) {
            let mut answers = JoinSet::new();
            for event in some {
                let body = sandbox::render(event, VERSION);
                let (engine, endpoint) = (engine.clone(), self.endpoint.clone());
                answers.spawn(async move {
                    let signature = sandbox::signature_header([server::SECRET], &body, engine.now());
                    webhooks::receive(&engine, &endpoint, Some(signature.as_bytes()), &body).await.is_ok()
                });
            }
            while let Some(is_taken) = answers.join_next().await {
                ensure!(is_taken?, "an event was refused");
            }
        }
        Ok(count)
    }
}

/// A buyer's next payment after a thousand, and how long a click waits meanwhile.
async fn one_buyer(engine: &Engine, shop: &mut Shop) -> anyhow::Result<()> {
    let clicked = click(engine.now(), engine.random(), &shop.link);
    let client_reference_id = Some(clicked.token.to_string());
    engine::tracking::clicks::put_history(engine, &[clicked]).await?;
    let session = NewSession { client_reference_id, ..NewSession::of(&shop.price) };
    let receipt = shop.stripe.buy(session, &Buyer::new("thousand@example.com", "Ann"))?;
    let subscription = receipt.subscription.context("a subscription")?;
    for _ in 1..PAYMENTS {
        shop.stripe.renew(&subscription)?;
    }
    shop.deliver(engine).await?;
    let started = now();
    engine::worker::drain(engine).await?;
    println!("one buyer's {PAYMENTS} payments in {:.1} s", started.elapsed().as_secs_f64());

    let pause = async { tokio::time::sleep(Duration::from_secs(1)).await };
    let alone = longest_wait(engine, &shop.link, pause).await?;
    shop.stripe.renew(&subscription)?;
    let events = shop.deliver(engine).await?;
    let mut took = Duration::ZERO;
    let beside = longest_wait(engine, &shop.link, async {
        let started = now();
        if let Err(error) = engine::worker::drain(engine).await {
            println!("{error}");
        }
        took = started.elapsed();
    })
    .await?;
    println!("  the next payment's {events} events: {} ms", took.as_millis());
    println!("  longest wait of a click meanwhile: {beside:?} (alone: {alone:?})");

    let mut events = 0;
    for _ in 0..MEASURED {
        shop.stripe.renew(&subscription)?;
        events += shop.deliver(engine).await?;
    }
    let (held, longest) = writer_held(engine, async {
        if let Err(error) = engine::worker::drain(engine).await {
            println!("{error}");
        }
    })
    .await?;
    let per_event = held / u32::try_from(events)?;
    println!(
        "  in the writer: {per_event:.2?} an event, longest transaction {longest:.2?} ({events} events; at most \
         {MOST_IN_WRITER:?} an event)"
    );
    ensure!(per_event < MOST_IN_WRITER, "an event takes {per_event:?} in the writer");
    Ok(())
}

/// How long the writer was held while something else was done: in all, and at once. It is asked
/// for again and again, and given back at once.
async fn writer_held(
    engine: &Engine,
    beside: impl Future<Output = ()>,
) -> anyhow::Result<(Duration, Duration)> {
    let is_over = AtomicBool::new(false);
    let probe = async {
        let (mut held, mut longest) = (Duration::ZERO, Duration::ZERO);
        while !is_over.load(Ordering::Relaxed) {
            let started = now();
            drop(engine.db().write().await?);
            let waited = started.elapsed();
            held += waited;
            longest = longest.max(waited);
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        anyhow::Ok((held, longest))
    };
    let beside = async {
        beside.await;
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(probe, beside).0
}

/// Stores click after click while something else is done; the longest that one took.
async fn longest_wait(
    engine: &Engine,
    link: &Link,
    beside: impl Future<Output = ()>,
) -> anyhow::Result<Duration> {
    let is_over = AtomicBool::new(false);
    let clicks = async {
        let mut longest = Duration::ZERO;
        while !is_over.load(Ordering::Relaxed) {
            let click = click(engine.now(), engine.random(), link);
            let started = now();
            engine::tracking::clicks::put_history(engine, &[click]).await?;
            longest = longest.max(started.elapsed());
        }
        anyhow::Ok(longest)
    };
    let beside = async {
        beside.await;
        is_over.store(true, Ordering::Relaxed);
    };
    tokio::join!(clicks, beside).0
}

fn clock(engine: &Engine) -> Clock {
    let engine = engine.clone();
    Clock::new(move || engine.now())
}

fn click(at: Timestamp, random: &Random, link: &Link) -> NewClick {
    NewClick::plain(
        ClickToken::new(at, random),
        &link.program_id,
        (&link.affiliate_id, &link.id),
        at,
        "https://example.com/",
    )
}

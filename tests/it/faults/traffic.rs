//! The traffic during a fault: visitors, Stripe and a monitor, each sending one request after
//! another.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use sandbox::signature_header;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use url::Url;

use crate::crash::{Delivery, SECRET, purchases};
use crate::server::{Api, Program, Server, browser, click, text, until};

/// A redirect is answered after a quarter of a second in any case; the rest is for a busy
/// machine, and for strace, which slows every system call down.
const REDIRECT_LIMIT: Duration = Duration::from_millis(1_500);
/// Stripe has its answer within this time.
const WEBHOOK_LIMIT: Duration = Duration::from_secs(10);
const VISIT_EVERY: Duration = Duration::from_millis(25);
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// People who bought; each purchase is several deliveries.
const BUYERS: usize = 40;

/// What was answered.
#[derive(Default)]
struct Seen {
    /// Redirects in all.
    redirects: u64,
    /// Tokens that were handed out.
    tokens: Vec<String>,
    /// Deliveries answered with 200, by Stripe's id.
    stored: BTreeSet<String>,
    /// Deliveries that have to be sent again.
    waiting: VecDeque<Delivery>,
    /// The last answer to Stripe, and how often it came in a row.
    webhook: (Option<StatusCode>, u32),
    /// What the monitor sees.
    ready: Option<bool>,
    /// What must not be.
    wrong: Vec<String>,
}

/// Visitors, Stripe and a monitor.
pub struct Traffic {
    seen: Arc<Mutex<Seen>>,
    program: Arc<Program>,
    tasks: Vec<JoinHandle<()>>,
}

impl Traffic {
    pub async fn start(server: &Server, program: Program) -> Self {
        let http = browser();
        let mut tokens = Vec::new();
        for _ in 0..BUYERS {
            tokens.push(click(&http, &program.link_url).await);
        }
        let waiting = purchases(&tokens).await.into();
        let redirects = tokens.len() as u64;
        let seen = Arc::new(Mutex::new(Seen { redirects, tokens, waiting, ..Seen::default() }));
        let program = Arc::new(program);
        let tasks = vec![
            tokio::spawn(visit(http.clone(), Arc::clone(&program), Arc::clone(&seen))),
            tokio::spawn(deliver(http.clone(), Arc::clone(&program), Arc::clone(&seen))),
            tokio::spawn(watch(http, format!("{}/readyz", server.url), Arc::clone(&seen))),
        ];
        Self { seen, program, tasks }
    }

    fn seen<T>(&self, look: impl FnOnce(&Seen) -> T) -> T {
        look(&self.seen.lock().unwrap())
    }

    /// Stripe gets 200 three times in a row.
    pub async fn is_served(&self, limit: Duration) {
        let served = || self.seen(|seen| seen.webhook.0 == Some(StatusCode::OK) && seen.webhook.1 >= 3);
        until("deliveries are taken", limit, async || served().then_some(())).await;
    }

    /// Stripe is told to send again.
    pub async fn is_refused(&self, limit: Duration) {
        let refused = || self.seen(|seen| seen.webhook.0 == Some(StatusCode::SERVICE_UNAVAILABLE));
        until("deliveries are refused", limit, async || refused().then_some(())).await;
    }

    /// The monitor sees it.
    pub async fn is_ready(&self, ready: bool, limit: Duration) {
        let what = if ready { "/readyz is green" } else { "/readyz is red" };
        until(what, limit, async || (self.seen(|seen| seen.ready) == Some(ready)).then_some(())).await;
    }

    /// Ends it, sends the rest, and compares what was answered with what is stored.
    pub async fn check(self, server: &Server, api: &Api) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        let mut seen = std::mem::take(&mut *self.seen.lock().unwrap());
        assert_eq!(seen.wrong, Vec::<String>::new());
        let http = browser();
        while let Some((id, body)) = seen.waiting.pop_front() {
            assert_eq!(send(&http, &self.program, &body).await, StatusCode::OK, "{id}");
            seen.stored.insert(id);
        }
        api.processed(&self.program, Duration::from_secs(60)).await;
        let events = api.all(&format!("programs/{}/events", self.program.id)).await;
        let ids: BTreeSet<String> = events.iter().map(|event| text(&event["stripeId"])).collect();
        assert_eq!((events.len(), &ids), (seen.stored.len(), &seen.stored), "each event is stored once");

        // The redirect that was interrupted at the end may be one more.
        let counted = async || {
            let (stored, lost) = (
                server.counter("clicks_stored_total").await,
                server.counter("clicks_not_stored_total").await,
            );
            (stored + lost == seen.redirects || stored + lost == seen.redirects + 1).then_some(stored)
        };
        let stored = until("each redirect is counted once", Duration::from_secs(15), counted).await;
        let clicks = api.all(&format!("programs/{}/clicks", self.program.id)).await;
        let clicks: BTreeSet<String> = clicks.iter().map(|click| text(&click["token"])).collect();
        assert_eq!(clicks.len() as u64, stored, "the counter is exact");
        let found = seen.tokens.iter().filter(|token| clicks.contains(*token)).count();
        let late = server.counter("clicks_late_total").await;
        let lost = seen.tokens.len() - found;
        assert!(
            lost as u64 <= late,
            "{lost} clicks that were answered in time are not stored ({late} were late)"
        );
        server.verify().await;
    }
}

async fn send(http: &Client, program: &Program, body: &[u8]) -> StatusCode {
    let header = signature_header([SECRET], body, honeyguide::clock::system().now());
    let request = http.post(&program.webhook_url).header("stripe-signature", header);
    request.body(body.to_vec()).send().await.expect("an answer").status()
}

/// A visitor after the other.
async fn visit(http: Client, program: Arc<Program>, seen: Arc<Mutex<Seen>>) {
    let mut next = tokio::time::interval(VISIT_EVERY);
    loop {
        next.tick().await;
        let asked = Instant::now();
        let answer = http.get(&program.link_url).send().await;
        let took = asked.elapsed();
        let mut seen = seen.lock().unwrap();
        seen.redirects += 1;
        let location =
            answer.as_ref().ok().and_then(|answer| answer.headers().get("location")?.to_str().ok());
        match location {
            Some(location) if took <= REDIRECT_LIMIT => {
                let landing = Url::parse(location).expect("an address");
                let mut parameters = landing.query_pairs();
                let token =
                    parameters.find_map(|(name, token)| (name == "hg_click").then(|| token.into_owned()));
                seen.tokens.extend(token);
            }
            Some(_) => seen.wrong.push(format!("a redirect took {took:?}")),
            None => seen.wrong.push(format!("a link was answered with {answer:?}")),
        }
    }
}

/// A delivery after the other. What was taken is delivered again when nothing is left, as it
/// may be with Stripe.
async fn deliver(http: Client, program: Arc<Program>, seen: Arc<Mutex<Seen>>) {
    let mut taken = VecDeque::new();
    let mut next = tokio::time::interval(VISIT_EVERY);
    loop {
        next.tick().await;
        let waiting = seen.lock().unwrap().waiting.pop_front();
        let (id, body) = waiting.or_else(|| taken.pop_front()).expect("a delivery");
        let asked = Instant::now();
        // An interrupted delivery is one that nobody knows about: it goes back.
        seen.lock().unwrap().waiting.push_back((id.clone(), body.clone()));
        let status = send(&http, &program, &body).await;
        let took = asked.elapsed();
        let mut seen = seen.lock().unwrap();
        let place = seen.waiting.iter().rposition(|(other, _)| *other == id).expect("it is there");
        if status == StatusCode::OK {
            let delivery = seen.waiting.remove(place).expect("it is there");
            seen.stored.insert(id);
            taken.push_back(delivery);
        } else if status != StatusCode::SERVICE_UNAVAILABLE {
            seen.wrong.push(format!("a delivery was answered with {status}"));
        }
        if took > WEBHOOK_LIMIT {
            seen.wrong.push(format!("a delivery took {took:?}"));
        }
        let (last, times) = seen.webhook;
        seen.webhook = (Some(status), if last == Some(status) { times + 1 } else { 1 });
    }
}

/// A monitor.
async fn watch(http: Client, address: String, seen: Arc<Mutex<Seen>>) {
    let mut next = tokio::time::interval(LOOK_EVERY);
    loop {
        next.tick().await;
        let answer = http.get(&address).send().await;
        let ready = answer.is_ok_and(|answer| answer.status() == StatusCode::OK);
        seen.lock().unwrap().ready = Some(ready);
    }
}

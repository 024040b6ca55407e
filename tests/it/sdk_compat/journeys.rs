//! From a click on an affiliate's link to the ledger, over HTTP, with deliveries that
//! Stripe's own clients have signed: what each way of paying earns, to the minor unit,
//! in each shape that events have had.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::clock::{Clock, Random, SECOND_MS, Timestamp};
use reqwest::StatusCode;
use sandbox::{
    ApiVersion, Buyer, Cancel, Interval, Metadata, NewPayment, NewPaymentLink, NewPrice, NewSession, Receipt,
    Stripe, Verdict, render,
};
use serde_json::json;

use super::ledger::ledger;
use super::programs::Signer;
use crate::server::{Api, Program, Server, click, try_visit, until};

const SECRET: &str = "whsec_of_the_test_house";
const LIMIT: Duration = Duration::from_secs(60);

/// What each buyer's payments earn at 20%, in every version. Where nothing was paid
/// there is nothing: for a trial, and for a bank debit that failed.
const TABLE: [(&str, &[&str]); 15] = [
    ("async-bad", &[]),
    ("async-good", &["4900 paid, 980 by metadata = earn 980"]),
    ("canceled", &["2000 paid, 400 by metadata = earn 400", "2000 paid, 400 by known_customer = earn 400"]),
    ("direct", &["12345 paid, 2469 by metadata = earn 2469"]),
    ("dispute-lost", &["4900 paid, 0 by metadata = earn 980, reverse -980"]),
    ("dispute-won", &["4900 paid, 980 by metadata = earn 980, reverse -980, restore 980"]),
    ("expired", &["4900 paid, click_expired"]),
    ("lead", &["4900 paid, 980 by lead_email = earn 980"]),
    ("link", &["4900 paid, 980 by client_reference = earn 980"]),
    ("once", &["4900 paid, 980 by metadata = earn 980"]),
    ("refund-part", &["4900 paid, 780 by metadata = earn 980, reverse -200"]),
    ("refund-then-all", &["4900 paid, 0 by metadata = earn 980, reverse -200, reverse -780"]),
    (
        "subscriber",
        &[
            "2000 paid, 400 by metadata = earn 400",
            "2000 paid, 400 by known_customer = earn 400",
            "2000 paid, 400 by known_customer = earn 400",
        ],
    ),
    ("trial", &["2000 paid, 400 by known_customer = earn 400"]),
    ("unknown", &["4900 paid, no_match"]),
];

/// A program, its account at Stripe, and the two clients that sign in turn.
struct World {
    server: Server,
    api: Api,
    program: Program,
    stripe: Stripe,
    start: Timestamp,
    version: ApiVersion,
    signers: [Signer; 2],
    delivered: u64,
}

impl World {
    async fn open(server: Server, version: ApiVersion, seed: u64) -> Self {
        let api = server.api().await;
        let program = api.program(&format!("Lumen {version}"), SECRET).await;
        let start = honeyguide::clock::system().now();
        let stripe = Stripe::new(Clock::fixed(start), Random::seeded(seed));
        stripe.set_api_version(version);
        let signers = [Signer::npm(), Signer::pypi()];
        Self { server, api, program, stripe, start, version, signers, delivered: 0 }
    }

    /// Advances Stripe's clock; events may be ahead of the receiver's clock.
    fn day(&self, day: i64) {
        self.stripe.set_clock(Clock::fixed(self.start.plus_days(day)));
    }

    async fn click(&self) -> String {
        click(&self.server.http, &self.program.link_url).await
    }

    /// Delivers what is new, of the types that the merchant has ticked, signed by one
    /// client after the other, and waits until it is understood.
    async fn deliver(&mut self) {
        for event in self.stripe.events_after(self.delivered) {
            self.delivered = event.sequence();
            let ticked = self.program.ticked.iter().any(|kind| kind == event.kind());
            if !ticked || !self.version.knows_event(event.kind()) {
                continue;
            }
            let body = render(&event, self.version);
            let header = self.signers[0].sign(&body, SECRET).await;
            let request = self.server.http.post(&self.program.webhook_url).header("stripe-signature", header);
            let answer = request.body(body).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{}", event.kind());
            self.signers.rotate_left(1);
        }
        self.api.processed(&self.program, LIMIT).await;
    }

    fn once(&self) -> NewSession {
        NewSession::of(&self.stripe.create_price(NewPrice::once("Lumen Atlas", 4_900, "usd")).unwrap())
    }

    fn monthly(&self) -> NewSession {
        let price = NewPrice::every(Interval::Month, "Lumen Pro", 2_000, "usd");
        NewSession::of(&self.stripe.create_price(price).unwrap())
    }

    fn buy(&self, name: &str, session: NewSession) -> Receipt {
        self.stripe.buy(session, &buyer(name)).unwrap()
    }

    /// Bought once, with the token in the session's metadata; the charge.
    async fn bought(&self, name: &str) -> String {
        let session = NewSession { metadata: metadata(&self.click().await), ..self.once() };
        self.buy(name, session).charge.unwrap()
    }

    /// Subscribed, with the token in the subscription's metadata; the subscription.
    async fn subscribed(&self, name: &str, trial_days: u32) -> String {
        let token = metadata(&self.click().await);
        let session = NewSession { subscription_metadata: token, trial_days, ..self.monthly() };
        self.buy(name, session).subscription.unwrap()
    }

    /// Bought with a bank debit that is still under way; the session.
    async fn pending(&self, name: &str) -> String {
        let session = NewSession { metadata: metadata(&self.click().await), ..self.once() };
        let later = Buyer { pay_later: true, ..buyer(name) };
        self.stripe.buy(session, &later).unwrap().session.unwrap()
    }

    /// A visitor came by a link and left an address on the site.
    async fn lead(&self, name: &str) {
        let visit = try_visit(&self.server.http, &self.program.link_url).await;
        let (token, verifier) = visit.expect("an answer");
        let lead =
            json!({"program": self.program.id, "token": token, "verifier": verifier, "email": email(name)});
        let request = self.server.http.post(format!("{}/t/lead", self.server.url)).json(&lead);
        let request = request.header("origin", "https://lumen.example");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }

    async fn check(&self, table: &[(&str, &[&str])]) {
        let found = ledger(&self.api, &self.program).await;
        let expected: BTreeMap<String, Vec<String>> = table
            .iter()
            .filter(|(_, lines)| !lines.is_empty())
            .map(|(name, lines)| (email(name), lines.iter().map(|line| (*line).to_owned()).collect()))
            .collect();
        assert_eq!(found, expected, "in {}", self.version);
    }
}

fn email(name: &str) -> String {
    format!("{name}@buyers.example")
}

fn buyer(name: &str) -> Buyer {
    Buyer::new(&email(name), "Ann")
}

fn metadata(token: &str) -> Metadata {
    [("honeyguide_click".to_owned(), token.to_owned())].into()
}

/// All buy on the first day; what follows comes days and months later.
async fn every_way_of_paying(w: &mut World) {
    let old_click = metadata(&w.click().await);
    w.lead("lead").await;
    w.day(1);
    w.bought("once").await;
    let subscription = w.subscribed("subscriber", 0).await;
    let canceled = w.subscribed("canceled", 0).await;
    let trial = w.subscribed("trial", 14).await;
    let (good, bad) = (w.pending("async-good").await, w.pending("async-bad").await);
    let (in_part, wholly) = (w.bought("refund-part").await, w.bought("refund-then-all").await);
    let (lost, won) = (w.bought("dispute-lost").await, w.bought("dispute-won").await);
    w.buy("unknown", w.once());
    w.buy("lead", w.once());
    let session = w.once();
    let link = NewPaymentLink { lines: session.lines.clone(), ..NewPaymentLink::default() };
    let payment_link = Some(w.stripe.create_payment_link(link).unwrap());
    let client_reference_id = Some(w.click().await);
    w.buy("link", NewSession { client_reference_id, payment_link, ..session });
    let payment = NewPayment {
        amount: 12_345,
        currency: "usd".to_owned(),
        email: Some(email("direct")),
        metadata: metadata(&w.click().await),
        ..NewPayment::default()
    };
    w.stripe.pay(payment).unwrap();
    w.deliver().await;

    w.day(4);
    w.stripe.settle_async(&good, true).unwrap();
    w.stripe.settle_async(&bad, false).unwrap();
    w.stripe.refund(&in_part, Some(1_000)).unwrap();
    w.stripe.refund(&wholly, Some(1_000)).unwrap();
    let disputes = [&lost, &won].map(|charge| w.stripe.open_dispute(charge, None).unwrap());
    w.deliver().await;

    w.day(32);
    w.buy("expired", NewSession { metadata: old_click, ..w.once() });
    w.stripe.refund(&wholly, None).unwrap();
    w.stripe.close_dispute(&disputes[0], Verdict::Lost).unwrap();
    w.stripe.close_dispute(&disputes[1], Verdict::Won).unwrap();
    for subscription in [&subscription, &canceled, &trial] {
        w.stripe.renew(subscription).unwrap();
    }
    w.stripe.cancel(&canceled, Cancel::AtPeriodEnd).unwrap();
    w.deliver().await;

    w.day(63);
    w.stripe.renew(&subscription).unwrap();
    assert_eq!(w.stripe.renew(&canceled).unwrap().invoice, None, "the subscription has ended");
    w.deliver().await;
}

async fn journeys(version: &str) {
    let version = ApiVersion::parse(version).expect("a version");
    let mut world = World::open(Server::start().await, version, 1).await;
    every_way_of_paying(&mut world).await;
    world.check(&TABLE).await;
    world.server.verify().await;
}

#[tokio::test]
async fn every_way_of_paying_in_2023_10_16() {
    journeys("2023-10-16").await;
}

#[tokio::test]
async fn every_way_of_paying_in_2025_02_24_acacia() {
    journeys("2025-02-24.acacia").await;
}

#[tokio::test]
async fn every_way_of_paying_in_2025_03_31_basil() {
    journeys("2025-03-31.basil").await;
}

#[tokio::test]
async fn every_way_of_paying_in_the_newest_version() {
    journeys(ApiVersion::NEWEST.name()).await;
}

/// From basil on nothing in a customer's charge says that it belongs to no invoice, so it
/// waits for that before it is booked; here two seconds.
#[tokio::test]
async fn a_charge_that_may_belong_to_an_invoice_is_booked_after_its_grace_time() {
    let server = Server::with(&[("LINK_GRACE_MINUTES", "0")]).await;
    let mut w = World::open(server, ApiVersion::NEWEST, 1).await;
    let customer = w.stripe.create_customer(&email("bare"), "Ann", metadata(&w.click().await));
    let payment = NewPayment {
        amount: 1_000,
        currency: "usd".to_owned(),
        customer: Some(customer),
        email: Some(email("bare")),
        ..NewPayment::default()
    };
    w.stripe.set_clock(Clock::fixed(honeyguide::clock::system().now().plus_ms(2 * SECOND_MS)));
    w.stripe.pay(payment).unwrap();
    w.deliver().await;
    let conversions = format!("programs/{}/conversions", w.program.id);
    until("the charge is booked", LIMIT, async || (!w.api.all(&conversions).await.is_empty()).then_some(()))
        .await;
    w.check(&[("bare", &["1000 paid, 200 by metadata = earn 200"])]).await;
    w.server.verify().await;
}

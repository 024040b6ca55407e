//! Which deliveries are taken and which are refused, signed by Stripe's own clients.

use domain::clock::Random;
use reqwest::{Response, StatusCode};
use sandbox::{ApiVersion, NewPayment, Stripe, render};

use super::programs::{MAJORS, Signer};
use crate::server::{Api, Program, Server};

const OLD: &str = "whsec_first_of_the_test_house";
const NEW: &str = "whsec_second_of_the_test_house";

struct Fixture {
    server: Server,
    api: Api,
    program: Program,
    npm: Signer,
    pypi: Signer,
    /// Now, in Unix seconds.
    now: i64,
}

impl Fixture {
    async fn open() -> Self {
        let server = Server::start().await;
        let api = server.api().await;
        let program = api.program("Lumen", OLD).await;
        let now = honeyguide::clock::system().now().seconds();
        Self { server, api, program, npm: Signer::npm(), pypi: Signer::pypi(), now }
    }

    async fn deliver(&self, header: Option<&str>, body: Vec<u8>) -> Response {
        let request = self.server.http.post(&self.program.webhook_url).body(body);
        let request = match header {
            Some(header) => request.header("stripe-signature", header),
            None => request,
        };
        request.send().await.expect("an answer")
    }

    async fn stored(&self) -> usize {
        self.api.all(&format!("programs/{}/events", self.program.id)).await.len()
    }

    /// The delivery is refused with this status and code, and nothing is kept of it.
    async fn refuses(&self, header: Option<&str>, body: &[u8], code: &str) {
        let before = self.stored().await;
        problem(self.deliver(header, body.to_vec()).await, StatusCode::UNAUTHORIZED, code).await;
        assert_eq!(self.stored().await, before);
    }

    async fn takes(&self, header: &str, body: &[u8]) {
        let answer = self.deliver(Some(header), body.to_vec()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{header}: {:?}", answer.text().await);
    }
}

async fn problem(answer: Response, status: StatusCode, code: &str) {
    assert_eq!(answer.status(), status);
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.as_u16().into()));
}

/// The bytes of an event that is like no other.
fn event(seed: u64) -> Vec<u8> {
    let stripe = Stripe::new(honeyguide::clock::system(), Random::seeded(seed));
    let payment = NewPayment { amount: 700, currency: "usd".to_owned(), ..NewPayment::default() };
    stripe.pay(payment).unwrap();
    let events = stripe.events_after(0);
    let charge = events.iter().find(|event| event.kind() == "charge.succeeded").unwrap();
    render(charge, ApiVersion::NEWEST)
}

/// The signature in a header, without its time.
fn signature(header: &str) -> &str {
    header.split_once("v1=").unwrap().1
}

#[tokio::test]
async fn correct_signatures_of_every_client_are_accepted() {
    let mut fixture = Fixture::open().await;
    for (seed, major) in (1..).zip(MAJORS) {
        let body = event(seed);
        let header = fixture.npm.sign_as(major, &body, OLD).await;
        fixture.takes(&header, &body).await;
    }
    let body = event(100);
    let header = fixture.pypi.sign(&body, OLD).await;
    fixture.takes(&header, &body).await;
    assert_eq!(fixture.stored().await, MAJORS.len() + 1);
    // Again, by the other client: answered alike, kept once.
    let header = fixture.npm.sign(&body, OLD).await;
    fixture.takes(&header, &body).await;
    assert_eq!(fixture.stored().await, MAJORS.len() + 1);
}

#[tokio::test]
async fn the_old_and_the_new_secret_are_both_valid() {
    let mut fixture = Fixture::open().await;
    let (first, second, both, among_others) = (event(1), event(2), event(3), event(4));
    let too_early = fixture.npm.sign(&second, NEW).await;
    fixture.refuses(Some(&too_early), &second, "stripe_signature_no_match").await;
    fixture.api.connect(&fixture.program.id, NEW).await;

    let header = fixture.npm.sign(&first, OLD).await;
    fixture.takes(&header, &first).await;
    let header = fixture.pypi.sign(&second, NEW).await;
    fixture.takes(&header, &second).await;
    // While Stripe rolls a secret it signs with both.
    let (now, old) = (fixture.now, fixture.npm.sign_at(&both, OLD, fixture.now).await);
    let new = fixture.pypi.sign_at(&both, NEW, now).await;
    fixture.takes(&format!("{old},v1={}", signature(&new)), &both).await;
    // A stranger's signature and an older scheme beside ours.
    let good = fixture.npm.sign_at(&among_others, NEW, now).await;
    let strange = fixture.npm.sign_at(&among_others, "whsec_of_somebody_else", now).await;
    let header = format!("{strange},v1={},v0={}", signature(&good), "0".repeat(64));
    fixture.takes(&header, &among_others).await;
    assert_eq!(fixture.stored().await, 4);
}

#[tokio::test]
async fn wrong_signatures_are_refused() {
    let mut fixture = Fixture::open().await;
    let (now, body) = (fixture.now, event(1));
    fixture.refuses(None, &body, "stripe_signature_missing").await;
    fixture.refuses(Some("v1=none"), &body, "stripe_signature_malformed").await;
    for (client, at) in [("npm", now - 310), ("npm", now + 330), ("pypi", now - 310), ("pypi", now + 330)] {
        let signer = if client == "npm" { &mut fixture.npm } else { &mut fixture.pypi };
        let header = signer.sign_at(&body, OLD, at).await;
        fixture.refuses(Some(&header), &body, "stripe_signature_stale").await;
    }
    let header = fixture.npm.sign(&body, "whsec_of_somebody_else").await;
    fixture.refuses(Some(&header), &body, "stripe_signature_no_match").await;
    let header = fixture.npm.sign(&body, OLD).await;
    fixture.refuses(Some(&header), &event(2), "stripe_signature_no_match").await;
    // Only the scheme v1 counts.
    fixture.refuses(Some(&header.replace("v1=", "v0=")), &body, "stripe_signature_malformed").await;
    // Nearly too old is good.
    let header = fixture.npm.sign_at(&body, OLD, now - 280).await;
    fixture.takes(&header, &body).await;
    assert_eq!(fixture.stored().await, 1);
}

#[tokio::test]
async fn unknown_addresses_methods_and_sizes_are_refused() {
    let mut fixture = Fixture::open().await;
    let body = event(1);
    let header = fixture.npm.sign(&body, OLD).await;
    let unknown = format!("{}/webhooks/stripe/{}", fixture.server.url, "0".repeat(32));
    let answer =
        fixture.server.http.post(unknown).header("stripe-signature", &header).body(body).send().await;
    problem(answer.unwrap(), StatusCode::NOT_FOUND, "stripe_endpoint_unknown").await;

    let answer = fixture.server.http.get(&fixture.program.webhook_url).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(answer.headers()["allow"], "POST");

    let large = vec![b' '; 1024 * 1024 + 1];
    let header = fixture.npm.sign(&large, OLD).await;
    let answer = fixture.deliver(Some(&header), large).await;
    problem(answer, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large").await;
    assert_eq!(fixture.stored().await, 0);
}

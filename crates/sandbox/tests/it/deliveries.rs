//! Signed deliveries against a small server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use domain::clock::Timestamp;
use sandbox::{ApiVersion, DeliveryState, NewEndpoint, Order, RetryPolicy, Stripe, signature_header};
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{NOW, account, client, serve};

/// What arrived: signature and body as it was.
pub type Letter = (String, Bytes);

/// Quick enough for a test.
const POLICY: RetryPolicy = RetryPolicy {
    base: Duration::from_millis(1),
    cap: Duration::from_millis(4),
    attempts: 4,
    timeout: Duration::from_secs(5),
};

/// A receiver that refuses the first deliveries.
pub async fn receiver(refuse: usize) -> (String, UnboundedReceiver<Letter>) {
    let (sender, letters) = unbounded_channel();
    let refused = Arc::new(AtomicUsize::new(0));
    let take = move |headers: HeaderMap, body: Bytes| async move {
        if refused.fetch_add(1, Ordering::SeqCst) < refuse {
            return StatusCode::FOUND;
        }
        let signature = headers["stripe-signature"].to_str().expect("it is text").to_owned();
        sender.send((signature, body)).expect("the test still listens");
        StatusCode::OK
    };
    let url = serve(Router::new().route("/hook", post(take))).await;
    (format!("{url}/hook"), letters)
}

/// An endpoint at that URL and a running deliverer.
fn deliver_to(stripe: &Stripe, url: &str) -> String {
    // The provider that the deliverer's client needs as well.
    drop(client());
    let endpoint = NewEndpoint {
        url: url.to_owned(),
        enabled_events: vec!["*".to_owned()],
        secret: Some("whsec_test".to_owned()),
        ..NewEndpoint::default()
    };
    let (id, _) = stripe.add_endpoint(endpoint).unwrap();
    tokio::spawn(stripe.clone().run_deliveries(POLICY));
    id
}

fn customer(stripe: &Stripe, name: &str) -> String {
    stripe.create_customer("ann@example.com", name, sandbox::Metadata::new());
    stripe.events_after(0).last().expect("it happened").id().to_owned()
}

/// The names of the customers in everything that arrived.
fn names(letters: &mut UnboundedReceiver<Letter>) -> Vec<String> {
    let mut names = Vec::new();
    while let Ok((_, body)) = letters.try_recv() {
        let body: Value = serde_json::from_slice(&body).expect("it is JSON");
        names.push(body["data"]["object"]["name"].as_str().expect("a name").to_owned());
    }
    names
}

#[tokio::test]
async fn a_delivery_is_signed_and_recorded() {
    let stripe = account();
    let (url, mut letters) = receiver(0).await;
    deliver_to(&stripe, &url);
    let event = customer(&stripe, "Ann");
    stripe.until_delivered().await;
    let (signature, body) = letters.try_recv().unwrap();
    assert_eq!(signature, signature_header(["whsec_test"], &body, Timestamp::from_seconds(NOW)));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["id"], event);
    assert_eq!(body["api_version"], ApiVersion::NEWEST.name());
    let delivery = stripe.deliveries_of(&event).remove(0);
    assert_eq!(delivery.state, DeliveryState::Delivered);
    assert_eq!(delivery.attempts[0].status, Some(200));
}

#[tokio::test]
async fn failures_and_redirects_are_tried_again() {
    let stripe = account();
    let (url, mut letters) = receiver(2).await;
    deliver_to(&stripe, &url);
    let event = customer(&stripe, "Ann");
    stripe.until_delivered().await;
    assert_eq!(names(&mut letters), ["Ann"]);
    let delivery = stripe.deliveries_of(&event).remove(0);
    let statuses: Vec<_> = delivery.attempts.iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(302), Some(302), Some(200)]);
}

#[tokio::test]
async fn deliveries_to_a_dead_endpoint_stop_and_can_be_resent() {
    let stripe = account();
    let (url, mut letters) = receiver(4).await;
    deliver_to(&stripe, &url);
    let event = customer(&stripe, "Ann");
    stripe.until_delivered().await;
    let delivery = stripe.deliveries_of(&event).remove(0);
    assert_eq!((delivery.state, delivery.attempts.len()), (DeliveryState::GaveUp, 4));
    assert!(names(&mut letters).is_empty());
    stripe.resend(&event).unwrap();
    stripe.until_delivered().await;
    assert_eq!(names(&mut letters), ["Ann"]);
}

#[tokio::test]
async fn held_deliveries_are_sent_later_twice_and_reordered() {
    let stripe = account();
    let (url, mut letters) = receiver(0).await;
    deliver_to(&stripe, &url);
    stripe.hold_deliveries(true);
    for name in ["Ann", "Bob", "Cleo"] {
        customer(&stripe, name);
    }
    stripe.order_deliveries(Order::Reversed);
    stripe.duplicate_deliveries(true);
    stripe.hold_deliveries(false);
    stripe.until_delivered().await;
    assert_eq!(names(&mut letters), ["Cleo", "Cleo", "Bob", "Bob", "Ann", "Ann"]);
}

#[tokio::test]
async fn a_rolled_secret_signs_beside_the_old_one() {
    let stripe = account();
    let (url, mut letters) = receiver(0).await;
    let endpoint = deliver_to(&stripe, &url);
    let secret = stripe.roll_secret(&endpoint, true).unwrap();
    assert!(secret.starts_with("whsec_"));
    customer(&stripe, "Ann");
    stripe.until_delivered().await;
    let (signature, body) = letters.try_recv().unwrap();
    let both = [secret.as_str(), "whsec_test"];
    assert_eq!(signature, signature_header(both, &body, Timestamp::from_seconds(NOW)));
    stripe.roll_secret(&endpoint, false).unwrap();
    customer(&stripe, "Bob");
    stripe.until_delivered().await;
    assert_eq!(letters.try_recv().unwrap().0.matches(",v1=").count(), 1);
}

#[tokio::test]
async fn a_deleted_endpoint_stops_its_deliveries() {
    let stripe = account();
    let (url, mut letters) = receiver(0).await;
    let endpoint = deliver_to(&stripe, &url);
    stripe.hold_deliveries(true);
    let event = customer(&stripe, "Ann");
    stripe.delete_endpoint(&endpoint).unwrap();
    stripe.hold_deliveries(false);
    stripe.until_delivered().await;
    assert!(names(&mut letters).is_empty());
    assert_eq!(stripe.deliveries_of(&event)[0].state, DeliveryState::Stopped);
}

#[tokio::test]
async fn endpoints_get_what_they_asked_for_in_their_version() {
    let stripe = account();
    let (url, mut letters) = receiver(0).await;
    drop(client());
    let endpoint = NewEndpoint {
        url,
        enabled_events: vec!["refund.failed".to_owned(), "refund.created".to_owned()],
        api_version: Some(ApiVersion::OLDEST),
        ..NewEndpoint::default()
    };
    stripe.add_endpoint(endpoint).unwrap();
    tokio::spawn(stripe.clone().run_deliveries(POLICY));
    let payment =
        sandbox::NewPayment { amount: 500, currency: "usd".to_owned(), ..sandbox::NewPayment::default() };
    let charge = stripe.pay(payment).unwrap().charge.unwrap();
    let refund = stripe.refund(&charge, None).unwrap();
    stripe.fail_refund(&refund).unwrap();
    stripe.until_delivered().await;
    // `refund.failed` does not exist in 2023-10-16.
    let (_, body) = letters.try_recv().unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["type"], &body["api_version"]), (&"refund.created".into(), &"2023-10-16".into()));
    assert!(letters.try_recv().is_err());
}

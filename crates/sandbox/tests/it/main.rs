//! The sandbox as a whole: what its events look like, how they are delivered, what its
//! API and its pages answer.

#![expect(clippy::unwrap_used, reason = "a test may panic, and says where")]

mod api;
mod connect;
mod dashboards;
mod deliveries;
mod faults;
mod flows;
mod keys;
mod oauth;
mod pages;
mod rendering;

use domain::clock::{Clock, Random, Timestamp};
use sandbox::{Event, Settings, Shop, Stripe, Tracking, render};
use serde_json::Value;
use tokio::net::TcpListener;

/// 15 November 2026, in seconds.
const NOW: i64 = 1_794_700_800;

/// An empty account whose time stands still.
fn account() -> Stripe {
    Stripe::new(Clock::fixed(Timestamp::from_seconds(NOW)), Random::seeded(7))
}

/// The JSON of an event in a version.
fn json(event: &Event, version: sandbox::ApiVersion) -> Value {
    serde_json::from_slice(&render(event, version)).expect("events are JSON")
}

/// The types of all events so far.
fn kinds(stripe: &Stripe) -> Vec<&'static str> {
    stripe.events_after(0).iter().map(Event::kind).collect()
}

/// The newest event of a type.
fn newest(stripe: &Stripe, kind: &str) -> Event {
    let events = stripe.events_after(0);
    events.into_iter().rfind(|event| event.kind() == kind).expect("the event happened")
}

/// A client that follows no redirects, as a browser's address bar would show them.
fn client() -> reqwest::Client {
    // Several tests install it; the first one wins and all want the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client can be built")
}

/// A router on a free port of this machine; gives its URL.
async fn serve(router: axum::Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = listener.local_addr().expect("it has an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// The whole stand-in on a free port, with its shop.
async fn sandbox(stripe: &Stripe) -> String {
    let settings = Settings {
        base_url: "http://sandbox.test".to_owned(),
        shop: Some(Shop::stock(stripe).expect("an empty account can be stocked")),
        tracking: Some(Tracking {
            honeyguide_url: "http://honeyguide.test/".to_owned(),
            program: "prg_1".to_owned(),
        }),
    };
    serve(sandbox::router(stripe.clone(), settings)).await
}

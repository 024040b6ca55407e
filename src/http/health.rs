//! `/healthz`, `/readyz`, `/metrics`.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use engine::Engine;
use engine::jobs;
use sha2::{Digest, Sha256};

use crate::http::problem::problem;

/// The process lives.
pub async fn alive() -> &'static str {
    "ok"
}

/// The database takes writes.
pub async fn ready(State(engine): State<Engine>) -> Response {
    match engine.check_ready().await {
        Ok(()) => "ready".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the database takes no writes").into_response(),
    }
}

/// `/metrics`, for those who send the token, and for programs on this machine.
pub fn metrics_route(engine: Engine, token: Option<&str>) -> Router {
    let token = token.map(|token| Sha256::digest(token.as_bytes()).into());
    Router::new()
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(MetricsToken(token), allow_metrics))
        .with_state(engine)
}

/// The hash of the token, so that comparing takes the same time for any other.
#[derive(Clone)]
struct MetricsToken(Option<[u8; 32]>);

async fn allow_metrics(State(token): State<MetricsToken>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let sent =
        headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let has_token = token.0.is_some() && sent.map(|sent| Sha256::digest(sent.as_bytes()).into()) == token.0;
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    // A proxy on this machine passes on requests of others.
    let is_forwarded = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];
    let is_forwarded = is_forwarded.iter().any(|name| headers.contains_key(*name));
    let is_local = token.0.is_none() && peer.is_some_and(|peer| peer.0.ip().is_loopback()) && !is_forwarded;
    if has_token || is_local {
        return next.run(request).await;
    }
    let detail = "Set METRICS_TOKEN and send it as a bearer token. Without one, metrics can be read only from the server's own machine.";
    problem(StatusCode::FORBIDDEN, "forbidden", "Metrics are not public", detail)
}

/// Counters in Prometheus' text format. Numbers of this process, nothing personal.
async fn metrics(State(engine): State<Engine>) -> Response {
    let counters = engine.counters();
    let mut text = String::new();
    for (name, help, value) in [
        ("clicks_stored_total", "Clicks on disk", &counters.clicks_stored),
        ("clicks_late_total", "Redirects answered before their click was on disk", &counters.clicks_late),
        (
            "clicks_refused_total",
            "Clicks not stored because their network was above the limit",
            &counters.clicks_refused,
        ),
        ("clicks_not_stored_total", "Clicks lost", &counters.clicks_not_stored),
        (
            "links_stale_total",
            "Redirects served from the cache while the database did not answer",
            &counters.links_stale,
        ),
        ("events_stored_total", "Stripe events on disk", &counters.events_stored),
        ("events_processed_total", "Stripe events whose effect is on disk", &counters.events_processed),
        ("signatures_refused_total", "Deliveries with a wrong signature", &counters.signatures_refused),
    ] {
        let value = value.load(Ordering::Relaxed);
        let _ = writeln!(
            text,
            "# HELP honeyguide_{name} {help}\n# TYPE honeyguide_{name} counter\nhoneyguide_{name} {value}"
        );
    }
    let _ = writeln!(
        text,
        "# HELP honeyguide_write_conflicts_total Writes that ran again because another writer was first\n# TYPE honeyguide_write_conflicts_total counter\nhoneyguide_write_conflicts_total {}",
        store::db::conflicts()
    );
    if let Ok(jobs::Counts { waiting, dead }) = jobs::counts(&engine).await {
        let _ = writeln!(
            text,
            "# TYPE honeyguide_jobs gauge\nhoneyguide_jobs{{state=\"waiting\"}} {waiting}\nhoneyguide_jobs{{state=\"dead\"}} {dead}"
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

//! `/healthz`, `/readyz`, `/metrics`.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::jobs;

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

/// Counters in Prometheus' text format. Numbers of this process, nothing personal.
pub async fn metrics(State(engine): State<Engine>) -> Response {
    let counters = engine.counters();
    let mut text = String::new();
    for (name, help, value) in [
        ("clicks_stored_total", "Clicks on disk", &counters.clicks_stored),
        ("clicks_late_total", "Redirects answered before their click was on disk", &counters.clicks_late),
        ("clicks_not_stored_total", "Clicks that were lost", &counters.clicks_not_stored),
        (
            "links_stale_total",
            "Redirects to where a link led before the database stopped answering",
            &counters.links_stale,
        ),
        ("events_stored_total", "Stripe events on disk", &counters.events_stored),
        ("signatures_refused_total", "Deliveries with a wrong signature", &counters.signatures_refused),
    ] {
        let value = value.load(Ordering::Relaxed);
        let _ = writeln!(
            text,
            "# HELP honeyguide_{name} {help}\n# TYPE honeyguide_{name} counter\nhoneyguide_{name} {value}"
        );
    }
    if let Ok(jobs::Counts { waiting, dead }) = jobs::counts(&engine).await {
        let _ = writeln!(
            text,
            "# TYPE honeyguide_jobs gauge\nhoneyguide_jobs{{state=\"waiting\"}} {waiting}\nhoneyguide_jobs{{state=\"dead\"}} {dead}"
        );
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}

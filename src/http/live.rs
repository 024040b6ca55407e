//! Server-sent events for open pages: something has happened in their program.
//!
//! An event says no more than that: browsers drop one without data. The page asks for itself again, so that what it shows is rendered in
//! one place.

use std::convert::Infallible;
use std::time::Duration;

use app::routes;
use axum::Router;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use domain::ids::ProgramId;
use engine::Engine;
use futures::StreamExt;
use futures::stream;

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// A stream ends after this time, and the page opens another: a session may have ended.
const LONGEST: Duration = Duration::from_secs(600);
/// Proxies close connections that say nothing for about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The stream of a program.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
{
    Router::new().route(routes::LIVE, get(changes))
}

async fn changes(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path(program): Path<String>,
) -> Response {
    let (Ok(program), Some(actor)) = (program.parse::<ProgramId>(), person.merchant) else {
        return error_pages::not_found();
    };
    let changes = match engine::live::watch(&engine, &actor, &program).await {
        Ok(changes) => changes,
        // The page stays as it is; its script does not try again.
        Err(engine::Error::Unavailable) => return StatusCode::NO_CONTENT.into_response(),
        Err(error) => return refused(error),
    };
    let events = stream::unfold(changes, |mut changes| async move {
        changes.changed().await.ok()?;
        Some((Ok::<_, Infallible>(Event::default().event("changed").data("now")), changes))
    });
    let events = events.take_until(tokio::time::sleep(LONGEST));
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

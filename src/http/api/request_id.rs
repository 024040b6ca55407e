//! Every request has an id: in the log, in the answer's header, and in problem documents,
//! so that a reported problem can be found.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use engine::Engine;
use serde_json::Value;
use tracing::Instrument;

use super::LARGEST_ANSWER;
use super::problem::MEDIA_TYPE;

/// The header that carries the id, in and out.
const HEADER: &str = "x-request-id";
/// The longest id that is taken over from a proxy or client.
const LONGEST_ID: usize = 64;

/// Gives a request its id: the one that it came with, or a new one.
pub async fn layer(State(engine): State<Engine>, request: Request, next: Next) -> Response {
    let id = brought(request.headers())
        .unwrap_or_else(|| format!("req_{}", hex::encode(engine.random().bytes::<10>())));
    let span = tracing::info_span!("api", request_id = %id);
    let response = next.run(request).instrument(span).await;
    let is_problem = response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == MEDIA_TYPE);
    let mut response = if is_problem { with_id(response, &id).await } else { response };
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

fn brought(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let fits = (1..=LONGEST_ID).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    fits.then(|| id.to_owned())
}

async fn with_id(response: Response, id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LARGEST_ANSWER).await.unwrap_or_default();
    let bytes = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(mut problem)) => {
            problem.insert("requestId".to_owned(), id.into());
            Value::Object(problem).to_string().into()
        }
        _ => bytes,
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(bytes))
}

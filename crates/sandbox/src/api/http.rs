//! The HTTP side of `/v1`.

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;

use super::answers::Answer;
use super::call::{Call, authenticate, for_account, text, version};
use super::routes::answer;
use crate::form::Params;
use crate::refusal::Refusal;
use crate::state::State;
use crate::stripe::Stripe;

/// Stripe's limit for idempotency keys.
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// Answers any call to `/v1/…`.
pub(crate) async fn handle(
    Extract(stripe): Extract<Stripe>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    stripe.with(|state| respond(state, &method, &uri, &headers, &body))
}

fn respond(state: &mut State, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Response {
    let request_id = format!("req_{}", state.ids.letters(14));
    let key = text(headers, "idempotency-key").filter(|_| method == Method::POST);
    let question = format!("{method} {uri} {}", String::from_utf8_lossy(body));
    let (answer, replayed) = match earlier(state, key, &question) {
        Err(refusal) => (refused(&refusal, request_id), false),
        Ok(Some(answer)) => (answer, true),
        Ok(None) => {
            let answer = match attempt(state, method, uri, headers, body, &request_id) {
                Ok(value) => Answer { status: 200, body: value.to_string(), request_id },
                Err(refusal) => refused(&refusal, request_id),
            };
            // What failed validation was never begun and may be tried again.
            if let Some(key) = key.filter(|_| matches!(answer.status, 200 | 402)) {
                state.answers.keep(key, question, answer.clone());
            }
            (answer, false)
        }
    };
    let mut response = (
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        [("content-type", "application/json"), ("cache-control", "no-store")],
        answer.body,
    )
        .into_response();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    set("request-id", &answer.request_id);
    if let Ok(version) = version(headers, state) {
        set("stripe-version", version.name());
    }
    if replayed {
        set("idempotent-replayed", "true");
    }
    response
}

fn earlier(state: &State, key: Option<&str>, question: &str) -> Result<Option<Answer>, Refusal> {
    match key {
        None => Ok(None),
        Some(key) if key.len() > MAX_IDEMPOTENCY_KEY => {
            Err(Refusal::invalid("", "Idempotency keys can have up to 255 characters."))
        }
        Some(key) => state.answers.find(key, question),
    }
}

fn attempt(
    state: &mut State,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
    request_id: &str,
) -> Result<Value, Refusal> {
    authenticate(headers)?;
    let path: Vec<&str> = uri
        .path()
        .strip_prefix("/v1")
        .unwrap_or_default()
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let call = Call {
        method: method.as_str(),
        path: &path,
        params: Params::decode(uri.query().unwrap_or_default(), body)?,
        version: version(headers, state)?,
        for_account: for_account(headers, state)?,
    };
    state.request = Some(request_id.to_owned());
    let result = answer(state, &call);
    state.request = None;
    result
}

fn refused(refusal: &Refusal, request_id: String) -> Answer {
    Answer { status: refusal.status, body: refusal.body().to_string(), request_id }
}

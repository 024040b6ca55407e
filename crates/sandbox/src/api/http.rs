//! The HTTP handler of `/v1`.

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use serde_json::Value;

use super::authorization::authorize;
use super::call::{Call, parts, text, version};
use super::reply::{Reply, recorded};
use super::routes::answer;
use crate::api_error::ApiError;
use crate::form::Params;
use crate::idempotency::StoredResponse;
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
    let work = |stripe: &Stripe| respond(stripe, &method, &uri, &headers, &body);
    recorded(&stripe, &method, &uri, &headers, &body, work).await
}

fn respond(stripe: &Stripe, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Reply {
    let request_id = format!("req_{}", stripe.world().shared().ids.letters(14));
    match authorize(stripe, method, uri, headers) {
        Err(error) => {
            let answer = refused(&error, request_id);
            Reply::json(answer.status, answer.body).header("request-id", &answer.request_id)
        }
        Ok(admitted) => admitted.stripe.with(|state| {
            let request = Asked { method, uri, headers, body, for_account: admitted.for_account };
            carry_out(state, &request, request_id)
        }),
    }
}

/// A request that may be carried out.
struct Asked<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    body: &'a [u8],
    for_account: bool,
}

fn carry_out(state: &mut State, asked: &Asked<'_>, request_id: String) -> Reply {
    let key = text(asked.headers, "idempotency-key").filter(|_| asked.method == Method::POST);
    let question = format!("{} {} {}", asked.method, asked.uri, String::from_utf8_lossy(asked.body));
    let (answer, replayed) = match earlier(state, key, &question) {
        Err(error) => (refused(&error, request_id), false),
        Ok(Some(answer)) => (answer, true),
        Ok(None) => {
            let answer = match attempt(state, asked, &request_id) {
                Ok(value) => StoredResponse { status: 200, body: value.to_string(), request_id },
                Err(error) => refused(&error, request_id),
            };
            // What failed validation was never begun and may be tried again.
            if let Some(key) = key.filter(|_| matches!(answer.status, 200 | 402)) {
                state.answers.keep(key, question, answer.clone());
            }
            (answer, false)
        }
    };
    let mut reply = Reply::json(answer.status, answer.body).header("request-id", &answer.request_id);
    if let Ok(version) = version(asked.headers, state) {
        reply = reply.header("stripe-version", version.name());
    }
    if replayed {
        reply = reply.header("idempotent-replayed", "true");
    }
    reply
}

fn earlier(state: &State, key: Option<&str>, question: &str) -> Result<Option<StoredResponse>, ApiError> {
    match key {
        None => Ok(None),
        Some(key) if key.len() > MAX_IDEMPOTENCY_KEY => {
            Err(ApiError::invalid("", "Idempotency keys can have up to 255 characters."))
        }
        Some(key) => state.answers.find(key, question),
    }
}

fn attempt(state: &mut State, asked: &Asked<'_>, request_id: &str) -> Result<Value, ApiError> {
    let path = parts(asked.uri);
    let call = Call {
        method: asked.method.as_str(),
        path: &path,
        params: Params::decode(asked.uri.query().unwrap_or_default(), asked.body)?,
        version: version(asked.headers, state)?,
        for_account: asked.for_account,
    };
    state.request = Some(request_id.to_owned());
    let result = answer(state, &call);
    state.request = None;
    result
}

fn refused(error: &ApiError, request_id: String) -> StoredResponse {
    StoredResponse { status: error.status, body: error.body().to_string(), request_id }
}

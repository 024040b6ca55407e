//! Responses, and the failures that faults cause instead.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use futures::{StreamExt as _, stream};
use serde_json::json;

use super::call::text;
use crate::faults::Failure;
use crate::requests::Request;
use crate::stripe::Stripe;

/// How long silence lasts; every client gives up before.
const SILENCE: Duration = Duration::from_secs(120);

/// An answer to be sent.
pub(crate) struct Reply {
    status: u16,
    body: String,
    headers: Vec<(&'static str, String)>,
}

impl Reply {
    pub(crate) const fn json(status: u16, body: String) -> Self {
        Self { status, body, headers: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn into_response(self) -> Response {
        let kind = [("content-type", "application/json"), ("cache-control", "no-store")];
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, kind, self.body).into_response();
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Does the work unless a fault is active, and records the request.
pub(crate) async fn recorded(
    stripe: &Stripe,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
    work: impl FnOnce(&Stripe) -> Reply,
) -> Response {
    let second = stripe.now().seconds();
    let failure = stripe.world().shared().faults.next_failure(method.as_str(), uri.path(), second);
    let note = |status: Option<u16>| {
        let request = request(method, uri, headers, body, status);
        stripe.world().shared().requests.record(request);
    };
    let reply = match failure {
        None => work(stripe),
        Some(Failure::TooMany { retry_after }) => too_many(retry_after),
        Some(Failure::Status(status)) => {
            error(status, "api_error", "An unknown error occurred. We have been notified of the problem.")
        }
        Some(Failure::Garbage) => Reply::json(200, "<html><body>upstream said nothing".to_owned()),
        Some(Failure::Silence) => {
            note(None);
            tokio::time::sleep(SILENCE).await;
            return error(504, "api_error", "Too late.").into_response();
        }
        Some(Failure::Cut) => {
            let reply = work(stripe);
            note(None);
            return cut(reply);
        }
    };
    note(Some(reply.status));
    reply.into_response()
}

fn too_many(retry_after: Option<u32>) -> Reply {
    let words =
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.";
    let body =
        json!({ "error": { "code": "rate_limit", "message": words, "type": "invalid_request_error" } });
    let reply = Reply::json(429, body.to_string()).header("stripe-rate-limited-reason", "global-rate");
    match retry_after {
        Some(seconds) => reply.header("retry-after", &seconds.to_string()),
        None => reply,
    }
}

fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply::json(status, json!({ "error": { "message": message, "type": kind } }).to_string())
}

/// The first half of the answer, and then the end of the connection.
fn cut(reply: Reply) -> Response {
    let half = reply.body.len() / 2;
    let begin = Bytes::copy_from_slice(&reply.body.as_bytes()[..half]);
    let broken = stream::once(async {
        // What was written so far is sent first.
        tokio::task::yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = stream::once(async move { Ok::<_, io::Error>(begin) }).chain(broken);
    let mut response = reply.into_response();
    *response.body_mut() = Body::from_stream(body);
    response.headers_mut().remove("content-length");
    response
}

fn request(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8], status: Option<u16>) -> Request {
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let parameters = query
        .chain(url::form_urlencoded::parse(body))
        .filter(|(name, _)| name != "client_secret")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let header = |name| text(headers, name).map(str::to_owned);
    Request {
        method: method.to_string(),
        path: uri.path().to_owned(),
        parameters,
        account: header("stripe-account"),
        version: header("stripe-version"),
        idempotency_key: header("idempotency-key"),
        status,
    }
}

//! `POST /webhooks/stripe/{token}`: Stripe's deliveries for one connection, and
//! `POST /webhooks/stripe`: for all that merchants made by signing in with Stripe.
//!
//! No session, no CSRF layer, no JSON extractor: what counts is the signature over the
//! raw bytes. Answered with 200 means on disk.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::stripe::webhooks::{Received, Refused, note_too_large, receive, receive_for_platform};

use crate::http::problem::problem;

/// The largest delivery. An invoice event holds ten lines and stays far below; Stripe's
/// own samples use 64 KiB.
pub const LARGEST_BODY: usize = 1024 * 1024;

/// Takes a delivery for the platform's endpoint.
pub async fn platform_webhook(
    State(engine): State<Engine>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unread(&engine, None, rejection).await,
    };
    let signature = headers.get("stripe-signature").map(HeaderValue::as_bytes);
    answer(receive_for_platform(&engine, signature, &body).await)
}

/// Takes a delivery for one connection.
pub async fn webhook(
    State(engine): State<Engine>,
    Path(token): Path<String>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unread(&engine, Some(&token), rejection).await,
    };
    let signature = headers.get("stripe-signature").map(HeaderValue::as_bytes);
    answer(receive(&engine, &token, signature, &body).await)
}

fn answer(received: Result<Received, Refused>) -> Response {
    match received {
        Ok(_) => StatusCode::OK.into_response(),
        Err(Refused::UnknownEndpoint) => problem(
            StatusCode::NOT_FOUND,
            "stripe_endpoint_unknown",
            "Unknown webhook endpoint",
            "No connection has this address. Copy the endpoint URL from Program Settings > Stripe.",
        ),
        Err(Refused::Signature(error)) => {
            let mut answer = problem(
                StatusCode::UNAUTHORIZED,
                error.code(),
                "Webhook signature rejected",
                &error.to_string(),
            );
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Stripe-Signature"));
            answer
        }
        Err(Refused::Failed(error)) => {
            tracing::error!(%error, "an event could not be stored");
            problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not stored",
                "The event could not be stored at the moment. Stripe will send it again.",
            )
        }
    }
}

/// The answer to a body that was not read: beyond [`LARGEST_BODY`], or cut off by whoever
/// sent it.
async fn unread(engine: &Engine, token: Option<&str>, rejection: BytesRejection) -> Response {
    if rejection.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return rejection.into_response();
    }
    note_too_large(engine, token).await;
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "Event too large",
        "An event may have 1 MiB at most.",
    )
}

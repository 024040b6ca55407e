//! `POST /webhooks/stripe/{token}`: Stripe's deliveries for one connection, and
//! `POST /webhooks/stripe`: for all connections that were made by signing in with Stripe.
//!
//! No session, no CSRF layer, no JSON extractor: what counts is the signature over the
//! raw bytes. Answered with 200 means on disk.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::deliveries::SignatureError;
use engine::Engine;
use engine::stripe::webhooks::{
    DeliveryError, DeliveryOutcome, receive, receive_for_platform, record_too_large,
};

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

fn answer(receipt: Result<DeliveryOutcome, DeliveryError>) -> Response {
    match receipt {
        Ok(_) => StatusCode::OK.into_response(),
        Err(DeliveryError::UnknownEndpoint) => problem(
            StatusCode::NOT_FOUND,
            "stripe_endpoint_unknown",
            "Unknown webhook endpoint",
            "No connection uses this URL. Copy the endpoint URL from Settings > Stripe.",
        ),
        Err(DeliveryError::Signature(error)) => {
            let mut answer = problem(
                StatusCode::UNAUTHORIZED,
                error.word(),
                "Webhook signature rejected",
                signature_detail(error),
            );
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Stripe-Signature"));
            answer
        }
        Err(DeliveryError::NotStored(error)) => {
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

/// Why a signature was rejected, and what to do.
const fn signature_detail(error: SignatureError) -> &'static str {
    match error {
        SignatureError::Missing => "The Stripe-Signature header is missing.",
        SignatureError::Malformed => "The Stripe-Signature header cannot be read.",
        SignatureError::Stale => {
            "The signature’s timestamp is more than five minutes off this server’s clock."
        }
        SignatureError::NoMatch => {
            "No active signing secret of this endpoint matches. Paste the current secret or run Repair Webhooks."
        }
    }
}

/// The response to a body that was not read: larger than [`LARGEST_BODY`], or interrupted by
/// the sender.
async fn unread(engine: &Engine, token: Option<&str>, rejection: BytesRejection) -> Response {
    if rejection.status() != StatusCode::PAYLOAD_TOO_LARGE {
        return rejection.into_response();
    }
    record_too_large(engine, token).await;
    problem(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        "Event too large",
        "An event can be 1 MiB at most.",
    )
}

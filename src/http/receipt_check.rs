//! The public check of receipts: what is posted to it, its limit, and the public keys.

use std::num::NonZeroU32;

use app::{PageError, SubmittedReceipt, shell};
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::{HeaderName, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use connect::receipt_key::ReceiptPublicKey;
use engine::Engine;
use engine::ledger::receipts;
use leptos::prelude::provide_context;
use leptos_axum::render_app_async_with_context;
use serde_json::{Value, json};

use crate::http::error_pages;
use crate::http::proxy::Proxy;
use crate::http::rate_limit::{self, RateLimit};

/// Checks from one network: an accountant with a folder of receipts.
const CHECKS_PER_SECOND: NonZeroU32 = NonZeroU32::new(2).unwrap();
const CHECKS_BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Keys change with `SECRET_KEY`, which is hardly ever.
const ONE_HOUR: &str = "public, max-age=3600";

/// The limit of checks from one network.
pub fn limit(proxy: Proxy) -> RateLimit {
    RateLimit::new(CHECKS_PER_SECOND, CHECKS_BURST, proxy, || error_pages::render(&PageError::TooMany(1)))
}

/// Limits the page of the check, whatever the method, and nothing else.
pub async fn limited(limit: State<RateLimit>, request: Request, next: Next) -> Response {
    if request.uri().path() == app::routes::RECEIPT {
        rate_limit::layer(limit, request, next).await
    } else {
        next.run(request).await
    }
}

/// `POST /receipt`: the page again, with what was posted.
pub async fn check(request: Request, contexts: impl Fn() + Clone + Send + Sync + 'static) -> Response {
    let (parts, body) = request.into_parts();
    let form = Request::from_parts(parts.clone(), body);
    let submitted = match Multipart::from_request(form, &()).await {
        Ok(form) => submitted(form).await,
        Err(_) => SubmittedReceipt::Unreadable("Upload a file, or paste the document."),
    };
    let contexts = move || {
        contexts();
        provide_context(submitted.clone());
    };
    render_app_async_with_context(contexts, shell)(Request::from_parts(parts, Body::empty())).await
}

/// The file, or what was pasted when no file was chosen.
async fn submitted(mut form: Multipart) -> SubmittedReceipt {
    let mut pasted = String::new();
    loop {
        let field = match form.next_field().await {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => return SubmittedReceipt::Unreadable("This is larger than any receipt."),
        };
        let name = field.name().unwrap_or_default().to_owned();
        let Ok(bytes) = field.bytes().await else {
            return SubmittedReceipt::Unreadable("This is larger than any receipt.");
        };
        if bytes.is_empty() {
            continue;
        }
        let Ok(text) = String::from_utf8(bytes.to_vec()) else {
            return SubmittedReceipt::Unreadable("This file is not a receipt: it is not text.");
        };
        match name.as_str() {
            "file" => return SubmittedReceipt::Document(text),
            "document" => pasted = text,
            _ => {}
        }
    }
    if pasted.trim().is_empty() {
        return SubmittedReceipt::Unreadable("Choose a file, or paste the document.");
    }
    SubmittedReceipt::Document(pasted)
}

fn published(key: &ReceiptPublicKey) -> Value {
    json!({"id": key.id(), "algorithm": "Ed25519", "publicKey": key.base64(), "pem": key.pem()})
}

/// `GET /.well-known/honeyguide-receipt-key`: the key in use, then those before.
pub async fn keys(State(engine): State<Engine>) -> Response {
    match receipts::keys(&engine).await {
        Ok(keys) => {
            let keys: Vec<Value> = keys.iter().map(published).collect();
            let head: [(HeaderName, &str); 2] =
                [(header::CACHE_CONTROL, ONE_HOUR), (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*")];
            (head, Json(json!({ "keys": keys }))).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the receipt keys could not be read");
            error_pages::unavailable()
        }
    }
}

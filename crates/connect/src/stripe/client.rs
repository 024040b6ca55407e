//! The client of Stripe's API.
//!
//! async-stripe's request builders write the requests; they are sent here, with our
//! version header, bounded in time and size, and tried again where that is safe. Responses
//! are read into our own structs, because async-stripe's expect every field of the one
//! version it was generated for.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde::de::DeserializeOwned;
use stripe_client_core::{
    CustomizedStripeRequest, RequestBuilder, RequestStrategy, StripeClient, StripeMethod,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::error::StripeError;
use crate::secret::Secret;

/// The version that answers are asked for and our endpoints are pinned to: the newest in
/// which a charge names its invoice and an invoice its payment intent.
pub const API_VERSION: &str = "2025-02-24.acacia";

/// How long one attempt may take. Stripe answers within a second; after ten seconds a
/// person who waits has given up.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long reaching Stripe may take, part of the former.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a call may take with all attempts and pauses.
const MOST_TIME: Duration = Duration::from_secs(20);
/// How many attempts are made of a call that is safe to repeat.
const TRIES: u32 = 3;
/// The pause before the second attempt; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// A page of 100 events has about a megabyte; a much larger body is not Stripe's.
const MOST_BYTES: usize = 16 << 20;

/// A pooled client without credentials; cheap to clone.
#[derive(Clone)]
pub struct Stripe {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    api_base: String,
    started: Instant,
}

/// The credentials of a call.
#[derive(Debug, Clone)]
pub struct Access {
    /// The key or access token.
    pub key: Secret,
    /// The connected account, where the key is a platform's.
    pub account: Option<String>,
}

/// The client with credentials, which the calls take.
#[derive(Clone)]
pub struct Caller {
    stripe: Stripe,
    access: Access,
}

/// A client whose TLS trusts Mozilla's roots, wherever the process runs.
fn http() -> reqwest::Client {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring knows TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(CALL_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        // A redirect would carry the key to somewhere else.
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("Honeyguide/", env!("CARGO_PKG_VERSION")))
        .build()
        .expect("a client with given TLS can be built")
}

impl Stripe {
    /// A client for the API at an address such as `https://api.stripe.com`.
    pub fn new(api_base: &str) -> Self {
        let api_base = api_base.trim_end_matches('/').to_owned();
        Self { inner: Arc::new(Inner { http: http(), api_base, started: Instant::now() }) }
    }

    /// Whether the API is on this machine: a sandbox, which reaches addresses that Stripe
    /// cannot reach.
    pub fn is_local(&self) -> bool {
        let host = self.inner.api_base.split("://").nth(1).unwrap_or_default();
        ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
    }

    /// The client with a key.
    pub fn with(&self, access: &Access) -> Caller {
        Caller { stripe: self.clone(), access: access.clone() }
    }

    pub(super) fn http(&self) -> &reqwest::Client {
        &self.inner.http
    }

    /// A pause with up to a quarter more (jitter), so that calls that failed together are
    /// not retried together. The nanoseconds that have passed are random enough for this.
    fn with_jitter(&self, pause: Duration) -> Duration {
        let part = self.inner.started.elapsed().subsec_nanos() % 1_000;
        pause + pause / 4 * part / 1_000
    }
}

/// A failed attempt.
struct Failure {
    error: StripeError,
    /// Whether another attempt may succeed.
    again: bool,
    /// How long Stripe asks to wait.
    wait: Option<Duration>,
}

impl Failure {
    fn unreachable(error: &reqwest::Error) -> Self {
        let message = if error.is_timeout() {
            "Stripe did not answer in time."
        } else if error.is_connect() {
            "Stripe could not be reached."
        } else {
            "The connection to Stripe was cut."
        };
        Self { error: StripeError::unreachable(message), again: true, wait: None }
    }

    fn permanent(error: StripeError) -> Self {
        Self { error, again: false, wait: None }
    }
}

impl Caller {
    /// Sends a request of a builder and reads the answer.
    pub(super) async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, StripeError> {
        self.ask_in(request, API_VERSION).await
    }

    /// The same, in another version.
    pub(super) async fn ask_in<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        version: &'static str,
    ) -> Result<T, StripeError> {
        read(&self.send(&request, None, version).await?)
    }

    /// Sends a change with an idempotency key, so that it is made once even when it is
    /// retried.
    pub(super) async fn change<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        idempotency_key: &str,
    ) -> Result<T, StripeError> {
        read(&self.send(&request, Some(idempotency_key), API_VERSION).await?)
    }

    /// Lists one object, to find out whether the key may read it:
    /// `probe("/charges")`.
    pub async fn probe(&self, list: &str) -> Result<(), StripeError> {
        let request = RequestBuilder::new(StripeMethod::Get, list).query(&BTreeMap::from([("limit", 1)]));
        self.ask::<serde::de::IgnoredAny>(request).await.map(drop)
    }

    async fn send(
        &self,
        request: &RequestBuilder,
        idempotency_key: Option<&str>,
        version: &'static str,
    ) -> Result<Bytes, StripeError> {
        let deadline = Instant::now() + MOST_TIME;
        let is_safe = !matches!(request.method, StripeMethod::Post) || idempotency_key.is_some();
        let mut pause = FIRST_PAUSE;
        let mut tries = 1;
        loop {
            let failure = match timeout_at(deadline, self.once(request, idempotency_key, version)).await {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::permanent(StripeError::unreachable("Stripe did not answer in time.")),
            };
            let wait = failure.wait.unwrap_or(Duration::ZERO).max(self.stripe.with_jitter(pause));
            if !(is_safe && failure.again && tries < TRIES) || Instant::now() + wait >= deadline {
                return Err(failure.error);
            }
            tracing::debug!(path = request.path, tries, ?wait, error = %failure.error, "retrying a call to Stripe");
            sleep(wait).await;
            pause *= 2;
            tries += 1;
        }
    }

    async fn once(
        &self,
        request: &RequestBuilder,
        idempotency_key: Option<&str>,
        version: &'static str,
    ) -> Result<Bytes, Failure> {
        let inner = &self.stripe.inner;
        let mut url = format!("{}/v1{}", inner.api_base, request.path);
        if let Some(query) = request.query.as_deref().filter(|query| !query.is_empty()) {
            url = format!("{url}?{query}");
        }
        let mut call = match request.method {
            StripeMethod::Get => inner.http.get(url),
            StripeMethod::Post => inner.http.post(url),
            StripeMethod::Delete => inner.http.delete(url),
        };
        let headers = self.headers(idempotency_key, version).map_err(Failure::permanent)?;
        call = call.headers(headers);
        if let Some(body) = &request.body {
            call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body.clone());
        }
        let answer = call.send().await.map_err(|error| Failure::unreachable(&error))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        let body = bounded(answer).await?;
        if status.is_success() { Ok(body) } else { Err(refused(status.as_u16(), &headers, &body)) }
    }

    fn headers(
        &self,
        idempotency_key: Option<&str>,
        version: &'static str,
    ) -> Result<HeaderMap, StripeError> {
        let header = |value: &str| HeaderValue::from_str(value).map_err(|_| StripeError::unusable_key());
        let mut key = header(&format!("Bearer {}", self.access.key.reveal()))?;
        key.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, key);
        headers.insert("stripe-version", HeaderValue::from_static(version));
        if let Some(account) = &self.access.account {
            headers.insert("stripe-account", header(account)?);
        }
        if let Some(idempotency_key) = idempotency_key {
            headers.insert("idempotency-key", header(idempotency_key)?);
        }
        Ok(headers)
    }
}

/// Requests that async-stripe's builders send are sent the same way.
impl StripeClient for Caller {
    type Err = StripeError;

    async fn execute(&self, request: CustomizedStripeRequest) -> Result<Bytes, StripeError> {
        let (request, settings) = request.into_pieces();
        let key = settings.request_strategy.as_ref().and_then(RequestStrategy::get_key);
        self.send(&request, key.as_ref().map(|key| key.as_str()), API_VERSION).await
    }
}

/// The body of an answer, up to the limit.
pub(super) async fn bounded_body(mut answer: reqwest::Response) -> Result<Option<Bytes>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body.into()))
}

async fn bounded(answer: reqwest::Response) -> Result<Bytes, Failure> {
    match bounded_body(answer).await {
        Ok(Some(body)) => Ok(body),
        Ok(None) => Err(Failure::permanent(StripeError::unreadable())),
        Err(error) => Err(Failure::unreachable(&error)),
    }
}

fn refused(status: u16, headers: &HeaderMap, body: &[u8]) -> Failure {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let error = StripeError::of_answer(status, body, text("request-id").map(super::error::safe));
    let again = match text("stripe-should-retry") {
        Some("true") => true,
        Some("false") => false,
        // Stripe docs: error-low-level; 409 is a call with the same key under way.
        _ => matches!(status, 409 | 429 | 500..=599),
    };
    let wait = text(RETRY_AFTER.as_str()).and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    Failure { error, again, wait }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StripeError> {
    serde_json::from_slice(bytes).map_err(|error| {
        // The position only: the answer itself may hold a secret.
        tracing::warn!(line = error.line(), column = error.column(), "a response of Stripe's cannot be read");
        StripeError::unreadable()
    })
}

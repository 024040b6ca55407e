//! `Idempotency-Key`: a POST that is sent again gets the first answer again.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::identity::api_keys::{StoredResponse, begin_request, store_response};
use engine::identity::sessions::ApiActor;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tracing::Instrument;
use utoipa::IntoParams;

use super::actor::Actor;
use super::problem::{ApiResult, MEDIA_TYPE, Problem};
use super::problem_code::Code;
use super::{LARGEST_ANSWER, LARGEST_BODY};

/// The header that carries the key.
const HEADER: &str = "idempotency-key";
/// Set on an answer that was given before.
const REPLAYED: &str = "idempotent-replayed";
/// The longest key: enough for a UUID or a name of one's own, short enough for an index.
const LONGEST_KEY: usize = 255;

/// Laid into an answer that is good for a short time only: sent again, the request is done
/// again.
#[derive(Debug, Clone, Copy)]
pub struct NotCached;

/// The header, for the document.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
pub struct IdempotencyHeader {
    /// Up to 255 visible characters, such as a UUID. A request with the same key is processed once. Sent again, it
    /// returns the first response.
    #[serde(rename = "Idempotency-Key")]
    #[param(max_length = 255, example = "0f8b1a52-9f0e-4c0e-8f4e-2f6f1f1f9c11")]
    pub _key: Option<String>,
}

/// Does a POST with a key once.
pub async fn layer(State(engine): State<Engine>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    once(engine, request, next).await.unwrap_or_else(IntoResponse::into_response)
}

async fn once(engine: Engine, request: Request, next: Next) -> ApiResult<Response> {
    let key = key_of(&request)?;
    let (mut parts, body) = request.into_parts();
    let Actor(actor) = Actor::from_request_parts(&mut parts, &engine).await?;
    let body = to_bytes(body, LARGEST_BODY).await.map_err(|_| Problem::new(Code::PayloadTooLarge))?;
    let mut hash = Sha256::new();
    hash.update(parts.method.as_str());
    hash.update(b"\n");
    hash.update(parts.uri.path_and_query().map_or("", |path| path.as_str()));
    hash.update(b"\n");
    hash.update(&body);
    let hash = hex::encode(hash.finalize());
    if let Some(kept) = begin_request(&engine, &actor, &key, &hash).await? {
        return again(kept, &hash);
    }
    let request = Request::from_parts(parts, Body::from(body));
    // On its own, so that the work is finished and its answer kept also when the client
    // hangs up meanwhile: it will ask again with the same key.
    let work = tokio::spawn(run_and_keep(engine, actor, key, request, next).in_current_span());
    work.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal)))
}

fn key_of(request: &Request) -> ApiResult<String> {
    let mut values = request.headers().get_all(HEADER).iter();
    let key = values.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let fits = (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    if fits && values.next().is_none() {
        Ok(key.to_owned())
    } else {
        Err(Problem::parameter(
            "Idempotency-Key",
            "Use one key of 1 to 255 visible characters, such as a UUID",
        ))
    }
}

/// The answer to a request whose key was used before.
fn again(kept: StoredResponse, hash: &str) -> ApiResult<Response> {
    if kept.request_hash != hash {
        return Err(Problem::new(Code::IdempotencyKeyReused));
    }
    let (Some(status), Some(body)) = (kept.status, kept.body) else {
        return Err(Problem::new(Code::RequestInProgress));
    };
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.ok_or_else(|| Problem::new(Code::Internal))?;
    let media_type = if status.is_success() { "application/json" } else { MEDIA_TYPE };
    let mut response = (status, [(header::CONTENT_TYPE, media_type)], body).into_response();
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    Ok(response)
}

/// A claimed key: freed unless an answer is kept, also when the work panics.
struct Claim {
    engine: Engine,
    actor: ApiActor,
    key: Option<String>,
}

impl Claim {
    /// The work is done, so a response that cannot be stored must not look like a failure.
    async fn keep(mut self, status: StatusCode, body: &str) {
        let Some(key) = self.key.take() else { return };
        let answer = Some((i64::from(status.as_u16()), body));
        if let Err(error) = store_response(&self.engine, &self.actor, &key, answer).await {
            tracing::error!(%error, "an answer could not be kept under its idempotency key");
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let (engine, actor) = (self.engine.clone(), self.actor.clone());
        tokio::spawn(async move {
            if let Err(error) = store_response(&engine, &actor, &key, None).await {
                tracing::error!(%error, "an idempotency key could not be freed");
            }
        });
    }
}

async fn run_and_keep(
    engine: Engine,
    actor: ApiActor,
    key: String,
    request: Request,
    next: Next,
) -> ApiResult<Response> {
    let claim = Claim { engine, actor, key: Some(key) };
    let (parts, body) = next.run(request).await.into_parts();
    let body = to_bytes(body, LARGEST_ANSWER).await.map_err(|error| {
        tracing::error!(%error, "an API answer could not be read");
        Problem::new(Code::Internal)
    })?;
    let is_fleeting = parts.extensions.get::<NotCached>().is_some();
    let is_kept = !is_fleeting && worth_keeping(parts.status);
    if let Some(text) = std::str::from_utf8(&body).ok().filter(|_| is_kept) {
        claim.keep(parts.status, text).await;
    }
    Ok(Response::from_parts(parts, Body::from(body)))
}

/// What may come out differently the next time is not kept.
fn worth_keeping(status: StatusCode) -> bool {
    !status.is_server_error() && status != StatusCode::TOO_MANY_REQUESTS && status != StatusCode::CONFLICT
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::middleware::from_fn_with_state;
    use axum::routing::post;
    use connect::mail::Mailer;
    use connect::seal::SealingKey;
    use connect::stripe::client::Stripe;
    use connect::stripe::oauth::Platform;
    use domain::clock::{Clock, Random, Timestamp};
    use engine::Parts;
    use engine::identity::accounts::OwnerDraft;
    use store::testing::TestDb;
    use tokio::sync::Notify;
    use tower::ServiceExt;

    use super::*;

    /// A route that counts its calls and answers `502` at the first, if told so.
    struct Bench {
        router: Router,
        key: String,
        calls: Arc<AtomicUsize>,
        entered: Arc<Notify>,
        leave: Arc<Notify>,
        _db: TestDb,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Work {
        Quick,
        FailsFirst,
        PanicsFirst,
        Waits,
    }

    /// A platform without keys.
    fn nobody() -> Platform {
        Platform {
            live: None,
            test: None,
            authorize_url: String::new(),
            token_url: String::new(),
            deauthorize_url: None,
            scope: None,
        }
    }

    impl Bench {
        async fn new(work: Work) -> Self {
            let db = TestDb::new().await;
            let (engine, _) = Engine::start(Parts {
                db: db.db.clone(),
                clock: Clock::fixed(Timestamp(1_700_000_000_000)),
                random: Random::seeded(1),
                key: SealingKey::new(b"the key of the test"),
                stripe: Stripe::new("http://127.0.0.1:9"),
                platform: nobody(),
                mailer: Mailer::folder("mail-of-a-test"),
                base_url: "http://localhost:3000".to_owned(),
                pages: crate::server::PAGES,
                link_grace_ms: 0,
            });
            let owner = OwnerDraft {
                name: "Olga".parse().unwrap(),
                email: "olga@lumen.example".parse().unwrap(),
                password: "correct horse battery".to_owned(),
                company: "Lumen".parse().unwrap(),
            };
            engine::identity::accounts::add_owner(&engine, &owner).await.expect("an owner");
            let key = engine::identity::api_keys::create_for(&engine, owner.email.as_str(), None)
                .await
                .expect("a key");
            let calls = Arc::new(AtomicUsize::new(0));
            let (entered, leave) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            let route = {
                let (calls, entered, leave) = (calls.clone(), entered.clone(), leave.clone());
                post(async move || {
                    let call = calls.fetch_add(1, Ordering::SeqCst) + 1;
                    entered.notify_one();
                    match work {
                        Work::FailsFirst if call == 1 => return (StatusCode::BAD_GATEWAY, "{}".to_owned()),
                        Work::PanicsFirst if call == 1 => panic!("as the test wants it"),
                        Work::Waits => leave.notified().await,
                        _ => {}
                    }
                    (StatusCode::CREATED, format!("{{\"call\":{call}}}"))
                })
            };
            let router =
                Router::new().route("/things", route).layer(from_fn_with_state(engine.clone(), layer));
            Self { router: router.with_state(()), key, calls, entered, leave, _db: db }
        }

        fn request(&self, key: &str, body: &str) -> Request {
            Request::post("/things")
                .header(header::AUTHORIZATION, format!("Bearer {}", self.key))
                .header(HEADER, key)
                .body(Body::from(body.to_owned()))
                .expect("a request")
        }

        async fn send(&self, key: &str, body: &str) -> (u16, String, bool) {
            let response = self.router.clone().oneshot(self.request(key, body)).await.expect("an answer");
            let replayed = response.headers().contains_key(REPLAYED);
            let status = response.status().as_u16();
            let bytes = to_bytes(response.into_body(), LARGEST_ANSWER).await.expect("a body");
            (status, String::from_utf8(bytes.to_vec()).expect("text"), replayed)
        }

        fn calls(&self) -> usize {
            self.calls.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn a_repeated_request_gets_the_first_response() {
        let bench = Bench::new(Work::Quick).await;
        assert_eq!(bench.send("k1", "{}").await, (201, r#"{"call":1}"#.to_owned(), false));
        assert_eq!(bench.send("k1", "{}").await, (201, r#"{"call":1}"#.to_owned(), true));
        assert_eq!(bench.send("k2", "{}").await, (201, r#"{"call":2}"#.to_owned(), false));
    }

    #[tokio::test]
    async fn another_body_with_the_same_idempotency_key_is_refused() {
        let bench = Bench::new(Work::Quick).await;
        bench.send("k1", "{}").await;
        let (status, body, _) = bench.send("k1", "[]").await;
        assert!(status == 422 && body.contains("idempotency_key_reused"), "{status} {body}");
        assert_eq!(bench.calls(), 1);
    }

    #[tokio::test]
    async fn a_request_in_progress_is_not_started_again() {
        let bench = Bench::new(Work::Waits).await;
        let first = tokio::spawn(bench.router.clone().oneshot(bench.request("k1", "{}")));
        bench.entered.notified().await;
        let (status, body, _) = bench.send("k1", "{}").await;
        assert!(status == 409 && body.contains("request_in_progress"), "{status} {body}");
        bench.leave.notify_one();
        assert_eq!(first.await.expect("no panic").expect("an answer").status(), StatusCode::CREATED);
        assert_eq!(bench.send("k1", "{}").await, (201, r#"{"call":1}"#.to_owned(), true));
    }

    #[tokio::test]
    async fn a_client_that_disconnects_gets_the_stored_response_later() {
        let bench = Bench::new(Work::Waits).await;
        let first = tokio::spawn(bench.router.clone().oneshot(bench.request("k1", "{}")));
        bench.entered.notified().await;
        first.abort();
        assert!(first.await.expect_err("it was ended").is_cancelled());
        bench.leave.notify_one();
        loop {
            match bench.send("k1", "{}").await {
                (409, ..) => tokio::task::yield_now().await,
                answer => break assert_eq!(answer, (201, r#"{"call":1}"#.to_owned(), true)),
            }
        }
    }

    #[tokio::test]
    async fn a_failure_frees_the_key() {
        let bench = Bench::new(Work::FailsFirst).await;
        assert_eq!(bench.send("k1", "{}").await.0, 502);
        loop {
            match bench.send("k1", "{}").await {
                (409, ..) => tokio::task::yield_now().await,
                answer => break assert_eq!(answer, (201, r#"{"call":2}"#.to_owned(), false)),
            }
        }
    }

    #[tokio::test]
    async fn a_panic_frees_the_key() {
        let bench = Bench::new(Work::PanicsFirst).await;
        assert_eq!(bench.send("k1", "{}").await.0, 500);
        loop {
            match bench.send("k1", "{}").await {
                (409, ..) => tokio::task::yield_now().await,
                answer => break assert_eq!(answer, (201, r#"{"call":2}"#.to_owned(), false)),
            }
        }
    }

    #[tokio::test]
    async fn a_key_has_1_to_255_visible_characters() {
        let bench = Bench::new(Work::Quick).await;
        for key in ["", "a b", &"k".repeat(256)] {
            let (status, body, _) = bench.send(key, "{}").await;
            assert!(status == 400 && body.contains("Idempotency-Key"), "{status} {body}");
        }
        assert_eq!(bench.send(&"k".repeat(255), "{}").await.0, 201);
        assert_eq!(bench.calls(), 1);
    }
}

//! The REST API, called in-process with real keys.

mod contract;
mod document;
mod files;
mod isolation;
mod money;
mod payouts;
mod referral_requests;
mod refusals;
mod requests;
mod resources;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request};
use engine::Engine;
use engine::identity::accounts::OwnerDraft;
use engine::identity::sessions::MerchantActor;
use serde_json::{Value, json};
use tower::ServiceExt;

use self::contract::Contract;
use crate::harness::World;

/// A program with a key.
pub struct Client {
    router: Router,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// JSON, or the text of a file.
    pub body: Value,
}

impl Answer {
    /// The `data` of a success.
    pub fn data(&self) -> &Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        &self.body["data"]
    }

    /// The id of the one thing that came back.
    pub fn id(&self) -> String {
        self.data()["id"].as_str().expect("an id").to_owned()
    }

    /// The `code` of a problem document that says the same in its head.
    pub fn code(&self) -> &str {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        assert_eq!(self.body["type"], "about:blank");
        assert_eq!(self.headers["x-request-id"], self.body["requestId"].as_str().expect("an id"));
        self.body["code"].as_str().expect("a code")
    }

    /// Where the input is wrong.
    pub fn pointers(&self) -> Vec<&str> {
        assert_eq!(self.code(), "invalid");
        let errors = self.body["errors"].as_array().expect("errors");
        errors
            .iter()
            .map(|error| error["pointer"].as_str().or(error["field"].as_str()).expect("a place"))
            .collect()
    }
}

impl Client {
    pub fn new(engine: &Engine, key: Option<String>) -> Self {
        Self { router: Router::new().nest("/api/v1", honeyguide::http::api::router(engine.clone())), key }
    }

    /// A client with a new key of a company; for all its programs, or one.
    pub async fn of(world: &World, merchant: &MerchantActor, only: Option<&str>) -> Self {
        let only = only.map(|id| id.parse().expect("an id"));
        let made =
            engine::identity::api_keys::create(&world.engine, merchant, only.as_ref()).await.expect("a key");
        Self::new(&world.engine, Some(made.1))
    }

    /// Sends a request. The answer is one that the document describes.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().to_string(), request.uri().to_string());
        let contract = match Contract::known() {
            Some(contract) => contract,
            None => {
                let asked = self::request(Method::GET, "/openapi.json", None);
                let document = self.answer(asked).await.body;
                Contract::of(|| document)
            }
        };
        let answer = self.answer(request).await;
        contract.check(&method, &path, &answer);
        answer
    }

    async fn answer(&self, mut request: Request<Body>) -> Answer {
        if let Some(key) = &self.key {
            let value = format!("Bearer {key}").parse().expect("a header");
            request.headers_mut().insert("authorization", value);
        }
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let is_file = headers.contains_key("content-disposition");
        let body = if is_file {
            Value::String(String::from_utf8(bytes.to_vec()).expect("a file of text"))
        } else {
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        };
        Answer { status, headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, None)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(request(Method::POST, path, Some(body))).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send(request(Method::PATCH, path, Some(body))).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(request(Method::PUT, path, Some(body))).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(request(Method::DELETE, path, None)).await
    }

    /// Every item of a list, in pages of a size.
    pub async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        let mut items = Vec::new();
        let separator = if path.contains('?') { '&' } else { '?' };
        let first = format!("{path}{separator}limit={limit}");
        let mut next = first.clone();
        loop {
            let page = self.get(&next).await;
            let data = page.data().as_array().expect("a list");
            assert!(data.len() <= limit);
            items.extend_from_slice(data);
            let meta = &page.body["meta"];
            if meta["hasMore"] == false {
                assert_eq!(meta["next"], Value::Null);
                return items;
            }
            assert_eq!(data.len(), limit);
            next = format!("{first}&startingAfter={}", meta["next"].as_str().expect("a cursor"));
        }
    }
}

pub fn request(method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let builder = Request::builder().method(method).uri(format!("/api/v1{path}"));
    match body {
        Some(body) => builder
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .expect("a request"),
        None => builder.body(Body::empty()).expect("a request"),
    }
}

/// Its own company in the same installation.
pub async fn another_company(engine: &Engine) -> MerchantActor {
    let owner = OwnerDraft {
        name: "Ines".parse().unwrap(),
        email: "ines@other.example".parse().unwrap(),
        password: "another horse battery".to_owned(),
        company: "Other".parse().unwrap(),
    };
    let account = engine::identity::accounts::add_owner(engine, &owner).await.expect("an owner");
    let person =
        engine::identity::sessions::person(engine, &account).await.expect("an answer").expect("a person");
    person.merchant.expect("who works for a company")
}

/// A program as a script makes one.
pub fn new_program(name: &str) -> Value {
    json!({"name": name, "website": "https://acme.example", "currency": "usd"})
}

/// A confirmed application to the program.
async fn application(world: &World, email: &str) -> domain::ids::ApplicationId {
    application_with(world, email, Vec::new()).await
}

/// The same with answers to the program's own questions.
async fn application_with(
    world: &World,
    email: &str,
    answers: Vec<domain::questions::Answer>,
) -> domain::ids::ApplicationId {
    let engine = &world.engine;
    let terms = engine::programs::terms::list(engine, &world.merchant, &world.program.id).await.unwrap();
    let new = engine::programs::applications::Application {
        id: domain::ids::ApplicationId::new(world.time.now(), engine.random()),
        program_id: world.program.id.clone(),
        email: email.parse().unwrap(),
        name: "Amara Nwosu".to_owned(),
        website: Some("slowpages.example".to_owned()),
        promotion: "A Sunday letter.".to_owned(),
        answers,
        terms_id: terms[0].id.clone(),
        accepted_at: world.time.now(),
        confirmed_at: None,
        status: domain::applications::ApplicationStatus::Unconfirmed,
        reason: None,
        decided_at: None,
        decided_by: None,
        affiliate_id: None,
        invitation_link_id: None,
    };
    let mut conn = engine.db().write().await.unwrap();
    store::applications::put(&mut conn, &new).await.unwrap();
    store::applications::confirm(&mut conn, &new.id, world.time.now()).await.unwrap();
    new.id
}

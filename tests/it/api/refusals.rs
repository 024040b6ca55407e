//! Requests that the API refuses, and their problem documents.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::json;

use super::{Client, new_program, request};
use crate::harness::World;

async fn client() -> (World, Client, String) {
    let world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    let program = format!("/programs/{}", world.program.id);
    (world, client, program)
}

#[tokio::test]
async fn a_secret_opens_only_with_a_configured_key() {
    let (world, ..) = client().await;
    for key in [None, Some("hgk_unknown"), Some("sk_test_1"), Some("")] {
        let client = Client::new(&world.engine, key.map(str::to_owned));
        for answer in [client.get("/me").await, client.post("/programs", new_program("Acme")).await] {
            assert_eq!((answer.status, answer.code()), (401, "unauthorized"), "{key:?}");
            assert_eq!(answer.headers["www-authenticate"], "Bearer");
        }
    }
    let (key, text) = engine::identity::api_keys::create(&world.engine, &world.merchant, None).await.unwrap();
    let client = Client::new(&world.engine, Some(text));
    assert_eq!(client.get("/me").await.status, 200);
    engine::identity::api_keys::revoke(&world.engine, &world.merchant, &key.id).await.unwrap();
    assert_eq!(client.get("/me").await.code(), "unauthorized");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_problems_too() {
    let (_world, client, program) = client().await;
    for path in ["", "/nothing", "/programs/", "/programs/prg_1", "/programs/%FF", "/openapi.yaml"] {
        let answer = client.get(path).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"), "{path}");
    }
    for (method, path) in
        [(Method::DELETE, "/me"), (Method::PUT, program.as_str()), (Method::POST, "/openapi.json")]
    {
        let answer = client.send(request(method, path, None)).await;
        assert_eq!((answer.status, answer.code()), (405, "method_not_allowed"), "{path}");
        assert!(answer.headers["allow"].to_str().unwrap().contains("GET"));
    }
}

#[tokio::test]
async fn every_wrong_field_is_named_at_its_place() {
    let (_world, client, program) = client().await;
    let body = json!({
        "website": "ftp://acme.example",
        "currency": "dollars",
        "timeZone": "Mars/Olympus",
        "commission": {"kind": "percent", "percent": "200"},
        "recurrence": {"kind": "months", "months": 0},
        "windowDays": 366,
        "holdDays": -1,
        "minimumPayout": -5,
        "clickModel": "second",
        "attributionPriority": "x",
    });
    let answer = client.post("/programs", body).await;
    assert_eq!(answer.status, 400);
    let expected = [
        "/name",
        "/website",
        "/currency",
        "/timeZone",
        "/commission/percent",
        "/recurrence/months",
        "/windowDays",
        "/holdDays",
        "/minimumPayout",
        "/clickModel",
        "/attributionPriority",
    ];
    assert_eq!(answer.pointers(), expected);

    let answer = client.post(&format!("{program}/connect-stripe"), json!({"method": "by_letter"})).await;
    assert_eq!(answer.pointers(), ["/method"]);
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("manual"));
    let answer = client.post(&format!("{program}/connect-stripe"), json!({"method": "manual"})).await;
    assert_eq!(answer.pointers(), ["/webhookSecret"]);
    let answer =
        client.patch(&program, json!({"status": "gone", "allowedDomains": ["a.example", "not a host!"]}));
    let answer = answer.await;
    assert_eq!(answer.pointers(), ["/allowedDomains/1", "/status"]);
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("“not a host!”"));
    let answer = client.patch(&program, json!({"currency": "eur"})).await;
    assert_eq!(answer.pointers(), ["/currency"]);
    let answer =
        client.post(&format!("{program}/links"), json!({"destinationUrl": "https://evil.example"})).await;
    assert_eq!(answer.pointers(), ["/affiliateId"]);
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let (_world, client, program) = client().await;
    let wrong = [
        ("/programs?limit=0", "limit"),
        ("/programs?limit=101", "limit"),
        ("/programs?limit=ten", "limit"),
        ("/programs?startingAfter=zzz", "startingAfter"),
        (&format!("{program}/links?affiliateId=prg_1"), "affiliateId"),
        (&format!("{program}/affiliates?status=gone"), "status"),
        (&format!("{program}/conversions?status=gone"), "status"),
        (&format!("{program}/conversions?method=magic"), "method"),
        (&format!("{program}/conversions?from=yesterday"), "from"),
        (&format!("{program}/conversions?until=1700000000"), "until"),
        (&format!("{program}/events?status=lost"), "status"),
        (&format!("{program}/payments?filter=odd"), "filter"),
    ];
    for (path, field) in wrong {
        let answer = client.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.pointers(), [field], "{path}");
        assert!(answer.body["errors"][0].get("pointer").is_none(), "{path}");
    }
    assert_eq!(client.get("/programs?limit=1&limit=2").await.code(), "invalid");
}

#[tokio::test]
async fn bodies_that_are_not_json_or_too_large() {
    let (_world, client, _) = client().await;
    let post = |kind: &str, body: String| {
        Request::post("/api/v1/programs").header("content-type", kind).body(Body::from(body)).unwrap()
    };
    let answer = client.send(post("application/json", "{".to_owned())).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_json"));
    assert_eq!(answer.body["detail"], "The body is not valid JSON.");
    let answer = client.send(post("application/json", String::new())).await;
    assert_eq!((answer.status, answer.code()), (400, "invalid_json"));
    let answer = client.send(post("application/x-www-form-urlencoded", "name=Acme".to_owned())).await;
    assert_eq!((answer.status, answer.code()), (415, "unsupported_media_type"));
    let large = json!({"name": "a".repeat(64 * 1024)}).to_string();
    for idempotency_key in [false, true] {
        let mut request = post("application/json", large.clone());
        if idempotency_key {
            request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
        }
        let answer = client.send(request).await;
        assert_eq!((answer.status, answer.code()), (413, "payload_too_large"));
    }
    let answer = client.post("/programs", json!({"name": 5})).await;
    assert_eq!(answer.pointers(), ["/name"]);
    assert_eq!(answer.body["errors"][0]["message"], "Enter a string");
    let answer = client.post("/programs", json!({"minimumPayout": 1e30})).await;
    assert_eq!(answer.pointers(), ["/minimumPayout"]);
    assert_eq!(answer.body["errors"][0]["message"], "Enter a whole number of minor units");
    let answer = client.post("/programs", json!(["name"])).await;
    assert_eq!(answer.code(), "invalid");
}

#[tokio::test]
async fn a_post_sent_again_is_done_once() {
    let (_world, client, _) = client().await;
    let post = |name: &str| {
        let mut request = request(Method::POST, "/programs", Some(new_program(name)));
        request.headers_mut().insert("idempotency-key", "0f8b1a52".parse().unwrap());
        request
    };
    let before = client.all("/programs", 100).await.len();
    let (first, again) = (client.send(post("Acme")).await, client.send(post("Acme")).await);
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["content-type"], "application/json");
    assert_eq!(again.headers["idempotent-replayed"], "true");
    assert!(first.headers.get("idempotent-replayed").is_none());
    let other = client.send(post("Other")).await;
    assert_eq!((other.status, other.code()), (422, "idempotency_key_reused"));
    assert_eq!(client.all("/programs", 100).await.len(), before + 1);
}

#[tokio::test]
async fn an_id_that_is_sent_along_comes_back() {
    let (_world, client, _) = client().await;
    let mut request = request(Method::GET, "/nothing", None);
    request.headers_mut().insert("x-request-id", "trace-7".parse().unwrap());
    assert_eq!(client.send(request).await.body["requestId"], "trace-7");
}

//! The responses to Stripe's deliveries.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::clock::Timestamp;
use domain::deliveries::{RejectionReason, SignatureError};
use engine::stripe::connections;
use engine::stripe::events;
use engine::worker;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Answer, Merchant, START, Site};

pub const SECRET: &str = "whsec_site_tests";

pub fn signature(secret: &str, body: &[u8], at: Timestamp) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{}.", at.seconds()).as_bytes());
    mac.update(body);
    format!("t={},v1={}", at.seconds(), hex::encode(mac.finalize().into_bytes()))
}

pub async fn connect(site: &Site, merchant: &Merchant) -> String {
    let status = connections::connect_manually(&site.engine, &merchant.actor, &merchant.program.id, SECRET)
        .await
        .unwrap();
    status.webhook_url.strip_prefix(super::BASE).unwrap().to_owned()
}

pub async fn deliver(site: &Site, path: &str, header: Option<&str>, body: &[u8]) -> Answer {
    let mut request =
        Request::post(path).header("host", "hg.test").header("content-type", "application/json");
    if let Some(header) = header {
        request = request.header("stripe-signature", header);
    }
    site.send(request.body(Body::from(body.to_vec())).unwrap()).await
}

/// A one-time charge that carries a token.
pub fn charge(event: &str, token: &str) -> Vec<u8> {
    format!(
        r#"{{"id":"{event}","object":"event","api_version":"2025-02-24.acacia","created":{},"livemode":true,
        "type":"charge.succeeded","data":{{"object":{{"id":"ch_{event}","object":"charge","amount":10000,
        "amount_captured":10000,"amount_refunded":0,"captured":true,"currency":"usd","created":{},"customer":null,
        "invoice":null,"metadata":{{"honeyguide_click":"{token}"}},"payment_intent":"pi_{event}","status":"succeeded",
        "billing_details":{{"email":"ana@buyers.example"}}}}}}}}"#,
        START.seconds() + 60,
        START.seconds() + 60,
    )
    .into_bytes()
}

async fn all_events(site: &Site, merchant: &Merchant) -> Vec<events::InboxEvent> {
    let (actor, program) = (&merchant.actor, &merchant.program.id);
    events::list(&site.engine, actor, program, &events::Filter::default(), None, 10).await.unwrap()
}

#[tokio::test]
async fn deliveries_get_the_documented_responses() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    let body = br#"{"id":"evt_1","object":"event","type":"customer.created","created":1,"livemode":true,"data":{"object":{"id":"cus_1"}}}"#;
    let good = signature(SECRET, body, START);

    let refused = [
        (None, "stripe_signature_missing"),
        (Some("nonsense".to_owned()), "stripe_signature_malformed"),
        (Some(signature(SECRET, body, START.plus_ms(-301_000))), "stripe_signature_stale"),
        (Some(signature(SECRET, body, START.plus_ms(301_000))), "stripe_signature_stale"),
        (Some(signature("whsec_other", body, START)), "stripe_signature_no_match"),
    ];
    for (header, code) in refused {
        let answer = deliver(&site, &path, header.as_deref(), body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{code}");
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("www-authenticate"), "Stripe-Signature");
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["code"], code);
        assert!(!answer.body.contains("whsec_"), "no secret is echoed");
    }
    for _ in 0..2 {
        let answer = deliver(&site, &path, Some(&good), body).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    }
    let unknown = deliver(&site, "/webhooks/stripe/none", Some(&good), body).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let large = vec![b'x'; 1024 * 1024 + 1];
    let answer = deliver(&site, &path, Some(&good), &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.body.contains("payload_too_large"));
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    worker::drain(engine).await.unwrap();
    let refused = engine::stripe::rejections::of_program(engine, actor, program, 1).await.unwrap();
    let counted = |reason: RejectionReason| {
        refused.hours.iter().find(|hour| hour.reason == reason).map(|hour| hour.deliveries)
    };
    assert_eq!(counted(RejectionReason::TooLarge), Some(1), "what is too large is counted too");
    assert_eq!(counted(RejectionReason::Signature(SignatureError::Stale)), Some(2));

    let events = all_events(&site, &merchant).await;
    assert_eq!(events.len(), 1);
    let status = connections::status(&site.engine, &merchant.actor, &merchant.program.id).await.unwrap();
    let connection = status.connection.unwrap();
    assert!(connection.signature_failures.count >= 1, "failures are counted, at most once a second");
}

#[tokio::test]
async fn both_secrets_are_valid_for_a_day_after_a_rotation() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    connections::connect_manually(&site.engine, &merchant.actor, &merchant.program.id, " whsec_new\n")
        .await
        .unwrap();
    for (secret, event) in [(SECRET, "evt_old"), ("whsec_new", "evt_new")] {
        let body = charge(event, "none");
        let answer = deliver(&site, &path, Some(&signature(secret, &body, START)), &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{secret}");
    }
    site.advance(domain::clock::DAY_MS + 1);
    let now = site.engine.now();
    let body = charge("evt_late", "none");
    assert_eq!(
        deliver(&site, &path, Some(&signature(SECRET, &body, now)), &body).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        deliver(&site, &path, Some(&signature("whsec_new", &body, now)), &body).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_signed_body_is_kept_even_if_it_cannot_be_parsed() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    for body in [&b"not json"[..], b"{\"no\":\"id\"}", b"\xff\xfe", b"{\"id\":\"evt_nul\",\"x\":\"\0\"}"] {
        let answer = deliver(&site, &path, Some(&signature(SECRET, body, START)), body).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    worker::drain(&site.engine).await.unwrap();
    let events = all_events(&site, &merchant).await;
    assert_eq!(events.len(), 4);
    assert!(
        events.iter().all(|event| event.status == domain::events::EventStatus::Failed),
        "each says that it could not be read"
    );
}

#[tokio::test]
async fn after_a_disconnection_no_credentials_remain_and_stripe_delivers_nothing() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let path = connect(&site, &merchant).await;
    connections::disconnect(&site.engine, &merchant.actor, &merchant.program.id).await.unwrap();
    let body = charge("evt_after", "none");
    let answer = deliver(&site, &path, Some(&signature(SECRET, &body, START)), &body).await;
    assert_eq!(answer.status, StatusCode::OK);
    let events = all_events(&site, &merchant).await;
    assert!(events.is_empty());
}

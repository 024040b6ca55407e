//! Connecting, asking and disconnecting by the API.

use axum::http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::stripe_site::{NEEDED, StripeSite};
use crate::api::{Client, request};

async fn client(stripe_site: &StripeSite) -> Client {
    let made =
        engine::identity::api_keys::create(&stripe_site.site.engine, &stripe_site.merchant.actor, None)
            .await
            .unwrap();
    Client::new(&stripe_site.site.engine, Some(made.1))
}

#[tokio::test]
async fn a_program_is_connected_by_an_address_that_is_opened_in_a_browser() {
    let stripe_site = StripeSite::new().await;
    let client = client(&stripe_site).await;
    let base = format!("/programs/{}", stripe_site.merchant.program.id);
    let answer =
        client.post(&format!("{base}/connect-stripe"), json!({"method": "oauth", "mode": "test"})).await;
    let data = answer.data();
    assert_eq!((&data["connected"], &data["method"]), (&json!(false), &json!("oauth")));
    assert_eq!(data["programReadiness"]["stripeConnected"], false);
    assert_eq!(data["programReadiness"]["commissionSet"], true);
    let url = url::Url::parse(data["authUrl"].as_str().unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let browser = stripe_site.browser().await;
    let code = stripe_site.allow(&stripe_site.account);
    let back = stripe_site.come_back(&browser, &[("code", &code), ("state", &state)]).await;
    assert_eq!(back.location(), stripe_site.settings());

    let status = client.get(&format!("{base}/stripe")).await;
    let data = status.data();
    assert_eq!(
        (&data["connected"], &data["status"], &data["method"]),
        (&json!(true), &json!("connected"), &json!("oauth"))
    );
    assert_eq!(data["account"], json!({"id": stripe_site.account.account_id(), "name": "Lumen Notes"}));
    assert_eq!((&data["livemode"], &data["endpoint"]["status"]), (&json!(false), &json!("enabled")));
    assert!(data["webhookUrl"].as_str().unwrap().ends_with("/webhooks/stripe"));
    let gone = client.delete(&format!("{base}/connect-stripe")).await;
    assert_eq!((&gone.data()["connected"], &gone.data()["method"]), (&json!(false), &json!("oauth")));
    assert!(!stripe_site.account.is_connected(&stripe_site.keys.client_id));
    let status = client.get(&format!("{base}/stripe")).await;
    assert_eq!(status.data()["status"], "disconnected");
}

/// The address is good for ten minutes, so the answer is not kept for a day.
#[tokio::test]
async fn the_same_idempotency_key_gets_a_fresh_address() {
    let stripe_site = StripeSite::new().await;
    let client = client(&stripe_site).await;
    let path = format!("/programs/{}/connect-stripe", stripe_site.merchant.program.id);
    let mut addresses = Vec::new();
    while addresses.len() < 2 {
        let body = json!({"method": "oauth", "mode": "test"});
        let mut request = request(Method::POST, &path, Some(body));
        request.headers_mut().insert("idempotency-key", HeaderValue::from_static("once"));
        let answer = client.send(request).await;
        // The key is freed a moment after the response.
        if answer.status != 409 {
            addresses.push(answer.data()["authUrl"].as_str().unwrap().to_owned());
        }
        tokio::task::yield_now().await;
    }
    assert_ne!(addresses[0], addresses[1]);
}

#[tokio::test]
async fn a_program_is_connected_by_a_key_that_is_never_in_an_answer() {
    let stripe_site = StripeSite::new().await;
    let client = client(&stripe_site).await;
    let base = format!("/programs/{}", stripe_site.merchant.program.id);
    let connect = format!("{base}/connect-stripe");
    let lacking = stripe_site.account.create_restricted_key(&NEEDED[..12]);
    let answer = client.post(&connect, json!({"method": "key", "restrictedKey": lacking})).await;
    assert_eq!(answer.pointers(), ["/restrictedKey"]);
    assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("Prices: Read"));
    let key = stripe_site.account.create_restricted_key(&NEEDED);
    let answer = client.post(&connect, json!({"method": "key", "restrictedKey": key})).await;
    let data = answer.data();
    assert_eq!(
        (&data["connected"], &data["method"], &data["authUrl"]),
        (&json!(true), &json!("key"), &Value::Null)
    );
    let status = client.get(&format!("{base}/stripe")).await;
    let endpoint = &stripe_site.account.endpoints()[0];
    assert_eq!(status.data()["endpoint"]["id"], endpoint.id);
    for text in [answer.body.to_string(), status.body.to_string()] {
        assert!(!text.contains(&key) && !text.contains(&endpoint.secrets[0]));
    }
}

#[tokio::test]
async fn an_impossible_request_to_connect_says_why() {
    let stripe_site = StripeSite::new().await;
    let client = client(&stripe_site).await;
    let connect = format!("/programs/{}/connect-stripe", stripe_site.merchant.program.id);
    for (body, pointer) in [
        (json!({"method": "magic"}), "/method"),
        (json!({}), "/method"),
        (json!({"method": "oauth", "mode": "both"}), "/mode"),
        (json!({"method": "key"}), "/restrictedKey"),
        (json!({"method": "key", "restrictedKey": "sk_live_canary1234567"}), "/restrictedKey"),
        (json!({"method": "manual"}), "/webhookSecret"),
    ] {
        let answer = client.post(&connect, body.clone()).await;
        assert_eq!(answer.pointers(), [pointer], "{body}");
        assert!(!answer.body.to_string().contains("canary"));
    }
}

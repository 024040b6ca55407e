//! Restricted and revoked keys.

use sandbox::{Level, Permission, Stripe};
use serde_json::Value;

use crate::{account, client, sandbox};

async fn call(url: &str, key: &str, path: &str, form: Option<&[(&str, &str)]>) -> (u16, String) {
    let url = format!("{url}/v1/{path}");
    let request = match form {
        Some(form) => client().post(url).form(form),
        None => client().get(url),
    };
    let response = request.bearer_auth(key).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"]["message"].as_str().unwrap_or_default().to_owned())
}

fn restricted(stripe: &Stripe) -> String {
    stripe.create_restricted_key(&[
        (Permission::Events, Level::Read),
        (Permission::WebhookEndpoints, Level::Write),
    ])
}

#[tokio::test]
async fn a_restricted_key_works_within_its_permissions_and_names_missing_ones() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let key = restricted(&stripe);
    assert!(key.starts_with("rk_test_51"));
    let endpoint = [("url", "http://localhost/hook"), ("enabled_events[]", "*")];
    assert_eq!(call(&url, &key, "events?limit=1", None).await.0, 200);
    assert_eq!(call(&url, &key, "webhook_endpoints", Some(&endpoint)).await.0, 200);
    assert_eq!(call(&url, &key, "webhook_endpoints?limit=1", None).await.0, 200, "writing includes reading");
    let (status, words) = call(&url, &key, "account", None).await;
    let end = &key[key.len() - 4..];
    assert_eq!(status, 403);
    assert_eq!(
        words,
        format!(
            "The provided key 'rk_test_****{end}' does not have the required permissions for this endpoint on account '{}'. Having the 'rak_accounts_kyc_basic_read' permission would allow this request to continue.",
            stripe.account_id()
        )
    );
    stripe.set_permission(&key, Permission::Account, Some(Level::Read)).unwrap();
    stripe.set_permission(&key, Permission::WebhookEndpoints, Some(Level::Read)).unwrap();
    assert_eq!(call(&url, &key, "account", None).await.0, 200);
    let (status, words) = call(&url, &key, "webhook_endpoints", Some(&endpoint)).await;
    assert!(status == 403 && words.contains("'rak_webhook_write'"), "{words}");
    stripe.set_permission(&key, Permission::Events, None).unwrap();
    assert!(call(&url, &key, "events", None).await.1.contains("'rak_event_read'"));
}

#[tokio::test]
async fn keys_belong_to_one_account_and_end() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let other = stripe.new_account("Lumen Studio");
    let (key, others, live) =
        (restricted(&stripe), other.create_secret_key(), stripe.live().create_secret_key());
    assert!(live.starts_with("sk_live_51"));
    let id = async |key: &str| {
        let response = client().get(format!("{url}/v1/account")).bearer_auth(key).send().await.unwrap();
        response.json::<Value>().await.unwrap()["id"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(id(&others).await, other.account_id());
    assert_eq!(id(&live).await, stripe.account_id());
    let (status, words) = call(&url, "sk_test_1234567890", "account", None).await;
    assert_eq!((status, words.as_str()), (401, "Invalid API Key provided: sk_test_****7890"));
    stripe.revoke_key(&key).unwrap();
    let (status, words) = call(&url, &key, "events", None).await;
    assert_eq!(status, 401);
    assert!(words.starts_with("Expired API Key provided: rk_test_****"), "{words}");
}

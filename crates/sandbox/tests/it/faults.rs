//! Injected failures, and endpoints that are broken.

use std::time::Duration;

use reqwest::{Client, Response};
use sandbox::{ApiVersion, Defect, Failure, Fault, NewEndpoint, Stripe};
use serde_json::Value;

use crate::{account, client, sandbox};

const KEY: &str = "sk_test_1234567890";

async fn get(client: &Client, url: &str, path: &str) -> reqwest::Result<Response> {
    client.get(format!("{url}/v1/{path}")).bearer_auth(KEY).send().await
}

#[tokio::test]
async fn each_failure_looks_as_it_does_in_production() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let http = client();
    let once = |failure| stripe.fail(Fault::new(failure).on("/v1/events").times(1));

    once(Failure::TooMany { retry_after: Some(2) });
    let answer = get(&http, &url, "events").await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(answer.headers().contains_key("stripe-rate-limited-reason"));
    assert_eq!(answer.headers()["retry-after"], "2");
    assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "rate_limit");

    once(Failure::Status(503));
    assert_eq!(get(&http, &url, "events").await.unwrap().status(), 503);
    once(Failure::Garbage);
    assert!(get(&http, &url, "events").await.unwrap().json::<Value>().await.is_err());
    once(Failure::Cut);
    assert!(get(&http, &url, "events").await.unwrap().bytes().await.is_err());
    once(Failure::Silence);
    let hasty = Client::builder().timeout(Duration::from_millis(200)).build().unwrap();
    assert!(get(&hasty, &url, "events").await.unwrap_err().is_timeout());
    assert_eq!(get(&http, &url, "events").await.unwrap().status(), 200);
    let statuses: Vec<_> = stripe.requests().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(429), Some(503), Some(200), None, None, Some(200)]);
}

#[tokio::test]
async fn a_request_whose_response_is_cut_off_was_carried_out() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    stripe.fail(Fault::new(Failure::Cut).method("POST").times(1));
    let create = || {
        let form = [("url", "http://localhost/hook"), ("enabled_events[]", "*")];
        let request = client().post(format!("{url}/v1/webhook_endpoints")).bearer_auth(KEY);
        request.header("idempotency-key", "one").form(&form).send()
    };
    assert!(create().await.unwrap().bytes().await.is_err());
    assert_eq!(stripe.endpoints().len(), 1);
    let again = create().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.json::<Value>().await.unwrap()["secret"], stripe.endpoints()[0].secrets[0].as_str());
    assert_eq!(stripe.endpoints().len(), 1);
    let keys: Vec<_> = stripe.requests().into_iter().map(|it| it.idempotency_key).collect();
    assert_eq!(keys, [Some("one".to_owned()), Some("one".to_owned())]);
}

#[tokio::test]
async fn too_many_calls_in_a_second_are_refused() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    stripe.limit_calls(Some(2));
    let http = client();
    for wanted in [200, 200, 429] {
        assert_eq!(get(&http, &url, "account").await.unwrap().status(), wanted);
    }
    stripe.clear_faults();
    assert_eq!(get(&http, &url, "account").await.unwrap().status(), 200);
}

fn endpoint(stripe: &Stripe) -> String {
    let new = NewEndpoint {
        url: "http://localhost/hook".to_owned(),
        enabled_events: vec!["*".to_owned()],
        api_version: Some(ApiVersion::ACACIA),
        metadata: [("ours".to_owned(), "yes".to_owned())].into(),
        ..NewEndpoint::default()
    };
    stripe.add_endpoint(new).unwrap().0
}

#[test]
fn an_endpoint_can_be_broken_in_every_way() {
    let broken = |defect| {
        let stripe = account();
        let id = endpoint(&stripe);
        let before = stripe.endpoints().remove(0);
        let after = stripe.break_endpoint(&id, defect).unwrap();
        assert!(stripe.break_endpoint("we_none", defect).is_err());
        (before, stripe.endpoints(), after)
    };
    assert!(broken(Defect::Deleted).1.is_empty());
    assert!(broken(Defect::Disabled).1[0].disabled);
    assert!(broken(Defect::WrongUrl).1[0].url.contains("unreachable"));
    assert_eq!(broken(Defect::FewerEvents).1[0].enabled_events, ["charge.refunded"]);
    let (before, after, _) = broken(Defect::SecretRolled);
    assert!(after[0].secrets.len() == 1 && after[0].secrets != before.secrets);
    let (before, after, id) = broken(Defect::WrongVersion);
    assert_eq!((after.len(), after[0].api_version, &after[0].id), (1, Some(ApiVersion::OLDEST), &id));
    assert_eq!((&after[0].secrets, &after[0].metadata), (&before.secrets, &before.metadata));
    let (before, after, id) = broken(Defect::Doubled);
    assert_eq!((after.len(), &after[0], &after[1].id), (2, &before, &id));
    assert_eq!(after[1].metadata, before.metadata);
}

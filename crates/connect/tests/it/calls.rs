//! What we ask for, beside what Stripe's own clients send, and what the sandbox answers.

use std::collections::BTreeMap;

use connect::secret::Secret;
use connect::stripe::client::{API_VERSION, Access, Stripe};
use connect::stripe::endpoints::{self, Change, NewEndpoint};
use connect::stripe::{account::account, charges, events, invoice_payments};
use domain::clock::{Clock, Random, Timestamp};
use sandbox::{Buyer, NewPrice, NewSession, Settings};
use tokio::net::TcpListener;

use crate::answerer::{Answer, Answerer};
use crate::{KEY, caller};

const ENDPOINT: &str = r#"{"id":"we_1","object":"webhook_endpoint","url":"https://e.com/h","status":"enabled",
    "api_version":"2025-02-24.acacia","enabled_events":["invoice.paid"],"metadata":{"a":"b"},"livemode":false,
    "application":null,"description":null,"created":1,"secret":"whsec_new","some_new_field":{"x":1}}"#;

fn new_endpoint() -> NewEndpoint {
    NewEndpoint {
        url: "https://e.com/h".to_owned(),
        events: vec!["invoice.paid".to_owned(), "charge.refunded".to_owned()],
        connect: false,
        description: "Honeyguide".to_owned(),
        metadata: BTreeMap::from([("a".to_owned(), "b".to_owned())]),
    }
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    pairs.sort();
    pairs
}

#[tokio::test]
async fn an_endpoint_is_asked_for_as_stripes_clients_do() {
    let (stripe, base) = Answerer::serve([Answer::Is(200, ENDPOINT)]).await;
    let made = endpoints::create(&caller(&base), &new_endpoint(), "key-1").await.unwrap();
    assert_eq!(made.secret.as_ref().map(Secret::reveal), Some("whsec_new"));
    assert!(!format!("{made:?}").contains("whsec_new"));

    let asked = &stripe.asked()[0];
    assert_eq!((asked.method.as_str(), asked.uri.path()), ("POST", "/v1/webhook_endpoints"));
    assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(asked.header("stripe-version"), Some(API_VERSION));
    assert_eq!(asked.header("idempotency-key"), Some("key-1"));
    assert_eq!(asked.header("stripe-account"), None);
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    let expected = [
        ("url", "https://e.com/h"),
        ("enabled_events[0]", "invoice.paid"),
        ("enabled_events[1]", "charge.refunded"),
        ("api_version", "2025-02-24.acacia"),
        ("description", "Honeyguide"),
        ("metadata[a]", "b"),
    ];
    assert_eq!(asked.pairs(), pairs(&expected));

    let connect = NewEndpoint { connect: true, ..new_endpoint() };
    endpoints::create(&caller(&base), &connect, "key-2").await.unwrap();
    assert!(stripe.asked()[1].pairs().contains(&("connect".to_owned(), "true".to_owned())));
}

#[tokio::test]
async fn only_what_changes_is_sent_and_never_the_version() {
    let (stripe, base) = Answerer::serve([Answer::Is(200, ENDPOINT)]).await;
    let change = Change { disabled: Some(false), ..Change::default() };
    endpoints::update(&caller(&base), "we_1", &change, "key").await.unwrap();
    let all = Change {
        url: Some("https://e.com/new".to_owned()),
        disabled: None,
        events: Some(vec!["invoice.paid".to_owned()]),
        metadata: Some(BTreeMap::from([("a".to_owned(), "c".to_owned())])),
    };
    endpoints::update(&caller(&base), "we_1", &all, "key").await.unwrap();
    let asked = stripe.asked();
    assert_eq!((asked[0].method.as_str(), asked[0].uri.path()), ("POST", "/v1/webhook_endpoints/we_1"));
    assert_eq!(asked[0].pairs(), pairs(&[("disabled", "false")]));
    let expected =
        [("url", "https://e.com/new"), ("enabled_events[0]", "invoice.paid"), ("metadata[a]", "c")];
    assert_eq!(asked[1].pairs(), pairs(&expected));
}

#[tokio::test]
async fn lists_are_requested_with_their_parameters_and_account() {
    let (stripe, base) =
        Answerer::serve([Answer::Is(200, r#"{"object":"list","data":[],"has_more":true}"#)]).await;
    let access = Access { key: Secret::new(KEY.to_owned()), account: Some("acct_1".to_owned()) };
    let caller = Stripe::new(&format!("{base}/")).with(&access);
    let since = Timestamp::from_seconds(1_700_000_000);
    let page =
        events::page(&caller, &["invoice.paid", "charge.refunded"], since, Some("evt_9")).await.unwrap();
    assert!(!page.has_more, "an empty page has no next one, whatever it says");
    charges::page(&caller, since, since.plus_days(1), None).await.unwrap();
    invoice_payments::of_intent(&caller, "pi_1").await.unwrap();
    let asked = stripe.asked();
    assert_eq!(asked[0].header("stripe-account"), Some("acct_1"));
    assert_eq!(asked[0].uri.path(), "/v1/events");
    let expected = [
        ("types[0]", "invoice.paid"),
        ("types[1]", "charge.refunded"),
        ("created[gte]", "1700000000"),
        ("limit", "100"),
        ("starting_after", "evt_9"),
    ];
    assert_eq!(asked[0].pairs(), pairs(&expected));
    let expected = [("created[gte]", "1700000000"), ("created[lt]", "1700086400"), ("limit", "100")];
    assert_eq!((asked[1].uri.path(), asked[1].pairs()), ("/v1/charges", pairs(&expected)));
    let expected = [("payment[type]", "payment_intent"), ("payment[payment_intent]", "pi_1")];
    assert_eq!((asked[2].uri.path(), asked[2].pairs()), ("/v1/invoice_payments", pairs(&expected)));
    assert_eq!(asked[2].header("stripe-version"), Some("2025-08-27.basil"));
}

#[tokio::test]
async fn responses_of_other_versions_are_read() {
    let body = r#"{"object":"list","has_more":false,"data":[
        {"id":"ch_1","amount":500,"payment_intent":{"id":"pi_1","object":"payment_intent"},"customer":null,
         "status":"succeeded","captured":true,"amount_captured":500,"created":1700000000,"currency":"usd"},
        {"id":"py_2","amount_refunded":null}]}"#;
    let (_, base) = Answerer::serve([Answer::Is(200, body)]).await;
    let now = Timestamp::from_seconds(0);
    let page = charges::page(&caller(&base), now, now, None).await.unwrap();
    assert_eq!(page.charges[0].payment_intent.as_deref(), Some("pi_1"));
    assert!(page.charges[0].is_paid() && !page.charges[1].is_paid());

    let body = r#"{"id":"acct_1","settings":{"dashboard":{"display_name":"Lumen"}},"business_profile":null}"#;
    let (_, base) = Answerer::serve([Answer::Is(200, body)]).await;
    assert_eq!(account(&caller(&base)).await.unwrap().name.as_deref(), Some("Lumen"));
}

#[tokio::test]
async fn the_sandbox_stores_endpoints_and_lists_events() {
    let now = Timestamp::from_seconds(1_794_700_800);
    let stripe = sandbox::Stripe::new(Clock::fixed(now), Random::seeded(7));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { base_url: base.clone(), shop: None, tracking: None };
    let router = sandbox::router(stripe.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let access = Access { key: Secret::new("sk_test_1234567890".to_owned()), account: None };
    let caller = Stripe::new(&base).with(&access);

    let made = endpoints::create(&caller, &new_endpoint(), "once").await.unwrap();
    assert!(made.secret.is_some());
    let again = endpoints::create(&caller, &new_endpoint(), "once").await.unwrap();
    assert_eq!(again.id, made.id, "the same key makes nothing new");
    let listed = endpoints::list_all(&caller).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].secret, None, "told once");
    assert_eq!(listed[0].api_version.as_deref(), Some(API_VERSION));
    let off = Change { disabled: Some(true), ..Change::default() };
    assert!(!endpoints::update(&caller, &made.id, &off, "off").await.unwrap().is_enabled());

    let price = stripe.create_price(NewPrice::once("Atlas", 4_900, "usd")).unwrap();
    let receipt = stripe.buy(NewSession::of(&price), &Buyer::new("a@example.com", "A")).unwrap();
    let page = events::page(&caller, &["charge.succeeded"], now.plus_days(-1), None).await.unwrap();
    assert_eq!(page.events.len(), 1);
    let event: serde_json::Value = serde_json::from_slice(&page.events[0]).unwrap();
    assert_eq!(event["data"]["object"]["id"].as_str(), receipt.charge.as_deref());
    let page = charges::page(&caller, now.plus_days(-1), now.plus_days(1), None).await.unwrap();
    assert_eq!((page.charges.len(), page.charges[0].amount_captured), (1, 4_900));
    let intent = page.charges[0].payment_intent.clone().unwrap();
    assert!(invoice_payments::of_intent(&caller, &intent).await.unwrap().is_empty());
    let id = page.charges[0].id.as_str();
    assert_eq!(charges::charge(&caller, id).await.unwrap().unwrap(), page.charges[0]);
    assert_eq!(charges::charge(&caller, "ch_none").await.unwrap(), None);
    assert_eq!(account(&caller).await.unwrap().id, stripe.account_id());
    caller.probe("/charges").await.unwrap();

    endpoints::delete(&caller, &made.id).await.unwrap();
    endpoints::delete(&caller, &made.id).await.unwrap();
    assert!(endpoints::list_all(&caller).await.unwrap().is_empty());
}

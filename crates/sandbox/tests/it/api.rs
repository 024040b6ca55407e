//! The API over HTTP.

use reqwest::{Client, Method, Response};
use sandbox::{ApiVersion, Buyer, Interval, NewPrice, NewSession, Stripe};
use serde_json::Value;

use crate::{account, client, sandbox};

/// A caller with a key.
struct Api {
    client: Client,
    url: String,
    version: &'static str,
}

impl Api {
    async fn of(stripe: &Stripe) -> Self {
        let version = ApiVersion::NEWEST.name();
        Self { client: client(), url: sandbox(stripe).await, version }
    }

    async fn send(&self, method: Method, path: &str, form: &[(&str, &str)]) -> Response {
        let mut request = self
            .client
            .request(method.clone(), format!("{}/v1/{path}", self.url))
            .bearer_auth("sk_test_1234567890")
            .header("stripe-version", self.version);
        if method == Method::POST {
            request = request.form(form);
        }
        request.send().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        read(self.send(Method::POST, path, form).await).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        read(self.send(Method::GET, path, &[]).await).await
    }
}

async fn read(response: Response) -> (u16, Value) {
    assert!(response.headers().contains_key("request-id"));
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn webhook_endpoints_are_made_changed_and_deleted() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let form = [
        ("url", "http://localhost:3000/hook"),
        ("enabled_events[0]", "invoice.paid"),
        ("enabled_events[1]", "charge.refunded"),
        ("api_version", "2025-02-24.acacia"),
        ("metadata[honeyguide_instance]", "one"),
    ];
    let (status, made) = api.post("webhook_endpoints", &form).await;
    assert_eq!(status, 200);
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(made["enabled_events"][1], "charge.refunded");
    let path = format!("webhook_endpoints/{}", made["id"].as_str().unwrap());

    let (_, read) = api.get(&path).await;
    assert_eq!(read.get("secret"), None);
    assert_eq!(read["api_version"], "2025-02-24.acacia");
    assert_eq!(read["metadata"]["honeyguide_instance"], "one");

    let (_, off) = api.post(&path, &[("disabled", "true"), ("enabled_events[]", "*")]).await;
    assert_eq!((&off["status"], &off["enabled_events"][0]), (&"disabled".into(), &"*".into()));
    let (status, refused) = api.post(&path, &[("api_version", "2023-10-16")]).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &"parameter_unknown".into()));

    let response = api.send(Method::DELETE, &path, &[]).await;
    let deleted: Value = response.json().await.unwrap();
    assert_eq!(deleted["deleted"], true);
    assert_eq!(api.get(&path).await.0, 404);
}

#[tokio::test]
async fn an_account_can_have_sixteen_endpoints() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let form = [("url", "http://localhost/hook"), ("enabled_events[]", "*")];
    for _ in 0..16 {
        assert_eq!(api.post("webhook_endpoints", &form).await.0, 200);
    }
    let (status, refused) = api.post("webhook_endpoints", &form).await;
    assert_eq!(status, 400);
    assert!(refused["error"]["message"].as_str().unwrap().contains("16"));
    let (_, list) = api.get("webhook_endpoints?limit=3").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    assert_eq!(list["has_more"], true);
}

#[tokio::test]
async fn a_connected_account_has_no_endpoints_of_its_own() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let response = api
        .client
        .post(format!("{}/v1/webhook_endpoints", api.url))
        .basic_auth("sk_test_1234567890", Some(""))
        .header("stripe-account", stripe.account_id())
        .form(&[("url", "http://localhost/hook"), ("enabled_events[]", "*")])
        .send()
        .await
        .unwrap();
    let (status, refused) = read(response).await;
    assert_eq!(status, 400);
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("You are not permitted to configure webhook endpoints"));
}

#[tokio::test]
async fn a_session_is_made_completed_and_found_again() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let form = [
        ("mode", "subscription"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "2000"),
        ("line_items[0][price_data][product_data][name]", "Pro"),
        ("line_items[0][price_data][recurring][interval]", "month"),
        ("client_reference_id", "hgc_1"),
        ("subscription_data[metadata][honeyguide_click]", "hgc_1"),
        ("success_url", "http://shop.test/thanks"),
    ];
    let (status, session) = api.post("checkout/sessions", &form).await;
    assert_eq!(status, 200, "{session}");
    let id = session["id"].as_str().unwrap();
    assert_eq!(session["url"], format!("http://sandbox.test/c/{id}"));
    let receipt = stripe.complete_session(id, &Buyer::new("ann@example.com", "Ann")).unwrap();
    let path = format!("checkout/sessions/{id}?expand[]=line_items&expand[]=invoice");
    let (_, session) = api.get(&path).await;
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(session["line_items"]["data"][0]["price"]["unit_amount"], 2000);
    assert_eq!(session["invoice"]["amount_paid"], 2000);
    let sub = receipt.subscription.unwrap();
    let (_, list) = api.get(&format!("invoices?subscription={sub}&expand[]=data.payments")).await;
    let payment = &list["data"][0]["payments"]["data"][0]["payment"];
    let intent = payment["payment_intent"].as_str().unwrap();
    let path = format!("invoice_payments?payment[type]=payment_intent&payment[payment_intent]={intent}");
    let (_, list) = api.get(&path).await;
    assert_eq!(list["data"][0]["invoice"], receipt.invoice.unwrap().as_str());
}

#[tokio::test]
async fn wrong_parameters_are_named() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let blank = [("line_items[0][price]", "price_1"), ("client_reference_id", "")];
    let (status, refused) = api.post("checkout/sessions", &blank).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &"client_reference_id".into()));
    let (status, refused) = api.post("payment_intents", &[("amount", "x"), ("currency", "usd")]).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &"parameter_invalid_integer".into()));
    let (status, refused) = api.get("charges/ch_none").await;
    assert_eq!((status, &refused["error"]["code"]), (404, &"resource_missing".into()));
    let (status, refused) = api.get("no/such/thing").await;
    assert_eq!((status, &refused["error"]["type"]), (404, &"invalid_request_error".into()));
    assert_eq!(api.get("charges?limit=101").await.0, 400);
    assert_eq!(api.get("charges?starting_after=ch_none").await.0, 400);
}

#[tokio::test]
async fn keys_are_needed_and_versions_known() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let bare = client().get(format!("{}/v1/account", api.url)).send().await.unwrap();
    assert_eq!(read(bare).await.0, 401);
    assert_eq!(api.get("account").await.1["id"], stripe.account_id());
    let old = Api { version: "2011-01-01", ..api };
    assert_eq!(old.get("account").await.0, 400);
}

#[tokio::test]
async fn a_payment_intent_is_paid_refunded_and_declined() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let form = [
        ("amount", "1500"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("metadata[honeyguide_click]", "hgc_1"),
        ("expand[]", "latest_charge"),
    ];
    let (_, intent) = api.post("payment_intents", &form).await;
    assert_eq!(intent["status"], "succeeded");
    assert_eq!(intent["latest_charge"]["metadata"]["honeyguide_click"], "hgc_1");
    let id = intent["id"].as_str().unwrap();
    let (_, refund) = api.post("refunds", &[("payment_intent", id), ("amount", "500")]).await;
    assert_eq!((&refund["amount"], &refund["status"]), (&500.into(), &"succeeded".into()));
    let declined = [
        ("amount", "1"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_chargeDeclined"),
    ];
    let (status, refused) = api.post("payment_intents", &declined).await;
    assert_eq!((status, &refused["error"]["code"]), (402, &"card_declined".into()));
}

#[tokio::test]
async fn the_shape_follows_the_version_header() {
    let stripe = account();
    let price = stripe.create_price(NewPrice::every(Interval::Month, "Pro", 2_000, "usd")).unwrap();
    let receipt = stripe.buy(NewSession::of(&price), &Buyer::new("a@b.c", "Ann")).unwrap();
    let api = Api::of(&stripe).await;
    let path = format!("charges/{}", receipt.charge.unwrap());
    assert_eq!(api.get(&path).await.1.get("invoice"), None);
    let acacia = Api { version: ApiVersion::ACACIA.name(), ..api };
    assert_eq!(acacia.get(&path).await.1["invoice"], receipt.invoice.unwrap().as_str());
    assert_eq!(acacia.get("invoice_payments").await.0, 404);
}

#[tokio::test]
async fn an_idempotency_key_does_the_work_once() {
    let stripe = account();
    let api = Api::of(&stripe).await;
    let create = |email: &'static str| {
        api.client
            .post(format!("{}/v1/customers", api.url))
            .bearer_auth("sk_test_1234567890")
            .header("idempotency-key", "one")
            .form(&[("email", email)])
            .send()
    };
    let first = create("ann@example.com").await.unwrap();
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let (_, first) = read(first).await;
    let again = create("ann@example.com").await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(read(again).await.1["id"], first["id"]);
    let (status, other) = read(create("bob@example.com").await.unwrap()).await;
    assert_eq!((status, &other["error"]["type"]), (400, &"idempotency_error".into()));
    assert_eq!(api.get("customers").await.1["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn events_are_listed_by_type_and_paged_in_their_own_version() {
    let stripe = account();
    stripe.set_api_version(ApiVersion::ACACIA);
    for name in ["Ann", "Bob", "Cleo"] {
        stripe.create_customer("ann@example.com", name, sandbox::Metadata::new());
    }
    let api = Api::of(&stripe).await;
    let (_, page) = api.get("events?types[0]=customer.created&limit=2").await;
    assert_eq!(page["has_more"], true);
    assert_eq!(page["data"][0]["data"]["object"]["name"], "Cleo");
    assert_eq!(page["data"][0]["api_version"], ApiVersion::ACACIA.name());
    let last = page["data"][1]["id"].as_str().unwrap();
    let (_, page) = api.get(&format!("events?type=customer.*&starting_after={last}")).await;
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
    assert_eq!(page["has_more"], false);
    let future = format!("events?created[gte]={}", crate::NOW + 1);
    assert!(api.get(&future).await.1["data"].as_array().unwrap().is_empty());
    let many: String = (0..21).map(|n| format!("types[{n}]=a.b&")).collect();
    assert_eq!(api.get(&format!("events?{many}")).await.0, 400);
}

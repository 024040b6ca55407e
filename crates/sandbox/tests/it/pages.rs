//! The pages over HTTP, without scripts.

use reqwest::{Client, Response};
use sandbox::{ApiVersion, Metadata, NewPaymentLink, NewPrice, Stripe};
use serde_json::{Value, json};

use crate::{account, client, json as event_json, kinds, newest, sandbox};

const GOOD: [(&str, &str); 6] = [
    ("email", "ann@example.com"),
    ("name", "Ann Example"),
    ("method", "card"),
    ("card", "4242 4242 4242 4242"),
    ("expiry", "12 / 34"),
    ("cvc", "123"),
];

struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    async fn of(stripe: &Stripe) -> Self {
        Self { client: client(), url: sandbox(stripe).await }
    }

    async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.client.post(format!("{}{path}", self.url)).form(form).send().await.unwrap()
    }
}

fn location(response: &Response) -> String {
    assert!(response.status().is_redirection(), "{}", response.status());
    response.headers()["location"].to_str().unwrap().to_owned()
}

/// A Payment Link for one price; gives the path of its page.
fn link(stripe: &Stripe) -> String {
    let price = stripe.create_price(NewPrice::once("Atlas <b>", 4_900, "usd")).unwrap();
    let id =
        stripe.create_payment_link(NewPaymentLink { lines: vec![(price, 1)], ..Default::default() }).unwrap();
    format!("/b/{id}")
}

/// The newest completed session.
fn completed(stripe: &Stripe) -> Value {
    event_json(&newest(stripe, "checkout.session.completed"), ApiVersion::NEWEST)["data"]["object"].take()
}

#[tokio::test]
async fn a_payment_link_carries_its_reference_into_the_payment() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let link = link(&stripe);
    let path = format!("{link}?client_reference_id=hgc_1&prefilled_email=bob%40example.com");
    let checkout = location(&browser.get(&path).await);
    let html = browser.get(&checkout).await.text().await.unwrap();
    assert!(html.contains("bob@example.com") && html.contains("49.00 USD"));
    assert!(html.contains("Atlas &lt;b&gt;") && !html.contains("Atlas <b>"));
    assert_eq!(location(&browser.post(&checkout, &GOOD).await), checkout);
    let session = completed(&stripe);
    assert_eq!(session["client_reference_id"], "hgc_1");
    assert_eq!(session["payment_status"], "paid");
    assert_eq!(session["customer_details"]["email"], "ann@example.com");
    assert!(session["payment_link"].as_str().unwrap().starts_with("plink_"));
    let again = browser.post(&checkout, &GOOD).await.text().await.unwrap();
    assert!(again.contains("The payment is complete."));
    assert_eq!(kinds(&stripe).iter().filter(|it| **it == "charge.succeeded").count(), 1);
}

#[tokio::test]
async fn a_reference_with_other_characters_is_dropped() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let checkout = location(&browser.get(&format!("{}?client_reference_id=a%2Fb", link(&stripe))).await);
    browser.post(&checkout, &GOOD).await;
    assert_eq!(completed(&stripe)["client_reference_id"], json!(null));
    assert_eq!(browser.get("/b/none").await.status(), 404);
}

#[tokio::test]
async fn wrong_fields_are_named_and_nothing_typed_is_lost() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let checkout = location(&browser.get(&link(&stripe)).await);
    let mut form = GOOD;
    form[0].1 = "ann";
    form[3].1 = "4000 0000 0000 0002";
    let response = browser.post(&checkout, &form).await;
    assert_eq!(response.status(), 422);
    let html = response.text().await.unwrap();
    for expected in [
        "id=\"email-problem\"",
        "Your card was declined.",
        "value=\"4000 0000 0000 0002\"",
        "value=\"Ann Example\"",
        "2 fields to correct.",
    ] {
        assert!(html.contains(expected), "{expected}");
    }
    assert!(!kinds(&stripe).contains(&"checkout.session.completed"));
}

#[tokio::test]
async fn a_promotion_code_is_taken_or_refused_beside_its_field() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let price = stripe.create_price(NewPrice::once("Atlas", 4_900, "usd")).unwrap();
    let checkout = location(&browser.get(&format!("/b/{price}")).await);
    let with = |code: &'static str| GOOD.into_iter().chain([("promotion_code", code)]).collect::<Vec<_>>();
    let html = browser.post(&checkout, &with("NONE")).await.text().await.unwrap();
    assert!(html.contains("promotion_code-problem"));
    location(&browser.post(&checkout, &with("welcome10")).await);
    assert_eq!(completed(&stripe)["amount_total"], 4_410);
}

#[tokio::test]
async fn paying_later_is_settled_in_the_dashboard() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let checkout = location(&browser.get(&link(&stripe)).await);
    let later = [("email", "ann@example.com"), ("name", "Ann"), ("method", "later")];
    location(&browser.post(&checkout, &later).await);
    let session = completed(&stripe)["id"].as_str().unwrap().to_owned();
    let html = browser.get("/").await.text().await.unwrap();
    assert!(html.contains("Waiting for money") && html.contains(&session));
    let back = location(&browser.post("/do/settle", &[("id", &session)]).await);
    let html = browser.get(back.trim_start_matches("..")).await.text().await.unwrap();
    assert!(html.contains("The payment arrived.") && !html.contains("Waiting for money"));
}

#[tokio::test]
async fn the_dashboards_buttons_work_and_say_what_went_wrong() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let checkout = location(&browser.get(&link(&stripe)).await);
    browser.post(&checkout, &GOOD).await;
    let charge = event_json(&newest(&stripe, "charge.succeeded"), ApiVersion::NEWEST);
    let charge = charge["data"]["object"]["id"].as_str().unwrap();
    for (amount, said) in
        [("12.50", "done=Refunded"), ("12,50", "problem="), ("99", "problem="), ("", "done=Refunded")]
    {
        let back = location(&browser.post("/do/refund", &[("id", charge), ("amount", amount)]).await);
        assert!(back.contains(said), "{amount}: {back}");
    }
    assert_eq!(stripe.object(charge, ApiVersion::NEWEST).unwrap()["refunded"], true);
    let back = location(&browser.post("/do/nothing", &[]).await);
    assert!(back.contains("problem="));
    location(&browser.post("/do/version", &[("id", "2023-10-16")]).await);
    assert_eq!(stripe.api_version(), ApiVersion::OLDEST);
    let html = browser.get("/?problem=%3Cscript%3E").await.text().await.unwrap();
    assert!(html.contains("&lt;script&gt;") && !html.contains("<script>"));
}

#[tokio::test]
async fn the_shop_carries_the_click_into_metadata_without_scripts() {
    let stripe = account();
    let browser = Browser::of(&stripe).await;
    let html = browser.get("/shop?hg_click=hgc_1").await.text().await.unwrap();
    assert!(html.contains(r#"<script src="http://honeyguide.test/hg.js" data-program="prg_1" defer>"#));
    assert!(html.contains("data-honeyguide-payment-link"));
    let price = html.split(r#"name="price" value=""#).nth(1).unwrap().split('"').next().unwrap();
    let checkout =
        location(&browser.post("/shop/checkout", &[("price", price), ("hg_click", "hgc_1")]).await);
    assert_eq!(location(&browser.post(&checkout, &GOOD).await), "http://sandbox.test/shop/thanks");
    let expected: Metadata = [("honeyguide_click".to_owned(), "hgc_1".to_owned())].into();
    let session = completed(&stripe);
    assert_eq!(session["metadata"], json!(expected));
    let subscription = stripe.object(session["subscription"].as_str().unwrap(), ApiVersion::NEWEST);
    assert_eq!(subscription.unwrap()["metadata"], json!(expected));

    let request = browser.client.post(format!("{}/shop/checkout", browser.url));
    let response = request.header("cookie", "a=b; hg_click=hgc_2").form(&[("price", price)]).send();
    let checkout = location(&response.await.unwrap());
    browser.post(&checkout, &GOOD).await;
    assert_eq!(completed(&stripe)["metadata"]["honeyguide_click"], "hgc_2");
    assert_eq!(browser.post("/shop/checkout", &[("price", "price_x")]).await.status(), 404);
}

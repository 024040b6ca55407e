//! What the dashboard offers beside money: accounts, keys, connections, failures.

use sandbox::{NewEndpoint, Platform, Stripe};

use crate::{account, client, sandbox};

async fn text(url: &str) -> String {
    let response = client().get(url).send().await.unwrap();
    assert_eq!(response.status(), 200, "{url}");
    response.text().await.unwrap()
}

/// Presses a button and gives the address that the browser goes to.
async fn press(url: &str, form: &[(&str, &str)]) -> String {
    let response = client().post(url).form(form).send().await.unwrap();
    assert_eq!(response.status(), 303, "{url}");
    response.headers()["location"].to_str().unwrap().to_owned()
}

fn place(url: &str, stripe: &Stripe) -> String {
    let mode = if stripe.is_live() { "live" } else { "test" };
    format!("{url}/accounts/{}/{mode}/", stripe.account_id())
}

#[tokio::test]
async fn each_account_has_a_dashboard() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    assert!(!text(&url).await.contains(r#"aria-label="Accounts""#));
    let studio = stripe.new_account("Lumen <Studio>");
    let live = studio.live();
    let html = text(&url).await;
    assert!(html.contains("Lumen &lt;Studio&gt;, live"), "{html}");
    let sale = [("amount", "20.00"), ("email", "ann@example.com"), ("click", "hgc_1")];
    assert!(press(&format!("{}do/sell", place(&url, &live)), &sale).await.starts_with("../?done="));
    assert!(text(&place(&url, &live)).await.contains("20.00 USD"));
    assert!(!text(&place(&url, &studio)).await.contains("20.00 USD"));
    let missing = client().get(format!("{url}/accounts/acct_none/test/")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn a_restricted_key_is_made_from_a_link_and_ended() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let link = format!(
        "{url}/apikeys/create?name=Honeyguide&permissions[]=rak_event_read&permissions[1]=rak_webhook_write"
    );
    let html = text(&link).await;
    assert!(html.contains(r#"<option value="rak_webhook_write" selected>"#));
    assert!(html.contains(r#"<option value="rak_event_read" selected>"#));
    assert!(!html.contains(r#"<option value="rak_charge_read" selected>"#));
    let account = format!("{} test", stripe.account_id());
    let form = [("account", account.as_str()), ("permissions[]", ""), ("permissions[]", "rak_event_read")];
    let made = client().post(&link).form(&form).send().await.unwrap().text().await.unwrap();
    let key = made.split(r#"<code id="key">"#).nth(1).unwrap().split('<').next().unwrap();
    let call = async || {
        client().get(format!("{url}/v1/events")).bearer_auth(key).send().await.unwrap().status().as_u16()
    };
    assert_eq!(call().await, 200);
    assert!(text(&url).await.contains(key));
    assert!(press(&format!("{url}/do/revoke-key"), &[("id", key)]).await.contains("done="));
    assert_eq!(call().await, 401);
}

#[tokio::test]
async fn buttons_break_connections_endpoints_and_calls() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let keys = stripe.new_account("Cloud").become_platform(Platform::default());
    let code = stripe.approve(&keys.client_id, None).unwrap();
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    client()
        .post(format!("{url}/oauth/token"))
        .bearer_auth(&keys.secret_key)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert!(text(&url).await.contains("Connected applications"));
    let press = async |action: &str, form: &[(&str, &str)]| press(&format!("{url}/do/{action}"), form).await;
    assert!(press("disconnect", &[("id", &keys.client_id)]).await.contains("done="));
    assert!(!stripe.is_connected(&keys.client_id));
    assert!(press("disconnect", &[("id", &keys.client_id)]).await.contains("problem="));

    let new = NewEndpoint {
        url: "http://localhost/hook".to_owned(),
        enabled_events: vec!["invoice.paid".to_owned()],
        ..NewEndpoint::default()
    };
    let (id, _) = stripe.add_endpoint(new).unwrap();
    let defect = |name| [("id", id.as_str()), ("defect", name)];
    assert!(press("break-endpoint", &defect("disabled")).await.contains("done="));
    assert!(stripe.endpoints()[0].disabled);
    assert!(text(&url).await.contains("disabled, 1 event types"));
    assert!(press("break-endpoint", &defect("rusty")).await.contains("problem="));

    let fail = [("failure", "500"), ("path", "/v1/events"), ("times", "2")];
    assert!(press("fail-calls", &fail).await.contains("done="));
    assert!(text(&url).await.contains("500 on /v1/events, 2 times"));
    assert!(press("fail-calls", &[("failure", "500"), ("times", "some")]).await.contains("problem="));
    press("clear-faults", &[]).await;
    assert!(text(&url).await.contains("No faults are active."));
}

#[tokio::test]
async fn an_object_has_a_page_where_stripes_dashboard_has_it() {
    let stripe = account();
    let url = sandbox(&stripe).await;
    let payment = || sandbox::NewPayment { amount: 500, currency: "usd".to_owned(), ..Default::default() };
    let paid = stripe.pay(payment()).unwrap().payment_intent.unwrap();
    let live = stripe.live().pay(payment()).unwrap().payment_intent.unwrap();
    assert!(text(&format!("{url}/test/payments/{paid}")).await.contains("&quot;amount&quot;: 500"));
    assert!(text(&format!("{url}/payments/{live}")).await.contains("&quot;livemode&quot;: true"));
    for wrong in [format!("/payments/{paid}"), format!("/test/payments/{live}"), "/test/payments".to_owned()]
    {
        let answer = client().get(format!("{url}{wrong}")).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{wrong}");
    }
}

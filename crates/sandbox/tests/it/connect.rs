//! What a platform sees of the accounts that are connected to it.

use std::time::Duration;

use sandbox::{ApiVersion, NewEndpoint, Platform, RetryPolicy, Stripe};
use serde_json::Value;

use crate::oauth::Meeting;
use crate::{client, newest};

/// Connects the account, as in a browser.
async fn connect(meeting: &Meeting, merchant: &Stripe, scope: &str) {
    let code = merchant.approve(&meeting.keys.client_id, Some(scope)).unwrap();
    assert_eq!(meeting.exchange(&code).await.0, 200);
}

async fn get(meeting: &Meeting, path: &str, account: Option<&str>) -> (u16, Value) {
    let request = client().get(format!("{}/v1/{path}", meeting.url)).bearer_auth(&meeting.keys.secret_key);
    let request = account.into_iter().fold(request, |it, account| it.header("stripe-account", account));
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn post(meeting: &Meeting, path: &str, account: &str, form: &[(&str, &str)]) -> (u16, String) {
    let request = client().post(format!("{}/v1/{path}", meeting.url)).bearer_auth(&meeting.keys.secret_key);
    let response = request.header("stripe-account", account).form(form).send().await.unwrap();
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["error"]["message"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn the_platforms_key_reads_connected_accounts_only() {
    let meeting = Meeting::of(Platform::default()).await;
    let merchant = meeting.merchant.account_id();
    let (status, refused) = get(&meeting, "account", Some(&merchant)).await;
    assert_eq!((status, &refused["error"]["code"]), (403, &"account_invalid".into()));
    connect(&meeting, &meeting.merchant, "read_only").await;
    let (_, account) = get(&meeting, "account", Some(&merchant)).await;
    let name = &account["settings"]["dashboard"]["display_name"];
    assert_eq!((&account["id"], name), (&merchant.as_str().into(), &"Lumen Notes".into()));
    assert_eq!(get(&meeting, "account", None).await.1["id"], meeting.platform.account_id());

    let endpoint = [("url", "http://localhost/hook"), ("enabled_events[]", "*")];
    let (status, words) = post(&meeting, "webhook_endpoints", &merchant, &endpoint).await;
    assert_eq!(status, 400);
    assert!(words.contains("Did you mean to create a Connect webhook on your account instead?"));
    let (status, words) = post(&meeting, "customers", &merchant, &[("email", "ann@example.com")]).await;
    assert_eq!(status, 403);
    assert!(words.contains("Having the 'read_write' scope would allow"), "{words}");

    meeting.merchant.disconnect(&meeting.keys.client_id);
    let (status, refused) = get(&meeting, "events", Some(&merchant)).await;
    assert_eq!(status, 403);
    assert!(refused["error"]["message"].as_str().unwrap().contains("access may have been revoked"));
}

#[tokio::test]
async fn the_token_of_an_application_makes_no_endpoints() {
    let meeting = Meeting::of(Platform { gives_tokens: true, ..Platform::default() }).await;
    let code = meeting.merchant.approve(&meeting.keys.client_id, Some("read_write")).unwrap();
    let (_, token) = meeting.exchange(&code).await;
    let request = client().post(format!("{}/v1/webhook_endpoints", meeting.url));
    let request = request.bearer_auth(token["access_token"].as_str().unwrap());
    let form = [("url", "http://localhost/hook"), ("enabled_events[]", "*")];
    let refused = request.form(&form).send().await.unwrap();
    assert_eq!(refused.status(), 403);
    assert!(refused.text().await.unwrap().contains("not available for use by Connect applications"));
}

#[tokio::test]
async fn a_connect_endpoint_gets_events_of_its_accounts_and_their_deauthorization() {
    let meeting = Meeting::of(Platform::default()).await;
    let (url, mut letters) = crate::deliveries::receiver(0).await;
    let studio = meeting.merchant.new_account("Lumen Studio");
    let stranger = meeting.merchant.new_account("Somebody else");
    let endpoint = NewEndpoint {
        url,
        enabled_events: vec!["*".to_owned()],
        api_version: Some(ApiVersion::ACACIA),
        connect: true,
        ..NewEndpoint::default()
    };
    meeting.platform.add_endpoint(endpoint).unwrap();
    drop(client());
    let policy = RetryPolicy { base: Duration::from_millis(1), ..RetryPolicy::default() };
    tokio::spawn(meeting.merchant.clone().run_deliveries(policy));
    connect(&meeting, &meeting.merchant, "read_only").await;
    connect(&meeting, &studio, "read_only").await;
    for account in [&meeting.merchant, &studio, &stranger, &meeting.platform] {
        account.create_customer("ann@example.com", "Ann", sandbox::Metadata::new());
    }
    let resent = newest(&studio, "customer.created");
    studio.resend(resent.id()).unwrap();
    meeting.merchant.disconnect(&meeting.keys.client_id);
    meeting.merchant.create_customer("late@example.com", "Late", sandbox::Metadata::new());
    meeting.merchant.until_delivered().await;
    let mut seen = Vec::new();
    while let Ok((_, body)) = letters.try_recv() {
        let body: Value = serde_json::from_slice(&body).unwrap();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        seen.push((text("account"), text("type"), text("id")));
    }
    let of = |account: &Stripe| -> Vec<&str> {
        let id = account.account_id();
        seen.iter().filter(|(whose, ..)| *whose == id).map(|(_, kind, _)| kind.as_str()).collect()
    };
    let (began, made, ended) =
        ("account.application.authorized", "customer.created", "account.application.deauthorized");
    assert_eq!(of(&meeting.merchant), [began, made, ended]);
    assert_eq!(of(&studio), [began, made, made]);
    assert_eq!(seen.iter().filter(|(_, _, id)| id == resent.id()).count(), 2);
    assert!(of(&stranger).is_empty() && of(&meeting.platform).is_empty());
}

#[tokio::test]
async fn a_live_connection_gets_test_events_too_and_each_has_its_mode() {
    let meeting = Meeting::of(Platform::default()).await;
    let (url, mut letters) = crate::deliveries::receiver(0).await;
    let platform = meeting.platform.live();
    let keys = platform.become_platform(Platform::default());
    let endpoint = NewEndpoint {
        url,
        enabled_events: vec!["customer.created".to_owned()],
        connect: true,
        ..NewEndpoint::default()
    };
    platform.add_endpoint(endpoint).unwrap();
    let live = meeting.merchant.live();
    let code = live.approve(&keys.client_id, None).unwrap();
    let request = client().post(format!("{}/oauth/token", meeting.url)).bearer_auth(&keys.secret_key);
    let form = [("grant_type", "authorization_code"), ("code", code.as_str())];
    let token: Value = request.form(&form).send().await.unwrap().json().await.unwrap();
    assert_eq!((&token["livemode"], &token["stripe_user_id"]), (&true.into(), &live.account_id().into()));
    tokio::spawn(live.clone().run_deliveries(RetryPolicy::default()));
    live.create_customer("ann@example.com", "Ann", sandbox::Metadata::new());
    meeting.merchant.create_customer("bob@example.com", "Bob", sandbox::Metadata::new());
    live.until_delivered().await;
    let mut modes = Vec::new();
    while let Ok((_, body)) = letters.try_recv() {
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["livemode"], body["data"]["object"]["livemode"]);
        assert_eq!(body["account"], live.account_id());
        modes.push(body["livemode"].as_bool().unwrap());
    }
    assert_eq!(modes, [true, false]);
    assert!(live.open_session(sandbox::NewSession::of(&price(&live))).unwrap().starts_with("cs_live_"));
}

fn price(stripe: &Stripe) -> String {
    stripe.create_price(sandbox::NewPrice::once("Atlas", 4_900, "usd")).unwrap()
}

//! OAuth over HTTP, as a platform's server and a merchant's browser meet it.

use std::collections::BTreeMap;

use domain::clock::{Clock, MINUTE_MS, Timestamp};
use reqwest::Response;
use sandbox::{Platform, PlatformKeys, Stripe};
use serde_json::Value;

use crate::{NOW, account, client, sandbox};

const CALLBACK: &str = "http://honeyguide.test/stripe/callback";

/// A merchant, a platform, and where they meet.
pub struct Meeting {
    pub merchant: Stripe,
    pub platform: Stripe,
    pub keys: PlatformKeys,
    pub url: String,
}

impl Meeting {
    pub async fn of(what: Platform) -> Self {
        let merchant = account();
        let url = sandbox(&merchant).await;
        let platform = merchant.new_account("Honeyguide Cloud");
        let keys = platform.become_platform(what);
        Self { merchant, platform, keys, url }
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let request = client().post(format!("{}{path}", self.url)).form(form);
        let request = if key.is_empty() { request } else { request.bearer_auth(key) };
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn exchange_as(&self, key: &str, code: &str) -> (u16, Value) {
        self.post("/oauth/token", key, &[("grant_type", "authorization_code"), ("code", code)]).await
    }

    pub async fn exchange(&self, code: &str) -> (u16, Value) {
        self.exchange_as(&self.keys.secret_key, code).await
    }

    fn authorize_url(&self, more: &[(&str, &str)]) -> String {
        let mut url = url(&format!("{}/oauth/authorize", self.url));
        url.query_pairs_mut().append_pair("client_id", &self.keys.client_id).extend_pairs(more);
        url.into()
    }

    async fn decide(&self, more: &[(&str, &str)], form: &[(&str, &str)]) -> Response {
        client().post(self.authorize_url(more)).form(form).send().await.unwrap()
    }
}

fn url(text: &str) -> reqwest::Url {
    text.parse().unwrap()
}

/// The query of the address that the browser is sent to.
fn sent_to(response: &Response) -> BTreeMap<String, String> {
    assert_eq!(response.status(), 303);
    let url = url(response.headers()["location"].to_str().unwrap());
    assert!(url.as_str().starts_with(CALLBACK), "{url}");
    url.query_pairs().into_owned().collect()
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap())
}

const ASK: [(&str, &str); 4] =
    [("response_type", "code"), ("scope", "read_write"), ("state", "s1"), ("redirect_uri", CALLBACK)];

#[tokio::test]
async fn a_merchant_authorizes_and_returns_with_a_code() {
    let meeting =
        Meeting::of(Platform { redirect_uris: vec![CALLBACK.to_owned()], ..Platform::default() }).await;
    let other = meeting.merchant.new_account("Lumen Studio");
    let page = client().get(meeting.authorize_url(&ASK)).send().await.unwrap().text().await.unwrap();
    for words in ["Lumen Notes", "Lumen Studio", "Allow", "Deny", "test mode"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("Honeyguide Cloud"), "a platform does not connect to itself");

    let yes = [("account", &*other.account_id()), ("decision", "allow")].map(|(a, b)| (a, b.to_owned()));
    let yes: Vec<(&str, &str)> = yes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = sent_to(&meeting.decide(&ASK, &yes).await);
    assert_eq!((answer["state"].as_str(), answer["scope"].as_str()), ("s1", "read_write"));
    assert!(!other.is_connected(&meeting.keys.client_id), "a code is not a connection yet");
    let (status, token) = meeting.exchange(&answer["code"]).await;
    assert_eq!(status, 200);
    let fields: Vec<&String> = token.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["livemode", "scope", "stripe_user_id", "token_type"]);
    assert_eq!(token["stripe_user_id"], other.account_id());
    assert!(other.is_connected(&meeting.keys.client_id));

    let answer = sent_to(&meeting.decide(&ASK, &[("decision", "deny")]).await);
    assert_eq!(answer["error"], "access_denied");
    assert_eq!(answer["error_description"], "The user denied your request");
    assert_eq!(answer["state"], "s1");
}

#[tokio::test]
async fn invalid_authorization_requests_are_refused_where_it_is_safe() {
    let meeting = Meeting::of(Platform {
        redirect_uris: vec![CALLBACK.to_owned()],
        may_read_only: false,
        ..Platform::default()
    })
    .await;
    let ask = |changed: &'static str, to: &'static str| {
        ASK.map(|(name, value)| (name, if name == changed { to } else { value }))
    };
    let get = async |query: &[(&str, &str)]| client().get(meeting.authorize_url(query)).send().await.unwrap();
    let foreign = get(&ask("redirect_uri", "http://evil.test/")).await;
    assert_eq!(foreign.status(), 400);
    assert!(foreign.text().await.unwrap().contains("exactly matches one of the uris"));
    let unknown =
        client().get(format!("{}/oauth/authorize?client_id=ca_x", meeting.url)).send().await.unwrap();
    assert_eq!(unknown.status(), 400);
    assert_eq!(sent_to(&get(&ask("scope", "read_only")).await)["error"], "invalid_scope");
    assert_eq!(sent_to(&get(&ask("scope", "everything")).await)["error"], "invalid_scope");
    let answer = sent_to(&get(&ask("response_type", "token")).await);
    assert_eq!(answer["error"], "unsupported_response_type");
    // Without an address the first registered one is used.
    assert_eq!(get(&ASK[..3]).await.status(), 200);
}

#[tokio::test]
async fn a_code_works_once_for_five_minutes_and_for_its_own_application() {
    let meeting = Meeting::of(Platform { gives_tokens: true, ..Platform::default() }).await;
    let Meeting { merchant, platform, keys, .. } = &meeting;
    let live = platform.live().become_platform(Platform::default());
    let code = merchant.approve(&keys.client_id, None).unwrap();
    let wrong_mode = meeting.exchange_as(&live.secret_key, &code).await;
    assert_eq!(error(&wrong_mode), (400, "invalid_grant"));
    assert!(wrong_mode.1["error_description"].as_str().unwrap().starts_with("Passed in livemode API key"));
    let stranger = merchant.new_account("Another cloud").become_platform(Platform::default());
    let not_yours = meeting.exchange_as(&stranger.secret_key, &code).await;
    assert!(not_yours.1["error_description"].as_str().unwrap().ends_with("does not belong to you"));

    let (status, token) = meeting.exchange(&code).await;
    assert_eq!((status, &token["scope"], &token["livemode"]), (200, &"read_only".into(), &false.into()));
    let access = token["access_token"].as_str().unwrap().to_owned();
    let account = async |key: &str| {
        client().get(format!("{}/v1/account", meeting.url)).bearer_auth(key).send().await.unwrap()
    };
    assert_eq!(account(&access).await.json::<Value>().await.unwrap()["id"], merchant.account_id());

    let again = meeting.exchange(&code).await;
    assert_eq!(error(&again), (400, "invalid_grant"));
    assert!(
        again.1["error_description"].as_str().unwrap().starts_with("This authorization code has already")
    );
    assert!(!merchant.is_connected(&keys.client_id), "a second use takes back the first");
    assert_eq!(account(&access).await.status(), 401);

    let late = merchant.approve(&keys.client_id, None).unwrap();
    merchant.set_clock(Clock::fixed(Timestamp::from_seconds(NOW).plus_ms(5 * MINUTE_MS)));
    assert_eq!(error(&meeting.exchange(&late).await), (400, "invalid_grant"));
    assert_eq!(error(&meeting.exchange("ac_none").await), (400, "invalid_grant"));
    assert!(
        merchant.live().approve(&keys.client_id, None).is_err(),
        "the other mode has another application"
    );
}

#[tokio::test]
async fn the_token_address_says_what_is_wrong() {
    let meeting = Meeting::of(Platform::default()).await;
    let key = meeting.keys.secret_key.as_str();
    let token = async |key: &str, form: &[(&str, &str)]| meeting.post("/oauth/token", key, form).await;
    let code = ("code", "ac_1");
    let grant = ("grant_type", "authorization_code");
    assert_eq!(error(&token("", &[grant, code]).await), (401, "invalid_client"));
    assert_eq!(error(&token("sk_test_nobody_1234", &[grant, code]).await), (401, "invalid_client"));
    let merchants = meeting.merchant.create_secret_key();
    assert_eq!(error(&token(&merchants, &[grant, code]).await), (401, "invalid_client"));
    assert_eq!(error(&token(key, &[code]).await), (400, "invalid_request"));
    assert_eq!(error(&token(key, &[grant]).await), (400, "invalid_request"));
    let more = token(key, &[grant, code, ("redirect_uri", CALLBACK)]).await;
    assert_eq!(error(&more), (400, "invalid_request"));
    assert_eq!(error(&token(key, &[("grant_type", "password")]).await), (400, "unsupported_grant_type"));
    // An older way to show the key.
    let secret = ("client_secret", key);
    assert_eq!(error(&token("", &[grant, code, secret]).await), (400, "invalid_grant"));
    assert!(!format!("{:?}", meeting.merchant.requests()).contains(key), "keys are not remembered");
}

#[tokio::test]
async fn an_apps_tokens_last_an_hour_and_are_renewed() {
    let meeting = Meeting::of(Platform { is_app: true, ..Platform::default() }).await;
    let code = meeting.merchant.approve(&meeting.keys.client_id, None).unwrap();
    let (_, first) = meeting.exchange(&code).await;
    assert_eq!(first["scope"], "stripe_apps");
    let account = async |token: &Value| {
        let request =
            client().get(format!("{}/v1/account", meeting.url)).bearer_auth(token.as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(account(&first["access_token"]).await, 200);
    meeting.merchant.set_clock(Clock::fixed(Timestamp::from_seconds(NOW + 3_600)));
    assert_eq!(account(&first["access_token"]).await, 401);
    let refresh = async |token: &Value| {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        meeting.post("/v1/oauth/token", &meeting.keys.secret_key, &form).await
    };
    let (status, second) = refresh(&first["refresh_token"]).await;
    assert_eq!((status, account(&second["access_token"]).await), (200, 200));
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(error(&refresh(&first["refresh_token"]).await), (400, "invalid_grant"));
    assert_eq!(refresh(&second["refresh_token"]).await.0, 200);
}

#[tokio::test]
async fn a_platform_ends_a_connection_once() {
    let meeting = Meeting::of(Platform::default()).await;
    let code = meeting.merchant.approve(&meeting.keys.client_id, None).unwrap();
    meeting.exchange(&code).await;
    let (merchant, client_id) = (meeting.merchant.account_id(), meeting.keys.client_id.as_str());
    let end = async |client: &str| {
        let form = [("client_id", client), ("stripe_user_id", merchant.as_str())];
        meeting.post("/oauth/deauthorize", &meeting.keys.secret_key, &form).await
    };
    assert_eq!(error(&end("ca_other").await), (401, "invalid_client"));
    assert_eq!(end(client_id).await, (200, serde_json::json!({ "stripe_user_id": merchant })));
    assert!(!meeting.merchant.is_connected(client_id));
    let again = end(client_id).await;
    assert_eq!(error(&again), (401, "invalid_client"));
    assert!(again.1["error_description"].as_str().unwrap().contains("is not connected"));
}

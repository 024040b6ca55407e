//! The steps of OAuth: what is sent, and what each refusal means.

use connect::secret::Secret;
use connect::stripe::client::Stripe;
use connect::stripe::oauth::{OAuthError, OAuthErrorKind, Platform, PlatformKeys};
use domain::connections::OAuthScope;

use crate::answerer::{Answer, Answerer};

const PLATFORM_KEY: &str = "sk_test_platform_canary";

fn platform(base: &str) -> Platform {
    Platform {
        live: None,
        test: Some(PlatformKeys {
            secret_key: Secret::new(PLATFORM_KEY.to_owned()),
            client_id: "ca_test".to_owned(),
        }),
        authorize_url: format!("{base}/oauth/authorize"),
        token_url: format!("{base}/oauth/token"),
        deauthorize_url: Some(format!("{base}/oauth/deauthorize")),
        scope: Some(OAuthScope::ReadOnly),
    }
}

fn stripe() -> Stripe {
    Stripe::new("http://127.0.0.1:9")
}

#[test]
fn the_authorization_url_has_stripes_parameters() {
    let platform = platform("https://connect.stripe.com");
    let url = platform.authorize(false, "state-1", "https://hg.example/stripe/callback").unwrap();
    let url = url::Url::parse(&url).unwrap();
    assert_eq!(url.as_str().split('?').next(), Some("https://connect.stripe.com/oauth/authorize"));
    let mut pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    pairs.sort();
    let expected = [
        ("client_id", "ca_test"),
        ("redirect_uri", "https://hg.example/stripe/callback"),
        ("response_type", "code"),
        ("scope", "read_only"),
        ("state", "state-1"),
    ];
    assert_eq!(pairs, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));

    let app = Platform { scope: None, ..platform.clone() };
    assert!(!app.authorize(false, "s", "https://hg.example/c").unwrap().contains("scope"));
    let error = platform.authorize(true, "s", "https://hg.example/c").unwrap_err();
    assert_eq!(error.kind, OAuthErrorKind::NotConfigured);
    assert!(error.description.contains("live"));
}

#[tokio::test]
async fn a_code_is_exchanged_with_two_parameters_and_the_platforms_key() {
    let bare = r#"{"stripe_user_id":"acct_1","scope":"read_only","livemode":false,"token_type":"bearer"}"#;
    let (server, base) = Answerer::serve([Answer::Is(200, bare)]).await;
    let granted = platform(&base).exchange(&stripe(), false, "ac_1").await.unwrap();
    assert_eq!((granted.account.as_str(), granted.livemode, granted.tokens), ("acct_1", false, None));
    let asked = &server.asked()[0];
    assert_eq!((asked.method.as_str(), asked.uri.path()), ("POST", "/oauth/token"));
    assert_eq!(asked.header("authorization"), Some(&*format!("Bearer {PLATFORM_KEY}")));
    assert_eq!(asked.body, "grant_type=authorization_code&code=ac_1");
}

#[tokio::test]
async fn only_an_apps_tokens_are_kept() {
    let classic = r#"{"stripe_user_id":"acct_1","scope":"read_write","livemode":false,"access_token":"sk_test_x","refresh_token":"rt_x"}"#;
    let (_, base) = Answerer::serve([Answer::Is(200, classic)]).await;
    assert_eq!(platform(&base).exchange(&stripe(), false, "ac_1").await.unwrap().tokens, None);

    let app = r#"{"stripe_user_id":"acct_1","scope":"stripe_apps","livemode":false,"access_token":"sk_app","refresh_token":"rt_1"}"#;
    let (server, base) = Answerer::serve([Answer::Is(200, app)]).await;
    let granted = platform(&base).refresh(&stripe(), false, &Secret::new("rt_0".to_owned())).await.unwrap();
    assert_eq!(server.asked()[0].body, "grant_type=refresh_token&refresh_token=rt_0");
    assert!(!format!("{granted:?}").contains("rt_1"));
    let tokens = granted.tokens.unwrap();
    assert_eq!(
        (tokens.access.reveal(), tokens.refresh.reveal(), tokens.expires_in),
        ("sk_app", "rt_1", 3_600)
    );
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_is_requested_once() {
    let used = r#"{"error":"invalid_grant","error_description":"This authorization code has already been used. All tokens issued with this code have been revoked."}"#;
    let mode = r#"{"error":"invalid_grant","error_description":"Authorization code provided is for live mode, but the key is for test mode: sk_test_platform_canary"}"#;
    let client = r#"{"error":"invalid_client","error_description":"No such API key"}"#;
    let key = r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_platform_canary"}}"#;
    let scope = r#"{"error":"invalid_scope","error_description":"Invalid scope provided: read_only"}"#;
    let other = r#"{"error":"unsupported_grant_type","error_description":"No"}"#;
    for (answer, kind) in [
        (Answer::Is(400, used), OAuthErrorKind::UsedOrExpired),
        (Answer::Is(400, mode), OAuthErrorKind::WrongMode),
        (Answer::Is(401, client), OAuthErrorKind::WrongClient),
        (Answer::Is(401, key), OAuthErrorKind::WrongClient),
        (Answer::Is(400, scope), OAuthErrorKind::Scope),
        (Answer::Is(400, other), OAuthErrorKind::Invalid),
        (Answer::Is(500, "oops"), OAuthErrorKind::Down),
        (Answer::Is(429, "{}"), OAuthErrorKind::Down),
        (Answer::Is(200, "<html>"), OAuthErrorKind::Unreadable),
        (Answer::Is(404, "<html>"), OAuthErrorKind::Unreadable),
    ] {
        let (server, base) = Answerer::serve([answer.clone()]).await;
        let error = platform(&base).exchange(&stripe(), false, "ac_1").await.unwrap_err();
        assert_eq!((error.kind, server.asked().len()), (kind, 1), "{answer:?}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    let error = platform("http://127.0.0.1:9").exchange(&stripe(), false, "ac_1").await.unwrap_err();
    assert_eq!(error.kind, OAuthErrorKind::Unreachable);
    assert_eq!(
        OAuthError::of("access_denied", Some("The user denied your request")).kind,
        OAuthErrorKind::Denied
    );
    assert_eq!(OAuthError::of("access_denied", None).description, "access_denied");
}

#[tokio::test]
async fn deauthorizing_again_succeeds() {
    let gone = r#"{"error":"invalid_client","error_description":"This application is not connected to stripe account acct_1, or that account does not exist."}"#;
    let (server, base) =
        Answerer::serve([Answer::Is(200, r#"{"stripe_user_id":"acct_1"}"#), Answer::Is(401, gone)]).await;
    platform(&base).deauthorize(&stripe(), false, "acct_1").await.unwrap();
    assert_eq!(server.asked()[0].body, "stripe_user_id=acct_1&client_id=ca_test");
    platform(&base).deauthorize(&stripe(), false, "acct_1").await.unwrap();
    let app = Platform { deauthorize_url: None, ..platform(&base) };
    app.deauthorize(&stripe(), false, "acct_1").await.unwrap();
    assert_eq!(server.asked().len(), 2, "an app has nothing to call");
}

//! How each failure of Stripe is handled, and how often a call is repeated.

use std::time::Duration;

use connect::stripe::ErrorKind;
use connect::stripe::endpoints::{self, Change};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::answerer::{Answer, Answerer};
use crate::{KEY, caller};

const EMPTY: &str = r#"{"object":"list","data":[],"has_more":false}"#;

#[tokio::test]
async fn temporary_failures_are_retried() {
    for first in [
        Answer::With(429, "retry-after", "1", r#"{"error":{"message":"Too many"}}"#),
        Answer::Is(500, "oops"),
        Answer::Is(503, "<html>"),
        Answer::With(409, "stripe-should-retry", "true", "{}"),
    ] {
        let (stripe, base) = Answerer::serve([first.clone(), Answer::Is(200, EMPTY)]).await;
        let begun = Instant::now();
        assert_eq!(endpoints::list_all(&caller(&base)).await.unwrap(), [], "{first:?}");
        assert_eq!(stripe.asked().len(), 2, "{first:?}");
        if matches!(first, Answer::With(429, ..)) {
            assert!(begun.elapsed() >= Duration::from_secs(1), "waits as long as Stripe asks");
        }
    }
}

#[tokio::test]
async fn a_permanent_failure_has_its_kind_and_is_not_retried() {
    let invalid = r#"{"error":{"type":"invalid_request_error","code":"parameter_unknown","message":"Received unknown parameter: x"}}"#;
    let denied = r#"{"error":{"message":"The provided key 'rk_test_canary_4711_secret' does not have the required permissions."}}"#;
    for (answer, kind, times) in [
        (Answer::Is(500, "{}"), ErrorKind::Down, 3),
        (Answer::Is(429, "{}"), ErrorKind::TooMany, 3),
        (Answer::With(429, "retry-after", "3600", "{}"), ErrorKind::TooMany, 1),
        (Answer::With(500, "stripe-should-retry", "false", "{}"), ErrorKind::Down, 1),
        (Answer::Is(400, invalid), ErrorKind::Invalid, 1),
        (Answer::Is(401, "{}"), ErrorKind::Unauthorized, 1),
        (Answer::Is(403, denied), ErrorKind::Forbidden, 1),
        (Answer::Is(404, "{}"), ErrorKind::Missing, 1),
        (Answer::With(302, "location", "https://elsewhere.example", ""), ErrorKind::Unreadable, 1),
        (Answer::Is(200, "<html>"), ErrorKind::Unreadable, 1),
        (Answer::Is(200, r#"{"data":[{"id":7}]}"#), ErrorKind::Unreadable, 1),
    ] {
        let (stripe, base) = Answerer::serve([answer.clone()]).await;
        let error = endpoints::list_all(&caller(&base)).await.unwrap_err();
        assert_eq!((error.kind, stripe.asked().len()), (kind, times), "{answer:?}");
        assert!(!format!("{error} {error:?}").contains(KEY), "{error:?}");
        assert!(!error.message.is_empty());
    }
}

#[tokio::test]
async fn changes_and_deletions_are_retried_with_the_same_idempotency_key() {
    let endpoint = r#"{"id":"we_1","url":"https://e.com"}"#;
    let (stripe, base) = Answerer::serve([Answer::Is(500, ""), Answer::Is(200, endpoint)]).await;
    endpoints::update(&caller(&base), "we_1", &Change::default(), "same").await.unwrap();
    let keys: Vec<_> =
        stripe.asked().iter().map(|asked| asked.header("idempotency-key").map(str::to_owned)).collect();
    assert_eq!(keys, [Some("same".to_owned()), Some("same".to_owned())]);

    let (stripe, base) = Answerer::serve([Answer::Is(500, ""), Answer::Is(404, "{}")]).await;
    endpoints::delete(&caller(&base), "we_1").await.unwrap();
    assert_eq!(stripe.asked().len(), 2);
    let (_, base) = Answerer::serve([Answer::Is(200, "garbage")]).await;
    assert_eq!(endpoints::delete(&caller(&base), "we_1").await.unwrap_err().kind, ErrorKind::Unreadable);
}

#[tokio::test]
async fn calls_time_out_within_twenty_seconds() {
    let (stripe, base) = Answerer::serve([Answer::Never]).await;
    let begun = Instant::now();
    let error = endpoints::list_all(&caller(&base)).await.unwrap_err();
    assert_eq!(
        (error.kind, error.to_string().as_str()),
        (ErrorKind::Unreachable, "Stripe did not answer in time.")
    );
    assert!(begun.elapsed() < Duration::from_secs(21));
    assert_eq!(stripe.asked().len(), 2, "ten seconds each");
}

/// A server that sends an incomplete response and closes the connection.
async fn rude(words: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await;
            let _ = stream.write_all(words).await;
        }
    });
    base
}

#[tokio::test]
async fn a_dropped_connection_and_a_closed_port_are_unreachable() {
    for words in
        [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"data\"", b"no http at all\r\n\r\n"]
    {
        let error = endpoints::list_all(&caller(&rude(words).await)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unreachable, "{words:?}");
        assert_eq!(error.to_string(), "The connection to Stripe was cut.", "{words:?}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = endpoints::list_all(&caller(&closed)).await.unwrap_err();
    assert_eq!(error.to_string(), "Stripe could not be reached.");
}

#[tokio::test]
async fn an_endless_response_is_cut_off() {
    static LONG: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| format!("{{\"data\":[],\"x\":\"{}\"}}", "x".repeat(17 << 20)));
    let (_, base) = Answerer::serve([Answer::Is(200, LONG.as_str())]).await;
    assert_eq!(endpoints::list_all(&caller(&base)).await.unwrap_err().kind, ErrorKind::Unreadable);
}

#[tokio::test]
async fn a_key_that_no_header_can_carry_is_refused_before_anything_is_sent() {
    use connect::secret::Secret;
    use connect::stripe::client::{Access, Stripe};
    let access = Access { key: Secret::new("rk_test_\n".to_owned()), account: None };
    let error = Stripe::new("http://127.0.0.1:9").with(&access).probe("/charges").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
}

//! HTTP clients, and the links that they follow.

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};

/// A person's browser: clicks of programs do not count.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A client that follows no redirects and looks like a browser.
pub fn browser() -> Client {
    // The first of a process wins; all are the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Behind a proxy that the server does not trust, so that each click is another visitor's.
    let headers = [(HeaderName::from_static("via"), HeaderValue::from_static("1.1 test"))];
    let builder = Client::builder().default_headers(headers.into_iter().collect());
    builder.redirect(Policy::none()).user_agent(BROWSER).build().unwrap()
}

/// A program on the server's own machine, with no proxy between.
pub fn monitor() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Follows a link; the token that the landing page gets. `None` when nothing answered.
pub async fn try_click(http: &Client, link_url: &str) -> Option<String> {
    try_visit(http, link_url).await.map(|(token, _)| token)
}

/// Follows a link; the token that the landing page gets, and its verifier.
pub async fn try_visit(http: &Client, link_url: &str) -> Option<(String, String)> {
    let answer = http.get(link_url).send().await.ok()?;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let location = answer.headers()["location"].to_str().unwrap();
    let (page, click) = location.split_once("?hg_click=").expect("a token in the address");
    let (token, verifier) = click.split_once("&hg_verifier=").expect("a verifier beside it");
    assert_eq!(page, "https://lumen.example/pricing");
    Some((token.to_owned(), verifier.to_owned()))
}

/// Follows a link; the token that the landing page gets.
pub async fn click(http: &Client, link_url: &str) -> String {
    try_click(http, link_url).await.expect("an answer")
}

//! Forged tokens that should replace the one in a buyer's cookie.

use axum::http::StatusCode;
use domain::clock::HOUR_MS;
use serde_json::json;

use super::{SITE, Setup, ann, parameter, thief};

#[tokio::test]
async fn only_a_click_that_was_just_made_replaces_a_cookie() {
    let setup = Setup::new().await;
    let click = setup.follow(&ann(), "mira").await;
    let other = setup.follow(&thief(), "noah").await;
    let check = async |token: &str, verifier: &str| {
        let body = json!({"program": setup.world.program.id, "token": token, "verifier": verifier});
        let (status, answer) = setup.post(&ann(), SITE, "/t/check", body).await;
        assert_eq!(status, StatusCode::OK);
        (answer["ok"].as_bool().unwrap(), answer["days"].as_i64())
    };
    assert_eq!(check(&click.token, &click.verifier).await, (true, Some(30)));
    for (token, verifier) in [
        ("hgc_00000000000000000000000000000000000000", click.verifier.as_str()),
        (other.token.as_str(), click.verifier.as_str()),
        (other.token.as_str(), ""),
        ("nonsense", ""),
    ] {
        assert_eq!(check(token, verifier).await, (false, None), "{token} {verifier}");
    }
    setup.world.time.advance(HOUR_MS);
    assert_eq!(check(&click.token, &click.verifier).await, (false, None), "an address that was passed on");
}

#[tokio::test]
async fn a_token_written_into_a_link_is_replaced() {
    let setup = Setup::new().await;
    let forged = "/r/mira?hg_click=hgc_00000000000000000000000000000000000000&hg_verifier=x&via=noah&utm_source=mail&q=1";
    let url = setup.load(&ann(), forged, "navigate", "document").await;
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["utm_source", "q", "hg_click", "hg_verifier"], "the site's own are passed on");
    assert_ne!(parameter(&url, "hg_click").unwrap(), "hgc_00000000000000000000000000000000000000");
    let stored = setup.clicks().await;
    assert_eq!(stored[0].utm_source.as_deref(), Some("mail"));
    assert_eq!(stored[0].landing_url, "https://lumen.example/", "without parameters");
}

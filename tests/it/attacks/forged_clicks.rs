//! Clicks that nobody made, or that one visitor makes many times.

use axum::body::Body;
use axum::http::Request;
use domain::clock::HOUR_MS;
use domain::programs::ProgramChange;
use engine::programs;
use serde_json::json;

use super::{FIREFOX, SITE, Setup, Visitor, ann, parameter, thief};

#[tokio::test]
async fn a_link_loaded_as_an_image_script_or_frame_is_no_click() {
    let setup = Setup::new().await;
    for (mode, dest) in [
        ("no-cors", "image"),
        ("no-cors", "script"),
        ("navigate", "iframe"),
        ("navigate", "embed"),
        ("navigate", "object"),
        ("cors", "empty"),
    ] {
        let url = setup.load(&ann(), "/r/noah", mode, dest).await;
        assert_eq!(url.as_str(), "https://lumen.example/", "{mode} {dest}");
    }
    assert!(setup.clicks().await.is_empty());
}

#[tokio::test]
async fn a_click_reported_by_a_page_of_another_site_is_refused() {
    let setup = Setup::new().await;
    let body =
        json!({"program": setup.world.program.id, "code": "noah", "url": "https://lumen.example/?via=noah"});
    for origin in ["https://evil.example", "null", ""] {
        let (_, answer) = setup.post(&ann(), origin, "/t/click", body.clone()).await;
        assert_eq!(answer["reason"], "foreign_page", "{origin}");
    }
    assert!(setup.clicks().await.is_empty());
    let (_, answer) = setup.post(&ann(), SITE, "/t/click", body).await;
    assert!(answer["token"].is_string() && answer["verifier"].is_string());
}

#[tokio::test]
async fn repeated_visits_are_one_click() {
    let setup = Setup::new().await;
    let first = setup.follow(&ann(), "noah").await;
    for _ in 0..200 {
        assert_eq!(setup.follow(&ann(), "noah").await.token, first.token);
    }
    assert_eq!(setup.clicks().await.len(), 1);
    let neighbor = Visitor { address: "198.51.100.2:4000", ..ann() };
    assert_ne!(setup.follow(&neighbor, "noah").await.token, first.token);
    setup.world.time.advance(HOUR_MS);
    assert_ne!(setup.follow(&ann(), "noah").await.token, first.token);
    assert_eq!(setup.clicks().await.len(), 3);
    let checked = engine::ledger::verify::ledger(&setup.world.engine).await.unwrap();
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
}

#[tokio::test]
async fn simultaneous_visits_are_one_click() {
    let setup = Setup::new().await;
    let visitor = ann();
    let visits = (0..50).map(|_| setup.follow(&visitor, "noah"));
    let clicks = futures::future::join_all(visits).await;
    assert!(clicks.iter().all(|click| click.token == clicks[0].token));
    assert_eq!(setup.clicks().await.len(), 1);
}

#[tokio::test]
async fn repeated_visits_are_one_click_while_writing_is_slow() {
    let setup = Setup::new().await;
    let visitor = ann();
    // Redirects look this up once; without it they would not reach the writing in time.
    setup.follow(&thief(), "noah").await;
    let mut lock = setup.world.engine.db().begin().await.unwrap();
    // SQLite has one writer; PostgreSQL locks what it is told to.
    if !setup.world.engine.db().is_ours_alone() {
        lock.run("LOCK TABLE clicks IN EXCLUSIVE MODE", &[]).await.unwrap();
    }
    let clicks = futures::future::join_all((0..5).map(|_| setup.follow(&visitor, "noah"))).await;
    drop(lock);
    assert!(clicks.iter().all(|click| click.token == clicks[0].token));
    let again = setup.follow(&visitor, "noah").await;
    assert_eq!(again.token, clicks[0].token, "the late click was stored, and it holds");
    assert_eq!(setup.clicks().await.len(), 2);
}

#[tokio::test]
async fn clicks_of_a_network_above_its_limit_are_not_stored() {
    const MORE_THAN_A_TOWN: usize = 400;
    let setup = Setup::new().await;
    let mut with_click = 0;
    for number in 0..MORE_THAN_A_TOWN {
        let disguised = Visitor { agent: format!("{FIREFOX} {number}"), ..thief() };
        let url = setup.load(&disguised, "/r/noah", "navigate", "document").await;
        with_click += usize::from(parameter(&url, "hg_click").is_some());
    }
    assert!((300..MORE_THAN_A_TOWN).contains(&with_click), "{with_click}");
    assert_eq!(setup.clicks().await.len(), with_click);
}

#[tokio::test]
async fn visitors_with_global_privacy_control_are_not_tracked_if_the_program_says_so() {
    let setup = Setup::new().await;
    let load = async || {
        let request = Request::get("/r/mira").header("sec-gpc", "1");
        let (_, location, _) = setup.send(&ann(), request, Body::empty()).await;
        location
    };
    let change = ProgramChange { respect_gpc: Some(true), ..ProgramChange::default() };
    let (engine, merchant) = (&setup.world.engine, &setup.world.merchant);
    programs::change(engine, merchant, &setup.world.program.id, &change).await.unwrap();
    assert_eq!(load().await, "https://lumen.example/");
    assert!(setup.clicks().await.is_empty());
    let change = ProgramChange { respect_gpc: Some(false), ..ProgramChange::default() };
    programs::change(engine, merchant, &setup.world.program.id, &change).await.unwrap();
    assert!(load().await.contains("hg_click="));
}

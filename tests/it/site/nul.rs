//! A NUL character in a text: no database of ours holds one, and both say so alike.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{Browser, Site};

#[tokio::test]
async fn a_problem_is_shown_at_its_field_and_the_input_is_kept() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let program = merchant.program.id.to_string();
    let typed =
        [("program", &*program), ("affiliate[name]", "Mi\0ra"), ("affiliate[email]", "mira@x.example")];
    let answer = browser.post("/do/affiliate/add", &typed).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let page = browser.get(&format!("/programs/{program}/affiliates/new")).await.body;
    assert!(page.contains("Remove the NUL character (U+0000)"), "{page}");
    assert!(!page.contains('\0'));
    assert!(page.contains("value=\"Mira\"") && page.contains("value=\"mira@x.example\""), "{page}");
    // Secrets are never kept, and are refused by their own form.
    for (form, field, value, page) in [
        ("stripe/connect", "webhook_secret", "whsec_\0abc", "manual"),
        ("stripe/key", "restricted_key", "rk_test_\0abc", "key"),
    ] {
        browser.post(&format!("/do/{form}"), &[("program", &program), (field, value), ("first", "on")]).await;
        let page = browser.get(&format!("/programs/{program}/settings/stripe?method={page}")).await.body;
        assert!(page.contains(&format!("id=\"{field}-error\"")), "{form}: {page}");
    }
    // Fields that no one types: nothing is done, and nothing breaks.
    for (form, fields) in [
        ("stripe/account", [("account", "acct_\0")]),
        ("payment/assign", [("payment", "pmt_\0")]),
        ("affiliate/remove-coupon", [("coupon", "cpn_\0")]),
    ] {
        let mut typed = vec![("program", &*program)];
        typed.extend(fields);
        let answer = browser.post(&format!("/do/{form}"), &typed).await;
        assert!(answer.status.is_redirection(), "{form}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn sign_in_and_password_forms_refuse_nul() {
    let site = Site::new().await;
    site.merchant("lumen").await;
    let browser = Browser::new(&site);
    for (form, fields) in [
        ("session/start", vec![("email", "a\0@x.example"), ("password", "pass\0word")]),
        ("account/forgot", vec![("email", "a\0@x.example")]),
    ] {
        let answer = browser.post(&format!("/do/{form}"), &fields).await;
        assert!(answer.status.is_redirection(), "{form}: {} {}", answer.status, answer.body);
        let page = browser.get(answer.location()).await.body;
        assert!(page.contains("Remove the NUL character"), "{form}: {page}");
    }
}

#[tokio::test]
async fn the_api_names_the_place_under_a_stable_code() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let key = engine::identity::api_keys::create(&site.engine, &merchant.actor, None).await.unwrap().1;
    let program = &merchant.program.id;
    for (path, body, pointer) in [
        ("programs".to_owned(), json!({"name": "a\0b"}), "/name"),
        (format!("programs/{program}/affiliates"), json!({"name": "M", "email": "m\0@x.example"}), "/email"),
        (
            format!("programs/{program}/leads"),
            json!({"email": "a@x.example", "clickToken": "hgc_\0"}),
            "/clickToken",
        ),
    ] {
        let request = Request::post(format!("/api/v1/{path}"))
            .header("host", "hg.test")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {key}"))
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.body);
        let problem: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(
            (&problem["code"], &problem["errors"][0]["pointer"]),
            (&json!("invalid"), &json!(pointer))
        );
    }
}

#[tokio::test]
async fn an_unreadable_script_report_is_refused() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let program = &merchant.program.id;
    for (path, body) in [
        ("/t/click", json!({"program": program, "code": "a\0", "url": "https://lumen.example/"})),
        ("/t/lead", json!({"program": program, "token": "hgc_\0", "email": "a@x.example"})),
        ("/t/check", json!({"program": program, "token": "hgc_\0", "verifier": ""})),
    ] {
        let request =
            Request::post(path).header("host", "hg.test").body(Body::from(body.to_string())).unwrap();
        let answer = site.send(request).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}: {}", answer.body);
    }
}

/// Whatever the edges let through, both databases refuse it alike.
#[tokio::test]
async fn both_databases_refuse_a_violation_the_same_way() {
    let site = Site::new().await;
    let mut conn = site.engine.db().read().await.unwrap();
    let error = store::connections::by_token(&mut conn, "a\0").await.unwrap_err();
    assert!(error.is_nul(), "{error}");
    assert!(matches!(engine::Error::from(error), engine::Error::Invalid(_)));
}

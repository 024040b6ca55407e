//! The redirect and what the script reports.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::affiliates::{AffiliateStatus, StatusReason};
use domain::clicks::ClickToken;
use domain::links::LinkDraft;
use domain::programs::{ProgramChange, ProgramStatus, parse_web_url};
use engine::ledger::reports;
use engine::ledger::verify;
use engine::programs;
use engine::programs::affiliates;
use engine::tracking::clicks;
use serde_json::{Value, json};
use url::Url;

use super::{Answer, Merchant, Site};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

async fn follow(site: &Site, path: &str, agent: &str) -> Answer {
    let request = Request::get(path).header("host", "hg.test").header("user-agent", agent);
    site.send(request.header("referer", "https://blog.example/post?secret=1").body(Body::empty()).unwrap())
        .await
}

fn token_of(answer: &Answer) -> Option<String> {
    let url = Url::parse(answer.location()).ok()?;
    url.query_pairs().find(|(key, _)| key == "hg_click").map(|(_, value)| value.into_owned())
}

async fn report(site: &Site, path: &str, body: &Value) -> (Answer, Value) {
    let request = Request::post(path)
        .header("host", "hg.test")
        .header("origin", "https://lumen.example")
        .header("sec-fetch-site", "cross-site")
        .header("user-agent", FIREFOX)
        .header("content-type", "text/plain");
    let answer = site.send(request.body(Body::from(body.to_string())).unwrap()).await;
    let value = serde_json::from_str(&answer.body).unwrap();
    (answer, value)
}

async fn listed(site: &Site, merchant: &Merchant) -> Vec<clicks::Click> {
    clicks::list(&site.engine, &merchant.actor, &merchant.program.id, None, None, 100).await.unwrap()
}

#[tokio::test]
async fn a_click_is_on_disk_before_the_answer() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    site.affiliate(&merchant, "mira").await;
    let answer = follow(&site, "/r/Mira?utm_source=news&utm_medium=mail&s=footer", FIREFOX).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = token_of(&answer).unwrap();
    let passed_on = "https://lumen.example/?utm_source=news&utm_medium=mail&hg_click=hgc_";
    assert!(answer.location().starts_with(passed_on), "{}", answer.location());
    assert!(answer.header("set-cookie").starts_with(&format!("hg_click={token}; Path=/;")));
    assert!(token.len() <= 64 && token.parse::<ClickToken>().is_ok());
    let clicks = listed(&site, &merchant).await;
    assert_eq!(clicks.len(), 1);
    let click = &clicks[0];
    assert_eq!(click.token.as_str(), token);
    assert_eq!(click.referrer_host.as_deref(), Some("blog.example"), "only the host is kept");
    assert_eq!(
        [&click.utm_source, &click.utm_medium, &click.utm_campaign, &click.placement].map(Option::as_deref),
        [Some("news"), Some("mail"), None, Some("footer")]
    );
    assert_eq!((click.device.as_str(), click.bot), ("desktop", false));
}

#[tokio::test]
async fn bots_are_marked_and_not_counted() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    site.affiliate(&merchant, "mira").await;
    for agent in [FIREFOX, "Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.0", ""] {
        assert_eq!(follow(&site, "/r/mira", agent).await.status, StatusCode::FOUND);
    }
    assert_eq!(listed(&site, &merchant).await.iter().filter(|click| click.bot).count(), 3);
    let overview =
        reports::overview(&site.engine, &merchant.actor, &merchant.program.id, reports::Period::Month)
            .await
            .unwrap();
    assert_eq!(reports::Point::sum(&overview.points).clicks, 1);
    let checked = verify::ledger(&site.engine).await.unwrap();
    assert!(checked.problems.is_empty(), "{:?}", checked.problems);
}

#[tokio::test]
async fn unknown_codes_are_not_found_and_lead_nowhere() {
    let site = Site::new().await;
    site.merchant("lumen").await;
    for path in
        ["/r/nobody", "/r/%2F%2Fevil.test", "/r/a%0d%0aLocation:%20x", &format!("/r/{}", "x".repeat(5_000))]
    {
        let answer = follow(&site, path, FIREFOX).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.location(), "");
    }
}

#[tokio::test]
async fn links_lead_only_to_allowed_domains() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    for (landing, taken) in [
        ("https://lumen.example/pricing", true),
        ("https://docs.lumen.example/", true),
        ("https://lumen.example.evil.test/", false),
        ("https://evil.test/lumen.example", false),
        ("javascript:alert(1)", false),
        ("https://user@lumen.example/", false),
    ] {
        let made = match parse_web_url(landing) {
            Ok(destination) => {
                let draft = LinkDraft { destination: Some(destination), ..LinkDraft::default() };
                let (actor, program) = (&merchant.actor, &merchant.program.id);
                programs::links::create(&site.engine, actor, program, &affiliate.id, &draft).await.is_ok()
            }
            Err(_) => false,
        };
        assert_eq!(made, taken, "{landing}");
    }
}

#[tokio::test]
async fn links_of_suspended_affiliates_redirect_without_clicks() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let (affiliate, _) = site.affiliate(&merchant, "mira").await;
    let program = &merchant.program.id;
    let suspend = AffiliateStatus::Suspended;
    affiliates::set_status(
        &site.engine,
        &merchant.actor,
        program,
        &affiliate.id,
        suspend,
        StatusReason::parse("Bidding on our name").unwrap().as_ref(),
    )
    .await
    .unwrap();
    let answer = follow(&site, "/r/mira", FIREFOX).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::FOUND, "https://lumen.example/"));
    affiliates::set_status(
        &site.engine,
        &merchant.actor,
        program,
        &affiliate.id,
        AffiliateStatus::Active,
        None,
    )
    .await
    .unwrap();
    assert!(token_of(&follow(&site, "/r/mira", FIREFOX).await).is_some());
    let pause = ProgramChange::status(ProgramStatus::Paused);
    programs::change(&site.engine, &merchant.actor, program, &pause).await.unwrap();
    assert!(token_of(&follow(&site, "/r/mira", FIREFOX).await).is_none());
    assert_eq!(listed(&site, &merchant).await.len(), 1);
}

#[tokio::test]
async fn without_consent_nothing_is_stored() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    site.affiliate(&merchant, "mira").await;
    let change = ProgramChange { require_consent: Some(true), ..ProgramChange::default() };
    programs::change(&site.engine, &merchant.actor, &merchant.program.id, &change).await.unwrap();
    let answer = follow(&site, "/r/mira", FIREFOX).await;
    assert_eq!(answer.location(), "https://lumen.example/?via=mira");
    assert_eq!(answer.header("set-cookie"), "");
    assert!(listed(&site, &merchant).await.is_empty());
    let said =
        json!({"program": merchant.program.id, "code": "mira", "url": "https://lumen.example/?via=mira"});
    let (_, value) = report(&site, "/t/click", &said).await;
    assert!(
        value["token"].as_str().is_some_and(|token| token.starts_with("hgc_")),
        "after consent the script reports"
    );
}

#[tokio::test]
async fn the_script_reports_clicks_from_any_origin() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    site.affiliate(&merchant, "mira").await;
    let id = &merchant.program.id;
    let page = "https://lumen.example/?via=mira&utm_source=x";
    let (answer, value) =
        report(&site, "/t/click", &json!({"program": id, "code": "mira", "url": page, "referrer": ""})).await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    assert_eq!(answer.header("set-cookie"), "");
    assert_eq!(value["days"], 30);
    assert!(value["token"].is_string());
    for (said, reason) in [
        (json!({"program": id, "code": "pricing", "url": page}), "unknown_code"),
        (json!({"program": id, "code": "<script>", "url": page}), "not_a_code"),
        (json!({"program": other.program.id, "code": "mira", "url": page}), "unknown_code"),
        (json!({"program": id, "code": "mira", "url": "https://evil.test/"}), "foreign_page"),
    ] {
        let (_, value) = report(&site, "/t/click", &said).await;
        assert_eq!((value["token"].is_null(), value["reason"].as_str()), (true, Some(reason)));
    }
    let (answer, _) = report(&site, "/t/click", &json!({"program": "prg_nonsense"})).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(listed(&site, &merchant).await.len(), 1);
}

#[tokio::test]
async fn leads_belong_to_a_click_of_their_own_program() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let other = site.merchant("other").await;
    site.affiliate(&merchant, "mira").await;
    let token = token_of(&follow(&site, "/r/mira", FIREFOX).await).unwrap();
    let said = |program: &domain::ids::ProgramId, email: &str| json!({"program": program, "token": token, "email": email});
    let (answer, value) = report(&site, "/t/lead", &said(&merchant.program.id, "Ana@Example.com")).await;
    assert_eq!((answer.status, &value["ok"]), (StatusCode::OK, &json!(true)));
    for (program, email) in [(&other.program.id, "ana@example.com"), (&merchant.program.id, "not an address")]
    {
        let (answer, value) = report(&site, "/t/lead", &said(program, email)).await;
        assert_eq!((answer.status, &value["ok"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(false)));
    }
}

#[tokio::test]
async fn reports_are_bounded() {
    let site = Site::new().await;
    let request = Request::post("/t/click").header("host", "hg.test");
    let answer = site.send(request.body(Body::from("x".repeat(9 * 1024))).unwrap()).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn the_script_reports_that_it_is_installed() {
    let site = Site::new().await;
    let merchant = site.merchant("lumen").await;
    let answer = site.get("/hg.js").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("content-type").starts_with("text/javascript"));
    let said = json!({"program": merchant.program.id});
    let seen_at = async || {
        programs::get(&site.engine, &merchant.actor, &merchant.program.id).await.unwrap().script_seen_at
    };
    let elsewhere =
        Request::post("/t/seen").header("host", "hg.test").header("origin", "https://evil.example");
    site.send(elsewhere.body(Body::from(said.to_string())).unwrap()).await;
    assert_eq!(seen_at().await, None, "a page of another site");
    report(&site, "/t/seen", &said).await;
    assert_eq!(seen_at().await, Some(super::START));
    let again =
        Request::get("/hg.js").header("host", "hg.test").header("if-none-match", answer.header("etag"));
    assert_eq!(site.send(again.body(Body::empty()).unwrap()).await.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn too_many_reports_are_refused_with_a_time_to_retry() {
    const MORE_THAN_ANYBODY: usize = 5_000;
    let site = Site::new().await;
    let mut last = report(&site, "/t/click", &json!({})).await.0;
    for _ in 0..MORE_THAN_ANYBODY {
        if last.status != StatusCode::BAD_REQUEST {
            break;
        }
        last = report(&site, "/t/click", &json!({})).await.0;
    }
    assert_eq!(last.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds >= 1));
    assert_eq!(last.header("access-control-allow-origin"), "*", "the page can read why");
    assert_eq!(
        follow(&site, "/r/nobody", FIREFOX).await.status,
        StatusCode::NOT_FOUND,
        "links are not slowed"
    );
}

//! The page about a connection shows the current connection and its current state.

use app::trouble::Trouble;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use domain::clock::{HOUR_MS, MINUTE_MS};
use domain::connections::{ConnectionProblem, RevocationReason};
use domain::deliveries::SignatureError;
use domain::repairs::RepairLine;
use engine::stripe::connections;
use engine::worker;
use rstest::rstest;
use sandbox::Defect;

use super::{By, words_of};
use crate::site::webhooks::{SECRET, deliver, signature};
use crate::stripe::stripe_site::StripeSite;

impl StripeSite {
    async fn page(&self) -> String {
        words_of(&self.browser().await.get(&self.settings()).await.body)
    }

    /// Whether the troubleshooting list has the entry that a page links to.
    async fn has_trouble_of(&self, page: &str) -> bool {
        let Some(anchor) = page.split("/settings/tracking#trouble-").nth(1) else { return false };
        let anchor = anchor.split('"').next().unwrap();
        let path = self.settings().replace("/stripe", "/tracking");
        self.browser().await.get(&path).await.body.contains(&format!("id=\"trouble-{anchor}\""))
    }
}

#[rstest]
#[tokio::test]
async fn a_repair_clears_the_rejections_before_it(#[values(By::OAuth, By::Key)] by: By) {
    let (mut stripe_site, _) = StripeSite::connected(by).await;
    stripe_site.holder(by).break_endpoint(&stripe_site.our_endpoint(by), Defect::SecretRolled).unwrap();
    let sold = [stripe_site.sell_meanwhile().await];
    assert!(stripe_site.page().await.contains("Needs attention"));
    stripe_site.site.advance(MINUTE_MS);
    let page = stripe_site.repair().await;
    assert!(page.contains("Connected") && !page.contains("Needs attention"), "{page}");
    assert!(page.contains("rejected") && page.contains("before the last fix"), "{page}");
    stripe_site.has_all(&sold).await;
    let later = stripe_site.page().await;
    assert!(later.contains("before the last fix"), "{later}");
}

#[rstest]
#[case::deleted(Defect::Deleted, "was deleted in Stripe")]
#[case::disabled(Defect::Disabled, "is disabled in Stripe")]
#[case::moved(Defect::WrongUrl, "sends to http")]
#[case::fewer_types(Defect::FewerEvents, "required event types")]
#[tokio::test]
async fn changes_at_stripe_are_seen_when_the_page_is_opened(
    #[values(By::OAuth, By::Key)] by: By,
    #[case] defect: Defect,
    #[case] sees: &str,
) {
    let (stripe_site, _) = StripeSite::connected(by).await;
    stripe_site.holder(by).break_endpoint(&stripe_site.our_endpoint(by), defect).unwrap();
    let browser = stripe_site.browser().await;
    let page = browser.get(&stripe_site.settings()).await;
    assert!(words_of(&page.body).contains("Checking now…"), "{}", words_of(&page.body));
    assert_eq!(page.header("refresh"), "2", "what is found is shown at once");
    worker::drain(&stripe_site.site.engine).await.unwrap();
    let page = browser.get(&stripe_site.settings()).await;
    let words = words_of(&page.body);
    assert!(words.contains("Needs attention") && words.contains(sees), "{words}");
    assert!(words.contains("Checked"), "{words}");
    assert_eq!(page.header("refresh"), "");
    assert!(stripe_site.has_trouble_of(&page.body).await, "{}", page.body);
    // The repair ends it.
    stripe_site.site.advance(MINUTE_MS);
    assert!(!stripe_site.repair().await.contains("Needs attention"));
}

#[rstest]
#[tokio::test]
async fn fixes_at_stripe_are_seen_too(#[values(By::OAuth, By::Key)] by: By) {
    let (stripe_site, _) = StripeSite::connected(by).await;
    let endpoint = stripe_site.our_endpoint(by);
    stripe_site.holder(by).set_disabled(&endpoint, true).unwrap();
    stripe_site.page().await;
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert!(stripe_site.page().await.contains("Needs attention"));
    stripe_site.holder(by).set_disabled(&endpoint, false).unwrap();
    let asked = stripe_site.asked("/v1/webhook_endpoints");
    stripe_site.site.advance(4 * MINUTE_MS);
    stripe_site.page().await;
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert_eq!(stripe_site.asked("/v1/webhook_endpoints"), asked, "the last look is recent enough");
    stripe_site.site.advance(2 * MINUTE_MS);
    stripe_site.page().await;
    worker::drain(&stripe_site.site.engine).await.unwrap();
    assert!(!stripe_site.page().await.contains("Needs attention"));
}

#[rstest]
#[tokio::test]
async fn rejected_deliveries_trigger_a_check_at_most_once_an_hour(#[values(By::OAuth, By::Key)] by: By) {
    let (mut stripe_site, _) = StripeSite::connected(by).await;
    let account = stripe_site.account.clone();
    stripe_site.holder(by).break_endpoint(&stripe_site.our_endpoint(by), Defect::SecretRolled).unwrap();
    stripe_site.sell(&account);
    let before = stripe_site.asked("/v1/webhook_endpoints");
    let refused = stripe_site.deliver(&account).await;
    assert!(refused.contains(&StatusCode::UNAUTHORIZED), "{refused:?}");
    assert_eq!(stripe_site.asked("/v1/webhook_endpoints"), before + 1, "it was looked at");
    if matches!(by, By::Key) {
        // Of the platform's endpoint Stripe cannot be asked whether a delivery was its own.
        let problem = stripe_site.connection().await.problem.expect("a new secret");
        assert_eq!(problem.code(), "secret_unknown");
    }
    // Anyone can send a wrong signature, and each look costs a read.
    let asked = stripe_site.asked("/v1/webhook_endpoints");
    let path = stripe_site.status().await.webhook_url.replace(crate::site::BASE, "");
    for _ in 0..20 {
        stripe_site.site.advance(2 * MINUTE_MS);
        let forged = signature("whsec_forged", b"{}", stripe_site.site.engine.now());
        deliver(&stripe_site.site, &path, Some(&forged), b"{}").await;
        worker::drain(&stripe_site.site.engine).await.unwrap();
    }
    assert_eq!(stripe_site.asked("/v1/webhook_endpoints"), asked);
}

#[tokio::test]
async fn health_and_report_are_of_the_current_connection() {
    let (mut stripe_site, _) = StripeSite::connected(By::Key).await;
    let account = stripe_site.account.clone();
    account.break_endpoint(&stripe_site.our_endpoint(By::Key), Defect::SecretRolled).unwrap();
    stripe_site.sell_meanwhile().await;
    assert!(stripe_site.repair().await.contains("Repair report"));
    let program = stripe_site.merchant.program.id.clone();
    let (engine, actor) = (&stripe_site.site.engine, &stripe_site.merchant.actor);
    let key = engine::identity::api_keys::create(engine, actor, None).await.unwrap().1;
    stripe_site.site.advance(HOUR_MS);
    connections::disconnect(engine, actor, &program).await.unwrap();
    stripe_site.site.advance(MINUTE_MS);
    connections::connect_manually(engine, actor, &program, SECRET).await.unwrap();
    let page = stripe_site.page().await;
    assert!(!page.contains("Repair report"), "{page}");
    assert!(page.contains("Signatures all valid") && page.contains("Last event none yet"), "{page}");
    assert!(page.contains("Last 24 hours 0 events") && page.contains("Missed and recovered none"), "{page}");
    let report = Request::get(format!("/api/v1/programs/{program}/repair-webhooks"))
        .header("host", "hg.test")
        .header("authorization", format!("Bearer {key}"))
        .body(Body::empty())
        .unwrap();
    assert_eq!(stripe_site.site.send(report).await.status, StatusCode::NOT_FOUND);
    assert!(!stripe_site.events().await.is_empty(), "what was received stays");
    let rejected = stripe_site.status().await.rejected_signatures();
    assert_eq!((rejected.deliveries, rejected.last), (0, None::<(_, SignatureError)>));
}

/// Whatever is recorded as wrong, the page links to an entry about it that exists.
#[tokio::test]
async fn every_problem_has_its_entry_in_the_troubleshooting_list() {
    let (stripe_site, _) = StripeSite::connected(By::Key).await;
    let id = stripe_site.connection().await.id;
    let problems = [
        ConnectionProblem::AccessRevoked { reason: RevocationReason::KeyRejected },
        ConnectionProblem::PlatformKeyRejected,
        ConnectionProblem::PlatformEndpointMissing { message: "No.".to_owned() },
        ConnectionProblem::RepairFailed { line: RepairLine::AccountShared },
        ConnectionProblem::EndpointMissing,
        ConnectionProblem::EndpointDisabled,
        ConnectionProblem::EndpointMoved { url: "https://elsewhere.example".to_owned() },
        ConnectionProblem::EventTypesMissing { missing: vec!["invoice.paid".to_owned()] },
        ConnectionProblem::OtherVersion,
        ConnectionProblem::SecretUnknown,
    ];
    assert_eq!(problems.each_ref().map(ConnectionProblem::code), ConnectionProblem::CODES);
    let browser = stripe_site.browser().await;
    for problem in problems {
        let mut conn = stripe_site.site.engine.db().write().await.unwrap();
        store::connections::set_problem(&mut conn, &id, Some(&problem)).await.unwrap();
        drop(conn);
        let page = browser.get(&stripe_site.settings()).await.body;
        assert!(page.contains(&format!("#{}", Trouble::of_problem(&problem).anchor())), "{problem:?}");
        assert!(stripe_site.has_trouble_of(&page).await, "{problem:?}");
    }
    let list = browser.get(&stripe_site.settings().replace("/stripe", "/tracking")).await.body;
    for trouble in Trouble::ALL {
        assert!(list.contains(&format!("id=\"{}\"", trouble.anchor())), "{trouble:?}");
    }
}

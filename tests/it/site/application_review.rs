//! A merchant decides on applications.

use axum::http::StatusCode;
use domain::affiliates::AffiliateStatus;
use domain::applications::REAPPLY_DAYS;
use domain::clock::DAY_MS;

use super::applications::{EMAIL, affiliates_of, apply, confirm, link, mails, merchant};
use super::{Browser, Merchant, Site};

/// Applies, confirms, and gives the id of the application.
async fn waiting(site: &Site, merchant: &Merchant, email: &str) -> String {
    let browser = Browser::new(site);
    apply(site, merchant, &browser, email).await;
    let path = link(site).await;
    confirm(&browser, &path).await;
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let pending = domain::applications::ApplicationStatus::Pending;
    let list = engine::programs::applications::list(engine, actor, program, pending, None, 50).await.unwrap();
    let found = list.iter().find(|one| one.application.email.as_str() == email);
    found.expect("a pending application").application.id.to_string()
}

/// Sends a decision and gives the page that follows.
async fn decide(
    browser: &Browser<'_>,
    merchant: &Merchant,
    ids: &[&str],
    decision: &str,
    reason: &str,
) -> String {
    let subject = if ids.len() == 1 { ids[0] } else { "bulk" };
    let field = format!("reasons[{subject}]");
    let mut fields = vec![
        ("program", merchant.program.id.as_str()),
        ("subject", subject),
        ("decision", decision),
        (field.as_str(), reason),
    ];
    fields.extend(ids.iter().map(|id| ("applications[]", *id)));
    let answer = browser.post("/do/applications/decide", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location()).await.body
}

#[tokio::test]
async fn the_page_shows_what_was_written_and_what_to_look_at() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    waiting(&site, &merchant, "amara@mailinator.com").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let path = app::routes::program(&merchant.program.id).applications();
    let page = browser.get(&path).await.body;
    for text in [
        "Amara Nwosu",
        "A Sunday letter, 11,400 readers.",
        r#"href="https://slowpages.example/""#,
        "Disposable email address",
        "Terms version 1",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let overview = browser.get(&app::routes::program(&merchant.program.id).overview()).await.body;
    assert!(overview.contains("Review 1 application") && overview.contains(&path), "{overview}");
}

#[tokio::test]
async fn several_are_approved_at_once_and_get_a_mail() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let first = waiting(&site, &merchant, EMAIL).await;
    let second = waiting(&site, &merchant, "jonas@slowpages.example").await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = decide(&browser, &merchant, &[&first, &second], "approve", "").await;
    assert!(page.contains("2 applications approved."), "{page}");
    let people = affiliates_of(&site, &merchant).await;
    assert_eq!(people.len(), 2);
    assert!(people.iter().all(|one| one.status == AffiliateStatus::Active));
    let in_program = |mail: &&String| mail.contains("You are in Program lumen");
    assert_eq!(mails(&site).await.iter().filter(in_program).count(), 2);
    // A second press changes nothing.
    let page = decide(&browser, &merchant, &[&first, &second], "approve", "").await;
    assert!(page.contains("0 applications approved."), "{page}");
    assert_eq!(affiliates_of(&site, &merchant).await.len(), 2);
}

#[tokio::test]
async fn a_declined_applicant_reads_why_and_may_apply_again_after_a_month() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let id = waiting(&site, &merchant, EMAIL).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = decide(&browser, &merchant, &[&id], "decline", " ").await;
    assert!(page.contains("Enter a reason that the applicant can read"), "{page}");
    let page = decide(&browser, &merchant, &[&id], "decline", "Your website is one of ours.").await;
    assert!(page.contains("1 application declined."), "{page}");
    let sent = mails(&site).await;
    let mail = sent.last().unwrap();
    assert!(mail.contains("Your website is one of ours.") && mail.contains("after 30 days"), "{mail}");

    let applicant = Browser::new(&site);
    apply(&site, &merchant, &applicant, EMAIL).await;
    let sent = mails(&site).await;
    assert!(sent.last().unwrap().contains("You can apply again in 30 days"), "{sent:?}");
    site.advance(REAPPLY_DAYS * DAY_MS + 1);
    waiting(&site, &merchant, EMAIL).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = browser.get(&app::routes::program(&merchant.program.id).applications()).await.body;
    assert!(page.contains("Applied before"), "{page}");
}

#[tokio::test]
async fn who_was_declined_is_not_approved_automatically() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let id = waiting(&site, &merchant, EMAIL).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    decide(&browser, &merchant, &[&id], "decline", "No.").await;
    let change = domain::programs::ProgramChange { auto_approve: Some(true), ..Default::default() };
    engine::programs::change(&site.engine, &merchant.actor, &merchant.program.id, &change).await.unwrap();
    site.advance(REAPPLY_DAYS * DAY_MS + 1);
    waiting(&site, &merchant, EMAIL).await;
    assert!(affiliates_of(&site, &merchant).await.is_empty());
}

#[tokio::test]
async fn nothing_is_decided_without_a_selection() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let page = decide(&browser, &merchant, &[], "approve", "").await;
    assert!(page.contains("Select at least one application."), "{page}");
}

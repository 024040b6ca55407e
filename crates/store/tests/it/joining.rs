//! Public pages and applications in the database.

use domain::applications::ApplicationStatus;
use domain::clock::Timestamp;
use domain::ids::ApplicationId;
use domain::join_pages::{Introduction, JoinPage};
use store::applications::{self, Application};
use store::db::Conn;

use crate::fixture::{Fixture, NOW};

/// An application that was sent some milliseconds after the beginning.
async fn sent(fixture: &Fixture, conn: &mut Conn, email: &str, after: i64) -> Application {
    let at = NOW.plus_ms(after);
    let new = Application {
        id: ApplicationId::new(at, &fixture.random),
        program_id: fixture.program.clone(),
        email: email.parse().unwrap(),
        name: "Amara".to_owned(),
        website: None,
        promotion: "A letter.".to_owned(),
        terms_id: fixture.terms.clone(),
        accepted_at: at,
        confirmed_at: None,
        status: ApplicationStatus::Unconfirmed,
        reason: None,
        decided_at: None,
        decided_by: None,
        affiliate_id: None,
    };
    applications::put(conn, &new).await.unwrap();
    new
}

#[tokio::test]
async fn a_page_is_off_until_it_is_set() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    assert_eq!(store::join_pages::get(&mut conn, &fixture.program).await.unwrap(), JoinPage::default());
    for color in [Some("#17605a".parse().unwrap()), None] {
        let introduction = Introduction::parse("One\n\nTwo").unwrap();
        let page = JoinPage { is_on: true, color, introduction };
        store::join_pages::put(&mut conn, &fixture.program, &page).await.unwrap();
        assert_eq!(store::join_pages::get(&mut conn, &fixture.program).await.unwrap(), page);
    }
}

#[tokio::test]
async fn an_application_is_confirmed_once_and_decided_once() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let one = sent(&fixture, &mut conn, "a@example.com", 0).await;
    let by = &fixture.account;
    assert!(!applications::decline(&mut conn, &one.id, "No", by, NOW).await.unwrap(), "not confirmed");
    assert!(applications::confirm(&mut conn, &one.id, NOW).await.unwrap());
    assert!(!applications::confirm(&mut conn, &one.id, NOW).await.unwrap());
    assert!(applications::decline(&mut conn, &one.id, "No", by, NOW).await.unwrap());
    assert!(!applications::decline(&mut conn, &one.id, "Again", by, NOW).await.unwrap());
    let read = applications::get(&mut conn, &fixture.program, &one.id).await.unwrap().unwrap();
    assert_eq!((read.status, read.reason.as_deref()), (ApplicationStatus::Declined, Some("No")));
    assert_eq!((read.decided_at, read.decided_by.as_ref()), (Some(NOW), Some(by)));
}

#[tokio::test]
async fn lists_are_newest_first_and_know_who_applied_before() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    for (email, after) in [("a@example.com", 0), ("b@example.com", 1), ("a@example.com", 2)] {
        let one = sent(&fixture, &mut conn, email, after).await;
        applications::confirm(&mut conn, &one.id, NOW).await.unwrap();
    }
    let (program, pending) = (&fixture.program, ApplicationStatus::Pending);
    let end = Timestamp(i64::MAX);
    let first = applications::list(&mut conn, program, pending, (end, ""), 2).await.unwrap();
    let last = &first[1];
    let place = (last.accepted_at, last.id.as_str());
    let second = applications::list(&mut conn, program, pending, place, 2).await.unwrap();
    let all: Vec<Application> = first.iter().chain(&second).cloned().collect();
    let emails: Vec<&str> = all.iter().map(|one| one.email.as_str()).collect();
    assert_eq!(emails, ["a@example.com", "b@example.com", "a@example.com"]);
    let before = applications::applied_before(&mut conn, &all).await.unwrap();
    assert_eq!(before.into_iter().collect::<Vec<_>>(), [all[0].id.clone()]);
    assert_eq!(applications::count(&mut conn, program, pending).await.unwrap(), 3);
}

#[tokio::test]
async fn only_unconfirmed_applications_are_deleted() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let kept = sent(&fixture, &mut conn, "a@example.com", 0).await;
    applications::confirm(&mut conn, &kept.id, NOW).await.unwrap();
    sent(&fixture, &mut conn, "b@example.com", 0).await;
    sent(&fixture, &mut conn, "c@example.com", 5).await;
    assert_eq!(applications::delete_unconfirmed(&mut conn, NOW.plus_ms(5)).await.unwrap(), 1);
    let email = "c@example.com".parse().unwrap();
    assert_eq!(applications::delete_unconfirmed_of(&mut conn, &fixture.program, &email).await.unwrap(), 1);
    assert!(applications::get(&mut conn, &fixture.program, &kept.id).await.unwrap().is_some());
}

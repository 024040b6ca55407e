//! Public pages and applications in the database.

use std::collections::BTreeMap;

use domain::applications::ApplicationStatus;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::files::{FilePurpose, FileType};
use domain::ids::{ApplicationId, FileId, InvitationId, InvitationLinkId, QuestionId, ResourceId};
use domain::join_pages::{Introduction, JoinPage};
use domain::questions::{Question, QuestionDraft, QuestionKind, Questions};
use domain::resources::ResourceKind;
use store::applications::{self, Application};
use store::db::Conn;
use store::files::{self, File};
use store::invitation_links::{self, InvitationLink};
use store::invitations::{self, Invitation};
use store::resources::{self, Resource};

use crate::fixture::{Fixture, NOW};

/// An application that was sent some milliseconds after the beginning.
async fn sent(fixture: &Fixture, conn: &mut Conn, email: &str, after: i64) -> Application {
    let new = draft(fixture, email, after);
    applications::put(conn, &new).await.unwrap();
    new
}

fn draft(fixture: &Fixture, email: &str, after: i64) -> Application {
    let at = NOW.plus_ms(after);
    Application {
        id: ApplicationId::new(at, &fixture.random),
        program_id: fixture.program.clone(),
        email: email.parse().unwrap(),
        name: "Amara".to_owned(),
        website: None,
        promotion: "A letter.".to_owned(),
        answers: Vec::new(),
        terms_id: fixture.terms.clone(),
        accepted_at: at,
        confirmed_at: None,
        status: ApplicationStatus::Unconfirmed,
        reason: None,
        decided_at: None,
        decided_by: None,
        affiliate_id: None,
        invitation_link_id: None,
    }
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
async fn questions_and_answers_read_back_and_survive_changes_of_the_page() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let choices = ["Yes", "No"];
    let asks = QuestionDraft::parse("Do you?", Some(QuestionKind::Choice), true, choices).unwrap();
    let question = Question { id: QuestionId::new(NOW, &fixture.random), asks };
    let given = BTreeMap::from([(question.id.to_string(), "No".to_owned())]);
    let questions = Questions::new(vec![question]).unwrap();
    store::join_pages::put_questions(&mut conn, &fixture.program, &questions).await.unwrap();
    let off = (JoinPage::default(), questions.clone());
    assert_eq!(store::join_pages::with_questions(&mut conn, &fixture.program).await.unwrap(), off);
    let page = JoinPage { is_on: true, ..JoinPage::default() };
    store::join_pages::put(&mut conn, &fixture.program, &page).await.unwrap();
    let read = store::join_pages::with_questions(&mut conn, &fixture.program).await.unwrap();
    assert_eq!(read, (page, questions.clone()));

    let answers = questions.answers(&given).unwrap();
    let mut one = draft(&fixture, "a@example.com", 0);
    one.answers = answers.clone();
    applications::put(&mut conn, &one).await.unwrap();
    let read = applications::get(&mut conn, &fixture.program, &one.id).await.unwrap().unwrap();
    assert_eq!(read.answers, answers);
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

#[tokio::test]
async fn an_invitation_is_open_until_it_is_answered_or_ends() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let email = |name: &str| -> Email { format!("{name}@example.com").parse().unwrap() };
    let invitation = |name: &str, after: i64| Invitation {
        id: InvitationId::new(NOW.plus_ms(after), &fixture.random),
        program_id: fixture.program.clone(),
        email: email(name),
        name: Some(name.to_owned()),
        code: Some(name.parse().unwrap()),
        created_at: NOW.plus_ms(after),
        created_by: Some(fixture.account.clone()),
        sent_at: NOW.plus_ms(after),
        expires_at: NOW.plus_ms(100),
        revoked_at: None,
        accepted_at: None,
        terms_id: None,
        affiliate_id: None,
    };
    let all = [invitation("ana", 0), invitation("bo", 1), invitation("cy", 2)];
    invitations::put(&mut conn, &all).await.unwrap();
    let open = async |conn: &mut Conn, at: i64| {
        let emails = [email("ana"), email("bo"), email("cy"), email("di")];
        let open = invitations::open_for(conn, &fixture.program, &emails, NOW.plus_ms(at)).await.unwrap();
        open.into_iter().map(|email| email.as_str().replace("@example.com", "")).collect::<Vec<_>>()
    };
    assert_eq!(open(&mut conn, 5).await, ["ana", "bo", "cy"]);
    assert_eq!(open(&mut conn, 100).await, [""; 0]);
    assert!(invitations::revoke(&mut conn, &all[1].id, NOW.plus_ms(5)).await.unwrap());
    assert!(!invitations::resend(&mut conn, &all[1].id, NOW, NOW.plus_ms(500)).await.unwrap());
    let (affiliate, terms) = (&fixture.affiliate, &fixture.terms);
    assert!(!invitations::accept(&mut conn, &all[2].id, affiliate, terms, NOW.plus_ms(100)).await.unwrap());
    assert!(invitations::accept(&mut conn, &all[2].id, affiliate, terms, NOW.plus_ms(99)).await.unwrap());
    assert!(!invitations::revoke(&mut conn, &all[2].id, NOW.plus_ms(99)).await.unwrap());
    assert_eq!(open(&mut conn, 5).await, ["ana"]);
    let place = (Timestamp(i64::MAX), "");
    let first = invitations::list(&mut conn, &fixture.program, place, 2).await.unwrap();
    let names: Vec<_> = first.iter().map(|one| one.name.as_deref().unwrap()).collect();
    assert_eq!(names, ["cy", "bo"]);
    let place = (first[1].created_at, first[1].id.as_str());
    assert_eq!(invitations::list(&mut conn, &fixture.program, place, 2).await.unwrap().len(), 1);
    assert_eq!(invitations::count_since(&mut conn, &fixture.program, NOW).await.unwrap(), 2);
}

#[tokio::test]
async fn an_invitation_link_is_used_as_often_as_it_allows() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let link = InvitationLink {
        id: InvitationLinkId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        label: "Fair".to_owned(),
        most_uses: 2,
        uses: 0,
        created_at: NOW,
        created_by: None,
        expires_at: NOW.plus_ms(100),
        revoked_at: None,
    };
    invitation_links::put(&mut conn, &link).await.unwrap();
    assert!(
        !invitation_links::use_once(&mut conn, &link.id, NOW.plus_ms(100)).await.unwrap(),
        "it has ended"
    );
    assert_eq!(invitation_links::count_running(&mut conn, &fixture.program, NOW).await.unwrap(), 1);
    assert!(invitation_links::use_once(&mut conn, &link.id, NOW).await.unwrap());
    assert!(invitation_links::use_once(&mut conn, &link.id, NOW).await.unwrap());
    assert!(!invitation_links::use_once(&mut conn, &link.id, NOW).await.unwrap(), "it is used up");
    assert_eq!(invitation_links::count_running(&mut conn, &fixture.program, NOW).await.unwrap(), 0);
    assert!(invitation_links::revoke(&mut conn, &link.id, NOW).await.unwrap());
    assert!(!invitation_links::revoke(&mut conn, &link.id, NOW).await.unwrap());
    let read = invitation_links::get(&mut conn, &fixture.program, &link.id).await.unwrap().unwrap();
    assert_eq!((read.uses, read.revoked_at), (2, Some(NOW)));
}

#[tokio::test]
async fn a_file_is_there_when_it_is_complete_and_goes_with_its_pieces() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let file = File {
        id: FileId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        purpose: FilePurpose::Resource,
        name: "a.png".to_owned(),
        file_type: FileType::Png,
        size: 0,
        sha256: String::new(),
        created_at: NOW,
        created_by: Some(fixture.account.clone()),
    };
    files::begin(&mut conn, &file).await.unwrap();
    let every_byte: Vec<u8> = (0..=255).collect();
    files::put_piece(&mut conn, &file.id, 0, &every_byte).await.unwrap();
    files::put_piece(&mut conn, &file.id, 1, &[]).await.unwrap();
    assert!(files::get_unscoped(&mut conn, &file.id).await.unwrap().is_none(), "not complete");
    assert_eq!(files::abandoned(&mut conn, NOW.plus_ms(1), 5).await.unwrap(), std::slice::from_ref(&file.id));
    assert!(files::complete(&mut conn, &file.id, 256, "hash", NOW).await.unwrap());
    assert!(!files::complete(&mut conn, &file.id, 256, "hash", NOW).await.unwrap());
    assert!(files::abandoned(&mut conn, NOW.plus_ms(1), 5).await.unwrap().is_empty());
    let read = files::get_unscoped(&mut conn, &file.id).await.unwrap().unwrap();
    assert_eq!((read.size, read.sha256.as_str()), (256, "hash"));
    assert_eq!(files::bytes_of(&mut conn, &fixture.program).await.unwrap(), 256);
    assert_eq!(files::piece(&mut conn, &file.id, 0).await.unwrap(), Some(every_byte));
    assert_eq!(files::piece(&mut conn, &file.id, 1).await.unwrap(), Some(Vec::new()));
    assert_eq!(files::piece(&mut conn, &file.id, 2).await.unwrap(), None);
    files::delete(&mut conn, &file.id).await.unwrap();
    assert_eq!(files::piece(&mut conn, &file.id, 0).await.unwrap(), None);
    assert_eq!(files::bytes_of(&mut conn, &fixture.program).await.unwrap(), 0);
}

#[tokio::test]
async fn titles_of_resources_are_told_apart_by_kind() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let text = |title: &str, after: i64| Resource {
        id: ResourceId::new(NOW.plus_ms(after), &fixture.random),
        program_id: fixture.program.clone(),
        kind: ResourceKind::Text,
        title: title.to_owned(),
        text: Some("x".to_owned()),
        file_id: None,
        created_at: NOW,
        updated_at: NOW,
        created_by: None,
    };
    let (first, second) = (text("A post", 0), text("A letter", 1));
    assert!(resources::put(&mut conn, &first).await.unwrap());
    assert!(resources::put(&mut conn, &second).await.unwrap());
    assert!(!resources::put(&mut conn, &text("A post", 2)).await.unwrap());
    assert!(
        !resources::update(&mut conn, &Resource { title: "A post".to_owned(), ..second.clone() })
            .await
            .unwrap()
    );
    assert!(
        resources::update(&mut conn, &Resource { text: Some("y".to_owned()), ..second.clone() })
            .await
            .unwrap()
    );
    let (program, kind) = (&fixture.program, ResourceKind::File);
    assert!(resources::by_title(&mut conn, program, kind, "A post").await.unwrap().is_none());
    let listed = resources::list(&mut conn, program, first.id.as_str(), 5).await.unwrap();
    assert_eq!((listed.len(), listed[0].text.as_deref()), (1, Some("y")));
    resources::delete(&mut conn, &first.id).await.unwrap();
    assert_eq!(resources::count(&mut conn, program).await.unwrap(), 1);
}

#[tokio::test]
async fn a_logo_survives_changes_of_the_page() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let logo = FileId::new(NOW, &fixture.random);
    assert_eq!(store::join_pages::logo(&mut conn, &fixture.program).await.unwrap(), None);
    store::join_pages::put_logo(&mut conn, &fixture.program, Some(&logo)).await.unwrap();
    let page = JoinPage { is_on: true, ..JoinPage::default() };
    store::join_pages::put(&mut conn, &fixture.program, &page).await.unwrap();
    assert_eq!(store::join_pages::logo(&mut conn, &fixture.program).await.unwrap(), Some(logo));
    store::join_pages::put_logo(&mut conn, &fixture.program, None).await.unwrap();
    assert_eq!(store::join_pages::logo(&mut conn, &fixture.program).await.unwrap(), None);
}

//! Accounts, companies, sessions, keys, the audit trail and settings in the database.

use domain::audit::AuditAction;
use domain::clock::MINUTE_MS;
use domain::ids::{AccountId, ApiKeyId, AuditEventId, EmailChangeId, MerchantId, SingleUseLinkId};
use domain::members::Role;
use domain::single_use_links::LinkPurpose;
use store::api_keys::ApiKey;
use store::audit::Line;
use store::sessions::Alive;
use store::single_use_links::SingleUseLink;

use crate::fixture::{Fixture, NOW, account};

#[tokio::test]
async fn accounts_are_stored_and_changed() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    assert!(store::accounts::exists(&mut conn).await.unwrap());
    let ann = account(&fixture.random, "ann@buyers.example");
    assert!(store::accounts::put(&mut conn, &ann, NOW).await.unwrap());
    let twin = account(&fixture.random, "ann@buyers.example");
    assert!(!store::accounts::put(&mut conn, &twin, NOW).await.unwrap());
    store::accounts::set_password(&mut conn, &ann.id, "hash").await.unwrap();
    let found = store::accounts::by_email(&mut conn, &ann.email).await.unwrap().unwrap();
    assert_eq!((found.id, found.password_hash.as_deref()), (ann.id.clone(), Some("hash")));
    assert!(store::accounts::get(&mut conn, &ann.id).await.unwrap().is_some());
    assert!(store::accounts::get(&mut conn, &twin.id).await.unwrap().is_none());
    assert!(store::accounts::set_password(&mut conn, &twin.id, "hash").await.is_err());
}

#[tokio::test]
async fn an_empty_database_has_no_account() {
    let db = store::testing::TestDb::new().await;
    assert!(!store::accounts::exists(&mut db.db.read().await.unwrap()).await.unwrap());
}

#[tokio::test]
async fn single_use_links_work_once_and_until_their_end() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let (soon, later) = (NOW.plus_ms(10), NOW.plus_ms(20));
    let link = |purpose, account: Option<&AccountId>, expires_at| SingleUseLink {
        id: SingleUseLinkId::new(NOW, &fixture.random),
        purpose,
        account_id: account.cloned(),
        affiliate_id: None,
        application_id: None,
        email_change_id: None,
        expires_at,
    };
    let setup = link(LinkPurpose::Setup, None, soon);
    let other_setup = link(LinkPurpose::Setup, None, later);
    let first = link(LinkPurpose::Password, Some(&fixture.account), soon);
    let second = link(LinkPurpose::Password, Some(&fixture.account), later);
    let invitation = link(LinkPurpose::Invitation, Some(&fixture.account), later);
    for new in [&setup, &other_setup, &first, &second, &invitation] {
        store::single_use_links::put(&mut conn, new).await.unwrap();
        let found = store::single_use_links::get(&mut conn, &new.id, NOW).await.unwrap();
        assert_eq!(found.as_ref(), Some(new));
    }
    assert_eq!(store::single_use_links::get(&mut conn, &setup.id, soon).await.unwrap(), None);
    assert!(!store::single_use_links::mark_used(&mut conn, &setup.id, soon).await.unwrap());
    assert!(store::single_use_links::mark_used(&mut conn, &setup.id, NOW).await.unwrap());
    assert!(!store::single_use_links::mark_used(&mut conn, &setup.id, NOW).await.unwrap());
    assert_eq!(store::single_use_links::end_setups(&mut conn, NOW).await.unwrap(), 1);

    let newest = |at| {
        let (db, account) = (fixture.db.db.clone(), fixture.account.clone());
        async move {
            let mut conn = db.read().await.unwrap();
            store::single_use_links::newest(&mut conn, &account, LinkPurpose::Password, at).await.unwrap()
        }
    };
    assert_eq!(newest(NOW).await, Some(second));
    assert_eq!(newest(later).await, None);
    assert_eq!(store::single_use_links::end_all(&mut conn, &fixture.account, NOW).await.unwrap(), 3);
    assert_eq!(newest(NOW).await, None);
    assert_eq!(store::single_use_links::delete_expired(&mut conn, later).await.unwrap(), 2);
}

#[tokio::test]
async fn companies_and_members_are_stored() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let member = store::merchants::of_account(&mut conn, &fixture.account).await.unwrap().unwrap();
    assert_eq!((member.merchant_id, member.role), (fixture.merchant.clone(), Role::Owner));
    assert_eq!(store::merchants::name(&mut conn, &fixture.merchant).await.unwrap().as_deref(), Some("Lumen"));
    let other = MerchantId::new(NOW, &fixture.random);
    assert_eq!(store::merchants::name(&mut conn, &other).await.unwrap(), None);
    let stranger = account(&fixture.random, "x@y.example");
    assert!(store::merchants::of_account(&mut conn, &stranger.id).await.unwrap().is_none());
}

#[tokio::test]
async fn sessions_are_stored_and_deleted() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let (account, end) = (Some(&fixture.account), NOW.plus_ms(1_000));
    let alive =
        |now, since: i64| Alive { now, seen_after: NOW.plus_ms(since), created_after: NOW.plus_ms(since) };
    assert!(store::sessions::put(&mut conn, "s1", account, "{}", end, NOW).await.unwrap());
    assert!(!store::sessions::put(&mut conn, "s1", None, "{}", end, NOW).await.unwrap());
    assert!(store::sessions::put(&mut conn, "s2", account, "{}", end, NOW).await.unwrap());
    assert!(store::sessions::put(&mut conn, "s3", None, "{}", NOW, NOW).await.unwrap());
    assert!(store::sessions::save(&mut conn, "s1", account, "{\"a\":1}", end, NOW).await.unwrap());
    assert!(!store::sessions::save(&mut conn, "gone", account, "{}", end, NOW).await.unwrap());
    let found = store::sessions::get(&mut conn, "s1", alive(NOW, -1)).await.unwrap().unwrap();
    assert_eq!((found.data.as_str(), found.expires_at), ("{\"a\":1}", end));
    assert!(store::sessions::get(&mut conn, "s1", alive(end, -1)).await.unwrap().is_none());
    assert!(store::sessions::get(&mut conn, "s1", alive(NOW, 0)).await.unwrap().is_none(), "too old");
    let listed = store::sessions::of_account(&mut conn, &fixture.account, alive(NOW, -1), 9).await;
    assert_eq!(listed.unwrap().len(), 2);
    assert_eq!(store::sessions::delete_expired(&mut conn, NOW).await.unwrap(), 1);
    let stranger = crate::fixture::account(&fixture.random, "x@y.example");
    assert!(!store::sessions::delete_of_account(&mut conn, &stranger.id, "s2").await.unwrap());
    assert!(store::sessions::delete_of_account(&mut conn, &fixture.account, "s2").await.unwrap());
    store::sessions::delete(&mut conn, "s2").await.unwrap();
    assert_eq!(store::sessions::delete_all(&mut conn, &fixture.account).await.unwrap(), 1);
    assert!(store::sessions::get(&mut conn, "s1", alive(NOW, -1)).await.unwrap().is_none());
}

#[tokio::test]
async fn attempts_are_counted_within_a_window() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    for expected in 1..=3 {
        let at = NOW.plus_ms(expected * 10);
        let count = store::sessions::count_attempt(&mut conn, "a", MINUTE_MS, at).await.unwrap();
        assert_eq!(count, expected);
    }
    let later = NOW.plus_ms(MINUTE_MS + 10);
    assert_eq!(store::sessions::count_attempt(&mut conn, "a", MINUTE_MS, later).await.unwrap(), 1);
    assert_eq!(store::sessions::count_attempt(&mut conn, "a", MINUTE_MS, later).await.unwrap(), 2);
    store::sessions::forget_attempts(&mut conn, "a").await.unwrap();
    assert_eq!(store::sessions::count_attempt(&mut conn, "a", MINUTE_MS, later).await.unwrap(), 1);
}

#[tokio::test]
async fn api_keys_and_idempotent_responses() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let key = ApiKey {
        id: ApiKeyId::new(NOW, &fixture.random),
        merchant_id: fixture.merchant.clone(),
        account_id: fixture.account.clone(),
        program_id: Some(fixture.program.clone()),
        last_four: "abcd".to_owned(),
        created_at: NOW,
        last_used_at: None,
    };
    store::api_keys::put(&mut conn, &key, "hash").await.unwrap();
    store::api_keys::touch(&mut conn, &key.id, NOW).await.unwrap();
    let found = store::api_keys::by_hash(&mut conn, "hash").await.unwrap().unwrap();
    assert_eq!((found.program_id, found.last_used_at), (key.program_id.clone(), Some(NOW)));
    assert_eq!(store::api_keys::list(&mut conn, &fixture.merchant).await.unwrap().len(), 1);

    let claim = store::api_keys::begin_request(&mut conn, &key.id, "once", "body1", NOW).await.unwrap();
    assert!(claim.is_none());
    let second = store::api_keys::begin_request(&mut conn, &key.id, "once", "body1", NOW).await.unwrap();
    assert_eq!(second.unwrap().status, None);
    store::api_keys::store_response(&mut conn, &key.id, "once", Some((201, "{}"))).await.unwrap();
    store::api_keys::store_response(&mut conn, &key.id, "once", None).await.unwrap();
    let kept = store::api_keys::begin_request(&mut conn, &key.id, "once", "body2", NOW).await.unwrap();
    let kept = kept.unwrap();
    let answer = (kept.request_hash.as_str(), kept.status, kept.body.as_deref());
    assert_eq!(answer, ("body1", Some(201), Some("{}")));
    store::api_keys::begin_request(&mut conn, &key.id, "twice", "body", NOW).await.unwrap();
    store::api_keys::store_response(&mut conn, &key.id, "twice", None).await.unwrap();
    let free = store::api_keys::begin_request(&mut conn, &key.id, "twice", "body", NOW).await.unwrap();
    assert!(free.is_none());

    let stranger = MerchantId::new(NOW, &fixture.random);
    assert!(!store::api_keys::revoke(&mut conn, &stranger, &key.id, NOW).await.unwrap());
    assert!(store::api_keys::revoke(&mut conn, &fixture.merchant, &key.id, NOW).await.unwrap());
    assert!(!store::api_keys::revoke(&mut conn, &fixture.merchant, &key.id, NOW).await.unwrap());
    assert!(store::api_keys::by_hash(&mut conn, "hash").await.unwrap().is_none());
    assert!(store::api_keys::list(&mut conn, &fixture.merchant).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_audit_trail_is_newest_first() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let marked = AuditAction::NotAffiliateSale { later_payments: true };
    let undone = AuditAction::AssignmentUndone;
    for (ms, by, action) in [(1, Some(fixture.account.clone()), &marked), (2, None, &undone)] {
        let line = Line {
            id: AuditEventId::new(NOW.plus_ms(ms), &fixture.random),
            merchant_id: Some(fixture.merchant.clone()),
            program_id: Some(fixture.program.clone()),
            account_id: by,
            at: NOW.plus_ms(ms),
            subject: "thing_1".to_owned(),
            action: action.clone(),
        };
        store::audit::put(&mut conn, &line).await.unwrap();
    }
    let lines = store::audit::about(&mut conn, &fixture.program, "thing_1").await.unwrap();
    let seen: Vec<_> = lines.iter().map(|(line, by)| (&line.action, by.as_deref())).collect();
    assert_eq!(seen, [(&undone, None), (&marked, Some("Olga"))]);
    assert!(store::audit::about(&mut conn, &fixture.program, "thing_2").await.unwrap().is_empty());
    let other = domain::ids::ProgramId::new(NOW, &fixture.random);
    assert!(store::audit::about(&mut conn, &other, "thing_1").await.unwrap().is_empty());
}

#[tokio::test]
async fn settings_are_stored_and_replaced() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    assert_eq!(store::settings::get(&mut conn, "a").await.unwrap(), None);
    for value in ["1", "2"] {
        store::settings::put(&mut conn, "a", value).await.unwrap();
        assert_eq!(store::settings::get(&mut conn, "a").await.unwrap().as_deref(), Some(value));
    }
}

#[tokio::test]
async fn codes_of_an_authenticator_are_used_up_in_their_order() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let account = &fixture.account;
    use store::two_step;
    assert!(two_step::begin(&mut conn, account, "first", NOW).await.unwrap());
    assert!(two_step::begin(&mut conn, account, "second", NOW).await.unwrap(), "before it is confirmed");
    assert!(!two_step::use_step(&mut conn, account, 5).await.unwrap(), "no code works before");
    assert!(two_step::confirm(&mut conn, account, 7, NOW).await.unwrap());
    assert!(!two_step::confirm(&mut conn, account, 9, NOW).await.unwrap());
    assert!(!two_step::begin(&mut conn, account, "third", NOW).await.unwrap());
    for (step, works) in [(7, false), (6, false), (8, true), (8, false), (20, true), (19, false)] {
        assert_eq!(two_step::use_step(&mut conn, account, step).await.unwrap(), works, "{step}");
    }
    let found = two_step::get(&mut conn, account).await.unwrap().unwrap();
    assert_eq!((found.sealed.as_str(), found.confirmed_at, found.last_step), ("second", Some(NOW), 20));

    two_step::put_codes(&mut conn, account, &["a".to_owned(), "b".to_owned()]).await.unwrap();
    two_step::put_codes(&mut conn, account, &["c".to_owned(), "d".to_owned()]).await.unwrap();
    assert!(!two_step::use_code(&mut conn, account, "a").await.unwrap());
    assert!(two_step::use_code(&mut conn, account, "c").await.unwrap());
    assert!(!two_step::use_code(&mut conn, account, "c").await.unwrap());
    assert_eq!(two_step::codes_left(&mut conn, account).await.unwrap(), 1);
    assert!(two_step::delete(&mut conn, account).await.unwrap());
    assert!(!two_step::delete(&mut conn, account).await.unwrap());
    assert_eq!(two_step::codes_left(&mut conn, account).await.unwrap(), 0);
}

#[tokio::test]
async fn a_change_of_address_is_confirmed_once_and_ends_those_after_it() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let account = &fixture.account;
    use store::email_changes::{self, EmailChange};
    let change = |at: i64, from: &str, to: &str| EmailChange {
        id: EmailChangeId::new(NOW, &fixture.random),
        account_id: account.clone(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        requested_at: NOW.plus_ms(at),
        confirmed_at: None,
        ended_at: None,
    };
    let (first, second, third) = (
        change(1, "a@example.com", "b@example.com"),
        change(2, "a@example.com", "c@example.com"),
        change(3, "c@example.com", "d@example.com"),
    );
    email_changes::put(&mut conn, &first).await.unwrap();
    email_changes::end_pending(&mut conn, account, NOW).await.unwrap();
    assert!(!email_changes::confirm(&mut conn, &first.id, NOW).await.unwrap());
    email_changes::put(&mut conn, &second).await.unwrap();
    let pending = email_changes::pending(&mut conn, account, NOW).await.unwrap().unwrap();
    assert_eq!(pending.id, second.id);
    assert!(email_changes::pending(&mut conn, account, NOW.plus_ms(2)).await.unwrap().is_none());
    assert!(email_changes::confirm(&mut conn, &second.id, NOW.plus_ms(5)).await.unwrap());
    assert!(!email_changes::confirm(&mut conn, &second.id, NOW.plus_ms(6)).await.unwrap());
    let former = |after: i64| {
        let db = fixture.db.db.clone();
        async move {
            let email = "a@example.com".parse().unwrap();
            let mut conn = db.read().await.unwrap();
            email_changes::former_owner(&mut conn, &email, NOW.plus_ms(after)).await.unwrap()
        }
    };
    assert_eq!((former(4).await.as_ref(), former(5).await), (Some(account), None));
    email_changes::put(&mut conn, &third).await.unwrap();
    email_changes::end_from(&mut conn, account, second.requested_at, NOW).await.unwrap();
    assert_eq!(former(4).await, None);
    assert!(!email_changes::confirm(&mut conn, &third.id, NOW).await.unwrap());
    assert_eq!(email_changes::delete_old(&mut conn, third.requested_at).await.unwrap(), 2);
    assert!(email_changes::get(&mut conn, &third.id).await.unwrap().is_some());
}

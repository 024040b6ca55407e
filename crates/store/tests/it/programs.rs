//! Programs, terms, affiliates, links and promotion codes in the database.

use domain::affiliates::AffiliateStatus;
use domain::clock::HOUR_MS;
use domain::coupons::CodeStatus;
use domain::ids::{AffiliateId, CouponId, MerchantId, ProgramId, TermsId};
use domain::programs::ProgramStatus;
use domain::terms::{Commission, Recurrence, Rewards, Terms, TermsVersion};
use store::affiliates::Affiliate;
use store::coupons::Coupon;
use store::db::AFTER_ALL_IDS;
use store::programs::Program;

use crate::fixture::{Fixture, NOW, account, draft, link, put_affiliate, put_program};

#[tokio::test]
async fn programs_are_stored_and_changed() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let taken = ProgramId::new(NOW, &fixture.random);
    let put = store::programs::put(&mut conn, &taken, &fixture.merchant, "lumen", &draft("Other"), NOW).await;
    assert!(!put.unwrap());
    let second = put_program(&mut conn, &fixture.random, &fixture.merchant, "second").await;
    let stranger = MerchantId::new(NOW, &fixture.random);
    assert!(store::programs::get(&mut conn, &stranger, &fixture.program).await.unwrap().is_none());
    assert!(store::programs::get_unscoped(&mut conn, &fixture.program).await.unwrap().is_some());
    let program = store::programs::get_unscoped(&mut conn, &fixture.program).await.unwrap().unwrap();
    let changed = Program { name: "Renamed".to_owned(), require_consent: true, ..program };
    store::programs::update(&mut conn, &changed).await.unwrap();
    let foreign = Program { merchant_id: stranger.clone(), ..changed };
    assert!(store::programs::update(&mut conn, &foreign).await.is_err());
    let program =
        store::programs::get(&mut conn, &fixture.merchant, &fixture.program).await.unwrap().unwrap();
    let seen =
        (program.name.as_str(), program.require_consent, program.currency.code(), program.slug.as_str());
    assert_eq!(seen, ("Renamed", true, "usd", "lumen"));
    let mut ids = vec![fixture.program.clone(), second.clone()];
    ids.sort();
    let all = store::programs::list(&mut conn, &fixture.merchant, "", 10).await.unwrap();
    assert_eq!(all.into_iter().map(|p| p.id).collect::<Vec<_>>(), ids);
    let rest = store::programs::list(&mut conn, &fixture.merchant, ids[0].as_str(), 10).await.unwrap();
    assert_eq!(rest.len(), 1);
    assert!(store::programs::list(&mut conn, &stranger, "", 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_programs_status_and_what_it_was_when() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let later = NOW.plus_ms(HOUR_MS);
    for status in [ProgramStatus::Archived, ProgramStatus::Paused] {
        store::programs::set_status(&mut conn, &fixture.program, status, Some(&fixture.account), later)
            .await
            .unwrap();
    }
    let history = store::programs::history(&mut conn, &fixture.program).await.unwrap();
    assert_eq!(history.at(NOW.plus_ms(-1)), None);
    assert_eq!(history.at(NOW), Some(ProgramStatus::Active));
    assert_eq!(history.at(later), Some(ProgramStatus::Paused));
    let program = store::programs::get_unscoped(&mut conn, &fixture.program).await.unwrap().unwrap();
    assert_eq!(program.status, ProgramStatus::Paused);
}

#[tokio::test]
async fn terms_are_kept_as_they_were() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let terms = Terms {
        rewards: Rewards::simple(Commission::Fixed { amount_minor: 700 }, Recurrence::Lifetime),
        ..Terms::default()
    };
    let second = TermsVersion {
        id: TermsId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        version: 2,
        terms,
        starts_at: NOW.plus_ms(5),
    };
    store::terms::put(&mut conn, &second, None, NOW).await.unwrap();
    let same_number = TermsVersion { id: TermsId::new(NOW, &fixture.random), ..second.clone() };
    assert!(store::terms::put(&mut conn, &same_number, None, NOW).await.is_err());
    let all = store::terms::list(&mut conn, &fixture.program).await.unwrap();
    assert_eq!((all.len(), all[0].version, &all[1]), (2, 1, &second));
}

#[tokio::test]
async fn affiliates() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let mira =
        store::affiliates::get(&mut conn, &fixture.program, &fixture.affiliate).await.unwrap().unwrap();
    assert!(!store::affiliates::put(&mut conn, &mira).await.unwrap(), "the address is taken");
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::affiliates::get(&mut conn, &other, &mira.id).await.unwrap().is_none());
    let (noah, _) = put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    let by = Some(&fixture.account);
    let (status, later) = (AffiliateStatus::Suspended, NOW.plus_ms(9));
    store::affiliates::set_status(&mut conn, &noah, AffiliateStatus::Active, None, by, NOW).await.unwrap();
    store::affiliates::set_status(&mut conn, &noah, status, Some("Spam"), by, later).await.unwrap();
    let seen = store::affiliates::get(&mut conn, &fixture.program, &noah).await.unwrap().unwrap();
    assert_eq!((seen.status, seen.status_reason.as_deref()), (status, Some("Spam")));
    let history = store::affiliates::histories(&mut conn, [&noah]).await.unwrap().remove(&noah).unwrap();
    assert_eq!([history.at(NOW), history.at(later)], [Some(AffiliateStatus::Active), Some(status)]);
    assert_eq!(store::affiliates::count(&mut conn, &fixture.program, status).await.unwrap(), 1);
    let list = store::affiliates::list(&mut conn, &fixture.program, Some(status), "", 10).await.unwrap();
    assert_eq!(list.into_iter().map(|a| a.id).collect::<Vec<_>>(), std::slice::from_ref(&noah));
    assert_eq!(store::affiliates::list(&mut conn, &fixture.program, None, "", 10).await.unwrap().len(), 2);
    assert_eq!(store::affiliates::list(&mut conn, &fixture.program, None, "", 1).await.unwrap().len(), 1);

    let ann = account(&fixture.random, "noah@affiliates.example");
    store::accounts::put(&mut conn, &ann, NOW).await.unwrap();
    assert!(store::affiliates::of_account(&mut conn, &ann.id, &fixture.program).await.unwrap().is_none());
    let id = AffiliateId::new(NOW, &fixture.random);
    let email = "ann@affiliates.example".parse().unwrap();
    let with_account = Affiliate { id: id.clone(), email, account_id: Some(ann.id.clone()), ..seen };
    assert!(store::affiliates::put(&mut conn, &with_account).await.unwrap());
    let own = store::affiliates::of_account(&mut conn, &ann.id, &fixture.program).await.unwrap();
    assert_eq!(own.unwrap().id, id);
    assert!(store::affiliates::of_account(&mut conn, &ann.id, &other).await.unwrap().is_none());
    assert_eq!(store::affiliates::all_of_account(&mut conn, &ann.id).await.unwrap().len(), 1);
}

#[tokio::test]
async fn links_are_stored_and_found() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let mira =
        store::affiliates::get(&mut conn, &fixture.program, &fixture.affiliate).await.unwrap().unwrap();
    assert!(!store::links::put(&mut conn, &link(&fixture.random, &mira, "mira")).await.unwrap());
    let second = link(&fixture.random, &mira, "mira-blog");
    assert!(store::links::put(&mut conn, &second).await.unwrap());
    put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    let target = store::links::target(&mut conn, &"mira-blog".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((target.link.id, target.affiliate_status), (second.id.clone(), AffiliateStatus::Active));
    assert_eq!((target.program_status, target.program_id), (ProgramStatus::Active, fixture.program.clone()));
    assert_eq!(target.allowed_domains.domains(), ["lumen.example"]);
    assert!(store::links::target(&mut conn, &"unknown".parse().unwrap()).await.unwrap().is_none());
    drop(conn);
    let clicks = [fixture.click(NOW, false), fixture.click(NOW, false), fixture.click(NOW, true)];
    store::clicks::put_all(&fixture.db.db, &clicks).await.unwrap();
    let mut conn = fixture.conn().await;
    let all = store::links::list(&mut conn, &fixture.program, None, AFTER_ALL_IDS, 10).await.unwrap();
    assert_eq!(all.len(), 3);
    assert!(all.iter().is_sorted_by(|a, b| a.link.id > b.link.id));
    let own =
        store::links::list(&mut conn, &fixture.program, Some(&mira.id), AFTER_ALL_IDS, 10).await.unwrap();
    assert_eq!(own.len(), 2);
    assert_eq!(own.iter().find(|l| l.link.id == fixture.link).unwrap().clicks, 2);
    let page =
        store::links::list(&mut conn, &fixture.program, None, all[0].link.id.as_str(), 10).await.unwrap();
    assert_eq!(page.len(), 2);
    let first = store::links::first_of(&mut conn, &mira.id).await.unwrap().unwrap();
    assert_eq!(first.id, fixture.link.clone().min(second.id));
}

#[tokio::test]
async fn a_promotion_code_belongs_to_one() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let coupon = Coupon {
        id: CouponId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        affiliate_id: fixture.affiliate.clone(),
        promotion_code: "promo_1".to_owned(),
        code: "MIRA20".to_owned(),
        created_at: NOW,
        removed_at: None,
        status: CodeStatus::default(),
        seen_at: None,
    };
    assert!(store::coupons::put(&mut conn, &coupon).await.unwrap());
    let again = Coupon { id: CouponId::new(NOW, &fixture.random), ..coupon.clone() };
    assert!(!store::coupons::put(&mut conn, &again).await.unwrap());
    assert_eq!(store::coupons::of_affiliate(&mut conn, &fixture.affiliate).await.unwrap().len(), 1);
    let found = store::coupons::by_promotion_codes(&mut conn, [(&fixture.program, "promo_1")]).await.unwrap();
    assert_eq!(found[0].code, "MIRA20");
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::coupons::by_promotion_codes(&mut conn, [(&other, "promo_1")]).await.unwrap().is_empty());
}

//! Payments, conversions and the ledger in the database.

use domain::attribution::{EvaluatedStatus, PaymentStatus};
use domain::checks::{Check, CheckKind, CheckReason};
use domain::clock::{DAY_MS, Timestamp};
use domain::commissions::{
    CHAIN_START, Cause, CommissionStatus, Entry, EntryKind, HoldReason, LedgerBalance,
};
use domain::ids::{ConversionId, CustomerId, EntryId, PaymentId};
use domain::no_commission::{NoCommission, WaitReason};
use domain::terms::{AppliedReward, Commission, Recurrence};
use store::conversions::{Conversion, Filter, Page};
use store::db::{AFTER_ALL_IDS, Conn, DbError};
use store::payments::{Payment, PaymentFilter};

use crate::fixture::{Fixture, NOW, evaluated, put_affiliate, put_program};

/// A credited payment of 49.00 with 9.80 for Mira.
pub async fn convert(fixture: &Fixture, conn: &mut Conn, stripe_id: &str, paid_at: Timestamp) -> Conversion {
    let customer = fixture.customer(conn).await;
    let mut payment = evaluated(stripe_id);
    payment.paid_at = paid_at;
    let payment_id = fixture.payment(conn, &customer, &payment).await;
    let conversion = conversion(fixture, &customer, &payment_id, paid_at);
    store::conversions::save(conn, [&conversion], NOW).await.unwrap();
    conversion
}

fn conversion(
    fixture: &Fixture,
    customer: &CustomerId,
    payment: &PaymentId,
    paid_at: Timestamp,
) -> Conversion {
    Conversion {
        id: ConversionId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        payment_id: payment.clone(),
        customer_id: customer.clone(),
        affiliate_id: fixture.affiliate.clone(),
        link_id: Some(fixture.link.clone()),
        terms_id: fixture.terms.clone(),
        method: CheckKind::Metadata,
        click_token: None,
        currency: "usd".parse().unwrap(),
        payment_number: 1,
        amount: 4_900,
        reward: AppliedReward::simple(Commission::Percent { rate_bps: 2_000 }, Recurrence::Lifetime),
        base: 4_900,
        refunded: 0,
        commission_currency: "usd".parse().unwrap(),
        commission: 980,
        reversed: 0,
        hold: None,
        disputed: 0,
        canceled: false,
        hold_until: paid_at.plus_days(30),
        paid_at,
    }
}

#[tokio::test]
async fn a_payment_is_found_by_each_of_its_ids() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let customer = fixture.customer(&mut conn).await;
    let mut payment = evaluated("pi_1");
    let expired = CheckReason::ClickExpired {
        link_code: "“ü”".to_owned(),
        clicked_at: NOW.plus_days(-40),
        ordered_at: NOW,
        window_days: 30,
    };
    payment.checks = vec![Check::new(CheckKind::Metadata, expired)];
    let (reason, until) = (WaitReason::Invoice, Some(NOW.plus_ms(9)));
    payment.status = EvaluatedStatus::Waiting { reason, until };
    payment.no_commission = Some(NoCommission::Waiting { reason, until });
    let id = fixture.payment(&mut conn, &customer, &payment).await;
    let ids = ["pi_1", "ch_1"].map(|alias| (&fixture.connection, alias, &customer, Some(&id)));
    assert_eq!(store::customers::put_stripe_ids(&mut conn, ids).await.unwrap(), 2);
    assert_eq!(store::payments::aliases(&mut conn, &id).await.unwrap(), ["ch_1", "pi_1"]);
    assert_eq!(
        store::customers::stripe_ids(&mut conn, std::slice::from_ref(&customer)).await.unwrap().len(),
        2
    );
    let found = store::payments::of_stripe_id(&mut conn, &fixture.connection, "ch_1").await.unwrap();
    assert_eq!(found, Some(id.clone()));
    let seen = store::payments::get(&mut conn, &fixture.program, &id).await.unwrap().unwrap();
    assert_eq!((seen.status, seen.reevaluate_at), (PaymentStatus::Waiting, until));
    assert_eq!((seen.checks, seen.email), (payment.checks.clone(), payment.email.clone()));
    assert_eq!(seen.no_commission, payment.no_commission);
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::payments::get(&mut conn, &other, &id).await.unwrap().is_none());

    payment.status = EvaluatedStatus::Paid;
    payment.no_commission = Some(NoCommission::NoMatch);
    let owner = (&fixture.program, &fixture.connection, &customer);
    let payment = Payment::new(&id, owner, &payment);
    store::payments::save(&mut conn, [&payment], NOW).await.unwrap();
    let first = (Timestamp(i64::MAX), AFTER_ALL_IDS);
    let open = store::payments::list(&mut conn, &fixture.program, PaymentFilter::Unattributed, first, 9)
        .await
        .unwrap();
    assert_eq!((open.len(), open[0].no_commission.as_ref()), (1, Some(&NoCommission::NoMatch)));
    for (most, counted) in [(9, 1), (0, 0)] {
        let count = store::payments::count_unattributed(&mut conn, &fixture.program, most).await;
        assert_eq!(count.unwrap(), counted);
    }
    let before = (NOW, id.as_str());
    let rest = store::payments::list(&mut conn, &fixture.program, PaymentFilter::Unattributed, before, 9)
        .await
        .unwrap();
    assert!(rest.is_empty());
    store::payments::save(&mut conn, [&payment.merged()], NOW).await.unwrap();
    let open = store::payments::list(&mut conn, &fixture.program, PaymentFilter::Unattributed, first, 9)
        .await
        .unwrap();
    assert!(open.is_empty());
}

#[tokio::test]
async fn a_payment_has_one_conversion_and_reverses_no_more_than_it_earned() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let mut first = convert(&fixture, &mut conn, "pi_1", NOW).await;
    let second = conversion(&fixture, &first.customer_id, &first.payment_id, NOW);
    assert!(store::conversions::save(&mut conn, [&second], NOW).await.is_err());
    let too_much = Conversion { reversed: 981, ..first.clone() };
    assert!(store::conversions::save(&mut conn, [&too_much], NOW).await.is_err());
    first.reversed = 980;
    first.refunded = 4_900;
    store::conversions::save(&mut conn, [&first], NOW).await.unwrap();
    let stored = store::conversions::of_payment(&mut conn, &first.payment_id).await.unwrap();
    assert_eq!(stored, Some(first));
}

#[tokio::test]
async fn conversions_are_listed_by_status_and_page() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let mut all = Vec::new();
    for day in 0..6 {
        let stripe_id = format!("pi_{day}");
        all.push(convert(&fixture, &mut conn, &stripe_id, NOW.plus_ms(day * DAY_MS)).await);
    }
    all[1].reversed = 980;
    all[2].reversed = 100;
    all[3].disputed = 4_900;
    all[4].canceled = true;
    all[5].hold = Some(HoldReason::Dispute);
    all[5].method = CheckKind::LeadEmail;
    for conversion in &all {
        store::conversions::save(&mut conn, [conversion], NOW).await.unwrap();
    }
    let now = NOW.plus_days(30);
    let program = &fixture.program;
    let list = store::conversions::list(&mut conn, program, &Filter::default(), &Page::First, 99, now).await;
    let list = list.unwrap();
    let states: Vec<_> = list.iter().rev().map(|row| row.status).collect();
    use CommissionStatus::{Canceled, Disputed, PartlyRefunded, Payable, Pending, Refunded};
    assert_eq!(states, [Payable, Refunded, PartlyRefunded, Disputed, Canceled, Disputed]);
    assert_eq!((list[0].affiliate_name.as_str(), list[0].link_code.as_deref()), ("mira", Some("mira")));
    let early = NOW.plus_days(29);
    let row = store::conversions::get(&mut conn, program, &all[0].id, early).await.unwrap().unwrap();
    assert_eq!((row.status, row.conversion), (Pending, all[0].clone()));

    let mut count = async |filter: Filter| {
        store::conversions::list(&mut conn, program, &filter, &Page::First, 99, now).await.unwrap().len()
    };
    assert_eq!(count(Filter { status: Some(Disputed), ..Filter::default() }).await, 2);
    assert_eq!(count(Filter { method: Some(CheckKind::LeadEmail), ..Filter::default() }).await, 1);
    let from = Some(NOW.plus_days(2));
    assert_eq!(count(Filter { from, until: Some(NOW.plus_days(4)), ..Filter::default() }).await, 2);
    assert_eq!(count(Filter { affiliate: Some(fixture.affiliate.clone()), ..Filter::default() }).await, 6);

    let at = |place: usize| (all[place].paid_at, all[place].id.to_string());
    let mut page = async |page: Page| {
        let rows = store::conversions::list(&mut conn, program, &Filter::default(), &page, 2, now).await;
        rows.unwrap().into_iter().map(|row| row.stripe_id).collect::<Vec<_>>()
    };
    assert_eq!(page(Page::First).await, ["pi_5", "pi_4"]);
    assert_eq!(page(Page::Before(at(4).0, at(4).1)).await, ["pi_3", "pi_2"]);
    assert_eq!(page(Page::After(at(2).0, at(2).1)).await, ["pi_4", "pi_3"]);
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::conversions::get(&mut conn, &other, &all[0].id, now).await.unwrap().is_none());
}

pub fn entry(fixture: &Fixture, conversion: &Conversion, kind: EntryKind, amount: i64, cause: &str) -> Entry {
    Entry {
        id: EntryId::new(NOW, &fixture.random),
        affiliate_id: conversion.affiliate_id.clone(),
        conversion_id: Some(conversion.id.clone()),
        kind,
        amount,
        currency: conversion.commission_currency,
        cause: Cause::event(cause, "charge.succeeded"),
        at: NOW,
    }
}

pub async fn append(fixture: &Fixture, entry: &Entry) -> Result<(), DbError> {
    let mut tx = fixture.db.db.begin().await?;
    store::commissions::append(&mut tx, [(&fixture.program, entry)], []).await?;
    store::commissions::refresh(&mut tx, entry.conversion_id.as_ref(), NOW).await?;
    tx.commit().await
}

#[tokio::test]
async fn the_ledger_is_a_chain_and_has_each_cause_once() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let conversion = convert(&fixture, &mut conn, "pi_1", NOW).await;
    drop(conn);
    let lines = [(EntryKind::Earn, 980, "evt_1"), (EntryKind::Reverse, -200, "evt_2")];
    for (kind, amount, cause) in lines {
        let entry = entry(&fixture, &conversion, kind, amount, cause);
        append(&fixture, &entry).await.unwrap();
    }
    let again = entry(&fixture, &conversion, EntryKind::Reverse, -200, "evt_2");
    assert!(append(&fixture, &again).await.is_err());
    let mut euros = entry(&fixture, &conversion, EntryKind::Reverse, -5, "evt_2");
    euros.currency = "eur".parse().unwrap();
    append(&fixture, &euros).await.unwrap();

    let mut conn = fixture.conn().await;
    let changed = store::payments::changed_by(&mut conn, &fixture.connection, "evt_2").await.unwrap();
    assert_eq!(changed, Some(conversion.payment_id.clone()));
    assert_eq!(store::payments::changed_by(&mut conn, &fixture.connection, "evt_9").await.unwrap(), None);
    let balances = store::commissions::balances_of(&mut conn, &[&conversion.id]).await.unwrap();
    let of_customer = [conversion.customer_id.clone()];
    assert_eq!(store::commissions::balances_of_customers(&mut conn, &of_customer).await.unwrap(), balances);
    let dollars = balances.iter().find(|line| line.currency.code() == "usd").unwrap();
    assert_eq!(dollars.balance, LedgerBalance { earned: 980, taken_back: -200 });
    let chain = store::commissions::chain(&mut conn, &fixture.affiliate, 0, 9).await.unwrap();
    let mut previous = CHAIN_START.to_owned();
    for (place, stored) in chain.iter().enumerate() {
        assert_eq!((stored.sequence, &stored.previous_hash), (place as i64 + 1, &previous));
        assert_eq!(stored.entry.hash(stored.sequence, &previous), stored.hash);
        previous.clone_from(&stored.hash);
    }
    assert_eq!(chain.len(), 3);
    assert_eq!(store::commissions::chain(&mut conn, &fixture.affiliate, 2, 9).await.unwrap().len(), 1);
    assert_eq!(store::commissions::of_conversion(&mut conn, &conversion.id).await.unwrap().len(), 3);
    let list = store::commissions::list(&mut conn, &fixture.program, None, AFTER_ALL_IDS, 2).await.unwrap();
    assert!(list.len() == 2 && list[0].entry.id > list[1].entry.id);
    let before = list[1].entry.id.as_str();
    let affiliate = Some(&fixture.affiliate);
    let rest = store::commissions::list(&mut conn, &fixture.program, affiliate, before, 9).await.unwrap();
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn balances_distinguish_held_and_payable() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let old = convert(&fixture, &mut conn, "pi_1", NOW.plus_days(-40)).await;
    let new = convert(&fixture, &mut conn, "pi_2", NOW).await;
    let mut held = convert(&fixture, &mut conn, "pi_3", NOW.plus_days(-40)).await;
    held.hold = Some(HoldReason::Dispute);
    store::conversions::save(&mut conn, [&held], NOW).await.unwrap();
    drop(conn);
    for conversion in [&old, &new, &held] {
        let entry = entry(&fixture, conversion, EntryKind::Earn, 980, "evt_1");
        append(&fixture, &entry).await.unwrap();
        let mut conn = fixture.conn().await;
        store::sums::conversions::replace(&mut conn, None, Some(conversion)).await.unwrap();
    }
    let mut conn = fixture.conn().await;
    assert!(store::commissions::unbalanced(&mut conn, &fixture.affiliate).await.unwrap().is_empty());
    let balances = store::commissions::of_affiliate(&mut conn, &fixture.affiliate, NOW).await.unwrap();
    let owed = store::commissions::of_program(&mut conn, &fixture.program, NOW).await.unwrap();
    for lines in [balances, owed] {
        let [line] = lines.as_slice() else { panic!("{lines:?}") };
        assert_eq!((line.earned, line.on_hold, line.payable), (2_940, 1_960, 980));
    }
    let (noah, _) = put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    assert!(store::commissions::of_affiliate(&mut conn, &noah, NOW).await.unwrap().is_empty());

    let short = Conversion { commission: 1_000, ..old };
    store::conversions::save(&mut conn, [&short], NOW).await.unwrap();
    let unbalanced = store::commissions::unbalanced(&mut conn, &fixture.affiliate).await.unwrap();
    assert_eq!(unbalanced, [(short.id, 1_000, 980)]);
}

//! Unpaid commissions, balances, and what a payout claims, in the database.

use domain::commissions::{EntryKind, HoldReason};
use domain::ids::{PayoutId, PayoutRunId};
use domain::payouts::{PayoutStatus, RunStatus};
use store::commissions::{Balance, Claimant, check};
use store::conversions::Conversion;
use store::db::Conn;
use store::payouts::{NewPayout, Payout, Run, Step};

use crate::fixture::{Fixture, NOW};
use crate::money::{append, convert, entry};

/// What the check finds in the fixture's program.
async fn wrong(fixture: &Fixture, conn: &mut Conn) -> Vec<String> {
    let mut wrong = check::affiliate(conn, &fixture.affiliate).await.unwrap();
    wrong.extend(check::program(conn, &fixture.program).await.unwrap());
    wrong
}

/// A conversion with its entry, paid so many days ago; the hold period is thirty days.
async fn earn(fixture: &Fixture, id: &str, days_ago: i64) -> Conversion {
    let conversion = convert(fixture, &mut fixture.conn().await, id, NOW.plus_days(-days_ago)).await;
    append(fixture, &entry(fixture, &conversion, EntryKind::Earn, 980, id)).await.unwrap();
    conversion
}

async fn balance(fixture: &Fixture, days: i64) -> Balance {
    let mut conn = fixture.conn().await;
    let at = NOW.plus_days(days);
    let own = store::commissions::of_affiliate(&mut conn, &fixture.affiliate, at).await.unwrap();
    let of_program = store::commissions::of_program(&mut conn, &fixture.program, at).await.unwrap();
    assert_eq!(own, of_program, "one affiliate is all of the program");
    assert_eq!(wrong(fixture, &mut conn).await, Vec::<String>::new());
    own.into_iter().next().unwrap()
}

fn claimant(payout: &Payout) -> Claimant<'_> {
    Claimant {
        payout: &payout.id,
        program: &payout.program_id,
        affiliate: &payout.affiliate_id,
        currency: payout.currency,
    }
}

/// On hold, payable, in a payout, paid.
const fn parts(b: &Balance) -> (i64, i64, i64, i64) {
    (b.on_hold, b.payable, b.in_payout, b.paid)
}

#[tokio::test]
async fn the_amount_on_hold_follows_time_and_hold_reasons() {
    let fixture = Fixture::new().await;
    let one = earn(&fixture, "pi_1", 0).await;
    assert_eq!(parts(&balance(&fixture, 29).await), (980, 0, 0, 0));
    assert_eq!(parts(&balance(&fixture, 30).await), (0, 980, 0, 0));
    let mut tx = fixture.db.db.begin().await.unwrap();
    let released = store::commissions::release_due(&mut tx, NOW.plus_days(31), 9).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(released, 1);
    assert_eq!(parts(&balance(&fixture, 31).await), (0, 980, 0, 0));
    let held = Conversion { hold: Some(HoldReason::Dispute), ..one.clone() };
    let mut tx = fixture.db.db.begin().await.unwrap();
    store::conversions::save(&mut tx, [&held], NOW).await.unwrap();
    store::commissions::lock(&mut tx, [&held.affiliate_id]).await.unwrap();
    store::commissions::refresh(&mut tx, [&held.id], NOW.plus_days(31)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(parts(&balance(&fixture, 99).await), (980, 0, 0, 0));
}

/// A run with one payout that is not prepared yet.
async fn run(fixture: &Fixture, until_days: i64) -> Payout {
    let mut tx = fixture.db.db.begin().await.unwrap();
    let run = Run {
        id: PayoutRunId::new(NOW, &fixture.random),
        program_id: fixture.program.clone(),
        number: store::payouts::next_number(&mut tx, &fixture.program).await.unwrap(),
        status: RunStatus::Preparing,
        until: NOW.plus_days(until_days),
        drafted: Step { by: Some(fixture.account.clone()), name: None, at: NOW },
        approved: None,
        sent: None,
        ended_at: None,
    };
    store::payouts::put_run(&mut tx, &run).await.unwrap();
    let new = NewPayout {
        id: PayoutId::new(NOW, &fixture.random),
        affiliate_id: fixture.affiliate.clone(),
        currency: "usd".parse().unwrap(),
    };
    store::payouts::add_payouts(&mut tx, &run, &[new]).await.unwrap();
    let payout = store::payouts::next_preparing(&mut tx, &run.id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    payout
}

async fn claim(fixture: &Fixture, payout: &Payout, until_days: i64) -> Payout {
    let mut tx = fixture.db.db.begin().await.unwrap();
    let claimed =
        store::commissions::claim(&mut tx, claimant(payout), NOW.plus_days(until_days)).await.unwrap();
    store::payouts::open(&mut tx, &payout.id, claimed.entries, claimed.amount).await.unwrap();
    let found = store::payouts::get(&mut tx, &fixture.program, &payout.id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    found.payout
}

#[tokio::test]
async fn a_payout_claims_what_is_payable_and_frees_it_again() {
    let fixture = Fixture::new().await;
    earn(&fixture, "pi_1", 40).await;
    let refunded = earn(&fixture, "pi_2", 35).await;
    append(&fixture, &entry(&fixture, &refunded, EntryKind::Reverse, -80, "re_1")).await.unwrap();
    earn(&fixture, "pi_3", 0).await;
    let payout = claim(&fixture, &run(&fixture, 0).await, 0).await;
    assert_eq!((payout.amount, payout.entries, payout.status), (1_880, 3, PayoutStatus::Open));
    assert_eq!(parts(&balance(&fixture, 0).await), (980, 0, 1_880, 0));

    let second = claim(&fixture, &run(&fixture, 0).await, 0).await;
    assert_eq!((second.amount, second.entries), (0, 0), "nothing is claimed twice");

    let mut tx = fixture.db.db.begin().await.unwrap();
    store::commissions::free(&mut tx, claimant(&payout), payout.amount, NOW).await.unwrap();
    store::payouts::settle(&mut tx, &payout.id, PayoutStatus::Failed, Some("closed"), NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(parts(&balance(&fixture, 0).await), (980, 1_880, 0, 0));

    let third = claim(&fixture, &run(&fixture, 0).await, 0).await;
    assert_eq!(third.amount, 1_880);
    let mut tx = fixture.db.db.begin().await.unwrap();
    store::commissions::settle(&mut tx, claimant(&third), third.amount).await.unwrap();
    store::payouts::settle(&mut tx, &third.id, PayoutStatus::Paid, None, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(parts(&balance(&fixture, 0).await), (980, 0, 0, 1_880));

    append(&fixture, &entry(&fixture, &refunded, EntryKind::Reverse, -900, "re_2")).await.unwrap();
    assert_eq!(parts(&balance(&fixture, 0).await), (980, -900, 0, 1_880), "reversed after it was paid");
    assert_eq!(parts(&balance(&fixture, 30).await), (0, 80, 0, 1_880), "carried to the next payout");
}

#[tokio::test]
async fn a_row_changed_by_hand_is_named() {
    let fixture = Fixture::new().await;
    let one = earn(&fixture, "pi_1", 40).await;
    let payout = claim(&fixture, &run(&fixture, 0).await, 0).await;
    let mut conn = fixture.conn().await;
    assert_eq!(wrong(&fixture, &mut conn).await, Vec::<String>::new());
    conn.run("UPDATE payouts SET amount = amount + 1", &[]).await.unwrap();
    assert!(wrong(&fixture, &mut conn).await.iter().any(|found| found.contains(payout.id.as_str())));
    conn.run("UPDATE payouts SET amount = amount - 1", &[]).await.unwrap();
    conn.run("UPDATE entries SET payout_id = NULL", &[]).await.unwrap();
    let found = wrong(&fixture, &mut conn).await;
    assert!(
        found.iter().any(|found| found.contains(one.id.as_str()))
            && found.iter().any(|found| found.contains(payout.id.as_str())),
        "{found:?}"
    );
    conn.run("UPDATE balances SET paid = 1", &[]).await.unwrap();
    assert!(wrong(&fixture, &mut conn).await.iter().any(|found| found.contains(fixture.affiliate.as_str())));
}

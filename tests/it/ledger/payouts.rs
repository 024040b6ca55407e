//! Payouts against real sales: nothing is lost and nothing is paid twice, whatever the order.

use domain::clock::DAY_MS;
use domain::commissions::EntryKind;
use domain::ids::{AccountId, AffiliateId, PayoutRunId};
use domain::money::Money;
use domain::payouts::{PayoutStatus, Reason, RunStatus};
use domain::terms::Terms;
use engine::payouts::{self, Balance, Chosen, PayoutRow};
use futures::future::join_all;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sandbox::{ApiVersion, Verdict};

use crate::harness::{TERMS, World, checkout, currency, engine_on};

/// Terms under which everything is payable after a week, without a minimum.
fn terms() -> Terms {
    Terms { hold_days: 7, minimum_payout_minor: 0, ..TERMS }
}

fn reason() -> Reason {
    Reason::parse("the account is closed").expect("a reason")
}

impl World {
    async fn balance(&self, name: &str) -> Balance {
        let mut conn = self.engine.db().read().await.expect("a connection");
        let (id, now) = (&self.affiliates[name].id, self.time.now());
        let found = store::commissions::of_affiliate(&mut conn, id, now).await.expect("balances");
        found.into_iter().next().unwrap_or_else(|| Balance::zero(currency("usd")))
    }

    /// Everyone with something payable, with or without a payout method.
    async fn everyone(&self) -> Chosen {
        let due =
            payouts::due(&self.engine, &self.merchant, &self.program.id, None, 0, 100).await.expect("due");
        let can = due.rows.into_iter().filter(|due| due.status.may_be_chosen());
        Chosen::Some(can.map(|due| (due.affiliate_id, due.currency)).collect())
    }

    async fn draft(&self) -> Option<PayoutRunId> {
        let chosen = self.everyone().await;
        payouts::draft(&self.engine, &self.merchant, &self.program.id, &chosen, None).await.ok()
    }

    async fn approve(&self, run: &PayoutRunId) {
        payouts::approve(&self.engine, &self.merchant, &self.program.id, run).await.expect("it is approved");
    }

    /// The account that an affiliate is paid by.
    pub(super) async fn account_of(&self, name: &str) -> AccountId {
        let (engine, merchant) = (&self.engine, &self.merchant);
        let id = &self.affiliates[name].id;
        let detail = engine::programs::affiliates::detail(engine, merchant, &self.program.id, id).await;
        detail.expect("an affiliate").affiliate.account_id.expect("an account")
    }

    pub(super) async fn rows(&self, run: &PayoutRunId) -> Vec<PayoutRow> {
        payouts::payouts_of(&self.engine, &self.merchant, &self.program.id, run, None, 100)
            .await
            .expect("payouts")
    }

    pub(super) async fn status(&self, run: &PayoutRunId) -> RunStatus {
        payouts::run(&self.engine, &self.merchant, &self.program.id, run).await.expect("a run").run.status
    }

    pub(super) async fn sell(&mut self, name: &str, amount: i64) -> String {
        self.new_account();
        let token = self.click(name).await;
        let charge = self.buy(checkout(&self.once(amount, self.program.currency.code()), &token)).charge;
        self.deliver(ApiVersion::ACACIA).await;
        charge.expect("a charge")
    }
}

const fn parts(b: &Balance) -> (i64, i64, i64, i64) {
    (b.on_hold, b.payable, b.in_payout, b.paid)
}

#[tokio::test]
async fn a_refund_after_a_payout_makes_the_next_one_smaller() {
    let mut world = World::with(terms(), "usd").await;
    let charge = world.sell("mira", 10_000).await;
    assert_eq!(parts(&world.balance("mira").await), (2_000, 0, 0, 0));
    assert!(world.draft().await.is_none(), "nothing is payable during the hold period");
    world.time.days(8);
    assert_eq!(parts(&world.balance("mira").await), (0, 2_000, 0, 0));
    let run = world.draft().await.expect("a run");
    assert_eq!(parts(&world.balance("mira").await), (0, 0, 2_000, 0));
    assert_eq!(world.status(&run).await, RunStatus::Draft);
    world.work().await;
    assert_eq!(world.rows(&run).await.len(), 1, "the job that finishes the preparation changes nothing");
    world.approve(&run).await;
    payouts::mark_sent(&world.engine, &world.merchant, &world.program.id, &run).await.expect("sent");
    payouts::mark_paid(&world.engine, &world.merchant, &world.program.id, &run, None).await.expect("paid");
    assert_eq!(world.status(&run).await, RunStatus::Completed);
    assert_eq!(parts(&world.balance("mira").await), (0, 0, 0, 2_000));
    assert_eq!(world.ledger().await, ["mira 2000 usd by metadata"]);
    world.stripe.refund(&charge, Some(4_000)).expect("a refund");
    world.deliver(ApiVersion::ACACIA).await;
    assert_eq!(parts(&world.balance("mira").await), (0, -800, 0, 2_000));
    assert!(world.draft().await.is_none(), "what is negative carries over");
    world.sell("mira", 10_000).await;
    world.time.days(8);
    let run = world.draft().await.expect("a run");
    let [row] = world.rows(&run).await.try_into().expect("one payout");
    assert_eq!((row.payout.amount, row.payout.entries), (1_200, 2));
    world.check_books().await;
}

#[tokio::test]
async fn a_payout_can_fail_after_it_was_marked_as_paid() {
    let mut world = World::with(terms(), "usd").await;
    world.sell("mira", 10_000).await;
    world.time.days(8);
    for paid_first in [false, true] {
        let run = world.draft().await.expect("a run");
        world.approve(&run).await;
        let [row] = world.rows(&run).await.try_into().expect("one payout");
        let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
        if paid_first {
            payouts::mark_paid(engine, merchant, program, &run, Some(&row.payout.id)).await.expect("paid");
        }
        payouts::mark_failed(engine, merchant, program, &row.payout.id, &reason()).await.expect("failed");
        assert_eq!(world.status(&run).await, RunStatus::Completed);
        assert_eq!(parts(&world.balance("mira").await), (0, 2_000, 0, 0));
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_second_person_approves_large_runs() {
    let mut world = World::with(terms(), "usd").await;
    world.sell("mira", 10_000).await;
    world.time.days(8);
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    let settings = domain::payouts::PayoutSettings { second_approval: Some(1_999), ..Default::default() };
    payouts::set_settings(engine, merchant, program, &settings.into()).await.expect("settings");
    let run = world.draft().await.expect("a run");
    let refused = payouts::approve(engine, merchant, program, &run).await;
    assert!(matches!(refused, Err(engine::Error::Forbidden(why)) if why.contains("second person")));
    let settings = domain::payouts::PayoutSettings { second_approval: Some(2_000), ..Default::default() };
    payouts::set_settings(engine, merchant, program, &settings.into()).await.expect("settings");
    world.approve(&run).await;
}

#[tokio::test]
async fn a_payout_method_changed_after_the_draft_is_not_paid_at_once() {
    let mut world = World::with(terms(), "usd").await;
    world.sell("mira", 10_000).await;
    world.time.days(8);
    let run = world.draft().await.expect("a run");
    let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
    let account = world.account_of("mira").await;
    let method = domain::payouts::PayoutMethod::paypal("somebody@else.example").expect("a method");
    payouts::set_method_of(engine, &account, &method).await.expect("it is set");
    let refused = payouts::approve(engine, merchant, program, &run).await;
    assert!(matches!(refused, Err(engine::Error::Invalid(_))), "{refused:?}");
    assert_eq!(world.status(&run).await, RunStatus::Draft);
    world.time.days(4);
    world.approve(&run).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_runs_at_once_pay_everything_once() {
    let mut world = World::with(terms(), "usd").await;
    for name in ["mira", "noah", "mira"] {
        world.sell(name, 10_000).await;
    }
    world.time.days(8);
    let chosen = world.everyone().await;
    let runs = (0..8).map(|node| {
        let engine = engine_on(&world.db, &world.time, 200 + node);
        let (merchant, program, chosen) = (world.merchant.clone(), world.program.id.clone(), chosen.clone());
        tokio::spawn(async move { payouts::draft(&engine, &merchant, &program, &chosen, None).await })
    });
    let runs: Vec<PayoutRunId> =
        join_all(runs).await.into_iter().filter_map(|run| run.expect("a node ends").ok()).collect();
    let mut amounts: Vec<i64> = Vec::new();
    for run in &runs {
        amounts.extend(world.rows(run).await.into_iter().map(|row| row.payout.amount));
    }
    amounts.sort_unstable();
    assert_eq!(amounts, [2_000, 4_000]);
    let mut numbers = Vec::new();
    for row in
        payouts::list(&world.engine, &world.merchant, &world.program.id, None, 100).await.expect("runs")
    {
        numbers.push(row.run.number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=runs.len() as i64).collect::<Vec<_>>());
    world.check_books().await;
}

/// What can happen.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Sale(usize, i64),
    Refund(usize, i64),
    Dispute(usize),
    Decide(usize, bool),
    Days(i64),
    Release,
    Draft,
    Remove(usize),
    Discard(usize),
    Pay(usize),
    Fail(usize),
    Adjust(usize, i64),
}

fn happening() -> impl Strategy<Value = Happening> {
    use Happening as H;
    prop_oneof![
        5 => (0_usize..2, 100_i64..9_000).prop_map(|(who, amount)| H::Sale(who, amount)),
        3 => (0_usize..9, 1_i64..=100).prop_map(|(which, percent)| H::Refund(which, percent)),
        1 => (0_usize..9).prop_map(H::Dispute),
        1 => (0_usize..9, any::<bool>()).prop_map(|(which, won)| H::Decide(which, won)),
        4 => (1_i64..9).prop_map(H::Days),
        1 => Just(H::Release),
        4 => Just(H::Draft),
        1 => (0_usize..9).prop_map(H::Remove),
        1 => (0_usize..9).prop_map(H::Discard),
        3 => (0_usize..9).prop_map(H::Pay),
        2 => (0_usize..9).prop_map(H::Fail),
        1 => (0_usize..2, -3_000_i64..3_000).prop_map(|(who, amount)| H::Adjust(who, amount)),
    ]
}

/// What a history has led to so far.
#[derive(Default)]
struct Past {
    charges: Vec<(String, i64, sandbox::Stripe)>,
    disputes: Vec<(String, sandbox::Stripe)>,
    runs: Vec<PayoutRunId>,
}

fn pick<T>(of: &[T], index: usize) -> Option<&T> {
    of.get(index.checked_rem(of.len())?)
}

async fn happen(world: &mut World, past: &mut Past, what: Happening) {
    const NAMES: [&str; 2] = ["mira", "noah"];
    let (engine, merchant, program) =
        (world.engine.clone(), world.merchant.clone(), world.program.id.clone());
    match what {
        Happening::Sale(who, amount) => {
            let charge = world.sell(NAMES[who], amount).await;
            past.charges.push((charge, amount, world.stripe.clone()));
        }
        Happening::Refund(which, percent) => {
            let Some((charge, amount, stripe)) = pick(&past.charges, which) else { return };
            // More than is left is refused by Stripe.
            let _ = stripe.refund(charge, Some((amount * percent / 100).max(1)));
            world.deliver_of(stripe).await;
        }
        Happening::Dispute(which) => {
            let Some((charge, _, stripe)) = pick(&past.charges, which).cloned() else { return };
            if let Ok(dispute) = stripe.open_dispute(&charge, None) {
                past.disputes.push((dispute, stripe.clone()));
            }
            world.deliver_of(&stripe).await;
        }
        Happening::Decide(which, won) => {
            let Some((dispute, stripe)) = pick(&past.disputes, which).cloned() else { return };
            let _ = stripe.close_dispute(&dispute, if won { Verdict::Won } else { Verdict::Lost });
            world.deliver_of(&stripe).await;
        }
        Happening::Days(days) => world.time.advance(days * DAY_MS),
        Happening::Release => {
            let mut tx = engine.db().begin().await.expect("a transaction");
            store::commissions::release_due(&mut tx, world.time.now(), 100).await.expect("a release");
            tx.commit().await.expect("a commit");
        }
        Happening::Draft => past.runs.extend(world.draft().await),
        Happening::Remove(which) => {
            let Some(run) = pick(&past.runs, which) else { return };
            if let Some(row) = world.rows(run).await.first() {
                let _ = payouts::remove(&engine, &merchant, &program, &row.payout.id).await;
            }
        }
        Happening::Discard(which) => {
            let Some(run) = pick(&past.runs, which) else { return };
            let _ = payouts::discard(&engine, &merchant, &program, run).await;
        }
        Happening::Pay(which) => {
            let Some(run) = pick(&past.runs, which) else { return };
            let _ = payouts::approve(&engine, &merchant, &program, run).await;
            let _ = payouts::mark_paid(&engine, &merchant, &program, run, None).await;
        }
        Happening::Fail(which) => {
            let Some(run) = pick(&past.runs, which) else { return };
            if let Some(row) = world.rows(run).await.last() {
                let _ = payouts::mark_failed(&engine, &merchant, &program, &row.payout.id, &reason()).await;
            }
        }
        Happening::Adjust(who, amount) => {
            let id: AffiliateId = world.affiliates[NAMES[who]].id.clone();
            let amount = Money::new(amount, currency("usd"));
            let kind = if amount.minor > 0 { EntryKind::Bonus } else { EntryKind::Correction };
            let _ = payouts::adjust(&engine, &merchant, &program, &id, kind, amount, &reason()).await;
        }
    }
}

#[test]
fn any_history_keeps_balances_and_entries_consistent() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut runner = TestRunner::new(Config { cases: 10, failure_persistence: None, ..Config::default() });
    let histories = prop::collection::vec(happening(), 10..35);
    runner
        .run(&histories, |history| {
            runtime.block_on(async {
                let mut world = World::with(terms(), "usd").await;
                let mut past = Past::default();
                for what in history {
                    happen(&mut world, &mut past, what).await;
                    // Its jobs and mails are due now; a new account sets the clock back.
                    world.work().await;
                    world.check_books().await;
                    world.check_payouts(&past.runs).await;
                }
                Ok(())
            })
        })
        .expect("every history keeps the books");
}

impl World {
    /// Delivers everything of an account, also what was delivered before.
    async fn deliver_of(&self, stripe: &sandbox::Stripe) {
        for event in stripe.events_after(0) {
            if ApiVersion::ACACIA.knows_event(event.kind()) {
                self.deliver_event(&event, ApiVersion::ACACIA).await.expect("the event is taken");
            }
        }
        self.wait_for_the_grace_period().await;
    }

    /// Paid and in payouts are the sums of the payouts that say so.
    async fn check_payouts(&self, runs: &[PayoutRunId]) {
        for name in ["mira", "noah"] {
            let balance = self.balance(name).await;
            let (mut open, mut paid) = (0, 0);
            for run in runs {
                for row in self.rows(run).await {
                    if row.payout.affiliate_id == self.affiliates[name].id {
                        match row.payout.status {
                            PayoutStatus::Open => open += row.payout.amount,
                            PayoutStatus::Paid => paid += row.payout.amount,
                            _ => {}
                        }
                        assert!(row.payout.amount > 0 || !row.payout.status.has_entries(), "{row:?}");
                    }
                }
            }
            assert_eq!((balance.in_payout, balance.paid), (open, paid), "{name}");
            let together = balance.on_hold + balance.payable + balance.in_payout + balance.paid;
            assert_eq!(together, balance.earned, "{name}");
        }
    }
}

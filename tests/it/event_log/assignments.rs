//! Manual assignments of payments, and how they change the ledger.

use domain::audit::AuditAction;
use domain::checks::CheckReason;
use domain::ids::PaymentId;
use engine::ledger::payments::{Assignee, detail};
use proptest::prelude::*;
use sandbox::{ApiVersion, NewSession};

use crate::harness::{World, checkout};

fn to(world: &World, name: &str) -> Assignee {
    Assignee::Affiliate(world.affiliates[name].id.clone())
}

async fn assign(world: &World, payment: &PaymentId, assignee: Assignee, later: bool) -> Vec<String> {
    // Lines of the audit trail stand in the order of their milliseconds.
    world.time.advance(1);
    let changed = engine::ledger::payments::assign(
        &world.engine,
        &world.merchant,
        &world.program.id,
        payment,
        &assignee,
        later,
    )
    .await;
    changed
        .unwrap()
        .into_iter()
        .map(|change| format!("{} {}", change.affiliate_name, change.amount.minor))
        .collect()
}

async fn unassign(world: &World, payment: &PaymentId) {
    world.time.advance(1);
    engine::ledger::payments::unassign(&world.engine, &world.merchant, &world.program.id, payment)
        .await
        .unwrap();
}

async fn payments(world: &World) -> Vec<PaymentId> {
    world.payment_ids().await.into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn an_assignment_is_written_explained_audited_and_undone() {
    let mut world = World::new().await;
    world.buy(NewSession::of(&world.once(4_900, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    let payment = payments(&world).await.remove(0);
    assert_eq!(world.ledger().await, ["no commission: no_match"]);

    assert_eq!(assign(&world, &payment, to(&world, "mira"), false).await, ["mira 980"]);
    assert_eq!(world.ledger().await, ["mira 980 usd by assignment"]);
    let seen = detail(&world.engine, &world.merchant, &world.program.id, &payment).await.unwrap();
    let reason = &seen.payment.checks[0].reason;
    let by_olga = |reason: &CheckReason| matches!(reason, CheckReason::Assigned { by, later_payments: false, .. } if by == "Olga");
    assert!(by_olga(reason), "{reason:?}");
    assert_eq!(reason.credits().unwrap().id, world.affiliates["mira"].id);
    assert_eq!(seen.decision.unwrap().by, "Olga");
    let again = assign(&world, &payment, to(&world, "mira"), false).await;
    assert!(again.is_empty(), "the same decision again changes nothing");

    let moved = assign(&world, &payment, to(&world, "noah"), false).await;
    assert_eq!(moved, ["mira -980", "noah 980"]);
    assert_eq!(world.ledger().await, ["noah 980 usd by assignment"]);
    assign(&world, &payment, Assignee::NotAffiliateSale, false).await;
    assert_eq!(world.ledger().await, ["no commission: not_affiliate_sale"]);
    unassign(&world, &payment).await;
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
    world.check_books().await;

    let (merchant, program) = (&world.merchant, &world.program.id);
    let lines =
        engine::identity::audit::about(&world.engine, merchant, program, payment.as_str()).await.unwrap();
    let assigned = |line: &AuditAction, to: &str| matches!(line, AuditAction::PaymentAssigned { affiliate, later_payments: false } if affiliate.id == world.affiliates[to].id);
    let actions: Vec<&AuditAction> = lines.iter().rev().map(|(line, _)| &line.action).collect();
    assert_eq!(actions.len(), 4, "{actions:?}");
    assert!(assigned(actions[0], "mira") && assigned(actions[1], "noah"), "{actions:?}");
    assert_eq!(*actions[2], AuditAction::NotAffiliateSale { later_payments: false });
    assert_eq!(*actions[3], AuditAction::AssignmentUndone);
    let entries =
        engine::ledger::commissions::list(&world.engine, merchant, program, None, None, 100).await.unwrap();
    let causes: Vec<String> = lines.iter().map(|(line, _)| line.id.to_string()).collect();
    assert!(entries.iter().all(|stored| causes.contains(&stored.entry.cause.id)), "each entry has its line");
    let gone = engine::ledger::payments::unassign(&world.engine, merchant, program, &payment).await;
    assert!(matches!(gone, Err(engine::Error::NotFound)), "there is nothing left to take back");
}

#[tokio::test]
async fn refunds_and_disputes_that_come_later_take_their_share() {
    let mut world = World::new().await;
    let bought = world.buy(NewSession::of(&world.once(10_000, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    let payment = payments(&world).await.remove(0);
    assign(&world, &payment, to(&world, "mira"), false).await;
    let charge = bought.charge.unwrap();
    world.stripe.refund(&charge, Some(2_500)).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    assert_eq!(world.ledger().await, ["mira 1500 usd by assignment"]);
    let dispute = world.stripe.open_dispute(&charge, None).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    assert_eq!(world.ledger().await, ["mira 0 usd by assignment, held"]);
    world.stripe.close_dispute(&dispute, sandbox::Verdict::Won).unwrap();
    world.deliver(ApiVersion::NEWEST).await;
    assert_eq!(world.ledger().await, ["mira 1500 usd by assignment"]);
    unassign(&world, &payment).await;
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
    world.check_books().await;
}

#[tokio::test]
async fn renewals_follow_an_assignment_of_later_payments() {
    for (later, expected) in [(true, "mira 400 usd by known_customer"), (false, "no commission: no_match")] {
        let mut world = World::new().await;
        let bought = world.buy(NewSession::of(&world.monthly(2_000, "usd")));
        world.deliver(ApiVersion::NEWEST).await;
        let payment = payments(&world).await.remove(0);
        assign(&world, &payment, to(&world, "mira"), later).await;
        world.time.days(31);
        world.stripe.renew(&bought.subscription.unwrap()).unwrap();
        world.deliver(ApiVersion::NEWEST).await;
        assert_eq!(world.ledger().await, ["mira 400 usd by assignment", expected]);
        unassign(&world, &payment).await;
        assert_eq!(world.ledger().await, ["no commission: no_match", "no commission: no_match"]);
        world.check_books().await;
    }
}

/// The decision is made while the charge is known by itself; its invoice comes afterwards
/// and takes the payment over.
#[tokio::test]
async fn a_decision_survives_the_merge_with_an_invoice() {
    let mut world = World::new().await;
    world.buy(NewSession::of(&world.monthly(2_000, "usd")));
    let basil = ApiVersion::parse("2025-03-31.basil").unwrap();
    let events = world.events(basil);
    let (charges, others): (Vec<_>, Vec<_>) = events.iter().partition(|e| e.kind() == "charge.succeeded");
    for event in charges {
        world.deliver_event(event, basil).await.unwrap();
    }
    world.wait_for_the_grace_period().await;
    let payment = payments(&world).await.remove(0);
    assign(&world, &payment, to(&world, "mira"), false).await;
    assert_eq!(world.ledger().await, ["mira 400 usd by assignment"]);
    for event in others {
        world.deliver_event(event, basil).await.unwrap();
    }
    world.wait_for_the_grace_period().await;
    assert_eq!(world.ledger().await, ["mira 400 usd by assignment"]);
    assert_eq!(payments(&world).await.len(), 1);
    world.check_books().await;
    world.deliver(basil).await;
    unassign(&world, &payments(&world).await[0]).await;
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
    world.check_books().await;
}

#[tokio::test]
async fn a_lead_that_comes_late_waits_behind_the_assignment() {
    let mut world = World::new().await;
    let token = world.click("noah").await;
    world.time.advance(60_000);
    world.buy(NewSession::of(&world.once(4_900, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    let payment = payments(&world).await.remove(0);
    assign(&world, &payment, to(&world, "mira"), false).await;
    let email = world.buyer_email();
    world.lead(&token, &email).await;
    world.work().await;
    assert_eq!(world.ledger().await, ["mira 980 usd by assignment"]);
    unassign(&world, &payment).await;
    assert_eq!(world.ledger().await, ["noah 980 usd by lead_email"], "the check decides again");
    world.check_books().await;
}

#[tokio::test]
async fn invalid_assignments_are_refused() {
    let mut world = World::new().await;
    world.buy(NewSession::of(&world.once(4_900, "usd")));
    world.deliver(ApiVersion::NEWEST).await;
    let other = world.another(crate::harness::TERMS, "usd").await;
    let payment = payments(&world).await.remove(0);
    let (merchant, program) = (&world.merchant, &world.program.id);
    let stranger = to(&other, "mira");
    let refused =
        engine::ledger::payments::assign(&world.engine, merchant, program, &payment, &stranger, false).await;
    assert!(matches!(refused, Err(engine::Error::Invalid(_))), "an affiliate of another program");
    let ours = to(&world, "mira");
    let refused = engine::ledger::payments::assign(
        &world.engine,
        &other.merchant,
        &other.program.id,
        &payment,
        &ours,
        false,
    )
    .await;
    assert!(matches!(refused, Err(engine::Error::NotFound)), "a payment of another program");
    assert_eq!(world.ledger().await, ["no commission: no_match"]);
}

#[derive(Debug, Clone)]
enum Step {
    Deliver(usize),
    Decide(usize, Option<&'static str>, bool),
    Undo(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let who = prop::sample::select(vec![None, Some("mira"), Some("noah")]);
    prop_oneof![
        3 => (0..64usize).prop_map(Step::Deliver),
        2 => (0..8usize, who, any::<bool>()).prop_map(|(index, who, later)| Step::Decide(index, who, later)),
        1 => (0..8usize).prop_map(Step::Undo),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever the order of assignments, events, refunds and late leads: once all of them are
    /// undone, the ledger is as if no one had ever decided anything.
    #[test]
    fn an_undone_assignment_leaves_no_difference(steps in prop::collection::vec(step(), 4..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            let token = world.click("noah").await;
            world.time.advance(60_000);
            let bought = world.buy(checkout(&world.monthly(2_000, "usd"), &token));
            world.time.days(1);
            let single = world.buy(NewSession::of(&world.once(4_900, "usd")));
            world.time.days(31);
            world.stripe.renew(&bought.subscription.unwrap()).unwrap();
            world.stripe.refund(&single.charge.unwrap(), Some(1_000)).unwrap();
            let dispute = world.stripe.open_dispute(&bought.charge.unwrap(), None).unwrap();
            world.stripe.close_dispute(&dispute, sandbox::Verdict::Won).unwrap();
            let version = ApiVersion::ACACIA;
            let events = world.events(version);
            for step in steps {
                let known = payments(&world).await;
                let at = |index: usize| known.get(index % known.len().max(1));
                match step {
                    Step::Deliver(index) => {
                        world.deliver_event(&events[index % events.len()], version).await.unwrap();
                        world.work().await;
                    }
                    Step::Decide(index, who, later) => {
                        if let Some(payment) = at(index) {
                            let choice = who.map_or(Assignee::NotAffiliateSale, |name| to(&world, name));
                            let (merchant, program) = (&world.merchant, &world.program.id);
                            let _ = engine::ledger::payments::assign(&world.engine, merchant, program, payment, &choice, later).await;
                        }
                    }
                    Step::Undo(index) => {
                        if let Some(payment) = at(index) {
                            let _ = engine::ledger::payments::unassign(&world.engine, &world.merchant, &world.program.id, payment).await;
                        }
                    }
                }
                world.check_books().await;
            }
            world.deliver(version).await;
            for payment in payments(&world).await {
                let _ = engine::ledger::payments::unassign(&world.engine, &world.merchant, &world.program.id, &payment).await;
            }
            let expected = ["noah 400 usd by metadata", "no commission: no_match", "noah 400 usd by known_customer"];
            assert_eq!(world.ledger().await, expected);
            world.check_books().await;
        });
    }
}

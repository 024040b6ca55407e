//! Manual assignments in attribution.

use proptest::prelude::*;

use super::order::{a_year, year};
use super::*;
use crate::checks::{CheckKind, CheckReason, Verdict};
use crate::terms::Recurrence;

fn who(payment: &EvaluatedPayment) -> Option<AffiliateId> {
    payment.credit.as_ref().map(|credit| credit.affiliate_id.clone())
}

#[test]
fn an_assignment_credits_a_payment_that_no_check_did() {
    let context = context().with_decision("pi_1", Some("mira"), false, 60);
    let evaluated =
        evaluate_all(&[charged(charge(1, START)), charged(charge(2, START.plus_days(1)))], &context);
    assert_eq!(who(&evaluated.payments[0]), Some(affiliate("mira")));
    assert_eq!(reason(&evaluated.payments[1]), "no_match", "the next one was not decided about");
    assert_eq!(evaluated.attribution, None);
    let checks = &evaluated.payments[0].checks;
    assert_eq!((checks[0].kind, checks[0].verdict), (CheckKind::Assignment, Verdict::Decided));
    let (affiliate, by, at) = (named("mira"), "Hanna".to_owned(), after(60));
    assert_eq!(checks[0].reason, CheckReason::Assigned { affiliate, by, at, later_payments: false });
    assert!(checks[1..].iter().all(|check| check.verdict == Verdict::NotNeeded), "the others are kept too");
    assert_eq!(checks.len(), 6);
}

#[test]
fn an_assignment_of_later_payments_attributes_the_customer() {
    let context = context().with_click("a", "noah", after(-1)).with_decision("pi_2", Some("mira"), true, 60);
    let first = charged(ChargeFact { hints: carrying(&["a"]), ..charge(1, START) });
    let facts = [first, charged(charge(2, START.plus_days(1))), charged(charge(3, START.plus_days(2)))];
    let evaluated = evaluate_all(&facts, &context);
    let credited: Vec<_> = evaluated.payments.iter().map(who).collect();
    let [noah, mira] = [Some(affiliate("noah")), Some(affiliate("mira"))];
    assert_eq!(credited, [noah, mira.clone(), mira], "what came before stays");
    assert_eq!(evaluated.attribution.unwrap().check, CheckKind::Assignment);
    let third = &evaluated.payments[2].checks[0];
    assert_eq!((third.kind, third.verdict), (CheckKind::KnownCustomer, Verdict::Decided));
    let (affiliate, since) = (named("mira"), START.plus_days(1));
    assert_eq!(third.reason, CheckReason::Attributed { affiliate, since, by_assignment: true });
}

#[test]
fn not_an_affiliate_sale_takes_the_credit_of_one_payment_or_of_all_from_then_on() {
    let facts = |number| {
        charged(ChargeFact { hints: carrying(&["a"]), ..charge(number, START.plus_days(number.into())) })
    };
    let facts = [facts(1), facts(2), facts(3)];
    let clicked = || context().with_click("a", "mira", after(-1));
    let one = evaluate_all(&facts, &clicked().with_decision("pi_2", None, false, 60));
    let reasons =
        |evaluated: &Evaluation| evaluated.payments.iter().map(|p| reason(p).to_owned()).collect::<Vec<_>>();
    assert_eq!(reasons(&one), ["credited", "not_affiliate_sale", "credited"]);
    assert!(one.attribution.is_some());
    let all = evaluate_all(&facts, &clicked().with_decision("pi_2", None, true, 60));
    assert_eq!(reasons(&all), ["credited", "not_affiliate_sale", "not_affiliate_sale"]);
    assert_eq!(all.attribution, None);
    let third = &all.payments[2].checks[0];
    let (by, at) = ("Hanna".to_owned(), after(60));
    assert_eq!(third.reason, CheckReason::NotAffiliateSale { by, at, at_earlier_payment: true });
    let back = all.payments[2].aliases.iter().next().unwrap().clone();
    let but = evaluate_all(
        &facts,
        &clicked().with_decision("pi_2", None, true, 60).with_decision(&back, Some("noah"), false, 90),
    );
    assert_eq!(who(&but.payments[2]), Some(affiliate("noah")), "a decision of its own counts more");
}

#[test]
fn a_decision_replaces_recurrence_and_status_but_not_money() {
    let mut context = context()
        .under(lasting(Recurrence::FirstPayment))
        .with_decision("pi_2", Some("mira"), false, 60)
        .with_decision("pi_3", Some("mira"), false, 60);
    context.affiliates.get_mut(&affiliate("mira")).unwrap().history =
        History::new(vec![(START.plus_days(9), AffiliateStatus::Active)]);
    let unpaid = ChargeFact { captured: false, ..charge(3, START.plus_days(2)) };
    let facts = [charged(charge(1, START)), charged(charge(2, START.plus_days(1))), charged(unpaid)];
    let evaluated = evaluate_all(&facts, &context);
    let reasons: Vec<_> = evaluated.payments.iter().map(reason).collect();
    assert_eq!(reasons, ["no_match", "credited", "waits_for_capture"]);
}

#[test]
fn of_two_assignments_of_one_payment_the_later_one_counts() {
    let joined = [
        invoiced(invoice(1, START)),
        charged(ChargeFact { invoice: ChargeInvoice::Unknown, ..charge(1, START) }),
        event("link", START, Fact::InvoicePayment(link(1, 1))),
    ];
    for (first, second, winner) in [(60, 90, "noah"), (90, 60, "mira")] {
        let context = context().with_decision("in_1", Some("mira"), false, first).with_decision(
            "pi_1",
            Some("noah"),
            false,
            second,
        );
        assert_eq!(who(only(&evaluate_all(&joined, &context))), Some(affiliate(winner)));
    }
}

#[test]
fn refunds_and_disputes_take_their_share_of_what_was_assigned() {
    let context = context().with_decision("ch_1", Some("mira"), false, 60);
    let facts = [
        charged(charge(1, START)),
        event("r", after(9), Fact::Refund(refund(1, 1, 2_500, RefundStatus::Succeeded))),
    ];
    assert_eq!(earned(only(&evaluate_all(&facts, &context))), (2_000, 500));
}

/// Something decided about each of the year's payments, or nothing.
fn decided() -> impl Strategy<Value = Vec<(usize, Option<bool>)>> {
    prop::collection::vec((0..5usize, prop::option::of(any::<bool>())), 0..6)
}

const PAYMENTS: [&str; 5] = ["in_1", "pi_2", "ch_3", "pi_4", "in_5"];

fn under(decided: &[(usize, Option<bool>)], later: bool) -> Context {
    let mut context = year().with_affiliate("otto");
    for (minutes, (index, who)) in decided.iter().enumerate() {
        let name = who.map(|mira| if mira { "mira" } else { "otto" });
        context = context.with_decision(PAYMENTS[*index], name, later, minutes as i64);
    }
    context
}

proptest! {
    #[test]
    fn any_order_with_any_assignments_gives_the_same_result(
        shuffled in Just(a_year()).prop_shuffle(),
        decided in decided(),
        later in any::<bool>(),
    ) {
        let context = under(&decided, later);
        prop_assert_eq!(evaluate_all(&shuffled, &context), evaluate_all(&a_year(), &context));
    }

    /// What was not decided about comes out as if nothing had been decided.
    #[test]
    fn an_assignment_of_one_payment_changes_only_that_one(decided in decided()) {
        let (plain, with) = (evaluate_all(&a_year(), &year()), evaluate_all(&a_year(), &under(&decided, false)));
        prop_assert_eq!(&plain.attribution, &with.attribution);
        for (index, (before, after)) in plain.payments.iter().zip(&with.payments).enumerate() {
            if decided.iter().all(|(index_decided, _)| *index_decided != index) {
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn a_decision_credits_the_affiliate_it_names(decided in decided(), later in any::<bool>()) {
        let evaluated = evaluate_all(&a_year(), &under(&decided, later));
        for (index, payment) in evaluated.payments.iter().enumerate() {
            if let Some((_, who_was)) = decided.iter().rev().find(|(index_decided, _)| *index_decided == index) {
                let expected = who_was.map(|mira| affiliate(if mira { "mira" } else { "otto" }));
                prop_assert_eq!(who(payment), expected);
            }
        }
    }
}

//! What holds a commission back.

use rstest::rstest;

use super::*;
use crate::commissions::HoldReason;

fn sold_to(email: &str) -> EventFacts {
    let hints = Hints { emails: vec![email.parse().unwrap()], ..carrying(&["a"]) };
    charged(ChargeFact { hints, ..charge(1, START) })
}

fn attributed() -> Context {
    context().with_click("a", "mira", after(-1))
}

fn hold(facts: &[EventFacts], context: &Context) -> (Option<HoldReason>, Timestamp) {
    let evaluated = evaluate_all(facts, context);
    let credit = only(&evaluated).credit.as_ref().unwrap();
    (credit.hold, credit.hold_until)
}

#[rstest]
#[case::a_stranger("ann@buyers.example", None)]
#[case::the_affiliate("mira@affiliates.example", Some(HoldReason::SelfReferral))]
#[case::with_a_tag("Mira+shop@affiliates.example", Some(HoldReason::SelfReferral))]
#[case::where_they_sign_in("mira@accounts.example", Some(HoldReason::SelfReferral))]
fn a_sale_to_the_affiliate_is_held(#[case] email: &str, #[case] expected: Option<HoldReason>) {
    assert_eq!(hold(&[sold_to(email)], &attributed()).0, expected);
    // A person who assigns it has decided.
    let decided = attributed().with_decision("pi_1", Some("mira"), false, 5);
    assert_eq!(hold(&[sold_to(email)], &decided).0, None);
}

#[test]
fn a_decision_for_later_payments_covers_them_too() {
    let decided = attributed().with_decision("pi_1", Some("mira"), true, 5);
    let facts = [sold_to("mira@affiliates.example"), charged(charge(2, START.plus_days(31)))];
    let evaluated = evaluate_all(&facts, &decided);
    assert!(evaluated.payments.iter().all(|payment| payment.credit.as_ref().unwrap().hold.is_none()));
}

fn alert(id: &str, minutes: i64, alert: AlertKind, open: bool) -> EventFacts {
    let (charge, payment_intent) = (Some("ch_1".to_owned()), None);
    let fact = AlertFact { id: id.to_owned(), alert, charge, payment_intent, open };
    event(&format!("{id}_{open}"), after(minutes), Fact::Alert(fact))
}

#[test]
fn a_review_holds_the_commission_until_it_is_closed() {
    let opened = [sold_to("ann@buyers.example"), alert("prv_1", 5, AlertKind::Review, true)];
    assert_eq!(hold(&opened, &attributed()), (Some(HoldReason::Review), START.plus_days(30)));
    let closed = [&[alert("prv_1", 9, AlertKind::Review, false)], &opened[..]].concat();
    assert_eq!(hold(&closed, &attributed()).0, None);
}

#[test]
fn a_fraud_warning_holds_while_the_payment_can_be_disputed() {
    let facts = [sold_to("ann@buyers.example"), alert("issfr_1", 0, AlertKind::EarlyFraudWarning, true)];
    assert_eq!(hold(&facts, &attributed()), (Some(HoldReason::EarlyFraudWarning), START.plus_days(120)));
}

#[test]
fn an_open_dispute_is_the_first_hold_reason() {
    let disputed = event(
        "d",
        after(9),
        Fact::Dispute(dispute(DisputeStep::Opened, DisputeStatus::NeedsResponse, 10_000)),
    );
    let facts = [sold_to("mira@affiliates.example"), disputed];
    assert_eq!(hold(&facts, &attributed()).0, Some(HoldReason::Dispute));
}

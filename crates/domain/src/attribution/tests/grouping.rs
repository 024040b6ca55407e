//! Which facts are about the same payment, and which object counts.

use rstest::rstest;

use super::*;
use crate::attribution::{EvaluatedStatus, PaymentKind};
use crate::no_commission::WaitReason;

/// A charge in the shape that does not say whether it has an invoice.
fn silent(number: u32, at: Timestamp) -> ChargeFact {
    ChargeFact { invoice: ChargeInvoice::Unknown, ..charge(number, at) }
}

fn statuses(evaluated: &Evaluation) -> Vec<(&str, &EvaluatedStatus)> {
    evaluated.payments.iter().map(|p| (p.canonical_id.as_str(), &p.status)).collect()
}

#[test]
fn a_charge_without_invoice_field_waits_and_is_then_counted_alone() {
    let facts = [charged(silent(1, START))];
    let early = evaluate(&facts, &context(), after(59));
    let until = Some(after(60));
    assert_eq!(only(&early).status, EvaluatedStatus::Waiting { reason: WaitReason::Invoice, until });
    assert_eq!(early.reevaluate_at, until);
    let late = evaluate(&facts, &context(), after(60));
    assert_eq!((only(&late).gross, late.reevaluate_at), (10_000, None));
}

#[rstest]
#[case::says_none(ChargeFact { invoice: ChargeInvoice::None, ..silent(1, START) })]
#[case::no_customer(ChargeFact { customer: None, ..silent(1, START) })]
#[case::our_own_token(ChargeFact { hints: carrying(&["a"]), ..silent(1, START) })]
fn a_direct_charge_is_counted_at_once(#[case] fact: ChargeFact) {
    assert_eq!(only(&evaluate(&[charged(fact)], &context(), after(1))).status, EvaluatedStatus::Paid);
}

#[test]
fn stripes_answer_that_there_is_no_invoice_ends_the_wait() {
    let waiting = charged(silent(1, START));
    let evaluated = evaluate(std::slice::from_ref(&waiting), &context(), after(1));
    assert_eq!(evaluated.unlinked_intents().collect::<Vec<_>>(), ["pi_1"]);
    let answer = Fact::NoInvoice(NoInvoiceFact { payment_intent: "pi_1".to_owned() });
    let facts = [waiting, event("answer", after(1), answer)];
    let evaluated = evaluate(&facts, &context(), after(1));
    assert_eq!((only(&evaluated).gross, evaluated.reevaluate_at), (10_000, None));
    assert_eq!(evaluated.unlinked_intents().count(), 0);
    // Should an invoice turn up after all, it is the authority.
    let late =
        [&facts[..], &[event("l", START, Fact::InvoicePayment(link(1, 1))), invoiced(invoice(1, START))]]
            .concat();
    assert_eq!(only(&evaluate(&late, &context(), after(2))).kind, PaymentKind::Invoice);
}

#[test]
fn a_charge_that_names_an_invoice_is_not_counted_twice() {
    let named = ChargeFact { invoice: ChargeInvoice::Is("in_1".to_owned()), ..charge(1, START) };
    let evaluated = evaluate_all(&[charged(named.clone())], &context());
    assert_eq!(reason(only(&evaluated)), "waits_for_invoice");
    let evaluated = evaluate_all(&[charged(named), invoiced(invoice(1, START))], &context());
    assert_eq!((only(&evaluated).kind, only(&evaluated).gross), (PaymentKind::Invoice, 10_000));
}

#[test]
fn a_session_that_names_an_invoice_is_not_counted_twice() {
    let fact = SessionFact { invoice: Some("in_1".to_owned()), ..session(1) };
    let session = event("s", START, Fact::Session(fact));
    assert_eq!(reason(only(&evaluate_all(std::slice::from_ref(&session), &context()))), "waits_for_invoice");
    let evaluated =
        evaluate_all(&[session, charged(silent(1, START)), invoiced(invoice(1, START))], &context());
    assert_eq!((only(&evaluated).canonical_id.as_str(), only(&evaluated).gross), ("in_1", 10_000));
}

#[test]
fn a_failed_checkout_of_a_subscription_has_failed_until_its_invoice_is_paid() {
    let failed = SessionFact {
        subscription_mode: true,
        payment: SessionPayment::Failed,
        invoice: Some("in_1".to_owned()),
        payment_intent: None,
        ..session(1)
    };
    let session = event("s", START, Fact::Session(failed));
    assert_eq!(
        only(&evaluate_all(std::slice::from_ref(&session), &context())).status,
        EvaluatedStatus::Failed
    );
    let paid = evaluate_all(&[session, invoiced(invoice(1, START.plus_days(2)))], &context());
    assert_eq!(only(&paid).status, EvaluatedStatus::Paid);
}

#[rstest]
#[case::unpaid(SessionPayment::Unpaid, None, "waits_for_money")]
#[case::failed(SessionPayment::Unpaid, Some(SessionPayment::Failed), "payment_failed")]
#[case::arrived(SessionPayment::Unpaid, Some(SessionPayment::Paid), "no_match")]
fn an_asynchronous_session(
    #[case] first: SessionPayment,
    #[case] then: Option<SessionPayment>,
    #[case] expected: &str,
) {
    let mut facts = vec![event("s1", START, Fact::Session(SessionFact { payment: first, ..session(1) }))];
    facts.extend(
        then.map(|payment| event("s2", after(9), Fact::Session(SessionFact { payment, ..session(1) }))),
    );
    assert_eq!(reason(only(&evaluate_all(&facts, &context()))), expected);
}

#[rstest]
#[case::same_minute(0, 10_000, true)]
#[case::an_hour_apart(60, 10_000, true)]
#[case::more_than_an_hour(61, 10_000, false)]
#[case::another_amount(0, 9_999, false)]
fn a_silent_charge_pairs_with_the_invoice_of_its_amount(
    #[case] minutes: i64,
    #[case] amount_captured: i64,
    #[case] paired: bool,
) {
    let charge = ChargeFact { amount_captured, ..silent(1, after(minutes)) };
    let evaluated = evaluate_all(&[charged(charge), invoiced(invoice(1, START))], &context());
    assert_eq!(evaluated.payments.len(), if paired { 1 } else { 2 });
}

#[test]
fn matches_are_the_nearest_in_time_and_one_to_one() {
    let facts = [
        charged(silent(1, after(1))),
        charged(silent(2, after(11))),
        charged(silent(3, after(12))),
        invoiced(invoice(1, after(0))),
        invoiced(invoice(2, after(10))),
    ];
    let evaluated = evaluate_all(&facts, &context());
    let ids: Vec<Vec<&str>> =
        evaluated.payments.iter().map(|p| p.aliases.iter().map(String::as_str).collect()).collect();
    assert_eq!(ids, [vec!["ch_1", "in_1", "pi_1"], vec!["ch_2", "in_2", "pi_2"], vec!["ch_3", "pi_3"]]);
}

#[test]
fn an_invoice_that_names_its_payment_is_not_paired_with_another_charge() {
    let named = InvoiceFact { payment_intents: vec!["pi_1".to_owned()], ..invoice(1, START) };
    let evaluated = evaluate_all(&[invoiced(named), charged(silent(2, START))], &context());
    assert_eq!(statuses(&evaluated), [("in_1", &EvaluatedStatus::Paid), ("pi_2", &EvaluatedStatus::Paid)]);
}

#[test]
fn the_link_between_invoice_and_payment_joins_them() {
    let facts = [
        charged(silent(1, after(200))),
        event("l", START, Fact::InvoicePayment(link(1, 1))),
        invoiced(invoice(1, START)),
    ];
    assert_eq!(only(&evaluate_all(&facts, &context())).aliases.len(), 3);
}

#[test]
fn a_voided_invoice_has_failed_and_a_failed_charge_is_no_payment() {
    let voided = InvoiceFact { paid: false, ..invoice(1, START) };
    let evaluated = evaluate_all(&[event("v", START, Fact::Invoice(voided))], &context());
    assert_eq!(only(&evaluated).status, EvaluatedStatus::Failed);
    let failed = ChargeFact { succeeded: false, ..charge(1, START) };
    assert_eq!(reason(only(&evaluate_all(&[charged(failed)], &context()))), "waits_for_money");
}

#[test]
fn a_bank_debit_waits_and_is_matched_from_the_day_its_money_arrived() {
    let debit = ChargeFact { settled_at: Some(after(7_200)), ..silent(1, START) };
    let arrived = event("debit", after(7_200), Fact::Charge(debit));
    let early = evaluate(std::slice::from_ref(&arrived), &context(), after(7_201));
    let until = Some(after(7_260));
    assert_eq!(only(&early).status, EvaluatedStatus::Waiting { reason: WaitReason::Invoice, until });
    let both = evaluate_all(&[arrived, invoiced(invoice(1, after(7_201)))], &context());
    assert_eq!(only(&both).kind, PaymentKind::Invoice);
    // Of which only a refund was heard: its money came at any time before.
    let refunded = ChargeFact { settled_at: None, amount_refunded: 1_000, ..silent(1, START) };
    let heard = event("refunded", after(9_000), Fact::Charge(refunded));
    assert_eq!(evaluate_all(&[heard, invoiced(invoice(1, after(7_201)))], &context()).payments.len(), 1);
}

/// An invoice of 100.00 that was paid outside Stripe, twenty minutes after the start.
fn marked_as_paid(outside_stripe: Option<i64>) -> InvoiceFact {
    InvoiceFact { outside_stripe, subscription: None, ..invoice(1, after(20)) }
}

#[rstest]
#[case::it_says_so(marked_as_paid(Some(10_000)), 1)]
#[case::nothing_is_said(marked_as_paid(None), 1)]
#[case::a_subscriptions_that_says_so(InvoiceFact { subscription: Some("sub_1".to_owned()), ..marked_as_paid(Some(10_000)) }, 1)]
#[case::a_subscriptions_own(InvoiceFact { subscription: Some("sub_1".to_owned()), ..marked_as_paid(None) }, 2)]
#[case::another_amount(InvoiceFact { amount_paid: 9_000, ..marked_as_paid(Some(9_000)) }, 2)]
#[case::another_customer(InvoiceFact { customer: Some("cus_2".to_owned()), ..marked_as_paid(Some(10_000)) }, 2)]
#[case::hours_later(InvoiceFact { paid_at: after(90), ..marked_as_paid(Some(10_000)) }, 2)]
fn a_direct_payment_is_the_one_of_an_invoice_paid_outside_stripe(
    #[case] fact: InvoiceFact,
    #[case] payments: usize,
) {
    let by_session = event("s", START, Fact::Session(session(1)));
    let by_charge = charged(ChargeFact { hints: carrying(&["a"]), ..silent(1, START) });
    for paid in [by_session, by_charge] {
        let facts = [paid, invoiced(fact.clone())];
        assert_eq!(evaluate_all(&facts, &context()).payments.len(), payments);
    }
}

#[test]
fn an_invoices_own_charge_is_paired_before_a_direct_payment() {
    let facts = [
        event("s", START, Fact::Session(session(1))),
        invoiced(marked_as_paid(None)),
        charged(silent(2, after(20))),
    ];
    assert_eq!(statuses(&evaluate_all(&facts, &context())).len(), 2);
}

//! Refunds and disputes as target states.

use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn attributed() -> Context {
    context().with_click("a", "mira", after(-1))
}

fn paid() -> EventFacts {
    charged(ChargeFact { hints: carrying(&["a"]), ..charge(1, START) })
}

fn snapshot(minute: i64, amount_refunded: i64) -> EventFacts {
    let fact = ChargeFact { amount_refunded, ..charge(1, START) };
    event(&format!("snapshot_{minute}"), after(minute), Fact::Charge(fact))
}

fn refunded(minute: i64, refund: RefundFact) -> EventFacts {
    event(&format!("refund_{minute}_{}", refund.id), after(minute), Fact::Refund(refund))
}

#[rstest]
#[case::only_rows(vec![refunded(1, refund(1, 1, 3_000, RefundStatus::Pending))], 600)]
#[case::only_the_snapshot(vec![snapshot(1, 3_000)], 600)]
#[case::both_count_once(vec![refunded(1, refund(1, 1, 3_000, RefundStatus::Succeeded)), snapshot(1, 3_000)], 600)]
#[case::two_rows(vec![refunded(1, refund(1, 1, 3_000, RefundStatus::Succeeded)), refunded(2, refund(2, 1, 1_000, RefundStatus::Succeeded))], 800)]
#[case::a_row_more_than_the_snapshot(vec![snapshot(1, 3_000), refunded(1, refund(1, 1, 3_000, RefundStatus::Succeeded)), refunded(2, refund(2, 1, 1_000, RefundStatus::Succeeded))], 800)]
#[case::all(vec![snapshot(1, 10_000)], 2_000)]
#[case::more_than_all(vec![refunded(1, refund(1, 1, 99_000, RefundStatus::Succeeded))], 2_000)]
#[case::failed(vec![snapshot(1, 3_000), refunded(1, refund(1, 1, 3_000, RefundStatus::Succeeded)), refunded(2, refund(1, 1, 3_000, RefundStatus::Failed))], 0)]
#[case::failed_and_snapshot_after(vec![snapshot(1, 3_000), refunded(2, refund(1, 1, 3_000, RefundStatus::Failed)), snapshot(3, 0)], 0)]
#[case::failed_then_another(vec![snapshot(1, 3_000), refunded(2, refund(1, 1, 3_000, RefundStatus::Failed)), snapshot(3, 0), snapshot(4, 1_000), refunded(4, refund(2, 1, 1_000, RefundStatus::Succeeded))], 200)]
#[case::a_row_that_names_no_charge(vec![snapshot(1, 3_000), refunded(1, RefundFact { charge: None, ..refund(1, 1, 3_000, RefundStatus::Succeeded) })], 600)]
fn refunds_take_back_their_share(#[case] mut facts: Vec<EventFacts>, #[case] reversed: i64) {
    facts.push(paid());
    for _ in 0..facts.len() {
        facts.rotate_left(1);
        assert_eq!(earned(only(&evaluate_all(&facts, &attributed()))), (2_000, reversed));
    }
}

#[test]
fn a_refund_waits_for_refunded_payment() {
    let facts = [refunded(1, refund(1, 1, 3_000, RefundStatus::Succeeded))];
    let evaluated = evaluate_all(&facts, &attributed());
    assert_eq!(reason(only(&evaluated)), "waits_for_refunded_payment");
    assert_eq!(evaluated.reevaluate_at, None);
}

#[rstest]
#[case::opened(&[(DisputeStep::Opened, DisputeStatus::NeedsResponse)], 0, true)]
#[case::taken(&[(DisputeStep::Opened, DisputeStatus::NeedsResponse), (DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse)], 2_000, true)]
#[case::taken_is_all_we_heard(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse)], 2_000, true)]
#[case::under_review(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse), (DisputeStep::Opened, DisputeStatus::UnderReview)], 2_000, true)]
#[case::won(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse), (DisputeStep::Closed, DisputeStatus::Won), (DisputeStep::FundsReinstated, DisputeStatus::Won)], 0, false)]
#[case::won_is_all_we_heard(&[(DisputeStep::Closed, DisputeStatus::Won)], 0, false)]
#[case::lost(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse), (DisputeStep::Closed, DisputeStatus::Lost)], 2_000, false)]
#[case::lost_is_all_we_heard(&[(DisputeStep::Closed, DisputeStatus::Lost)], 2_000, false)]
#[case::inquiry(&[(DisputeStep::Opened, DisputeStatus::WarningNeedsResponse)], 0, true)]
#[case::inquiry_closed(&[(DisputeStep::Opened, DisputeStatus::WarningNeedsResponse), (DisputeStep::Closed, DisputeStatus::WarningClosed)], 0, false)]
#[case::inquiry_became_a_dispute(&[(DisputeStep::Opened, DisputeStatus::WarningNeedsResponse), (DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse)], 2_000, true)]
#[case::prevented(&[(DisputeStep::Opened, DisputeStatus::Prevented)], 0, false)]
#[case::appeal(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse), (DisputeStep::Opened, DisputeStatus::AppealUnderReview)], 2_000, true)]
#[case::won_after_it_was_lost(&[(DisputeStep::FundsWithdrawn, DisputeStatus::NeedsResponse), (DisputeStep::Closed, DisputeStatus::Lost), (DisputeStep::Opened, DisputeStatus::AppealUnderReview), (DisputeStep::FundsReinstated, DisputeStatus::Won)], 0, false)]
#[case::lost_after_it_was_won(&[(DisputeStep::Closed, DisputeStatus::Won), (DisputeStep::FundsWithdrawn, DisputeStatus::Lost)], 2_000, false)]
#[case::appealed_after_it_was_lost(&[(DisputeStep::Closed, DisputeStatus::Lost), (DisputeStep::Opened, DisputeStatus::AppealNeedsResponse)], 2_000, true)]
#[case::unknown(&[(DisputeStep::Opened, DisputeStatus::Unknown)], 0, true)]
fn disputes_hold_reverse_and_restore_commissions(
    #[case] steps: &[(DisputeStep, DisputeStatus)],
    #[case] reversed: i64,
    #[case] open: bool,
) {
    let steps = steps.iter().enumerate().map(|(index, (step, status))| {
        event(&format!("d{index}"), after(index as i64 + 1), Fact::Dispute(dispute(*step, *status, 10_000)))
    });
    let mut facts: Vec<EventFacts> = steps.chain([paid()]).collect();
    facts.reverse();
    let evaluated = evaluate_all(&facts, &attributed());
    assert_eq!((earned(only(&evaluated)), only(&evaluated).dispute_open), ((2_000, reversed), open));
}

#[test]
fn a_refund_and_a_dispute_take_the_commission_once() {
    let lost = event("d", after(2), Fact::Dispute(dispute(DisputeStep::Closed, DisputeStatus::Lost, 10_000)));
    let evaluated = evaluate_all(&[paid(), snapshot(1, 4_000), lost], &attributed());
    assert_eq!(earned(only(&evaluated)), (2_000, 2_000));
    assert_eq!((only(&evaluated).refunded, only(&evaluated).disputed), (4_000, 6_000));
}

#[test]
fn a_partial_capture_counts_what_was_captured() {
    let captured = ChargeFact {
        amount: 10_000,
        amount_captured: 6_000,
        amount_refunded: 4_000,
        hints: carrying(&["a"]),
        ..charge(1, START)
    };
    let evaluated = evaluate_all(&[charged(captured.clone())], &attributed());
    assert_eq!((earned(only(&evaluated)), only(&evaluated).refunded), ((1_200, 0), 0));
    let half_back = ChargeFact { amount_refunded: 7_000, ..captured };
    let evaluated = evaluate_all(&[charged(half_back)], &attributed());
    assert_eq!((earned(only(&evaluated)), only(&evaluated).refunded), ((1_200, 600), 3_000));
}

fn any_status() -> impl Strategy<Value = RefundStatus> {
    prop_oneof![Just(RefundStatus::Pending), Just(RefundStatus::Succeeded), Just(RefundStatus::Failed)]
}

fn any_step() -> impl Strategy<Value = (DisputeStep, DisputeStatus)> {
    let steps = prop_oneof![
        Just(DisputeStep::Opened),
        Just(DisputeStep::FundsWithdrawn),
        Just(DisputeStep::FundsReinstated),
        Just(DisputeStep::Closed)
    ];
    (
        steps,
        prop_oneof![
            Just(DisputeStatus::NeedsResponse),
            Just(DisputeStatus::Won),
            Just(DisputeStatus::Lost),
            Just(DisputeStatus::WarningClosed),
            Just(DisputeStatus::Unknown)
        ],
    )
}

proptest! {
    #[test]
    fn a_commission_is_never_negative_and_never_reversed_twice(
        amount in 1..1_000_000i64,
        captured_percent in 1..=100i64,
        rate_bps in 1..=10_000i64,
        snapshots in prop::collection::vec((0..60i64, 0..2_000_000i64), 0..4),
        refunds in prop::collection::vec((0..60i64, 1..4u32, 0..2_000_000i64, any_status()), 0..6),
        steps in prop::collection::vec((0..60i64, any_step(), 0..2_000_000i64), 0..6),
    ) {
        let amount_captured = (amount * captured_percent / 100).max(1);
        let whole = ChargeFact { amount, amount_captured, hints: carrying(&["a"]), ..charge(1, START) };
        let mut facts = vec![charged(whole.clone())];
        facts.extend(snapshots.into_iter().map(|(minute, amount_refunded)| {
            let fact = ChargeFact { amount_refunded, ..whole.clone() };
            event(&format!("s{minute}_{amount_refunded}"), after(minute), Fact::Charge(fact))
        }));
        facts.extend(refunds.into_iter().map(|(minute, number, amount, status)| {
            let fact = refund(number, 1, amount, status);
            event(&format!("r{minute}_{number}_{amount}_{status:?}"), after(minute), Fact::Refund(fact))
        }));
        facts.extend(steps.into_iter().map(|(minute, (step, status), amount)| {
            let fact = dispute(step, status, amount);
            event(&format!("d{minute}_{step:?}_{status:?}_{amount}"), after(minute), Fact::Dispute(fact))
        }));
        let context = attributed().under(paying(Commission::Percent { rate_bps }, Recurrence::Lifetime));
        let evaluated = evaluate_all(&facts, &context);
        let payment = only(&evaluated);
        prop_assert!(payment.refunded >= 0 && payment.disputed >= 0);
        prop_assert!(payment.refunded + payment.disputed <= payment.captured);
        let (commission, reversed) = earned(payment);
        prop_assert!(0 <= reversed && reversed <= commission);
        if payment.refunded + payment.disputed == payment.captured {
            prop_assert_eq!(reversed, commission);
        }
        if payment.refunded + payment.disputed == 0 {
            prop_assert_eq!(reversed, 0);
        }
    }
}

#[rstest]
#[case::partly_reinstated(DisputeStatus::Won, Some(4_000), 800)]
#[case::not_reinstated_yet(DisputeStatus::Won, Some(10_000), 0)]
#[case::taken(DisputeStatus::NeedsResponse, Some(10_000), 2_000)]
#[case::taken_in_part(DisputeStatus::Lost, Some(4_000), 800)]
fn a_disputes_balance_transactions_say_what_it_took(
    #[case] status: DisputeStatus,
    #[case] taken: Option<i64>,
    #[case] reversed: i64,
) {
    let fact = DisputeFact { taken, ..dispute(DisputeStep::Opened, status, 10_000) };
    let evaluated = evaluate_all(&[paid(), event("d", after(1), Fact::Dispute(fact))], &attributed());
    assert_eq!(earned(only(&evaluated)), (2_000, reversed));
}

#[test]
fn a_refund_takes_its_share_of_the_whole_payment() {
    // 40.00 by card, 60.00 outside Stripe; the card is refunded.
    let card = ChargeFact {
        amount: 4_000,
        amount_captured: 4_000,
        amount_refunded: 4_000,
        invoice: ChargeInvoice::Is("in_1".to_owned()),
        ..charge(1, START)
    };
    let record = InvoicePaymentFact {
        id: "inpay_2".to_owned(),
        payment_intent: None,
        payment_record: Some("pr_1".to_owned()),
        amount_paid: Some(6_000),
        ..link(1, 1)
    };
    let facts = [
        invoiced(InvoiceFact { hints: carrying(&["a"]), ..invoice(1, START) }),
        charged(card),
        event("r", START, Fact::InvoicePayment(record)),
    ];
    assert_eq!(earned(only(&evaluate_all(&facts, &attributed()))), (2_000, 800));
}

#[rstest]
#[case::given_back_outside(&[(5, 4_000, false)], 800)]
#[case::voided(&[(5, 4_000, false), (9, 4_000, true)], 0)]
#[case::told_twice(&[(5, 4_000, false), (6, 4_000, false)], 800)]
#[case::to_the_balance(&[(5, 0, false)], 0)]
fn a_credit_note_counts_what_was_given_back_outside_stripe(
    #[case] reported: &[(i64, i64, bool)],
    #[case] reversed: i64,
) {
    let mut facts = vec![invoiced(InvoiceFact { hints: carrying(&["a"]), ..invoice(1, START) })];
    for (minutes, outside_stripe, voided) in reported {
        let note = CreditNoteFact {
            id: "cn_1".to_owned(),
            invoice: "in_1".to_owned(),
            customer: Some("cus_1".to_owned()),
            outside_stripe: *outside_stripe,
            voided: *voided,
            currency: usd(),
        };
        facts.insert(0, event(&format!("cn_{minutes}"), after(*minutes), Fact::CreditNote(note)));
    }
    assert_eq!(earned(only(&evaluate_all(&facts, &attributed()))), (2_000, reversed));
}

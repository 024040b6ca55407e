//! What an attributed payment earns.

use rstest::rstest;

use super::*;
use crate::clock::DAY_MS;

/// Payments of one attributed customer, so many days after the first.
fn paid_on(days: &[i64]) -> Vec<EventFacts> {
    let mut number = 0;
    let paid = days.iter().map(|day| {
        number += 1;
        charged(ChargeFact { hints: carrying(&["a"]), ..charge(number, START.plus_days(*day)) })
    });
    paid.collect()
}

fn attributed() -> Context {
    context().with_click("a", "mira", after(-1))
}

#[rstest]
#[case(Recurrence::FirstPayment, &[0, 1], &["credited", "not_first_payment"])]
// 2 March to 2 April are 31 days; the day itself is over.
#[case(Recurrence::Months { months: 1 }, &[0, 30, 31], &["credited", "credited", "recurrence_over"])]
#[case(Recurrence::Months { months: 12 }, &[0, 364, 365], &["credited", "credited", "recurrence_over"])]
#[case(Recurrence::Lifetime, &[0, 3_000], &["credited", "credited"])]
fn recurrence_counts_from_the_first_paid_payment(
    #[case] recurrence: Recurrence,
    #[case] days: &[i64],
    #[case] expected: &[&str],
) {
    let evaluated = evaluate_all(&paid_on(days), &attributed().under(lasting(recurrence)));
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), expected);
}

/// 31 January 2027, 2:00 in UTC, and 28 February.
const JANUARY_31: Timestamp = Timestamp::from_seconds(1_801_360_800);
const FEBRUARY_28: Timestamp = JANUARY_31.plus_ms(28 * DAY_MS);

fn one_month() -> Context {
    context().under(lasting(Recurrence::Months { months: 1 })).with_click("a", "mira", JANUARY_31)
}

#[rstest]
#[case::the_next_period(FEBRUARY_28, "recurrence_over")]
#[case::within_the_same_one(FEBRUARY_28.plus_ms(-1_000), "credited")]
fn months_are_counted_by_the_periods_of_a_subscription(#[case] period: Timestamp, #[case] expected: &str) {
    // The first invoice was paid days after its period began, the second an hour after.
    let paid = |number, period: Timestamp, at| InvoiceFact {
        latest_period_start: Some(period),
        hints: carrying(&["a"]),
        ..invoice(number, at)
    };
    let facts = [
        invoiced(paid(1, JANUARY_31, JANUARY_31.plus_days(5))),
        invoiced(paid(2, period, FEBRUARY_28.plus_ms(3_660_000))),
    ];
    let evaluated = evaluate_all(&facts, &one_month());
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["credited", expected]);
}

#[rstest]
#[case::a_day_before(-DAY_MS, "credited")]
#[case::less_than_a_day_before(1 - DAY_MS, "recurrence_over")]
#[case::an_hour_after(3_660_000, "recurrence_over")]
fn months_without_a_period_are_counted_in_utc_with_a_day_of_tolerance(
    #[case] ms: i64,
    #[case] expected: &str,
) {
    let facts = [
        charged(ChargeFact { hints: carrying(&["a"]), ..charge(1, JANUARY_31) }),
        charged(charge(2, FEBRUARY_28.plus_ms(ms))),
    ];
    let evaluated = evaluate_all(&facts, &one_month());
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["credited", expected]);
}

#[rstest]
#[case::off(false, "paid_outside_stripe", [0, 1])]
#[case::on(true, "credited", [1, 2])]
fn what_was_paid_outside_stripe_earns_where_the_terms_say_so(
    #[case] outside_stripe: bool,
    #[case] expected: &str,
    #[case] numbers: [i64; 2],
) {
    let fact = InvoiceFact { outside_stripe: Some(10_000), hints: carrying(&["a"]), ..invoice(1, START) };
    let facts = [invoiced(fact), invoiced(invoice(2, START.plus_days(31)))];
    let evaluated = evaluate_all(&facts, &attributed().under(Terms { outside_stripe, ..rules() }));
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), [expected, "credited"]);
    assert_eq!(evaluated.payments.iter().map(|p| p.payment_number).collect::<Vec<_>>(), numbers);
}

#[test]
fn a_free_payment_is_not_the_first() {
    let free = InvoiceFact {
        amount_paid: 0,
        total: 0,
        total_excluding_tax: 0,
        hints: carrying(&["a"]),
        ..invoice(1, START)
    };
    let facts = [invoiced(free), invoiced(invoice(2, START.plus_days(14)))];
    let evaluated = evaluate_all(&facts, &attributed().under(lasting(Recurrence::FirstPayment)));
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["amount_zero", "credited"]);
    assert_eq!(evaluated.payments.iter().map(|p| p.payment_number).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn each_payment_is_under_the_terms_of_its_time() {
    let mut context = attributed();
    let half = paying(Commission::Percent { rate_bps: 5_000 }, Recurrence::Lifetime);
    context.terms.push(terms(2, half, START.plus_days(10)));
    let evaluated = evaluate_all(&paid_on(&[0, 9, 10]), &context);
    assert_eq!(
        evaluated.payments.iter().map(earned).collect::<Vec<_>>(),
        [(2_000, 0), (2_000, 0), (5_000, 0)]
    );
    assert_eq!(evaluated.payments[2].credit.as_ref().unwrap().terms_id, context.terms[1].id);
}

#[test]
fn the_hold_period_starts_with_the_payment() {
    let evaluated = evaluate_all(&paid_on(&[0]), &attributed().under(Terms { hold_days: 45, ..rules() }));
    assert_eq!(only(&evaluated).credit.as_ref().unwrap().hold_until, START.plus_days(45));
}

#[rstest]
#[case::paused(ProgramStatus::Paused, "credited")]
#[case::archived(ProgramStatus::Archived, "program_archived")]
fn a_program_that_does_not_run(#[case] status: ProgramStatus, #[case] expected: &str) {
    let history = vec![(Timestamp(0), ProgramStatus::Active), (START.plus_days(1), status)];
    let context = Context { program_history: History::new(history), ..attributed() };
    let evaluated = evaluate_all(&paid_on(&[0, 2]), &context);
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["credited", expected]);
}

#[rstest]
#[case::period_began_before_the_end(-1, "credited")]
#[case::period_began_with_the_end(0, "subscription_ended")]
#[case::period_began_afterwards(1, "subscription_ended")]
fn an_ended_subscription_earns_for_periods_that_began_before(#[case] days: i64, #[case] expected: &str) {
    let ended_at = START.plus_days(20);
    let late =
        InvoiceFact { period_start: Some(ended_at.plus_days(days)), ..invoice(2, START.plus_days(25)) };
    let first = InvoiceFact { hints: carrying(&["a"]), ..invoice(1, START) };
    let end = event(
        "end",
        START.plus_days(30),
        Fact::Subscription(subscription(SubscriptionStatus::Canceled, Some(ended_at))),
    );
    let evaluated = evaluate_all(&[end, invoiced(late), invoiced(first)], &attributed());
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["credited", expected]);
}

#[test]
fn the_end_of_another_subscription_does_not_matter() {
    let other = SubscriptionFact {
        id: "sub_2".to_owned(),
        ..subscription(SubscriptionStatus::Canceled, Some(after(-60)))
    };
    let first = InvoiceFact { hints: carrying(&["a"]), ..invoice(1, START) };
    let facts = [event("end", START, Fact::Subscription(other)), invoiced(first)];
    assert_eq!(reason(only(&evaluate_all(&facts, &attributed()))), "credited");
}

#[rstest]
#[case::whole(0, 11_900, 11_900, 10_000, 0, 10_000)]
#[case::shipping_off(0, 12_400, 12_400, 10_500, 500, 10_000)]
#[case::half_paid(0, 11_900, 5_950, 10_000, 0, 5_000)]
#[case::rounded_to_even(0, 300, 100, 101, 0, 34)]
#[case::overpaid(0, 11_900, 12_000, 10_000, 0, 10_000)]
#[case::nothing_left(0, 500, 500, 500, 500, 0)]
#[case::carried(500, 10_000, 10_500, 10_000, 0, 10_500)]
#[case::carried_with_tax(595, 11_900, 12_495, 10_000, 0, 10_500)]
#[case::carried_and_overpaid(500, 10_000, 11_000, 10_000, 0, 10_500)]
#[case::only_carried(500, 0, 500, 0, 0, 500)]
#[case::carried_less_a_credit_note(700, -200, 500, -200, 0, 500)]
#[case::paid_by_credit(-4_000, 10_000, 6_000, 10_000, 0, 6_000)]
fn the_base_of_an_invoice(
    #[case] starting_balance: i64,
    #[case] total: i64,
    #[case] amount_paid: i64,
    #[case] total_excluding_tax: i64,
    #[case] amount_shipping: i64,
    #[case] base: i64,
) {
    let fact = InvoiceFact {
        starting_balance,
        total,
        amount_paid,
        total_excluding_tax,
        amount_shipping,
        ..invoice(1, START)
    };
    let evaluated = evaluate_all(&[invoiced(fact)], &context());
    assert_eq!((only(&evaluated).gross, only(&evaluated).base), (amount_paid, base));
}

#[test]
fn a_session_earns_on_the_captured_amount_without_tax_and_shipping() {
    let fact = SessionFact {
        amount_total: 12_400,
        amount_tax: 1_900,
        amount_shipping: 500,
        hints: carrying(&["a"]),
        ..session(1)
    };
    let session = event("s", START, Fact::Session(fact));
    let evaluated = evaluate_all(std::slice::from_ref(&session), &attributed());
    assert_eq!((only(&evaluated).gross, only(&evaluated).base), (12_400, 10_000));
    let half =
        ChargeFact { amount: 12_400, amount_captured: 6_200, amount_refunded: 6_200, ..charge(1, START) };
    let evaluated = evaluate_all(&[session, charged(half)], &attributed());
    assert_eq!((only(&evaluated).gross, only(&evaluated).base), (6_200, 5_000));
    assert_eq!(earned(only(&evaluated)), (1_000, 0));
}

#[test]
fn a_commission_that_rounds_to_zero_is_not_created() {
    let tiny = ChargeFact { amount: 2, amount_captured: 2, hints: carrying(&["a"]), ..charge(1, START) };
    assert_eq!(reason(only(&evaluate_all(&[charged(tiny)], &attributed()))), "rounds_to_zero");
}

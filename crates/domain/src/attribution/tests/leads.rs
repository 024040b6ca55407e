//! What a lead is worth.

use rstest::rstest;

use super::*;
use crate::clock::SECOND_MS;

const ANN: &str = "ann@buyers.example";

/// Ann pays without a token.
fn paid() -> EventFacts {
    let hints = Hints { emails: vec![ANN.parse().unwrap()], ..Hints::default() };
    charged(ChargeFact { hints, ..charge(1, START) })
}

fn come_to(context: &Context) -> String {
    let evaluated = evaluate_all(&[paid()], context);
    let payment = only(&evaluated);
    match &payment.credit {
        Some(credit) => context.named(&credit.affiliate_id).name,
        None => reason(payment).to_owned(),
    }
}

/// Mira's click a, twenty minutes before the payment, and Noah's click b, ten minutes before.
fn clicked() -> Context {
    context().with_click("a", "mira", after(-20)).with_click("b", "noah", after(-10))
}

#[rstest]
#[case::before(-60 * SECOND_MS, "mira")]
#[case::in_the_payments_second(SECOND_MS - 1, "mira")]
#[case::in_the_next_second(SECOND_MS, "lead_after_payment")]
#[case::days_later(3 * 86_400_000, "lead_after_payment")]
fn a_hint_counts_only_before_the_payment(#[case] reported: i64, #[case] expected: &str) {
    let hinted = clicked().with_hint(ANN, "a", START.plus_ms(reported));
    assert_eq!(come_to(&hinted), expected);
    let proved = clicked().with_lead(ANN, "a", START.plus_ms(reported));
    assert_eq!(come_to(&proved), "mira", "a server's word counts at any time");
}

#[test]
fn hints_for_two_affiliates_are_left_to_the_merchant() {
    let both = clicked().with_hint(ANN, "a", after(-15)).with_hint(ANN, "b", after(-5));
    assert_eq!(come_to(&both), "leads_disagree");
    let proved = both.with_lead(ANN, "a", after(60));
    assert_eq!(come_to(&proved), "mira", "what is proved beats hints");
}

#[rstest]
#[case::after_the_payment(after(1), None)]
#[case::doubted(after(-5), Some(LeadDoubt::NoVerifier))]
fn a_hint_that_does_not_count_spoils_no_other(#[case] at: Timestamp, #[case] doubt: Option<LeadDoubt>) {
    let context =
        clicked().with_hint(ANN, "a", after(-15)).with_lead_of(ANN, "b", at, LeadProof::Browser, doubt);
    assert_eq!(come_to(&context), "mira");
}

#[test]
fn a_hint_outside_the_window_is_not_a_second_candidate() {
    let context = clicked()
        .with_click("old", "otto", START.plus_days(-31))
        .with_hint(ANN, "old", START.plus_days(-31))
        .with_hint(ANN, "b", after(-5));
    assert_eq!(come_to(&context), "noah");
}

#[test]
fn doubtful_hints_name_their_doubt_and_decide_nothing() {
    for doubt in LeadDoubt::ALL {
        let context = clicked().with_lead_of(ANN, "a", after(-15), LeadProof::Browser, Some(doubt));
        assert_eq!(come_to(&context), "lead_doubted", "{}", doubt.word());
    }
}

#[test]
fn several_hints_of_one_affiliate_agree() {
    let context = clicked().with_click("c", "mira", after(-8)).with_hint(ANN, "a", after(-15)).with_hint(
        ANN,
        "c",
        after(-7),
    );
    assert_eq!(come_to(&context), "mira");
}

//! Which affiliate a customer is attributed to.

use rstest::rstest;

use super::*;
use crate::checks::{CheckKind, CheckReason, Verdict};
use crate::clock::SECOND_MS;
use crate::terms::{AttributionPriority, ClickModel};

fn paid_with(clicks: &[&str], at: Timestamp) -> EventFacts {
    charged(ChargeFact { hints: carrying(clicks), ..charge(1, at) })
}

#[rstest]
#[case::at_once(0, "credited")]
#[case::earlier_in_the_payments_second(-999, "credited")]
#[case::within_the_tolerance_of_clocks(-300_999, "credited")]
#[case::after_it(-301_000, "click_after_payment")]
#[case::on_the_last_second(30 * 86_400_000, "credited")]
#[case::a_second_too_late(30 * 86_400_000 + 1_000, "click_expired")]
fn the_window_is_judged_by_the_clicks_time(#[case] from_click_to_payment: i64, #[case] expected: &str) {
    let click = START.plus_ms(-from_click_to_payment);
    let context = context().with_click("a", "mira", click);
    let evaluated = evaluate_all(&[paid_with(&["a"], START)], &context);
    assert_eq!(reason(only(&evaluated)), expected);
}

#[rstest]
#[case(ClickModel::Last, "noah")]
#[case(ClickModel::First, "mira")]
fn the_clicks_times_say_which_is_first_and_last(#[case] click_model: ClickModel, #[case] winner: &str) {
    let context = context()
        .under(Terms { click_model, ..rules() })
        .with_click("z", "mira", after(-20))
        .with_click("a", "noah", after(-10))
        .with_click("m", "otto", after(1));
    let evaluated = evaluate_all(&[paid_with(&["a", "m", "z"], START)], &context);
    assert_eq!(evaluated.attribution.unwrap().affiliate_id, affiliate(winner));
}

#[test]
fn a_click_that_does_not_count_leaves_the_decision_to_the_others() {
    let context =
        context().with_click("old", "mira", START.plus_days(-31)).with_click("new", "noah", after(-1));
    let evaluated = evaluate_all(&[paid_with(&["new", "old"], START)], &context);
    assert_eq!(evaluated.attribution.unwrap().affiliate_id, affiliate("noah"));
}

#[test]
fn a_click_of_another_program_is_unknown() {
    let mut context = context().with_click("a", "mira", after(-1));
    let other = ProgramId::new(Timestamp(5), &Random::seeded(5));
    context.clicks.get_mut(&token("a")).unwrap().program_id = other;
    assert_eq!(reason(only(&evaluate_all(&[paid_with(&["a"], START)], &context))), "unknown_token");
}

#[rstest]
#[case::click_before_the_pause(-30, "credited")]
#[case::click_in_the_pause(-15, "program_not_running")]
#[case::click_after_it(-5, "credited")]
fn a_paused_program_attributes_no_one(#[case] click: i64, #[case] expected: &str) {
    let mut context = context().with_click("a", "mira", after(click));
    context.program_history = History::new(vec![
        (Timestamp(0), ProgramStatus::Active),
        (after(-20), ProgramStatus::Paused),
        (after(-10), ProgramStatus::Active),
    ]);
    assert_eq!(reason(only(&evaluate_all(&[paid_with(&["a"], START)], &context))), expected);
}

#[rstest]
#[case::active_all_along(&[(-100, AffiliateStatus::Active)], "credited")]
#[case::let_in_after_the_click(&[(-100, AffiliateStatus::Pending), (-5, AffiliateStatus::Active)], "affiliate_not_active")]
#[case::suspended_at_the_payment(&[(-100, AffiliateStatus::Active), (-5, AffiliateStatus::Suspended)], "affiliate_not_active")]
#[case::suspended_between(&[(-100, AffiliateStatus::Active), (-8, AffiliateStatus::Suspended), (-5, AffiliateStatus::Active)], "credited")]
#[case::suspended_afterwards(&[(-100, AffiliateStatus::Active), (5, AffiliateStatus::Suspended)], "credited")]
#[case::not_there_yet(&[(-5, AffiliateStatus::Active)], "affiliate_not_active")]
fn an_affiliate_counts_by_what_they_were_then(
    #[case] changes: &[(i64, AffiliateStatus)],
    #[case] expected: &str,
) {
    let mut context = context().with_click("a", "mira", after(-10));
    let history = changes.iter().map(|(minutes, status)| (after(*minutes), *status)).collect();
    context.affiliates.get_mut(&affiliate("mira")).unwrap().history = History::new(history);
    assert_eq!(reason(only(&evaluate_all(&[paid_with(&["a"], START)], &context))), expected);
}

#[test]
fn an_affiliate_who_joined_in_the_payments_second_is_credited() {
    let mut context = context().with_click("a", "mira", START.plus_ms(600));
    context.affiliates.get_mut(&affiliate("mira")).unwrap().history =
        History::new(vec![(START.plus_ms(500), AffiliateStatus::Active)]);
    assert_eq!(reason(only(&evaluate_all(&[paid_with(&["a"], START)], &context))), "credited");
}

#[test]
fn the_first_attribution_is_final() {
    let context = context()
        .with_click("a", "mira", after(-1))
        .with_click("b", "noah", START.plus_days(3))
        .with_code("promo_1", "otto", Timestamp(0));
    let mut hints = carrying(&["b"]);
    hints.promotion_codes.push("promo_1".to_owned());
    let later = charged(ChargeFact { hints, ..charge(2, START.plus_days(400)) });
    let evaluated = evaluate_all(&[later, paid_with(&["a"], START)], &context);
    let by: Vec<_> = evaluated.payments.iter().map(|p| p.credit.as_ref().unwrap()).collect();
    assert!(by.iter().all(|credit| credit.affiliate_id == affiliate("mira")));
    assert_eq!([by[0].check, by[1].check], [CheckKind::Metadata, CheckKind::KnownCustomer]);
    assert_eq!(evaluated.attribution.unwrap().since, START);
}

#[test]
fn a_suspended_affiliates_customer_stays_theirs_and_earns_nothing() {
    let mut context =
        context().with_click("a", "mira", after(-1)).with_click("b", "noah", START.plus_days(3));
    context.affiliates.get_mut(&affiliate("mira")).unwrap().history = History::new(vec![
        (Timestamp(0), AffiliateStatus::Active),
        (START.plus_days(2), AffiliateStatus::Suspended),
        (START.plus_days(8), AffiliateStatus::Active),
    ]);
    let second = charged(ChargeFact { hints: carrying(&["b"]), ..charge(2, START.plus_days(4)) });
    let third = charged(charge(3, START.plus_days(9)));
    let evaluated = evaluate_all(&[paid_with(&["a"], START), second, third], &context);
    let reasons: Vec<&str> = evaluated.payments.iter().map(reason).collect();
    assert_eq!(reasons, ["credited", "affiliate_not_active", "credited"]);
    assert_eq!(evaluated.attribution.unwrap().affiliate_id, affiliate("mira"));
}

#[rstest]
#[case(AttributionPriority::PromotionCode, [CheckKind::KnownCustomer, CheckKind::PromotionCode, CheckKind::Metadata, CheckKind::ClientReference, CheckKind::LeadEmail])]
#[case(AttributionPriority::Click, [CheckKind::KnownCustomer, CheckKind::Metadata, CheckKind::ClientReference, CheckKind::PromotionCode, CheckKind::LeadEmail])]
fn checks_are_made_in_order_until_one_decides(
    #[case] attribution_priority: AttributionPriority,
    #[case] expected: [CheckKind; 5],
) {
    let names = ["code", "metadata", "reference", "lead"];
    let email = "ann@buyers.example";
    // Each round leaves out the checks that decided before.
    for left_out in 0..=4 {
        let mut context = context().under(Terms { attribution_priority, ..rules() });
        let mut hints = Hints::default();
        let decides: Vec<CheckKind> = expected[1..].iter().copied().skip(left_out).collect();
        for kind in &decides {
            let name = match kind {
                CheckKind::PromotionCode => names[0],
                CheckKind::Metadata => names[1],
                CheckKind::ClientReference => names[2],
                _ => names[3],
            };
            context = context.with_click(name, name, after(-1));
            match kind {
                CheckKind::PromotionCode => {
                    context = context.with_code("promo_1", name, Timestamp(0));
                    hints.promotion_codes.push("promo_1".to_owned());
                }
                CheckKind::Metadata => hints.tokens.extend(carrying(&[name]).tokens),
                CheckKind::ClientReference => {
                    hints.tokens.push(Carried { carrier: Carrier::ClientReference, token: token(name) })
                }
                _ => {
                    context = context.with_lead(email, name, after(-1));
                    hints.emails.push(email.parse().unwrap());
                }
            }
        }
        let facts = [event("s", START, Fact::Session(SessionFact { hints, ..session(1) }))];
        let evaluated = evaluate_all(&facts, &context);
        let payment = only(&evaluated);
        assert_eq!(payment.checks.iter().map(|check| check.kind).collect::<Vec<_>>(), expected);
        let verdicts = payment.checks.iter().filter(|check| check.verdict != Verdict::NotNeeded);
        assert!(verdicts.clone().all(|check| check.verdict == check.reason.verdict()));
        assert_eq!(payment.credit.as_ref().map(|credit| credit.check), decides.first().copied());
        let decided = payment.checks.iter().filter(|check| check.verdict == Verdict::Decided).count();
        assert_eq!(decided, usize::from(!decides.is_empty()));
    }
}

#[rstest]
#[case::theirs_before(-1, "credited")]
#[case::in_the_payments_second(0, "credited")]
#[case::theirs_only_afterwards(1, "code_too_new")]
fn a_code_counts_from_when_it_is_theirs(#[case] minutes: i64, #[case] expected: &str) {
    let context = context().with_code("promo_1", "mira", after(minutes).plus_ms(SECOND_MS - 1));
    let hints = Hints { promotion_codes: vec!["promo_1".to_owned()], ..Hints::default() };
    let facts = [charged(ChargeFact { hints, ..charge(1, START) })];
    assert_eq!(reason(only(&evaluate_all(&facts, &context))), expected);
}

#[test]
fn a_promotion_code_of_another_payment_does_not_decide_this_one() {
    let context = context().with_code("promo_1", "mira", Timestamp(0));
    let hints = Hints { promotion_codes: vec!["promo_1".to_owned()], ..Hints::default() };
    let later = charged(ChargeFact { hints, ..charge(2, START.plus_days(1)) });
    let evaluated = evaluate_all(&[charged(charge(1, START)), later], &context);
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["no_match", "credited"]);
}

#[test]
fn a_lead_counts_by_its_click_even_when_it_is_tracked_after_the_payment() {
    let email = "ann@buyers.example";
    let hints = Hints { emails: vec![email.parse().unwrap()], ..Hints::default() };
    let facts = [charged(ChargeFact { hints, ..charge(1, START) })];
    let tracked = |click: i64| {
        let context = context().with_click("a", "mira", after(click)).with_lead(email, "a", after(60));
        reason(only(&evaluate_all(&facts, &context))).to_owned()
    };
    assert_eq!(tracked(-10), "credited");
    assert_eq!(tracked(10), "click_after_payment");
    let context = context().with_click("a", "mira", after(-1)).with_lead("b@c.example", "a", START);
    assert_eq!(reason(only(&evaluate_all(&facts, &context))), "no_match");
}

#[test]
fn a_trial_attributes_the_customer_on_its_first_day() {
    let context = context().under(Terms { window_days: 7, ..rules() }).with_click("a", "mira", after(-1));
    let mut trial = subscription(SubscriptionStatus::Trialing, None);
    trial.hints = carrying(&["a"]);
    let facts = [event("t", START, Fact::Subscription(trial)), invoiced(invoice(1, START.plus_days(30)))];
    let evaluated = evaluate_all(&facts, &context);
    assert_eq!(reason(only(&evaluated)), "credited");
    assert_eq!(evaluated.attribution.unwrap().since, START);
}

#[test]
fn an_expired_click_says_when_it_was_made_and_what_the_window_was() {
    let clicked_at = START.plus_days(-41);
    let context = context().with_click("a", "mira", clicked_at);
    let evaluated = evaluate_all(&[paid_with(&["a"], START)], &context);
    let reason = CheckReason::ClickExpired {
        link_code: "mira".to_owned(),
        clicked_at,
        ordered_at: START,
        window_days: 30,
    };
    let expected = NoCommission::CheckRefused { check: CheckKind::Metadata, reason };
    assert_eq!(only(&evaluated).no_commission, Some(expected));
}

#[test]
fn a_check_after_the_deciding_one_says_what_it_found() {
    let context = context().with_click("a", "mira", after(-1)).with_click("b", "noah", after(-2));
    let hints = Hints {
        tokens: [
            carrying(&["a"]).tokens,
            vec![Carried { carrier: Carrier::ClientReference, token: token("b") }],
        ]
        .concat(),
        ..Hints::default()
    };
    let facts = [event("s", START, Fact::Session(SessionFact { hints, ..session(1) }))];
    let evaluated = evaluate_all(&facts, &context);
    let check =
        only(&evaluated).checks.iter().find(|check| check.kind == CheckKind::ClientReference).unwrap();
    assert_eq!((check.verdict, check.reason.credits()), (Verdict::NotNeeded, Some(&named("noah"))));
}

#[rstest]
#[case::while_it_was_hers(5, "mira")]
#[case::as_it_was_taken_away(10, "code_unassigned")]
#[case::as_it_was_given_to_him(20, "noah")]
fn a_code_credits_whose_it_was_then(#[case] paid_minutes: i64, #[case] expected: &str) {
    let mut context = context().with_code("promo_1", "mira", START).with_code("promo_1", "noah", after(20));
    context.coupons.get_mut("promo_1").unwrap()[0].until = Some(after(10));
    let hints = Hints { promotion_codes: vec!["promo_1".to_owned()], ..Hints::default() };
    let paid = charged(ChargeFact { hints, ..charge(1, after(paid_minutes)) });
    let evaluated = evaluate_all(&[paid], &context);
    let payment = only(&evaluated);
    let found = payment.credit.as_ref().map(|credit| context.named(&credit.affiliate_id).name);
    // After he has it, it is too new for payments before.
    let expected = if paid_minutes == 10 { "code_too_new" } else { expected };
    assert_eq!(found.as_deref().unwrap_or_else(|| reason(payment)), expected);
}

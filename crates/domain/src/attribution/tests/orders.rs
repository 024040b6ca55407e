//! The time of the order, and the time at which Stripe reported something.

use rstest::rstest;

use super::*;
use crate::checks::CheckKind;
use crate::terms::ClickModel;

fn day(number: i64) -> Timestamp {
    START.plus_days(number)
}

fn a_week() -> Context {
    context().under(Terms { window_days: 7, ..rules() }).with_click("a", "mira", START)
}

#[test]
fn a_bank_debit_is_attributed_as_of_its_checkout() {
    let unpaid = SessionFact {
        payment: SessionPayment::Unpaid,
        created_at: Some(day(6)),
        hints: carrying(&["a"]),
        ..session(1)
    };
    let paid = SessionFact { payment: SessionPayment::Paid, ..unpaid.clone() };
    let charge = ChargeFact { settled_at: Some(day(11)), ..charge(1, day(6)) };
    let facts = [
        event("s1", day(6), Fact::Session(unpaid)),
        event("c", day(11), Fact::Charge(charge)),
        event("s2", day(11), Fact::Session(paid)),
    ];
    let evaluated = evaluate_all(&facts, &a_week());
    assert_eq!((reason(only(&evaluated)), only(&evaluated).paid_at), ("credited", day(11)));
    // A click of the days between did not lead to it.
    let later = context().with_click("a", "mira", day(8));
    assert_eq!(reason(only(&evaluate_all(&facts, &later))), "click_after_payment");
}

#[rstest]
#[case::begun_inside(6, "credited")]
#[case::begun_outside(8, "click_expired")]
fn a_net_20_invoice_is_judged_by_the_day_its_subscription_began(#[case] begun: i64, #[case] expected: &str) {
    let began = SubscriptionFact {
        created_at: Some(day(begun)),
        hints: carrying(&["a"]),
        ..subscription(SubscriptionStatus::Active, None)
    };
    let facts = [
        event("sub", day(begun), Fact::Subscription(began)),
        invoiced(InvoiceFact { created_at: Some(day(begun)), ..invoice(1, day(26)) }),
    ];
    assert_eq!(reason(only(&evaluate_all(&facts, &a_week()))), expected);
}

/// A sale on day 2 by Mira's click, and on day 11 another checkout with an older click.
fn sold_and_reported_later() -> Vec<EventFacts> {
    let checkout = |number, clicks: &[&str]| SessionFact { hints: carrying(clicks), ..session(number) };
    vec![
        event("first", day(2), Fact::Session(checkout(1, &["a"]))),
        event("second", day(11), Fact::Session(checkout(2, &["b"]))),
    ]
}

#[test]
fn a_later_token_moves_no_customer_with_a_commission() {
    let context = context().with_click("a", "mira", START).with_click("b", "noah", day(1));
    let evaluated = evaluate_all(&sold_and_reported_later(), &context);
    let by: Vec<_> = evaluated.payments.iter().map(|p| p.credit.as_ref().unwrap()).collect();
    assert!(by.iter().all(|credit| credit.affiliate_id == affiliate("mira")));
    assert_eq!(by[1].check, CheckKind::KnownCustomer);
}

#[test]
fn a_later_proof_attributes_a_customer_who_has_no_affiliate() {
    let context = context().with_click("b", "noah", day(1)).with_click("c", "otto", day(1).plus_ms(5));
    let mut facts = sold_and_reported_later();
    let third = SessionFact { hints: carrying(&["c"]), ..session(3) };
    facts.push(event("third", day(12), Fact::Session(third)));
    let evaluated = evaluate_all(&facts, &context);
    // The first proof that was told holds, though the other click is newer.
    assert_eq!(evaluated.attribution.unwrap().affiliate_id, affiliate("noah"));
    assert_eq!(evaluated.payments.iter().map(reason).collect::<Vec<_>>(), ["credited"; 3]);
}

#[rstest]
#[case(ClickModel::Last, "noah")]
#[case(ClickModel::First, "mira")]
fn before_anything_is_booked_the_click_times_decide(#[case] click_model: ClickModel, #[case] winner: &str) {
    let context = context()
        .under(Terms { click_model, ..rules() })
        .with_click("a", "mira", START)
        .with_click("b", "noah", day(1));
    let trial =
        SubscriptionFact { hints: carrying(&["a"]), ..subscription(SubscriptionStatus::Trialing, None) };
    let reported = CustomerFact { id: "cus_1".to_owned(), hints: carrying(&["b"]) };
    let facts = [
        event("trial", day(2), Fact::Subscription(trial)),
        event("reported", day(9), Fact::Customer(reported)),
        invoiced(invoice(1, day(16))),
    ];
    let evaluated = evaluate_all(&facts, &context);
    assert_eq!(evaluated.attribution.unwrap().affiliate_id, affiliate(winner));
}

#[rstest]
#[case(ClickModel::Last, "noah", CheckKind::ClientReference)]
#[case(ClickModel::First, "mira", CheckKind::Metadata)]
fn the_click_decides_and_not_what_carried_it(
    #[case] click_model: ClickModel,
    #[case] winner: &str,
    #[case] check: CheckKind,
) {
    let context = context()
        .under(Terms { click_model, ..rules() })
        .with_click("a", "mira", START)
        .with_click("b", "noah", day(1));
    let mut hints = carrying(&["a"]);
    hints.tokens.push(Carried { carrier: Carrier::ClientReference, token: token("b") });
    let facts = [event("s", day(2), Fact::Session(SessionFact { hints, ..session(1) }))];
    let evaluated = evaluate_all(&facts, &context);
    let credit = only(&evaluated).credit.as_ref().unwrap();
    assert_eq!((&credit.affiliate_id, credit.check), (&affiliate(winner), check));
    assert!(only(&evaluated).checks.iter().any(|found| found.kind == check && found.is_decisive()));
}

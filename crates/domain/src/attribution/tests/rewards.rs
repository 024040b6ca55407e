//! Which reward and step a payment earns by.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::items::Item;
use crate::one_or_more::OneOrMore;
use crate::terms::{
    AmountRange, CapKind, Caps, Conditions, Join, Mismatch, Order, Product, Reward, SkippedReward, Step,
};

fn percent(rate_bps: i64) -> Commission {
    Commission::Percent { rate_bps }
}

fn reward(conditions: Conditions, rate_bps: i64) -> Reward {
    Reward { conditions, ..Reward::simple(percent(rate_bps), Recurrence::Lifetime) }
}

fn with(rewards: Vec<Reward>) -> Context {
    let rewards = OneOrMore::of(rewards).unwrap();
    context().under(Terms { rewards, ..rules() }).with_click("a", "mira", after(-1))
}

fn staggered(steps: &[(i64, Recurrence)]) -> Context {
    let steps =
        steps.iter().map(|(rate, recurrence)| Step { commission: percent(*rate), recurrence: *recurrence });
    let steps = OneOrMore::of(steps.collect()).unwrap();
    with(vec![Reward { steps, ..reward(Conditions::none(), 1) }])
}

/// Payments of 100.00, so many days after the first.
fn paid_on(days: &[i64]) -> Vec<EventFacts> {
    let paid = days.iter().zip(1..).map(|(day, number)| {
        charged(ChargeFact { hints: carrying(&["a"]), ..charge(number, START.plus_days(*day)) })
    });
    paid.collect()
}

fn commissions(evaluated: &Evaluation) -> Vec<i64> {
    evaluated.payments.iter().map(|payment| earned(payment).0).collect()
}

const MONTHS_12: Recurrence = Recurrence::Months { months: 12 };

#[rstest]
#[case::then_less(&[(3_000, MONTHS_12), (1_000, Recurrence::Lifetime)], &[0, 364, 365, 3_000], &[3_000, 3_000, 1_000, 1_000])]
#[case::then_nothing(&[(3_000, MONTHS_12), (1_000, Recurrence::Months { months: 24 })], &[0, 365, 729, 731], &[3_000, 1_000, 1_000, 0])]
#[case::first_and_later(&[(5_000, Recurrence::FirstPayment), (1_000, Recurrence::Lifetime)], &[0, 1, 2], &[5_000, 1_000, 1_000])]
#[case::three(&[(5_000, Recurrence::FirstPayment), (2_000, Recurrence::Months { months: 1 }), (500, MONTHS_12)], &[0, 1, 31, 365], &[5_000, 2_000, 500, 0])]
fn a_step_pays_until_the_age_at_which_the_next_begins(
    #[case] steps: &[(i64, Recurrence)],
    #[case] days: &[i64],
    #[case] expected: &[i64],
) {
    assert_eq!(commissions(&evaluate_all(&paid_on(days), &staggered(steps))), expected);
}

#[test]
fn the_last_step_says_why_it_is_over_and_goes_on_for_an_assigned_payment() {
    let context = staggered(&[(3_000, Recurrence::FirstPayment), (1_000, Recurrence::Months { months: 1 })]);
    let evaluated = evaluate_all(&paid_on(&[0, 40]), &context);
    assert_eq!(reason(&evaluated.payments[1]), "recurrence_over");
    let assigned = evaluate_all(&paid_on(&[0, 40]), &context.with_decision("pi_2", Some("mira"), false, 9));
    assert_eq!(earned(&assigned.payments[1]), (1_000, 0));
    assert_eq!(assigned.payments[1].credit.as_ref().unwrap().reward.step, 2);
}

fn item(amount: i64, product: &str) -> Item {
    Item {
        amount,
        product: Some(format!("prod_{product}")),
        price: Some(format!("price_{product}")),
        name: Some(product.to_owned()),
    }
}

fn bought(items: Vec<Item>, base: i64, country: Option<&str>) -> InvoiceFact {
    let hints = Hints { country: country.map(str::to_owned), ..carrying(&["a"]) };
    InvoiceFact {
        amount_paid: base,
        total: base,
        total_excluding_tax: base,
        items,
        hints,
        ..invoice(1, START)
    }
}

fn team() -> Conditions {
    Conditions { products: ids(&["prod_team"]), ..Conditions::none() }
}

fn ids(ids: &[&str]) -> Vec<Product> {
    ids.iter().copied().map(Product::new).collect()
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a payment of 100.00 earns at 10% by a reward with conditions, or why it does not.
fn judged(conditions: Conditions, paid: InvoiceFact) -> Result<i64, Vec<Mismatch>> {
    let evaluated = evaluate_all(&[invoiced(paid)], &with(vec![reward(conditions, 1_000)]));
    let payment = only(&evaluated);
    match &payment.no_commission {
        Some(NoCommission::NoReward { skipped }) => Err(skipped[0].reasons.clone()),
        Some(other) => panic!("{other:?}"),
        None => Ok(earned(payment).0),
    }
}

#[rstest]
#[case::no_condition(Conditions::none(), Ok(1_000))]
#[case::at_least(Conditions { amount: AmountRange { at_least: Some(10_000), at_most: None }, ..Conditions::none() }, Ok(1_000))]
#[case::too_small(
    Conditions { amount: AmountRange { at_least: Some(10_001), at_most: None }, ..Conditions::none() },
    Err(vec![Mismatch::Amount { base: 10_000, range: AmountRange { at_least: Some(10_001), at_most: None } }])
)]
#[case::too_large(
    Conditions { amount: AmountRange { at_least: None, at_most: Some(9_999) }, ..Conditions::none() },
    Err(vec![Mismatch::Amount { base: 10_000, range: AmountRange { at_least: None, at_most: Some(9_999) } }])
)]
#[case::currency(Conditions { currencies: vec!["eur".parse().unwrap(), usd()], ..Conditions::none() }, Ok(1_000))]
#[case::other_currency(
    Conditions { currencies: vec!["eur".parse().unwrap()], ..Conditions::none() },
    Err(vec![Mismatch::Currency { currency: usd() }])
)]
#[case::country(Conditions { countries: names(&["CA", "US"]), ..Conditions::none() }, Ok(1_000))]
#[case::other_country(
    Conditions { countries: names(&["DE"]), ..Conditions::none() },
    Err(vec![Mismatch::Country { country: Some("US".to_owned()) }])
)]
#[case::first(Conditions { order: Some(Order::New), ..Conditions::none() }, Ok(1_000))]
#[case::not_renewal(
    Conditions { order: Some(Order::Renewal), ..Conditions::none() },
    Err(vec![Mismatch::Order { wanted: Order::Renewal }])
)]
#[case::product(team(), Ok(600))]
#[case::price(Conditions { products: ids(&["price_team"]), ..Conditions::none() }, Ok(600))]
#[case::both_products(Conditions { products: ids(&["prod_team", "prod_gift"]), ..Conditions::none() }, Ok(1_000))]
#[case::other_product(
    Conditions { products: ids(&["prod_solo"]), ..Conditions::none() },
    Err(vec![Mismatch::Product { bought: names(&["team", "gift"]) }])
)]
#[case::excluded(Conditions { excluded: ids(&["prod_gift"]), ..Conditions::none() }, Ok(600))]
#[case::all_excluded(
    Conditions { excluded: ids(&["prod_gift", "price_team"]), ..Conditions::none() },
    Err(vec![Mismatch::Excluded { bought: names(&["team", "gift"]) }])
)]
#[case::excluded_of_wanted(
    Conditions { excluded: ids(&["prod_team"]), ..team() },
    Err(vec![Mismatch::Excluded { bought: names(&["team", "gift"]) }])
)]
#[case::all_of_two(Conditions { countries: names(&["US"]), ..team() }, Ok(600))]
#[case::the_first_that_fails(
    Conditions { countries: names(&["DE"]), order: Some(Order::Renewal), ..team() },
    Err(vec![Mismatch::Country { country: Some("US".to_owned()) }])
)]
#[case::any_by_country(Conditions { join: Join::Any, countries: names(&["US"]), ..team() }, Ok(1_000))]
#[case::any_by_product(Conditions { join: Join::Any, countries: names(&["DE"]), ..team() }, Ok(600))]
#[case::any_without_excluded(
    Conditions { join: Join::Any, countries: names(&["US"]), excluded: ids(&["prod_gift"]), ..team() },
    Ok(600)
)]
#[case::none_of_any(
    Conditions { join: Join::Any, countries: names(&["DE"]), products: ids(&["prod_solo"]), ..Conditions::none() },
    Err(vec![
        Mismatch::Country { country: Some("US".to_owned()) },
        Mismatch::Product { bought: names(&["team", "gift"]) },
    ])
)]
fn conditions_say_what_of_a_payment_earns(
    #[case] conditions: Conditions,
    #[case] expected: Result<i64, Vec<Mismatch>>,
) {
    // 60.00 and 40.00.
    let paid = bought(vec![item(6_000, "team"), item(4_000, "gift")], 10_000, Some("US"));
    assert_eq!(judged(conditions, paid), expected);
}

#[rstest]
// A third of 100.00 is rounded once, then its tenth: 33.33 and 3.33.
#[case::rounded(vec![item(1_000, "team"), item(2_000, "gift")], Ok(333))]
// An upgrade in the middle of a month: the rest of the old plan is credited.
#[case::credit_for_another(vec![item(15_000, "team"), item(-5_000, "solo")], Ok(1_000))]
#[case::only_a_credit(
    vec![item(-5_000, "team"), item(15_000, "solo")],
    Err(vec![Mismatch::NothingCharged { bought: names(&["team", "solo"]) }])
)]
#[case::free_of_charge(
    vec![item(0, "team"), item(10_000, "solo")],
    Err(vec![Mismatch::NothingCharged { bought: names(&["team", "solo"]) }])
)]
#[case::no_lines(Vec::new(), Err(vec![Mismatch::ProductUnknown]))]
fn the_lines_of_a_product_are_its_share_of_the_base(
    #[case] items: Vec<Item>,
    #[case] expected: Result<i64, Vec<Mismatch>>,
) {
    assert_eq!(judged(team(), bought(items, 10_000, None)), expected);
}

#[test]
fn what_has_no_known_product_is_not_excluded() {
    let conditions = Conditions { excluded: ids(&["prod_gift"]), ..Conditions::none() };
    assert_eq!(judged(conditions, bought(Vec::new(), 10_000, None)), Ok(1_000));
}

#[test]
fn an_amount_is_compared_in_the_programs_currency_only() {
    let conditions =
        Conditions { amount: AmountRange { at_least: Some(1), at_most: None }, ..Conditions::none() };
    let euro: Currency = "eur".parse().unwrap();
    let paid = InvoiceFact { currency: euro, ..bought(Vec::new(), 10_000, None) };
    assert_eq!(judged(conditions, paid), Err(vec![Mismatch::AmountCurrency { currency: euro }]));
}

#[test]
fn the_first_reward_whose_conditions_hold_decides_and_names_the_others() {
    let german = Conditions { countries: names(&["DE"]), ..Conditions::none() };
    let named = Reward { name: Some("Germany".to_owned()), ..reward(german, 5_000) };
    let once = Reward::simple(percent(4_000), Recurrence::FirstPayment);
    let context = with(vec![named, reward(team(), 3_000), once]);
    let paid = bought(vec![item(10_000, "solo")], 10_000, Some("US"));
    let evaluated = evaluate_all(&[invoiced(paid.clone())], &context);
    let credit = only(&evaluated).credit.as_ref().unwrap();
    assert_eq!((credit.reward.position, credit.reward.commission, credit.base), (3, percent(4_000), 10_000));
    let skipped = [
        SkippedReward {
            position: 1,
            name: Some("Germany".to_owned()),
            reasons: vec![Mismatch::Country { country: Some("US".to_owned()) }],
        },
        SkippedReward {
            position: 2,
            name: None,
            reasons: vec![Mismatch::Product { bought: names(&["solo"]) }],
        },
    ];
    assert_eq!(credit.reward.skipped, skipped);
    // A reward that is over decides all the same: the next one is not asked.
    let later = InvoiceFact { id: "in_2".to_owned(), paid_at: START.plus_days(40), ..paid };
    let evaluated = evaluate_all(&[invoiced(bought(vec![], 10_000, None)), invoiced(later)], &context);
    assert_eq!(reason(&evaluated.payments[1]), "not_first_payment");
}

#[test]
fn a_country_is_the_payments_own_or_else_the_customers() {
    let german = Conditions { countries: names(&["DE"]), ..Conditions::none() };
    let customer = |day: i64, country: &str| {
        let hints = Hints { country: Some(country.to_owned()), ..Hints::default() };
        let fact = Fact::Customer(CustomerFact { id: "cus_1".to_owned(), hints });
        event(&format!("customer_{day}"), START.plus_days(day), fact)
    };
    let country = |own: Option<&str>, known: &[EventFacts]| {
        let mut facts = vec![invoiced(bought(Vec::new(), 10_000, own))];
        facts.extend_from_slice(known);
        evaluate_all(&facts, &with(vec![reward(german.clone(), 1_000)])).payments[0].country.clone()
    };
    assert_eq!(country(Some("US"), &[customer(-1, "DE")]).as_deref(), Some("US"));
    assert_eq!(
        country(None, &[customer(-9, "FR"), customer(-1, "DE"), customer(3, "US")]).as_deref(),
        Some("DE")
    );
    assert_eq!(country(None, &[customer(3, "DE"), customer(5, "US")]).as_deref(), Some("DE"));
    assert_eq!(country(None, &[]), None);
}

fn capped(caps: Caps) -> Context {
    context().under(Terms { caps, ..rules() }).with_click("a", "mira", after(-1))
}

#[test]
fn a_customers_cap_is_filled_in_order_of_payment_and_opened_by_refunds() {
    // 20.00 each, 50.00 at most.
    let context = capped(Caps { per_customer: Some(5_000), ..Caps::NONE });
    let facts = paid_on(&[0, 31, 61, 92]);
    let evaluated = evaluate_all(&facts, &context);
    assert_eq!(commissions(&evaluated), [2_000, 2_000, 1_000, 0]);
    assert_eq!(reason(&evaluated.payments[3]), "cap_reached");
    let over = evaluated.payments[2].credit.as_ref().unwrap().reward.capped.unwrap();
    assert_eq!((over.cap, over.over.minor), (CapKind::Customer, 1_000));
    // Half of the first payment is refunded: 10.00 more for the later ones.
    let mut refunded = facts.clone();
    refunded.push(event(
        "refund",
        START.plus_days(99),
        Fact::Refund(refund(1, 1, 5_000, RefundStatus::Succeeded)),
    ));
    let evaluated = evaluate_all(&refunded, &context);
    let all: Vec<(i64, i64)> = evaluated.payments.iter().map(earned).collect();
    assert_eq!(all, [(2_000, 1_000), (2_000, 0), (2_000, 0), (0, 0)]);
    refunded.reverse();
    assert_eq!(evaluate_all(&refunded, &context), evaluated);
}

#[test]
fn a_cap_per_payment_is_taken_before_refunds_and_in_the_programs_currency_alone() {
    let context = capped(Caps { per_payment: Some(1_500), ..Caps::NONE });
    let mut facts = paid_on(&[0]);
    let half =
        event("refund", START.plus_days(9), Fact::Refund(refund(1, 1, 5_000, RefundStatus::Succeeded)));
    facts.push(half);
    assert_eq!(earned(only(&evaluate_all(&facts, &context))), (1_500, 750));
    let euro = ChargeFact { currency: "eur".parse().unwrap(), hints: carrying(&["a"]), ..charge(1, START) };
    assert_eq!(earned(only(&evaluate_all(&[charged(euro)], &context))), (2_000, 0));
}

fn any_conditions() -> impl Strategy<Value = Conditions> {
    let some_ids = || prop::collection::vec(prop::sample::select(vec!["prod_a", "prod_b", "price_c"]), 0..3);
    let countries = prop::collection::vec(prop::sample::select(vec!["DE", "US"]), 0..2);
    let bound = || prop::option::of(0..20_000i64);
    let order = prop::option::of(prop::sample::select(vec![Order::New, Order::Renewal]));
    let join = prop::sample::select(vec![Join::All, Join::Any]);
    (join, some_ids(), some_ids(), countries, bound(), bound(), order).prop_map(
        |(join, products, excluded, countries, at_least, at_most, order)| Conditions {
            join,
            products: ids(&products),
            excluded: ids(&excluded),
            countries: names(&countries),
            amount: AmountRange { at_least, at_most },
            order,
            ..Conditions::none()
        },
    )
}

fn any_items() -> impl Strategy<Value = Vec<Item>> {
    let one = (-5_000..20_000i64, prop::sample::select(vec!["a", "b", "c", "d"]));
    prop::collection::vec(one.prop_map(|(amount, product)| item(amount, product)), 0..4)
}

proptest! {
    /// Whatever the rewards are, a payment earns on a part of its base by one of them, and the
    /// ones before it are named with a reason; the order of the facts and their repetition
    /// change nothing.
    #[test]
    fn one_reward_decides_on_a_part_of_the_base(
        conditions in prop::collection::vec(any_conditions(), 1..4),
        items in any_items(),
        base in 1..50_000i64,
        country in prop::option::of(prop::sample::select(vec!["DE", "US", "FR"])),
    ) {
        let rewards: Vec<Reward> =
            conditions.into_iter().zip(1..).map(|(one, number)| reward(one, number * 1_000)).collect();
        let count = rewards.len() as i64;
        let context = with(rewards);
        let first = bought(items.clone(), base, country);
        let second = InvoiceFact { id: "in_2".to_owned(), paid_at: START.plus_days(31), ..first.clone() };
        let facts = [invoiced(first), invoiced(second)];
        let evaluated = evaluate_all(&facts, &context);
        let turned: Vec<_> = facts.iter().rev().chain(&facts).cloned().collect();
        prop_assert_eq!(&evaluate_all(&turned, &context), &evaluated);
        for payment in &evaluated.payments {
            let skipped = match (&payment.credit, &payment.no_commission) {
                (Some(credit), None) => {
                    prop_assert!((1..=payment.base).contains(&credit.base));
                    prop_assert!(credit.commission <= credit.base);
                    prop_assert_eq!(credit.reward.skipped.len() as i64, credit.reward.position - 1);
                    &credit.reward.skipped
                }
                (None, Some(NoCommission::NoReward { skipped })) => {
                    prop_assert_eq!(skipped.len() as i64, count);
                    skipped
                }
                (None, Some(NoCommission::RoundsToZero)) => continue,
                other => panic!("{other:?}"),
            };
            prop_assert!(skipped.iter().all(|one| !one.reasons.is_empty()));
        }
    }
}

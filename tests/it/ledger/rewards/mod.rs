//! What payments earn by several rewards, to the minor unit, with events of every API version, in
//! several orders, and with a clock that advances between them.

mod ages;
mod caps;
mod conditions;
mod products;

use domain::one_or_more::OneOrMore;
use domain::terms::{
    AmountRange, Caps, Commission, Conditions, Join, Order, Product, Recurrence, Reward, Rewards, Step, Terms,
};
use serde_json::{Value, json};

use crate::harness::TERMS;
use crate::ledger::timeline::{Clicks, Shape, Timeline, check, day, line, with};

/// A click of Mira's a day before everything.
const MIRA: [(&str, &str, i64); 1] = [("a", "mira", day(-1))];
const YEAR: Recurrence = Recurrence::Months { months: 12 };
const LIFE: Recurrence = Recurrence::Lifetime;

fn percent(rate_bps: i64) -> Commission {
    Commission::Percent { rate_bps }
}

fn steps(steps: &[(i64, Recurrence)]) -> OneOrMore<Step> {
    let step = |(rate_bps, recurrence): &(i64, Recurrence)| Step {
        commission: percent(*rate_bps),
        recurrence: *recurrence,
    };
    OneOrMore::of(steps.iter().map(step).collect()).unwrap()
}

fn reward(conditions: Conditions, rate_bps: i64) -> Reward {
    Reward { conditions, ..Reward::simple(percent(rate_bps), LIFE) }
}

fn products(ids: &[&str]) -> Vec<Product> {
    ids.iter().copied().map(Product::new).collect()
}

fn of(ids: &[&str]) -> Conditions {
    Conditions { products: products(ids), ..Conditions::none() }
}

fn without(ids: &[&str]) -> Conditions {
    Conditions { excluded: products(ids), ..Conditions::none() }
}

fn countries(codes: &[&str]) -> Conditions {
    Conditions { countries: codes.iter().map(|code| (*code).to_owned()).collect(), ..Conditions::none() }
}

fn amount(at_least: Option<i64>, at_most: Option<i64>) -> Conditions {
    Conditions { amount: AmountRange { at_least, at_most }, ..Conditions::none() }
}

fn only(order: Order) -> Conditions {
    Conditions { order: Some(order), ..Conditions::none() }
}

/// A payment of the customer.
#[derive(Clone, Copy)]
struct Paid {
    day: i64,
    /// What each line of the invoice charges, and its product; none for a payment without an
    /// invoice.
    lines: &'static [(i64, &'static str)],
    amount: i64,
    currency: &'static str,
    country: Option<&'static str>,
    refunded: i64,
}

const fn invoice(day: i64, amount: i64, lines: &'static [(i64, &'static str)]) -> Paid {
    Paid { day, lines, amount, currency: "usd", country: None, refunded: 0 }
}

const fn direct(day: i64, amount: i64) -> Paid {
    invoice(day, amount, &[])
}

const fn within(country: &'static str, paid: Paid) -> Paid {
    Paid { country: Some(country), ..paid }
}

const fn refunded(refunded: i64, paid: Paid) -> Paid {
    Paid { refunded, ..paid }
}

const fn euro(paid: Paid) -> Paid {
    Paid { currency: "eur", ..paid }
}

/// A line of an invoice in the shape of its version.
fn product_line(shape: Shape, amount: i64, start: i64, product: &str) -> Value {
    let (product, price) = (format!("prod_{product}"), format!("price_{product}"));
    let fields = if shape.names_invoice() {
        json!({"price": {"id": price, "product": product}})
    } else {
        json!({"pricing": {"type": "price_details", "price_details": {"price": price, "product": product}}})
    };
    with(line(amount, start), fields)
}

fn pay(s: &mut Timeline, c: &Clicks, number: u32, paid: &Paid) {
    let at = day(paid.day);
    let token = json!({"metadata": {"honeyguide_click": c["a"]}});
    let address = paid.country.map(|country| json!({"country": country}));
    let in_ = format!("in_{number}");
    let charge = with(
        s.charge(number, paid.amount, at, (!paid.lines.is_empty()).then_some(in_.as_str())),
        json!({"currency": paid.currency, "billing_details": {"email": "ann@buyers.example", "address": address}}),
    );
    let charge = if paid.lines.is_empty() { with(charge, token.clone()) } else { charge };
    s.add(at, "charge.succeeded", charge.clone());
    if !paid.lines.is_empty() {
        let lines: Vec<Value> =
            paid.lines.iter().map(|(amount, product)| product_line(s.shape, *amount, at, product)).collect();
        let fields = json!({
            "currency": paid.currency, "customer_address": address,
            "lines": {"object": "list", "has_more": false, "data": lines},
        });
        let invoice = with(with(s.invoice(number, paid.amount, at, "subscription_cycle"), token), fields);
        s.add(at, "invoice.paid", invoice);
        let intent = json!({"type": "payment_intent", "payment_intent": format!("pi_{number}")});
        s.add_link(at, number, number, paid.amount, intent);
    }
    if paid.refunded > 0 {
        let back = json!({"amount_refunded": paid.refunded, "refunded": paid.refunded == paid.amount});
        s.add(day(paid.day + 2), "charge.refunded", with(charge, back));
    }
}

/// Rewards, what a customer pays, and what each payment earns: the amount and its currency, or why
/// it earns nothing.
type Scenario<'a> = (&'a str, Vec<Reward>, &'a [Paid], &'a [&'a str]);

async fn check_all(scenarios: &[Scenario<'_>]) {
    for (name, rewards, paid, earned) in scenarios {
        let rewards: Rewards = OneOrMore::of(rewards.clone()).unwrap();
        eprintln!("{name}");
        check_terms(Terms { rewards, ..TERMS }, paid, earned).await;
    }
}

async fn check_terms(terms: Terms, paid: &[Paid], earned: &[&str]) {
    let expected = earned.iter().enumerate().map(|(place, earned)| {
        let by = if place == 0 { "metadata" } else { "known_customer" };
        let is_reason = !earned.contains(' ');
        // Lines live as long as the tests.
        let line =
            if is_reason { format!("no commission: {earned}") } else { format!("mira {earned} by {by}") };
        &*line.leak()
    });
    let expected: Vec<&'static str> = expected.collect();
    check(
        terms,
        &MIRA,
        |_| expected.clone(),
        |s, c| {
            for (paid, number) in paid.iter().zip(1..) {
                pay(s, c, number, paid);
            }
        },
    )
    .await;
}

//! What an affiliate could earn: a form that the server answers.

use domain::money::{Currency, amount_text, decimal_text, parse_amount};
use domain::terms::{Forecast, Reward, Terms};
use leptos::prelude::*;

use crate::components::{Card, CardBody, Choice, MoneyField, NumberField, Ramp, SelectField};
use crate::forms::{Field, FormState};
use crate::request::queries::Parameters;
use crate::text::{count, plural};

/// More customers a month than any affiliate refers.
const MOST_CUSTOMERS: i64 = 10_000;
/// What the form begins with.
const CUSTOMERS: i64 = 10;
const PRICE_MINOR: i64 = 5_000;

/// The names of the fields.
const CUSTOMERS_FIELD: &str = "customers";
const PRICE_FIELD: &str = "price";
const REWARD_FIELD: &str = "reward";

/// What was asked, and the answer.
struct Answer {
    customers: i64,
    payment_minor: i64,
    forecast: Forecast,
}

/// The reward that was asked about: its number, 1 for the first, or else the last one, which is for
/// most payments.
fn reward<'a>(parameters: &Parameters, terms: &'a Terms) -> (usize, &'a Reward) {
    let number = parameters.get(REWARD_FIELD).and_then(|text| text.parse::<usize>().ok());
    let chosen = number.and_then(|number| Some((number, terms.rewards.iter().nth(number.checked_sub(1)?)?)));
    chosen.unwrap_or((terms.rewards.count(), terms.rewards.last()))
}

/// Reads the query. Wrong numbers are kept with their problem, and there is no answer.
fn read(parameters: &Parameters, terms: &Terms, currency: Currency) -> (FormState, Option<Answer>) {
    let entered = |name: &str, otherwise: String| parameters.get(name).map_or(otherwise, str::to_owned);
    let customers = entered(CUSTOMERS_FIELD, CUSTOMERS.to_string());
    let price = entered(PRICE_FIELD, decimal_text(PRICE_MINOR, currency));
    let mut form = FormState::default().typed(CUSTOMERS_FIELD, &customers).typed(PRICE_FIELD, &price);
    let number = customers.parse().ok().filter(|number| (1..=MOST_CUSTOMERS).contains(number));
    let asked = format!("Enter a number from 1 to {}", count(MOST_CUSTOMERS));
    let customers = form.check(CUSTOMERS_FIELD, number.ok_or(asked));
    let price = form.check(PRICE_FIELD, parse_amount(&price, currency));
    let (Some(customers), Some(payment_minor)) = (customers, price) else { return (form, None) };
    let forecast = reward(parameters, terms)
        .1
        .forecast(customers, payment_minor, currency)
        .ok_or("Enter a smaller amount");
    let forecast = form.check(PRICE_FIELD, forecast);
    (form, forecast.map(|forecast| Answer { customers, payment_minor, forecast }))
}

/// The calculator. It works without JavaScript, and its answer has its own address.
pub(super) fn calculator(terms: &Terms, currency: Currency) -> AnyView {
    let parameters = Parameters::of_request();
    let (form, answer) = read(&parameters, terms, currency);
    let (number, reward) = reward(&parameters, terms);
    let answer = answer.map(|answer| result(&answer, reward, currency));
    let rewards = (terms.rewards.count() > 1).then(|| {
        let choice = |(reward, number): (&Reward, usize)| {
            let name = reward.name.clone().unwrap_or_else(|| reward.offer(currency));
            Choice::plain(number.to_string(), name)
        };
        let choices = terms.rewards.iter().zip(1..).map(choice).collect();
        let field = Field::with_value(REWARD_FIELD, number.to_string());
        view! { <div class="whole"><SelectField field label="They pay for" choices/></div> }
    });
    let (customers, price) = (form.field(CUSTOMERS_FIELD, ""), form.field(PRICE_FIELD, ""));
    view! {
        <div class="calc" id="calculator">
            <Card id="calculator-title" title="What you could earn">
                <CardBody>
                    <form class="asks" method="get" action="#calculator">
                        {rewards}
                        <NumberField field=customers label="Customers a month" unit="new"/>
                        <MoneyField field=price label="Each pays" currency=currency.to_string()/>
                        <button class="button">"Calculate"</button>
                    </form>
                    {answer}
                </CardBody>
            </Card>
        </div>
    }
    .into_any()
}

fn result(answer: &Answer, reward: &Reward, currency: Currency) -> impl IntoView + use<> {
    let Answer { customers, payment_minor, forecast } = answer;
    let amount = |minor: i64| amount_text(minor, currency);
    let highest = forecast.months.iter().copied().max().unwrap_or(0).max(1);
    let heights = forecast.months.iter().map(|month| month.saturating_mul(1_000) / highest).collect();
    let (first, last) = (forecast.months.first().copied(), forecast.months.last().copied());
    let (first, last) = (amount(first.unwrap_or(0)), amount(last.unwrap_or(0)));
    let label =
        format!("Commission per month, from {first} {currency} in month 1 to {last} {currency} in month 12");
    let customers = plural(*customers, "new customer", "new customers");
    let price = amount(*payment_minor);
    let assumption = if reward.is_once() {
        format!("{customers} each month, whose first payment is {price}.")
    } else {
        format!("{customers} each month, who each pay {price} a month and stay.")
    };
    view! {
        <div class="answer">
            <output for=format!("{CUSTOMERS_FIELD} {PRICE_FIELD}")>
                {amount(forecast.total)}" "<small>{format!("{currency} in your first year")}</small>
            </output>
            <p class="muted">{format!("{last} {currency} in month 12. {assumption}")}</p>
        </div>
        <Ramp heights label first last/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    fn read_query(query: &str) -> (FormState, Option<Answer>) {
        read(&Parameters::parse(query), &Terms::default(), usd())
    }

    #[test]
    fn the_calculator_starts_with_an_example() {
        let (form, answer) = read_query("");
        assert!(!form.has_errors());
        assert_eq!(answer.unwrap().forecast.months[0], 10_000);
    }

    #[test]
    fn wrong_numbers_are_kept_and_named() {
        for (query, field) in [
            ("customers=0", CUSTOMERS_FIELD),
            ("customers=10001", CUSTOMERS_FIELD),
            ("customers=many", CUSTOMERS_FIELD),
            ("price=much", PRICE_FIELD),
            ("price=-1", PRICE_FIELD),
        ] {
            let (form, answer) = read_query(query);
            assert!(form.error(field).is_some() && answer.is_none(), "{query}");
            assert_eq!(form.value(field, ""), query.split_once('=').unwrap().1, "{query}");
        }
    }

    #[test]
    fn the_largest_numbers_do_not_overflow() {
        let (form, answer) = read_query("customers=10000&price=999999999");
        assert!(!form.has_errors());
        assert!(answer.is_some());
    }
}

//! The JSON of rewards in a request, parsed into the list.

use domain::fields::Problems;
use domain::money::Currency;
use domain::one_or_more::OneOrMore;
use domain::terms::{
    AmountRange, Caps, Commission, Conditions, Join, Limit, Order, Product, Recurrence, Reward, Rewards,
    Step, parse_rate,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::{Decimal, MinorUnits};

/// How a commission is calculated. `kind` defaults to the one whose amount is sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "percent", "percent": "25"}))]
pub struct CommissionInput {
    /// `percent` of what was paid without tax and shipping, or a `fixed` amount.
    #[schema(value_type = Option<enum_schemas::CommissionKind>)]
    kind: Option<String>,
    /// Only with `percent`: from 0.01 to 100.
    percent: Option<Decimal>,
    /// Only with `fixed`: minor units of the program's currency.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 999_999_999_999_i64, example = 1500)]
    amount: Option<MinorUnits>,
}

impl CommissionInput {
    /// Reads it; `at` precedes the names of its fields.
    pub(super) fn read(self, at: &str, problems: &mut Problems) -> Option<Commission> {
        let inferred = match (&self.percent, self.amount) {
            (Some(_), None) => "percent",
            (None, Some(_)) => "fixed",
            _ => "",
        };
        match self.kind.as_deref().unwrap_or(inferred) {
            "percent" if self.amount.is_some() => {
                problems.add(&format!("{at}commission.amount"), "Leave out amount, or choose fixed");
                None
            }
            "fixed" if self.percent.is_some() => {
                let message = "Leave out percent, or choose percent as the kind";
                problems.add(&format!("{at}commission.percent"), message);
                None
            }
            "percent" => {
                let percent = self.percent.map(|percent| percent.0).unwrap_or_default();
                let rate_bps = problems.keep(&format!("{at}commission.percent"), parse_rate(&percent))?;
                Some(Commission::Percent { rate_bps })
            }
            "fixed" => {
                let amount = self.amount.map_or(0, |amount| amount.0);
                let amount_minor =
                    problems.keep(&format!("{at}commission.amount"), Limit::FIXED_AMOUNT.check(amount))?;
                Some(Commission::Fixed { amount_minor })
            }
            _ => {
                problems.add(&format!("{at}commission.kind"), "Choose one of percent, fixed");
                None
            }
        }
    }
}

/// Which of a customer's payments earn a commission. `kind` defaults to `months` if `months` is sent.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"kind": "months", "months": 12}))]
pub struct RecurrenceInput {
    /// `first_payment` only, payments within a number of `months`, or `lifetime`.
    #[schema(value_type = Option<enum_schemas::RecurrenceKind>)]
    kind: Option<String>,
    /// Only with `months`: from 1 to 120.
    #[schema(minimum = 1, maximum = 120, example = 12)]
    months: Option<i64>,
}

impl RecurrenceInput {
    /// Reads it; `at` precedes the names of its fields.
    pub(super) fn read(self, at: &str, problems: &mut Problems) -> Option<Recurrence> {
        let inferred = if self.months.is_some() { "months" } else { "" };
        match self.kind.as_deref().unwrap_or(inferred) {
            "first_payment" | "lifetime" if self.months.is_some() => {
                let message = "Leave out months, or choose months as the kind";
                problems.add(&format!("{at}recurrence.months"), message);
                None
            }
            "first_payment" => Some(Recurrence::FirstPayment),
            "lifetime" => Some(Recurrence::Lifetime),
            "months" => {
                let months = Limit::MONTHS.check(self.months.unwrap_or_default());
                problems
                    .keep(&format!("{at}recurrence.months"), months)
                    .map(|months| Recurrence::Months { months })
            }
            _ => {
                problems
                    .add(&format!("{at}recurrence.kind"), "Choose one of first_payment, months, lifetime");
                None
            }
        }
    }
}

/// What a reward pays up to an age of the customer.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"commission": {"percent": "30"}, "recurrence": {"months": 12}}))]
pub struct StepInput {
    /// What it pays.
    commission: Option<CommissionInput>,
    /// Until which of the customer's payments. The next step begins after it.
    recurrence: Option<RecurrenceInput>,
}

/// The most that is paid, in minor units of the program's currency. A limit left out is removed.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"perPayment": 30000}))]
pub struct CapsInput {
    /// By one payment.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 999_999_999_999_i64)]
    per_payment: Option<MinorUnits>,
    /// By all payments of a customer, after refunds.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 999_999_999_999_i64)]
    per_customer: Option<MinorUnits>,
}

impl From<CapsInput> for Caps {
    fn from(input: CapsInput) -> Self {
        let minor = |amount: Option<MinorUnits>| amount.map(|amount| amount.0);
        Self { per_payment: minor(input.per_payment), per_customer: minor(input.per_customer) }
    }
}

/// Bounds of a payment without tax and shipping, both included, in minor units of the program's currency.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"atLeast": 5000}))]
pub struct AmountInput {
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 999_999_999_999_i64)]
    at_least: Option<MinorUnits>,
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 999_999_999_999_i64)]
    at_most: Option<MinorUnits>,
}

/// A reward: what it pays, and for which payments. Conditions left out hold for every payment.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RewardInput, example = json!({
    "name": "Team plan",
    "products": ["prod_NWjs8kKbJWmuuc"],
    "steps": [
        {"commission": {"percent": "30"}, "recurrence": {"months": 12}},
        {"commission": {"percent": "10"}, "recurrence": {"kind": "lifetime"}},
    ],
}))]
pub struct RewardInput {
    /// A name, which affiliates read.
    #[schema(max_length = 60)]
    name: Option<String>,
    /// Whether `all` conditions must match, which is the default, or `any` of them.
    #[serde(rename = "match")]
    #[schema(value_type = Option<enum_schemas::RewardMatch>)]
    joined: Option<String>,
    /// Stripe's ids of products or prices, one of which was bought. The commission is on their invoice lines alone.
    #[schema(max_items = 50)]
    products: Option<Vec<String>>,
    /// Stripe's ids of products or prices that earn nothing.
    #[schema(max_items = 50)]
    excluded_products: Option<Vec<String>>,
    /// Bounds of the payment's amount.
    amount: Option<AmountInput>,
    /// Currencies, one of which the payment is in.
    #[schema(max_items = 50)]
    currencies: Option<Vec<String>>,
    /// Countries, one of which the customer is in: ISO 3166-1 codes of two letters.
    #[schema(max_items = 50)]
    countries: Option<Vec<String>>,
    /// Only a customer's first payment (`new`), or only later ones (`renewal`).
    #[schema(value_type = Option<enum_schemas::RewardPayments>)]
    payments: Option<String>,
    /// What it pays, by the age of the customer.
    #[schema(required = true, nullable = false, min_items = 1, max_items = 5)]
    steps: Option<Vec<StepInput>>,
}

/// Reads rewards, noting every problem.
pub(super) fn read_rewards(inputs: Vec<RewardInput>, problems: &mut Problems) -> Option<Rewards> {
    let read: Vec<Option<Reward>> = inputs
        .into_iter()
        .enumerate()
        .map(|(index, input)| input.read(&format!("rewards[{index}]."), problems))
        .collect();
    let rewards = OneOrMore::of(read.into_iter().collect::<Option<Vec<_>>>()?);
    problems.keep("rewards", rewards.ok_or("Send at least one reward"))
}

impl RewardInput {
    fn read(self, at: &str, problems: &mut Problems) -> Option<Reward> {
        let join = match self.joined.as_deref() {
            None => Some(Join::default()),
            Some(word) => {
                problems.keep(&format!("{at}match"), Join::from_word(word).ok_or("Choose one of all, any"))
            }
        };
        let order = match self.payments.as_deref() {
            None => Some(None),
            Some(word) => {
                let order = Order::from_word(word).ok_or("Choose one of new, renewal");
                problems.keep(&format!("{at}payments"), order).map(Some)
            }
        };
        let currencies: Option<Vec<Currency>> = self
            .currencies
            .unwrap_or_default()
            .iter()
            .enumerate()
            .map(|(place, code)| problems.keep(&format!("{at}currencies[{place}]"), code.parse()))
            .collect();
        let steps: Vec<Option<Step>> = self
            .steps
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(place, step)| {
                let at = format!("{at}steps[{place}].");
                let commission = step.commission.unwrap_or_default().read(&at, problems);
                let recurrence = step.recurrence.unwrap_or_default().read(&at, problems);
                Some(Step { commission: commission?, recurrence: recurrence? })
            })
            .collect();
        let steps = steps.into_iter().collect::<Option<Vec<_>>>()?;
        let steps =
            problems.keep(&format!("{at}steps"), OneOrMore::of(steps).ok_or("Send at least one step"));
        let amount = self.amount.unwrap_or_default();
        let products =
            |ids: Option<Vec<String>>| ids.unwrap_or_default().into_iter().map(Product::new).collect();
        Some(Reward {
            name: self.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()),
            conditions: Conditions {
                join: join?,
                products: products(self.products),
                amount: AmountRange {
                    at_least: amount.at_least.map(|minor| minor.0),
                    at_most: amount.at_most.map(|minor| minor.0),
                },
                currencies: currencies?,
                countries: self
                    .countries
                    .unwrap_or_default()
                    .iter()
                    .map(|code| code.to_ascii_uppercase())
                    .collect(),
                order: order?,
                excluded: products(self.excluded_products),
            },
            steps: steps?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Rewards, Vec<String>> {
        let inputs: Vec<RewardInput> = serde_json::from_str(json).expect("the shape");
        let mut problems = Problems::new();
        let rewards = read_rewards(inputs, &mut problems);
        match problems.or(rewards) {
            Ok(rewards) => Ok(rewards.expect("rewards")),
            Err(problems) => Err(problems.0.into_iter().map(|problem| problem.field).collect()),
        }
    }

    #[test]
    fn every_condition_can_be_sent() {
        let rewards = read(
            r#"[{"name": "Team", "match": "any", "products": ["prod_1"], "excludedProducts": ["prod_2"],
                 "amount": {"atLeast": 100, "atMost": 200}, "currencies": ["USD"], "countries": ["us"],
                 "payments": "renewal", "steps": [{"commission": {"percent": 30}, "recurrence": {"months": 12}},
                 {"commission": {"amount": 500}, "recurrence": {"kind": "lifetime"}}]}]"#,
        );
        let reward = rewards.expect("rewards").only().cloned().expect("one");
        assert_eq!((reward.conditions.count(), reward.steps.count()), (5, 2));
        assert_eq!(reward.conditions.countries, ["US"]);
        assert_eq!(reward.conditions.excluded, [Product::new("prod_2")]);
    }

    #[test]
    fn problems_are_named_by_place() {
        let json = r#"[{"steps": [{"commission": {"percent": 0}}], "match": "none", "currencies": ["dollars"]},
                       {"payments": "first", "steps": []}]"#;
        let expected = [
            "rewards[0].match",
            "rewards[0].currencies[0]",
            "rewards[0].steps[0].commission.percent",
            "rewards[0].steps[0].recurrence.kind",
            "rewards[1].payments",
            "rewards[1].steps",
        ];
        assert_eq!(read(json).expect_err("problems"), expected);
        assert_eq!(read("[]").expect_err("problems"), ["rewards"]);
    }
}

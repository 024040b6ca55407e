//! The form of a list of rewards, as the fields `rewards[0][…]`, `rewards[1][…]` and so on.

use domain::fields::Problems;
use domain::money::{Currency, decimal_text};
use domain::one_or_more::OneOrMore;
use domain::terms::{
    AmountRange, Commission, Conditions, Join, Limit, MOST_REWARDS, MOST_STEPS, MOST_VALUES, Order, Product,
    Recurrence, Reward, Rewards, Step, parse_rate, rate_number,
};
use serde::{Deserialize, Serialize};

use super::FormState;
use super::terms::{amount, whole_number};

/// A step as it was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StepForm {
    /// The percentage or amount.
    pub value: String,
    /// `percent` or `fixed`.
    pub unit: String,
    /// `first_payment`, `months` or `lifetime`.
    pub recurrence: String,
    /// The month that it ends with, with `months`.
    pub months: String,
}

/// A reward as it was entered. Lists are separated by commas or spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RewardForm {
    /// What the merchant calls it.
    pub name: String,
    /// A word of [`Join`].
    pub join: String,
    /// Ids of products that were ticked.
    pub picked: Vec<String>,
    /// Ids of other products or prices.
    pub products: String,
    /// The smallest amount.
    pub at_least: String,
    /// The largest amount.
    pub at_most: String,
    /// Currencies.
    pub currencies: String,
    /// Countries.
    pub countries: String,
    /// A word of [`Order`], or nothing.
    pub order: String,
    /// Ids of products that were ticked as excluded.
    pub excluded_picked: Vec<String>,
    /// Ids of other products or prices that earn nothing.
    pub excluded: String,
    /// What it pays.
    pub steps: Vec<StepForm>,
}

impl StepForm {
    /// The field's name in the form.
    pub fn name(reward: usize, step: usize, field: &str) -> String {
        format!("rewards[{reward}][steps][{step}][{field}]")
    }

    /// The form filled with a step.
    pub fn of(step: &Step, currency: Currency) -> Self {
        let (unit, value) = match step.commission {
            Commission::Percent { rate_bps } => ("percent", rate_number(rate_bps)),
            Commission::Fixed { amount_minor } => ("fixed", decimal_text(amount_minor, currency)),
        };
        let (recurrence, months) = match step.recurrence {
            Recurrence::FirstPayment => ("first_payment", String::new()),
            Recurrence::Months { months } => ("months", months.to_string()),
            Recurrence::Lifetime => ("lifetime", String::new()),
        };
        Self { value, unit: unit.to_owned(), recurrence: recurrence.to_owned(), months }
    }

    fn read(
        &self,
        name: impl Fn(&str) -> String,
        currency: Currency,
        problems: &mut Problems,
    ) -> Option<Step> {
        let commission = if self.unit == "fixed" {
            let amount = amount(&self.value, "an amount per payment", Limit::FIXED_AMOUNT, currency);
            problems.keep(&name("value"), amount).map(|amount_minor| Commission::Fixed { amount_minor })
        } else {
            problems
                .keep(&name("value"), parse_rate(&self.value))
                .map(|rate_bps| Commission::Percent { rate_bps })
        };
        let recurrence = match self.recurrence.as_str() {
            "first_payment" => Some(Recurrence::FirstPayment),
            "lifetime" => Some(Recurrence::Lifetime),
            _ => problems
                .keep(&name("months"), whole_number(&self.months, Limit::MONTHS))
                .map(|months| Recurrence::Months { months }),
        };
        Some(Step { commission: commission?, recurrence: recurrence? })
    }
}

impl RewardForm {
    /// The field's name in the form.
    pub fn name(reward: usize, field: &str) -> String {
        format!("rewards[{reward}][{field}]")
    }

    /// The forms filled with rewards.
    pub fn all_of(rewards: &Rewards, currency: Currency) -> Vec<Self> {
        rewards.iter().map(|reward| Self::of(reward, currency)).collect()
    }

    fn of(reward: &Reward, currency: Currency) -> Self {
        let Conditions { join, products, amount, currencies, countries, order, excluded } =
            &reward.conditions;
        let bound =
            |bound: Option<i64>| bound.map_or_else(String::new, |minor| decimal_text(minor, currency));
        let ids =
            |products: &[Product]| products.iter().map(|one| one.id.clone()).collect::<Vec<_>>().join(", ");
        Self {
            name: reward.name.clone().unwrap_or_default(),
            join: join.word().to_owned(),
            picked: Vec::new(),
            products: ids(products),
            at_least: bound(amount.at_least),
            at_most: bound(amount.at_most),
            currencies: currencies.iter().map(|one| one.code().to_uppercase()).collect::<Vec<_>>().join(", "),
            countries: countries.join(", "),
            order: order.map_or("", Order::word).to_owned(),
            excluded_picked: Vec::new(),
            excluded: ids(excluded),
            steps: reward.steps.iter().map(|step| StepForm::of(step, currency)).collect(),
        }
    }

    /// What was entered on this page before; nothing where the form had no rewards.
    pub fn entered(form: &FormState) -> Vec<Self> {
        let rewards = (0..=MOST_REWARDS).map_while(|index| {
            form.entered(&Self::name(index, "join"))?;
            let text = |field: &str| form.value(&Self::name(index, field), "");
            let steps = (0..=MOST_STEPS).map_while(|step| {
                form.entered(&StepForm::name(index, step, "value"))?;
                let text = |field: &str| form.value(&StepForm::name(index, step, field), "");
                Some(StepForm {
                    value: text("value"),
                    unit: text("unit"),
                    recurrence: text("recurrence"),
                    months: text("months"),
                })
            });
            let picked = |field: &str| -> Vec<String> {
                let name = |one: usize| format!("rewards[{index}][{field}][{one}]");
                (0..MOST_VALUES).map_while(|one| form.entered(&name(one)).map(str::to_owned)).collect()
            };
            Some(Self {
                name: text("name"),
                join: text("join"),
                picked: picked("picked"),
                products: text("products"),
                at_least: text("at_least"),
                at_most: text("at_most"),
                currencies: text("currencies"),
                countries: text("countries"),
                order: text("order"),
                excluded_picked: picked("excluded_picked"),
                excluded: text("excluded"),
                steps: steps.collect(),
            })
        });
        rewards.collect()
    }

    /// The reward, if all of it can be read.
    pub fn reward(&self, currency: Currency) -> Option<Reward> {
        self.read(0, currency, &mut Problems::new())
    }

    /// The ids of the products, ticked and typed, each once.
    pub fn product_ids(&self) -> Vec<String> {
        ids(&self.picked, &self.products)
    }

    /// The same of what is excluded.
    pub fn excluded_ids(&self) -> Vec<String> {
        ids(&self.excluded_picked, &self.excluded)
    }

    /// Reads a list of rewards, noting every problem.
    pub fn read_all(forms: &[Self], currency: Currency, problems: &mut Problems) -> Option<Rewards> {
        let rewards: Vec<Option<Reward>> =
            forms.iter().enumerate().map(|(index, form)| form.read(index, currency, problems)).collect();
        let rewards = OneOrMore::of(rewards.into_iter().collect::<Option<Vec<_>>>()?)?;
        // What the rules say of it, at the fields of this form.
        let mut found = Problems::new();
        rewards.check(&mut found);
        for problem in found.0 {
            problems.add(&field_name(&problem.field), problem.message);
        }
        Some(rewards)
    }

    fn read(&self, index: usize, currency: Currency, problems: &mut Problems) -> Option<Reward> {
        let name = |field: &str| Self::name(index, field);
        let mut bound = |field: &str, text: &str| match text.trim() {
            "" => Some(None),
            text => {
                let amount = amount(text, "an amount", Limit::AMOUNT_BOUND, currency);
                problems.keep(&name(field), amount).map(Some)
            }
        };
        let (at_least, at_most) = (bound("at_least", &self.at_least), bound("at_most", &self.at_most));
        let currencies: Option<Vec<Currency>> = words(&self.currencies)
            .map(|code| problems.keep(&name("currencies"), code.parse::<Currency>()))
            .collect();
        let steps: Vec<Option<Step>> = self
            .steps
            .iter()
            .enumerate()
            .map(|(step, form)| form.read(|field| StepForm::name(index, step, field), currency, problems))
            .collect();
        let name = self.name.trim();
        Some(Reward {
            name: (!name.is_empty()).then(|| name.to_owned()),
            conditions: Conditions {
                join: Join::from_word(&self.join).unwrap_or_default(),
                products: self.product_ids().into_iter().map(Product::new).collect(),
                amount: AmountRange { at_least: at_least?, at_most: at_most? },
                currencies: currencies?,
                countries: words(&self.countries).map(str::to_ascii_uppercase).collect(),
                order: Order::from_word(&self.order),
                excluded: self.excluded_ids().into_iter().map(Product::new).collect(),
            },
            steps: OneOrMore::of(steps.into_iter().collect::<Option<Vec<_>>>()?)?,
        })
    }
}

fn ids(picked: &[String], typed: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for id in picked.iter().map(String::as_str).chain(words(typed)) {
        if ids.iter().all(|known| known != id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

/// The field of this form that the rules know as `rewards[0].steps[1].percent`.
fn field_name(field: &str) -> String {
    let mut parts = field.split('.');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (key, place) = part.split_once('[').map_or((part, None), |(key, place)| (key, Some(place)));
        let key = if matches!(key, "percent" | "amount") { "value" } else { key };
        name += &format!("[{key}]");
        if let Some(place) = place {
            name += &format!("[{place}");
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    fn rewards() -> Rewards {
        let step = |rate_bps, recurrence| Step { commission: Commission::Percent { rate_bps }, recurrence };
        let steps = vec![step(3_000, Recurrence::Months { months: 12 }), step(1_000, Recurrence::Lifetime)];
        let first = Reward {
            name: Some("Team".to_owned()),
            conditions: Conditions {
                join: Join::Any,
                products: vec![Product::new("prod_1"), Product::new("price_2")],
                amount: AmountRange { at_least: Some(5_000), at_most: None },
                currencies: vec![usd()],
                countries: vec!["US".to_owned(), "CA".to_owned()],
                order: Some(Order::Renewal),
                excluded: vec![Product::new("prod_gift")],
            },
            steps: OneOrMore::of(steps).unwrap(),
        };
        let rest = Reward::simple(Commission::Fixed { amount_minor: 1_500 }, Recurrence::FirstPayment);
        OneOrMore::of(vec![first, rest]).unwrap()
    }

    #[test]
    fn rewards_survive_their_own_form_and_the_session() {
        let forms = RewardForm::all_of(&rewards(), usd());
        let mut problems = Problems::new();
        assert_eq!(RewardForm::read_all(&forms, usd(), &mut problems), Some(rewards()), "{problems:?}");
        assert!(problems.is_empty());
        let fields = crate::forms::submission::flat_fields("rewards", &forms);
        let state = fields.iter().fold(FormState::default(), |state, (name, value)| state.typed(name, value));
        assert_eq!(RewardForm::entered(&state), forms);
    }

    #[test]
    fn ticked_and_typed_products_are_one_list() {
        let form = RewardForm {
            picked: vec!["prod_1".to_owned(), "prod_2".to_owned()],
            products: "price_9, prod_1\nprod_3".to_owned(),
            ..RewardForm::default()
        };
        assert_eq!(form.product_ids(), ["prod_1", "prod_2", "price_9", "prod_3"]);
    }

    #[test]
    fn every_problem_is_at_its_field() {
        let mut forms = RewardForm::all_of(&rewards(), usd());
        forms[0].steps[1].value = "much".to_owned();
        forms[0].at_least = "x".to_owned();
        forms[0].currencies = "usd, dollars".to_owned();
        forms[1].steps[0].value = "0".to_owned();
        let mut problems = Problems::new();
        assert_eq!(RewardForm::read_all(&forms, usd(), &mut problems), None);
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        let expected = [
            "rewards[0][at_least]",
            "rewards[0][currencies]",
            "rewards[0][steps][1][value]",
            "rewards[1][steps][0][value]",
        ];
        assert_eq!(fields, expected);
        // What the rules find: a later step that ends too early, a country that is none, and a
        // reward that hides the ones after it.
        let mut forms = RewardForm::all_of(&rewards(), usd());
        forms[0].steps[1] =
            StepForm { recurrence: "months".into(), months: "6".into(), ..forms[0].steps[1].clone() };
        forms[0].countries = "USA".to_owned();
        forms.swap(0, 1);
        let mut problems = Problems::new();
        assert!(RewardForm::read_all(&forms, usd(), &mut problems).is_some());
        let fields: Vec<&str> = problems.0.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["rewards[1][steps][1][recurrence]", "rewards[1][countries]", "rewards[0][join]"]);
    }
}

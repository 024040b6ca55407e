//! The form of a program's terms.

use domain::fields::Problems;
use domain::money::{AmountError, Currency, decimal_text, parse_amount};
use domain::terms::{
    AttributionPriority, Caps, ClickModel, Commission, Limit, Recurrence, Rewards, Terms, parse_rate,
    rate_number,
};
use serde::{Deserialize, Serialize};

use super::{RewardForm, StepForm};

/// The fields as they were entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TermsForm {
    /// `percent` or `fixed`.
    pub commission_kind: String,
    /// The percentage, with `percent`.
    pub commission_percent: String,
    /// The amount, with `fixed`.
    pub commission_amount: String,
    /// `first_payment`, `months` or `lifetime`.
    pub recurrence: String,
    /// The number of months, with `months`.
    pub recurrence_months: String,
    /// The cookie window in days.
    pub window_days: String,
    /// `last` or `first`.
    pub click_model: String,
    /// `promotion_code` or `click`.
    pub attribution_priority: String,
    /// The hold period in days.
    pub hold_days: String,
    /// The smallest payout.
    pub minimum_payout: String,
    /// `earns` or `ignored`.
    pub outside_stripe: String,
    /// The most per payment; empty for no cap.
    pub cap_per_payment: String,
    /// The most per customer; empty for no cap.
    pub cap_per_customer: String,
}

impl TermsForm {
    /// `outside_stripe`: invoices paid outside Stripe earn a commission.
    pub const OUTSIDE_EARNS: &'static str = "earns";
    /// `outside_stripe`: they earn nothing.
    pub const OUTSIDE_IGNORED: &'static str = "ignored";

    /// The form filled with terms.
    pub fn of(terms: &Terms, currency: Currency) -> Self {
        let cap = |cap: Option<i64>| cap.map_or_else(String::new, |minor| decimal_text(minor, currency));
        let mut form = Self {
            cap_per_payment: cap(terms.caps.per_payment),
            cap_per_customer: cap(terms.caps.per_customer),
            window_days: terms.window_days.to_string(),
            hold_days: terms.hold_days.to_string(),
            minimum_payout: decimal_text(terms.minimum_payout_minor, currency),
            click_model: terms.click_model.word().to_owned(),
            attribution_priority: terms.attribution_priority.word().to_owned(),
            outside_stripe: if terms.outside_stripe { Self::OUTSIDE_EARNS } else { Self::OUTSIDE_IGNORED }
                .to_owned(),
            ..Self::default()
        };
        // Other rewards have a form of their own.
        let Some(step) = terms.rewards.simple_step() else { return form };
        let kind = match step.commission {
            Commission::Percent { rate_bps } => {
                form.commission_percent = rate_number(rate_bps);
                "percent"
            }
            Commission::Fixed { amount_minor } => {
                form.commission_amount = decimal_text(amount_minor, currency);
                "fixed"
            }
        };
        let recurrence = match step.recurrence {
            Recurrence::FirstPayment => "first_payment",
            Recurrence::Months { months } => {
                form.recurrence_months = months.to_string();
                "months"
            }
            Recurrence::Lifetime => "lifetime",
        };
        Self { commission_kind: kind.to_owned(), recurrence: recurrence.to_owned(), ..form }
    }

    /// Reads the form, noting every problem. Without a list of rewards it has the one simple
    /// reward of its own fields.
    pub fn terms(
        &self,
        rewards: &[RewardForm],
        currency: Currency,
        problems: &mut Problems,
    ) -> Option<Terms> {
        let rewards = if rewards.is_empty() {
            let commission = self.commission(currency, problems);
            let recurrence = self.recurrence(problems);
            commission.zip(recurrence).map(|(commission, recurrence)| Rewards::simple(commission, recurrence))
        } else {
            RewardForm::read_all(rewards, currency, problems)
        };
        let window_days = problems.keep("window_days", whole_number(&self.window_days, Limit::WINDOW_DAYS));
        let model = ClickModel::from_word(&self.click_model);
        let click_model = problems.keep("click_model", model.ok_or("Choose the first or the last click"));
        let priority = AttributionPriority::from_word(&self.attribution_priority);
        let priority = priority.ok_or("Choose whether the promotion code or the click wins");
        let attribution_priority = problems.keep("attribution_priority", priority);
        let hold_days = problems.keep("hold_days", whole_number(&self.hold_days, Limit::HOLD_DAYS));
        let minimum = amount(&self.minimum_payout, "a minimum payout", Limit::MINIMUM_PAYOUT, currency);
        let minimum_payout_minor = problems.keep("minimum_payout", minimum);
        let mut cap = |field: &str, text: &str| match text.trim() {
            "" => Some(None),
            text => problems.keep(field, amount(text, "an amount", Limit::CAP, currency)).map(Some),
        };
        let per_payment = cap("cap_per_payment", &self.cap_per_payment);
        let per_customer = cap("cap_per_customer", &self.cap_per_customer);
        Some(Terms {
            rewards: rewards?,
            caps: Caps { per_payment: per_payment?, per_customer: per_customer? },
            window_days: window_days?,
            hold_days: hold_days?,
            minimum_payout_minor: minimum_payout_minor?,
            click_model: click_model?,
            attribution_priority: attribution_priority?,
            outside_stripe: self.outside_stripe == Self::OUTSIDE_EARNS,
        })
    }

    fn commission(&self, currency: Currency, problems: &mut Problems) -> Option<Commission> {
        match self.commission_kind.as_str() {
            "percent" => problems
                .keep("commission_percent", parse_rate(&self.commission_percent))
                .map(|rate_bps| Commission::Percent { rate_bps }),
            "fixed" => {
                let what = "an amount per payment";
                let amount = amount(&self.commission_amount, what, Limit::FIXED_AMOUNT, currency);
                problems
                    .keep("commission_amount", amount)
                    .map(|amount_minor| Commission::Fixed { amount_minor })
            }
            _ => {
                problems.add("commission_kind", "Choose a percentage or a fixed amount");
                None
            }
        }
    }

    fn recurrence(&self, problems: &mut Problems) -> Option<Recurrence> {
        match self.recurrence.as_str() {
            "first_payment" => Some(Recurrence::FirstPayment),
            "lifetime" => Some(Recurrence::Lifetime),
            "months" => problems
                .keep("recurrence_months", whole_number(&self.recurrence_months, Limit::MONTHS))
                .map(|months| Recurrence::Months { months }),
            _ => {
                problems.add("recurrence", "Choose which payments earn a commission");
                None
            }
        }
    }

    /// The one simple reward as the first of a list, to which others or steps can be added.
    pub fn as_reward(&self) -> RewardForm {
        let is_fixed = self.commission_kind == "fixed";
        let value = if is_fixed { &self.commission_amount } else { &self.commission_percent };
        let step = StepForm {
            value: value.clone(),
            unit: if is_fixed { "fixed" } else { "percent" }.to_owned(),
            recurrence: self.recurrence.clone(),
            months: self.recurrence_months.clone(),
        };
        RewardForm { join: "all".to_owned(), steps: vec![step], ..RewardForm::default() }
    }

    /// The fields by name, to be sent again as they are.
    pub fn fields(self) -> [(&'static str, String); 13] {
        [
            ("commission_kind", self.commission_kind),
            ("commission_percent", self.commission_percent),
            ("commission_amount", self.commission_amount),
            ("recurrence", self.recurrence),
            ("recurrence_months", self.recurrence_months),
            ("window_days", self.window_days),
            ("click_model", self.click_model),
            ("attribution_priority", self.attribution_priority),
            ("hold_days", self.hold_days),
            ("minimum_payout", self.minimum_payout),
            ("outside_stripe", self.outside_stripe),
            ("cap_per_payment", self.cap_per_payment),
            ("cap_per_customer", self.cap_per_customer),
        ]
    }
}

pub(super) fn whole_number(text: &str, limit: Limit) -> Result<i64, &'static str> {
    text.trim().parse().map_err(|_| limit.message).and_then(|number| limit.check(number))
}

/// An amount in minor units; `what` is what it is called where it is asked for.
pub(super) fn amount(text: &str, what: &str, limit: Limit, currency: Currency) -> Result<i64, String> {
    let minor = parse_amount(text, currency).map_err(|error| match error {
        AmountError::NotANumber => format!("Enter {what}, such as 12.50"),
        error => error.to_string(),
    })?;
    limit.check(minor).map_err(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    #[test]
    fn terms_survive_their_own_form() {
        for commission in [Commission::Percent { rate_bps: 1_250 }, Commission::Fixed { amount_minor: 1_500 }]
        {
            for recurrence in
                [Recurrence::FirstPayment, Recurrence::Months { months: 6 }, Recurrence::Lifetime]
            {
                let outside_stripe = recurrence == Recurrence::Lifetime;
                let rewards = Rewards::simple(commission, recurrence);
                let caps = Caps { per_payment: Some(30_000), per_customer: None };
                let terms = Terms { rewards, caps, outside_stripe, ..Terms::default() };
                let mut problems = Problems::new();
                let read = TermsForm::of(&terms, usd()).terms(&[], usd(), &mut problems);
                assert_eq!(read, Some(terms), "{problems:?}");
            }
        }
    }

    #[test]
    fn every_wrong_field_is_named_in_its_sentence() {
        let form = TermsForm {
            commission_kind: "percent".into(),
            recurrence: "months".into(),
            window_days: "0".into(),
            hold_days: "366".into(),
            ..TermsForm::default()
        };
        let mut problems = Problems::new();
        assert_eq!(form.terms(&[], usd(), &mut problems), None);
        let expected = [
            ("commission_percent", "percentage"),
            ("recurrence_months", "months"),
            ("window_days", "cookie window"),
            ("click_model", "click"),
            ("attribution_priority", "promotion code"),
            ("hold_days", "hold period"),
            ("minimum_payout", "minimum payout"),
        ];
        assert_eq!(problems.0.len(), expected.len());
        for (problem, (field, word)) in problems.0.iter().zip(expected) {
            assert_eq!(problem.field, field);
            assert!(problem.message.contains(word), "{problem:?}");
        }
    }

    #[test]
    fn an_empty_form_asks_for_the_kinds() {
        let mut problems = Problems::new();
        assert_eq!(TermsForm::default().terms(&[], usd(), &mut problems), None);
        assert_eq!(
            (problems.0[0].field.as_str(), problems.0[1].field.as_str()),
            ("commission_kind", "recurrence")
        );
    }

    #[test]
    fn a_fixed_commission_is_above_zero() {
        let form = TermsForm {
            commission_amount: "0".into(),
            ..TermsForm::of(
                &Terms {
                    rewards: Rewards::simple(Commission::Fixed { amount_minor: 1 }, Recurrence::Lifetime),
                    ..Terms::default()
                },
                usd(),
            )
        };
        let mut problems = Problems::new();
        assert_eq!(form.terms(&[], usd(), &mut problems), None);
        assert_eq!(problems.0[0].field, "commission_amount");
    }

    #[test]
    fn the_fields_are_those_of_the_form() {
        let form = TermsForm::of(&Terms::default(), usd());
        let serde_json::Value::Object(all) = serde_json::to_value(&form).unwrap() else { panic!("a struct") };
        let sent: Vec<_> =
            form.fields().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        assert_eq!(sent, all.into_iter().collect::<Vec<_>>());
    }
}

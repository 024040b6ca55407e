//! The JSON body of terms, parsed into a draft.

use domain::fields::Problems;
use domain::terms::{AttributionPriority, ClickModel, Limit, TermsChange};
use serde::Deserialize;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::{MinorUnits, Object};
use super::rewards_input::{CapsInput, CommissionInput, RecurrenceInput, RewardInput, read_rewards};

/// A change to the terms. Fields left out stay unchanged.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "commission": {"kind": "percent", "percent": "25"},
    "recurrence": {"kind": "months", "months": 12},
    "windowDays": 60,
    "holdDays": 30,
}))]
pub struct TermsInput {
    /// All rewards, in order: the first one whose conditions match a payment decides.
    #[schema(value_type = Option<Vec<RewardInput>>, min_items = 1, max_items = 20)]
    pub rewards: Option<Vec<Object<RewardInput>>>,
    /// In short for terms with one reward that is the same for every payment: the commission.
    #[schema(value_type = Option<CommissionInput>)]
    pub commission: Option<Object<CommissionInput>>,
    /// Likewise: which payments earn a commission.
    #[schema(value_type = Option<RecurrenceInput>)]
    pub recurrence: Option<Object<RecurrenceInput>>,
    /// Limits of what is paid; sending them replaces all of them.
    #[schema(value_type = Option<CapsInput>)]
    pub caps: Option<Object<CapsInput>>,
    /// The cookie window: days from click to first payment, 1 to 365.
    #[schema(minimum = 1, maximum = 365)]
    pub window_days: Option<i64>,
    /// The hold period: days until a commission is payable, 0 to 365.
    #[schema(minimum = 0, maximum = 365)]
    pub hold_days: Option<i64>,
    /// The minimum payout in minor units of the program's currency.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 999_999_999_999_i64)]
    pub minimum_payout: Option<MinorUnits>,
    /// Which click counts if a buyer clicked several links.
    #[schema(value_type = Option<enum_schemas::ClickModel>)]
    pub click_model: Option<String>,
    /// Which affiliate is credited if a promotion code and a click lead to different ones.
    #[schema(value_type = Option<enum_schemas::AttributionPriority>)]
    pub attribution_priority: Option<String>,
    /// Whether invoices paid entirely outside Stripe earn a commission.
    pub outside_stripe: Option<bool>,
}

impl TermsInput {
    /// Reads what was sent, noting every problem.
    pub fn read(self, problems: &mut Problems) -> TermsChange {
        let rewards = self.rewards.and_then(|rewards| {
            read_rewards(rewards.into_iter().map(|Object(reward)| reward).collect(), problems)
        });
        let commission = self.commission.and_then(|Object(commission)| commission.read("", problems));
        let recurrence = self.recurrence.and_then(|Object(recurrence)| recurrence.read("", problems));
        let mut number = |field: &str, number: Option<i64>, limit: Limit| {
            number.and_then(|number| problems.keep(field, limit.check(number)))
        };
        let window_days = number("windowDays", self.window_days, Limit::WINDOW_DAYS);
        let hold_days = number("holdDays", self.hold_days, Limit::HOLD_DAYS);
        let minimum = self.minimum_payout.map(|minimum| minimum.0);
        let minimum_payout_minor = number("minimumPayout", minimum, Limit::MINIMUM_PAYOUT);
        let click_model = self.click_model.and_then(|word| {
            let model = ClickModel::from_word(&word).ok_or("Choose one of last, first");
            problems.keep("clickModel", model)
        });
        let attribution_priority = self.attribution_priority.and_then(|word| {
            let priority = AttributionPriority::from_word(&word).ok_or("Choose one of promotion_code, click");
            problems.keep("attributionPriority", priority)
        });
        TermsChange {
            rewards,
            commission,
            recurrence,
            caps: self.caps.map(|Object(caps)| caps.into()),
            window_days,
            hold_days,
            minimum_payout_minor,
            click_model,
            attribution_priority,
            outside_stripe: self.outside_stripe,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::terms::{Commission, Recurrence, Rewards, Terms};

    use super::*;

    fn read(json: &str) -> Result<Terms, Vec<String>> {
        let input: TermsInput = serde_json::from_str(json).expect("the shape");
        let mut problems = Problems::new();
        let change = input.read(&mut problems);
        match problems.or(change) {
            Ok(change) => Ok(change.applied_to(&Terms::default()).expect("simple terms")),
            Err(problems) => Err(problems.0.into_iter().map(|problem| problem.field).collect()),
        }
    }

    #[test]
    fn nothing_sent_changes_nothing() {
        assert_eq!(read("{}"), Ok(Terms::default()));
    }

    #[test]
    fn numbers_and_texts_say_the_same() {
        for percent in ["12.5", "\"12.5\"", "\"12,50\""] {
            let terms = read(&format!(r#"{{"commission": {{"kind": "percent", "percent": {percent}}}}}"#));
            let step = terms.expect("terms").rewards.simple_step().expect("a simple reward");
            assert_eq!(step.commission, Commission::Percent { rate_bps: 1_250 });
        }
    }

    #[test]
    fn the_kind_may_be_left_out_where_it_is_clear() {
        let terms = read(r#"{"commission": {"amount": 1230}, "recurrence": {"months": 6}}"#).expect("terms");
        let six = Recurrence::Months { months: 6 };
        assert_eq!(terms.rewards, Rewards::simple(Commission::Fixed { amount_minor: 1_230 }, six));
        let unclear = r#"{"commission": {"amount": 1, "percent": 2}, "recurrence": {}}"#;
        assert_eq!(read(unclear).expect_err("problems"), ["commission.kind", "recurrence.kind"]);
    }

    #[test]
    fn every_term_can_be_set() {
        let json = r#"{"recurrence": {"kind": "lifetime"}, "windowDays": 60, "holdDays": 0, "minimumPayout": 0,
                       "clickModel": "first", "attributionPriority": "click", "outsideStripe": true}"#;
        let terms = read(json).expect("terms");
        let twenty = Commission::Percent { rate_bps: 2_000 };
        assert_eq!(terms.rewards, Rewards::simple(twenty, Recurrence::Lifetime));
        assert_eq!((terms.window_days, terms.hold_days, terms.minimum_payout_minor), (60, 0, 0));
        assert_eq!(terms.click_model, ClickModel::First);
        assert_eq!(terms.attribution_priority, AttributionPriority::Click);
        assert!(terms.outside_stripe);
    }

    #[test]
    fn values_that_do_not_match_are_named() {
        let json = r#"{"commission": {"kind": "fixed", "amount": -5}, "recurrence": {"months": 0}, "windowDays": 366,
                       "minimumPayout": -1}"#;
        let fields = read(json).expect_err("problems");
        assert_eq!(fields, ["commission.amount", "recurrence.months", "windowDays", "minimumPayout"]);
    }
}

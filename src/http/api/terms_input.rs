//! The JSON body of terms, parsed into a draft.

use domain::fields::Problems;
use domain::terms::{
    AttributionPriority, ClickModel, Commission, Limit, Recurrence, TermsChange, parse_rate,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::{Decimal, MinorUnits, Object};

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
    fn read(self, problems: &mut Problems) -> Option<Commission> {
        let inferred = match (&self.percent, self.amount) {
            (Some(_), None) => "percent",
            (None, Some(_)) => "fixed",
            _ => "",
        };
        match self.kind.as_deref().unwrap_or(inferred) {
            "percent" if self.amount.is_some() => {
                problems.add("commission.amount", "Leave out amount, or choose fixed");
                None
            }
            "fixed" if self.percent.is_some() => {
                problems.add("commission.percent", "Leave out percent, or choose percent as the kind");
                None
            }
            "percent" => {
                let percent = self.percent.map(|percent| percent.0).unwrap_or_default();
                let rate_bps = problems.keep("commission.percent", parse_rate(&percent))?;
                Some(Commission::Percent { rate_bps })
            }
            "fixed" => {
                let amount = self.amount.map_or(0, |amount| amount.0);
                let amount_minor = problems.keep("commission.amount", Limit::FIXED_AMOUNT.check(amount))?;
                Some(Commission::Fixed { amount_minor })
            }
            _ => {
                problems.add("commission.kind", "Choose one of percent, fixed");
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
    fn read(self, problems: &mut Problems) -> Option<Recurrence> {
        let inferred = if self.months.is_some() { "months" } else { "" };
        match self.kind.as_deref().unwrap_or(inferred) {
            "first_payment" | "lifetime" if self.months.is_some() => {
                problems.add("recurrence.months", "Leave out months, or choose months as the kind");
                None
            }
            "first_payment" => Some(Recurrence::FirstPayment),
            "lifetime" => Some(Recurrence::Lifetime),
            "months" => {
                let months = Limit::MONTHS.check(self.months.unwrap_or_default());
                problems.keep("recurrence.months", months).map(|months| Recurrence::Months { months })
            }
            _ => {
                problems.add("recurrence.kind", "Choose one of first_payment, months, lifetime");
                None
            }
        }
    }
}

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
    /// The commission.
    #[schema(value_type = Option<CommissionInput>)]
    pub commission: Option<Object<CommissionInput>>,
    /// Which payments earn a commission.
    #[schema(value_type = Option<RecurrenceInput>)]
    pub recurrence: Option<Object<RecurrenceInput>>,
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
        let commission = self.commission.and_then(|Object(commission)| commission.read(problems));
        let recurrence = self.recurrence.and_then(|Object(recurrence)| recurrence.read(problems));
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
            commission,
            recurrence,
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
    use domain::terms::Terms;

    use super::*;

    fn read(json: &str) -> Result<Terms, Vec<String>> {
        let input: TermsInput = serde_json::from_str(json).expect("the shape");
        let mut problems = Problems::new();
        let change = input.read(&mut problems);
        match problems.or(change) {
            Ok(change) => Ok(change.applied_to(Terms::default())),
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
            assert_eq!(terms.map(|terms| terms.commission), Ok(Commission::Percent { rate_bps: 1_250 }));
        }
    }

    #[test]
    fn the_kind_may_be_left_out_where_it_is_clear() {
        let terms = read(r#"{"commission": {"amount": 1230}, "recurrence": {"months": 6}}"#).expect("terms");
        assert_eq!(terms.commission, Commission::Fixed { amount_minor: 1_230 });
        assert_eq!(terms.recurrence, Recurrence::Months { months: 6 });
        let unclear = r#"{"commission": {"amount": 1, "percent": 2}, "recurrence": {}}"#;
        assert_eq!(read(unclear).expect_err("problems"), ["commission.kind", "recurrence.kind"]);
    }

    #[test]
    fn every_term_can_be_set() {
        let json = r#"{"recurrence": {"kind": "lifetime"}, "windowDays": 60, "holdDays": 0, "minimumPayout": 0,
                       "clickModel": "first", "attributionPriority": "click", "outsideStripe": true}"#;
        let terms = read(json).expect("terms");
        assert_eq!(terms.recurrence, Recurrence::Lifetime);
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

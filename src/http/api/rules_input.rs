//! Terms as they are sent: laid over rules that exist, then read by the same code as the
//! form, so that both have the same limits and messages.

use domain::money::{Currency, decimal_text};
use domain::terms::{RulesInput, Terms};
use serde::Deserialize;
use utoipa::ToSchema;

use super::values::Decimal;
use super::words;

/// How a commission is counted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = CommissionInput, example = json!({"kind": "percent", "percent": "25"}))]
pub struct Commission {
    /// `percent` of what was paid without tax and shipping, or a `fixed` amount.
    #[schema(value_type = Option<words::CommissionKind>)]
    kind: Option<String>,
    /// With `percent`: from 0.01 to 100.
    percent: Option<Decimal>,
    /// With `fixed`: minor units of the program's currency.
    #[schema(example = 1500)]
    amount: Option<i64>,
}

/// Which of a customer's payments earn something.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = RecurrenceInput, example = json!({"kind": "months", "months": 12}))]
pub struct Recurrence {
    /// The `first_payment` only, payments within so many `months` of it, or all of them.
    #[schema(value_type = Option<words::RecurrenceKind>)]
    kind: Option<String>,
    /// With `months`: from 1 to 120.
    #[schema(example = 12)]
    months: Option<i64>,
}

/// Rules; what is left out stays as it is, or is as usual in a new program.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = TermsInput, example = json!({
    "commission": {"kind": "percent", "percent": "25"},
    "recurrence": {"kind": "months", "months": 12},
    "windowDays": 60,
    "holdDays": 30,
}))]
pub struct TermsInput {
    /// What is earned; 20 % in a new program.
    pub commission: Option<Commission>,
    /// For how long; 12 months in a new program.
    pub recurrence: Option<Recurrence>,
    /// Days from click to first payment, 1 to 365; 30 in a new program.
    pub window_days: Option<i64>,
    /// Days that a commission is held back, 0 to 365; 30 in a new program.
    pub hold_days: Option<i64>,
    /// The smallest payout in minor units of the program's currency; 5000 in a new program.
    pub minimum_payout: Option<i64>,
    /// Which click counts when a buyer came by several; `last` in a new program.
    #[schema(value_type = Option<words::ClickModel>)]
    pub click_model: Option<String>,
    /// Whether promotion codes or clicks are looked at first; `coupon_first` in a new program.
    #[schema(value_type = Option<words::AttributionPriority>)]
    pub proof_order: Option<String>,
}

impl TermsInput {
    /// The form that says the same, with what was left out from the rules before.
    pub fn over(self, before: &Terms, currency: Currency) -> RulesInput {
        let amount = |minor| decimal_text(minor, currency);
        let mut form = RulesInput::from_rules(before, currency);
        if let Some(commission) = self.commission {
            replace(&mut form.commission_kind, commission.kind);
            replace(&mut form.commission_percent, commission.percent.map(|percent| percent.0));
            replace(&mut form.commission_amount, commission.amount.map(amount));
        }
        if let Some(recurrence) = self.recurrence {
            replace(&mut form.recurrence, recurrence.kind);
            replace(&mut form.recurrence_months, recurrence.months.map(|months| months.to_string()));
        }
        replace(&mut form.window_days, self.window_days.map(|days| days.to_string()));
        replace(&mut form.hold_days, self.hold_days.map(|days| days.to_string()));
        replace(&mut form.minimum_payout, self.minimum_payout.map(amount));
        replace(&mut form.click_model, self.click_model);
        replace(&mut form.attribution_priority, self.attribution_priority);
        form
    }
}

/// What was sent goes over what was there.
pub fn replace(field: &mut String, sent: Option<String>) {
    if let Some(sent) = sent {
        *field = sent;
    }
}

#[cfg(test)]
mod tests {
    use domain::fields::Problems;
    use domain::terms::{ClickModel, Commission, Recurrence};

    use super::*;

    fn read(json: &str, code: &str) -> Result<Terms, Vec<String>> {
        let currency = code.parse().expect("a currency");
        let input: TermsInput = serde_json::from_str(json).expect("the shape");
        let mut problems = Problems::new();
        input
            .over(&Terms::default(), currency)
            .parse(currency, &mut problems)
            .ok_or_else(|| problems.0.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn nothing_sent_means_the_usual_rules() {
        assert_eq!(read("{}", "usd"), Ok(Terms::default()));
    }

    #[test]
    fn numbers_and_texts_say_the_same() {
        for percent in ["12.5", "\"12.5\"", "\"12,50\""] {
            let rules =
                read(&format!(r#"{{"commission": {{"kind": "percent", "percent": {percent}}}}}"#), "usd");
            assert_eq!(rules.map(|rules| rules.commission), Ok(Commission::Percent { rate_bps: 1_250 }));
        }
    }

    #[test]
    fn amounts_are_minor_units_in_every_currency() {
        for code in ["usd", "jpy", "kwd"] {
            let rules =
                read(r#"{"commission": {"kind": "fixed", "amount": 1230}, "minimumPayout": 1000}"#, code);
            let rules = rules.expect("rules");
            assert_eq!(rules.commission, Commission::Fixed { amount_minor: 1_230 }, "{code}");
            assert_eq!(rules.minimum_payout_minor, 1_000, "{code}");
        }
    }

    #[test]
    fn every_rule_can_be_set() {
        let json = r#"{"recurrence": {"kind": "lifetime"}, "windowDays": 60, "holdDays": 0, "minimumPayout": 0,
                       "clickModel": "first", "proofOrder": "click_first"}"#;
        let rules = read(json, "eur").expect("rules");
        assert_eq!(rules.recurrence, Recurrence::Lifetime);
        assert_eq!((rules.window_days, rules.hold_days, rules.minimum_payout_minor), (60, 0, 0));
        assert_eq!(rules.click_model, ClickModel::First);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let json = r#"{"commission": {"kind": "fixed", "amount": -5}, "recurrence": {"months": 0}, "windowDays": 366,
                       "minimumPayout": -1}"#;
        let fields = read(json, "usd").expect_err("problems");
        assert_eq!(fields, ["commission_amount", "recurrence_months", "window_days", "minimum_payout"]);
    }
}

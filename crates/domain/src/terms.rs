//! A program's rules, one version at a time. A version is never edited: a change is a
//! new version that starts later, and each conversion keeps the one it was made under.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::fields::{Problems, whole_number};
use crate::ids::{ProgramId, TermsId};
use crate::money::{Currency, Money, decimal_text, parse_amount, share};

/// What an affiliate earns from one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Commission {
    /// A share of the base, in basis points (2,500 = 25 %).
    Percent {
        /// Basis points, 1 to 10,000.
        rate_bps: i64,
    },
    /// The same amount for every payment, in the program's currency.
    Fixed {
        /// Minor units of the program's currency.
        amount_minor: i64,
    },
}

/// Which of a customer's payments earn something, counted from the first paid one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recurrence {
    /// Only the customer's first paid payment.
    FirstPayment,
    /// Payments within so many calendar months of the first.
    Months {
        /// 1 to 120.
        months: i64,
    },
    /// Every payment.
    Lifetime,
}

/// Which click counts when a buyer came by several links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClickModel {
    /// The earliest click inside the window.
    First,
    /// The latest click before the payment.
    Last,
}

/// Whether a promotion code is asked before a click.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofOrder {
    /// Promotion code, then clicks, then e-mail.
    CouponFirst,
    /// Clicks, then promotion code, then e-mail.
    ClickFirst,
}

/// What a version says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// What is earned.
    pub commission: Commission,
    /// For how long.
    pub recurrence: Recurrence,
    /// Days from click to first payment, 1 to 365.
    pub window_days: i64,
    /// Days that a commission is held back, 0 to 365.
    pub hold_days: i64,
    /// The smallest payout, minor units of the program's currency.
    pub minimum_payout_minor: i64,
    /// First or last click.
    pub click_model: ClickModel,
    /// Codes or clicks first.
    pub proof_order: ProofOrder,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            commission: Commission::Percent { rate_bps: 2_000 },
            recurrence: Recurrence::Months { months: 12 },
            window_days: 30,
            hold_days: 30,
            minimum_payout_minor: 5_000,
            click_model: ClickModel::Last,
            proof_order: ProofOrder::CouponFirst,
        }
    }
}

/// One version of a program's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsVersion {
    /// Its id.
    pub id: TermsId,
    /// Whose rules they are.
    pub program_id: ProgramId,
    /// 1, 2, 3, …
    pub version: i64,
    /// What it says.
    pub rules: Rules,
    /// From when it is in force.
    pub starts_at: Timestamp,
}

/// The version in force at a moment: the latest that has started, or the first one for
/// anything older.
pub fn in_force(versions: &[TermsVersion], at: Timestamp) -> Option<&TermsVersion> {
    versions
        .iter()
        .filter(|terms| terms.starts_at <= at)
        .max_by_key(|terms| (terms.starts_at, terms.version))
        .or_else(|| versions.iter().min_by_key(|terms| terms.version))
}

impl Rules {
    /// The commission for a base, in the currency it is owed in. `None` when the numbers
    /// do not fit.
    pub fn commission_on(&self, base_minor: i64, payment: Currency, program: Currency) -> Option<Money> {
        match self.commission {
            Commission::Percent { rate_bps } => {
                share(base_minor, rate_bps, 10_000, payment.step()).map(|minor| Money::new(minor, payment))
            }
            Commission::Fixed { amount_minor } => Some(Money::new(amount_minor, program)),
        }
    }
}

/// `12.5 %` from basis points.
pub fn rate_text(rate_bps: i64) -> String {
    let text = format!("{}.{:02}", rate_bps / 100, rate_bps % 100);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Basis points from `12.5`, `12,5` or `12.5 %`.
pub fn parse_rate(text: &str) -> Result<i64, &'static str> {
    const ASK: &str = "Enter a percentage from 0.01 to 100, such as 25";
    let cleaned = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, fraction) = cleaned.split_once('.').unwrap_or((&cleaned, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if cleaned.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 || whole.len() > 3 {
        return Err(ASK);
    }
    let bps = format!("{whole}{fraction:0<2}").parse::<i64>().map_err(|_| ASK)?;
    if (1..=10_000).contains(&bps) { Ok(bps) } else { Err(ASK) }
}

/// The fields of the terms form, as typed. The names are those of the API too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RulesInput {
    /// `percent` or `fixed`.
    pub commission_kind: String,
    /// Percentage, when `percent`.
    pub commission_percent: String,
    /// Amount, when `fixed`.
    pub commission_amount: String,
    /// `first_payment`, `months` or `lifetime`.
    pub recurrence: String,
    /// Number of months, when `months`.
    pub recurrence_months: String,
    /// Days from click to payment.
    pub window_days: String,
    /// Days held back.
    pub hold_days: String,
    /// The smallest payout.
    pub minimum_payout: String,
    /// `first` or `last`.
    pub click_model: String,
    /// `coupon_first` or `click_first`.
    pub proof_order: String,
}

impl RulesInput {
    /// The form as it looks for existing rules.
    pub fn from_rules(rules: &Rules, currency: Currency) -> Self {
        let mut input = Self {
            window_days: rules.window_days.to_string(),
            hold_days: rules.hold_days.to_string(),
            minimum_payout: decimal_text(rules.minimum_payout_minor, currency),
            click_model: match rules.click_model {
                ClickModel::First => "first",
                ClickModel::Last => "last",
            }
            .into(),
            proof_order: match rules.proof_order {
                ProofOrder::CouponFirst => "coupon_first",
                ProofOrder::ClickFirst => "click_first",
            }
            .into(),
            ..Self::default()
        };
        match rules.commission {
            Commission::Percent { rate_bps } => {
                input.commission_kind = "percent".into();
                input.commission_percent = rate_text(rate_bps).trim_end_matches(" %").to_owned();
            }
            Commission::Fixed { amount_minor } => {
                input.commission_kind = "fixed".into();
                input.commission_amount = decimal_text(amount_minor, currency);
            }
        }
        match rules.recurrence {
            Recurrence::FirstPayment => input.recurrence = "first_payment".into(),
            Recurrence::Months { months } => {
                input.recurrence = "months".into();
                input.recurrence_months = months.to_string();
            }
            Recurrence::Lifetime => input.recurrence = "lifetime".into(),
        }
        input
    }

    /// Reads the form, noting every problem.
    pub fn parse(&self, currency: Currency, problems: &mut Problems) -> Option<Rules> {
        let commission = match self.commission_kind.as_str() {
            "percent" => problems
                .keep("commission_percent", parse_rate(&self.commission_percent))
                .map(|rate_bps| Commission::Percent { rate_bps }),
            "fixed" => match parse_amount(&self.commission_amount, currency) {
                Ok(0) => {
                    problems.add("commission_amount", "Enter an amount above zero");
                    None
                }
                result => problems
                    .keep("commission_amount", result)
                    .map(|amount_minor| Commission::Fixed { amount_minor }),
            },
            _ => {
                problems.add("commission_kind", "Choose a percentage or a fixed amount");
                None
            }
        };
        let recurrence = match self.recurrence.as_str() {
            "first_payment" => Some(Recurrence::FirstPayment),
            "lifetime" => Some(Recurrence::Lifetime),
            "months" => problems
                .keep(
                    "recurrence_months",
                    whole_number(&self.recurrence_months, "a number of months", 1, 120),
                )
                .map(|months| Recurrence::Months { months }),
            _ => {
                problems.add("recurrence", "Choose which payments earn a commission");
                None
            }
        };
        let window_days =
            problems.keep("window_days", whole_number(&self.window_days, "a number of days", 1, 365));
        let hold_days = problems.keep("hold_days", whole_number(&self.hold_days, "a number of days", 0, 365));
        let minimum = problems.keep("minimum_payout", parse_amount(&self.minimum_payout, currency));
        let click_model = match self.click_model.as_str() {
            "first" => Some(ClickModel::First),
            "last" | "" => Some(ClickModel::Last),
            _ => {
                problems.add("click_model", "Choose the first or the last click");
                None
            }
        };
        let proof_order = match self.proof_order.as_str() {
            "coupon_first" | "" => Some(ProofOrder::CouponFirst),
            "click_first" => Some(ProofOrder::ClickFirst),
            _ => {
                problems.add("proof_order", "Choose whether codes or clicks come first");
                None
            }
        };
        Some(Rules {
            commission: commission?,
            recurrence: recurrence?,
            window_days: window_days?,
            hold_days: hold_days?,
            minimum_payout_minor: minimum?,
            click_model: click_model?,
            proof_order: proof_order?,
        })
    }
}

impl Rules {
    /// "25 % of each payment for 12 months": the offer in one line.
    pub fn offer(&self, currency: Currency) -> String {
        let what = match self.commission {
            Commission::Percent { rate_bps } => rate_text(rate_bps),
            Commission::Fixed { amount_minor } => Money::new(amount_minor, currency).to_string(),
        };
        let (of, each) = match self.commission {
            Commission::Percent { .. } => ("of", "each payment"),
            Commission::Fixed { .. } => ("for", "each payment"),
        };
        match self.recurrence {
            Recurrence::FirstPayment => format!("{what} {of} a customer’s first payment"),
            Recurrence::Months { months: 1 } => format!("{what} {of} {each} for 1 month"),
            Recurrence::Months { months } => format!("{what} {of} {each} for {months} months"),
            Recurrence::Lifetime => format!("{what} {of} {each}, for life"),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("25", Ok(2_500))]
    #[case("12.5 %", Ok(1_250))]
    #[case("12,55", Ok(1_255))]
    #[case("100", Ok(10_000))]
    #[case("0.01", Ok(1))]
    #[case("0", Err(()))]
    #[case("100.01", Err(()))]
    #[case("1.234", Err(()))]
    #[case("-1", Err(()))]
    #[case("", Err(()))]
    #[case(".", Err(()))]
    fn rates(#[case] text: &str, #[case] expected: Result<i64, ()>) {
        assert_eq!(parse_rate(text).map_err(|_| ()), expected);
    }

    #[test]
    fn rules_survive_their_own_form() {
        let currency = "usd".parse().expect("a currency");
        for commission in [Commission::Percent { rate_bps: 1_250 }, Commission::Fixed { amount_minor: 1_500 }]
        {
            for recurrence in
                [Recurrence::FirstPayment, Recurrence::Months { months: 6 }, Recurrence::Lifetime]
            {
                let rules = Rules { commission, recurrence, ..Rules::default() };
                let mut problems = Problems::new();
                let read = RulesInput::from_rules(&rules, currency).parse(currency, &mut problems);
                assert_eq!(read, Some(rules), "{problems:?}");
            }
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut problems = Problems::new();
        let input = RulesInput {
            commission_kind: "percent".into(),
            recurrence: "months".into(),
            click_model: "x".into(),
            proof_order: "x".into(),
            ..RulesInput::default()
        };
        assert_eq!(input.parse("usd".parse().expect("a currency"), &mut problems), None);
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "commission_percent",
                "recurrence_months",
                "window_days",
                "hold_days",
                "minimum_payout",
                "click_model",
                "proof_order"
            ]
        );
    }

    #[test]
    fn the_version_in_force_is_the_latest_started() {
        let random = crate::clock::Random::seeded(1);
        let version = |version, at| TermsVersion {
            id: TermsId::new(Timestamp(0), &random),
            program_id: ProgramId::new(Timestamp(0), &random),
            version,
            rules: Rules::default(),
            starts_at: Timestamp(at),
        };
        let all = [version(1, 100), version(2, 200)];
        assert_eq!(in_force(&all, Timestamp(50)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(150)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(200)).map(|t| t.version), Some(2));
        assert!(in_force(&[], Timestamp(0)).is_none());
    }
}

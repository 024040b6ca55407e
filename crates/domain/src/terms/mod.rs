//! A program's terms, one version at a time. A version is never edited: a change is a
//! new version that starts later, and each conversion keeps the one that was in force.

mod change;
mod forecast;
mod limit;

use serde::{Deserialize, Serialize};

pub use self::change::TermsChange;
pub use self::forecast::{FORECAST_MONTHS, Forecast};
pub use self::limit::Limit;
use crate::clock::Timestamp;
use crate::ids::{ProgramId, TermsId};
use crate::money::{Currency, Money, share};

/// What an affiliate earns from one payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Commission {
    /// A share of the base, in basis points (2,500 = 25%).
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

/// Which click counts when a buyer clicked several links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClickModel {
    /// The earliest click inside the window.
    First,
    /// The latest click before the payment.
    Last,
}

impl ClickModel {
    /// All of them, the usual one first.
    pub const ALL: [Self; 2] = [Self::Last, Self::First];

    /// The word in forms and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.word() == word)
    }
}

/// Which affiliate is credited when a promotion code and a click lead to different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionPriority {
    /// Promotion code, then clicks, then email.
    PromotionCode,
    /// Clicks, then promotion code, then email.
    Click,
}

impl AttributionPriority {
    /// All of them, the usual one first.
    pub const ALL: [Self; 2] = [Self::PromotionCode, Self::Click];

    /// The word in forms and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PromotionCode => "promotion_code",
            Self::Click => "click",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }
}

/// What a version says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What is earned.
    pub commission: Commission,
    /// Which payments earn.
    pub recurrence: Recurrence,
    /// The cookie window: days from click to first payment, 1 to 365.
    pub window_days: i64,
    /// The hold period: days until a commission is payable, 0 to 365.
    pub hold_days: i64,
    /// The smallest payout, minor units of the program's currency.
    pub minimum_payout_minor: i64,
    /// First or last click.
    pub click_model: ClickModel,
    /// Promotion code or click.
    pub attribution_priority: AttributionPriority,
    /// Whether invoices that were paid outside Stripe altogether earn a commission.
    pub outside_stripe: bool,
}

/// What a new program begins with.
impl Default for Terms {
    fn default() -> Self {
        Self {
            commission: Commission::Percent { rate_bps: 2_000 },
            recurrence: Recurrence::Months { months: 12 },
            window_days: 30,
            hold_days: 30,
            minimum_payout_minor: 5_000,
            click_model: ClickModel::Last,
            attribution_priority: AttributionPriority::PromotionCode,
            outside_stripe: false,
        }
    }
}

/// One version of a program's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsVersion {
    /// Its id.
    pub id: TermsId,
    /// Whose terms they are.
    pub program_id: ProgramId,
    /// 1, 2, 3, …
    pub version: i64,
    /// What it says.
    pub terms: Terms,
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

impl Terms {
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

/// `12.5` from basis points.
pub fn rate_number(rate_bps: i64) -> String {
    let text = format!("{}.{:02}", rate_bps / 100, rate_bps % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// `12.5%` from basis points.
pub fn rate_text(rate_bps: i64) -> String {
    format!("{}%", rate_number(rate_bps))
}

/// Basis points from `12.5`, `12,5` or `12.5%`.
///
/// # Errors
/// The sentence that says what to enter.
pub fn parse_rate(text: &str) -> Result<i64, &'static str> {
    const ASK: &str = Limit::RATE_BPS.message;
    let cleaned = text.trim().trim_end_matches('%').trim().replace(',', ".");
    let (whole, fraction) = cleaned.split_once('.').unwrap_or((&cleaned, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if cleaned.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > 2 || whole.len() > 3 {
        return Err(ASK);
    }
    Limit::RATE_BPS.check(format!("{whole}{fraction:0<2}").parse().map_err(|_| ASK)?)
}

impl Terms {
    /// "25% of each payment for 12 months": the offer in one line.
    pub fn offer(&self, currency: Currency) -> String {
        let what = match self.commission {
            Commission::Percent { rate_bps } => rate_text(rate_bps),
            Commission::Fixed { amount_minor } => Money::new(amount_minor, currency).to_string(),
        };
        let of = match self.commission {
            Commission::Percent { .. } => "of",
            Commission::Fixed { .. } => "for",
        };
        match self.recurrence {
            Recurrence::FirstPayment => format!("{what} {of} a customer’s first payment"),
            Recurrence::Months { months: 1 } => format!("{what} {of} each payment for 1 month"),
            Recurrence::Months { months } => format!("{what} {of} each payment for {months} months"),
            Recurrence::Lifetime => format!("{what} {of} each payment, for life"),
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
    #[case("12.5%", Ok(1_250))]
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
    fn a_change_keeps_the_fields_that_it_does_not_name() {
        let change = TermsChange { window_days: Some(60), ..TermsChange::default() };
        assert_eq!(change.applied_to(Terms::default()), Terms { window_days: 60, ..Terms::default() });
        let other = Terms { recurrence: Recurrence::Lifetime, hold_days: 0, ..Terms::default() };
        assert_eq!(TermsChange::from(other).applied_to(Terms::default()), other);
    }

    #[test]
    fn every_wrong_field_is_named() {
        let change = TermsChange {
            commission: Some(Commission::Percent { rate_bps: 0 }),
            recurrence: Some(Recurrence::Months { months: 121 }),
            window_days: Some(0),
            hold_days: Some(-1),
            minimum_payout_minor: Some(-1),
            ..TermsChange::default()
        };
        let problems = change.check().expect_err("problems");
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            fields,
            ["commission_percent", "recurrence_months", "window_days", "hold_days", "minimum_payout"]
        );
        let words = ["percentage", "months", "cookie window", "hold period", "minimum payout"];
        for (problem, word) in problems.0.iter().zip(words) {
            assert!(problem.message.contains(word), "the sentence names its field: {problem:?}");
        }
        assert_eq!(TermsChange::from(Terms::default()).check(), Ok(()));
    }

    #[test]
    fn stored_words_are_read_back() {
        for model in ClickModel::ALL {
            assert_eq!(ClickModel::from_word(model.word()), Some(model));
        }
        for priority in AttributionPriority::ALL {
            assert_eq!(AttributionPriority::from_word(priority.word()), Some(priority));
        }
    }

    #[test]
    fn the_version_in_force_is_the_latest_that_has_started() {
        let random = crate::clock::Random::seeded(1);
        let version = |version, at| TermsVersion {
            id: TermsId::new(Timestamp(0), &random),
            program_id: ProgramId::new(Timestamp(0), &random),
            version,
            terms: Terms::default(),
            starts_at: Timestamp(at),
        };
        let all = [version(1, 100), version(2, 200)];
        assert_eq!(in_force(&all, Timestamp(50)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(150)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(200)).map(|t| t.version), Some(2));
        assert!(in_force(&[], Timestamp(0)).is_none());
    }
}

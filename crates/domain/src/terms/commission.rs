//! How much a payment earns, and which of a customer's payments do.

use serde::{Deserialize, Serialize};

use super::Limit;
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

impl Commission {
    /// The commission on a base, in the currency that it is owed in. `None` when the numbers
    /// do not fit.
    pub fn on(self, base_minor: i64, payment: Currency, program: Currency) -> Option<Money> {
        match self {
            Self::Percent { rate_bps } => {
                share(base_minor, rate_bps, 10_000, payment.step()).map(|minor| Money::new(minor, payment))
            }
            Self::Fixed { amount_minor } => Some(Money::new(amount_minor, program)),
        }
    }

    /// "25%" or "15.00 USD".
    pub fn text(self, currency: Currency) -> String {
        match self {
            Self::Percent { rate_bps } => rate_text(rate_bps),
            Self::Fixed { amount_minor } => Money::new(amount_minor, currency).to_string(),
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
}

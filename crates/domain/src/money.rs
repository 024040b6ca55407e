//! Money: whole minor units and a currency. No floats, no silent overflow, and never a
//! sum across currencies.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A three-letter currency, lowercase as Stripe writes it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// The text is not a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a currency as three letters, such as USD")]
pub struct NotACurrency;

/// Currencies whose minor unit is the unit itself (Stripe docs: currencies, zero-decimal).
const ZERO_DECIMAL: [&str; 15] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
/// Currencies with three decimals; Stripe wants their last digit to be 0.
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];
/// Currencies without decimals that Stripe still multiplies by a hundred.
const WHOLE_TIMES_HUNDRED: [&str; 2] = ["isk", "ugx"];

impl Currency {
    /// The euro, the currency of SEPA transfers.
    pub const EUR: Self = Self(*b"eur");

    /// The lowercase code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII letters are let in")
    }

    /// How many of a minor amount's digits are decimals.
    pub fn exponent(&self) -> u8 {
        if ZERO_DECIMAL.contains(&self.code()) {
            0
        } else if THREE_DECIMAL.contains(&self.code()) {
            3
        } else {
            2
        }
    }

    /// The smallest amount that can be paid, in minor units: 100 for ISK and UGX,
    /// 10 for three-decimal currencies, otherwise 1. Commissions are rounded to it.
    pub fn step(&self) -> i64 {
        if WHOLE_TIMES_HUNDRED.contains(&self.code()) {
            100
        } else if THREE_DECIMAL.contains(&self.code()) {
            10
        } else {
            1
        }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;
    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        let lower = text.trim().to_ascii_lowercase();
        let bytes: [u8; 3] = lower.as_bytes().try_into().map_err(|_| NotACurrency)?;
        if bytes.iter().all(u8::is_ascii_lowercase) { Ok(Self(bytes)) } else { Err(NotACurrency) }
    }
}

impl TryFrom<String> for Currency {
    type Error = NotACurrency;
    fn try_from(text: String) -> Result<Self, NotACurrency> {
        text.parse()
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code().to_ascii_uppercase())
    }
}
impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount of minor units in a currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    /// Minor units, as Stripe counts them.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// An amount.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
}

/// `1,234.50 USD`; the minus is U+2212.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", amount_text(self.minor, self.currency), self.currency)
    }
}

/// `1,234.50`: the amount alone, with thousands set apart and a real minus sign.
pub fn amount_text(minor: i64, currency: Currency) -> String {
    let plain = decimal_text(minor.saturating_abs(), currency);
    let (whole, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}{rest}", if minor < 0 { "\u{2212}" } else { "" })
}

/// `-1234.50`: the amount as a machine reads it, for CSV.
pub fn decimal_text(minor: i64, currency: Currency) -> String {
    let digits = usize::from(currency.exponent());
    let sign = if minor < 0 { "-" } else { "" };
    let magnitude = minor.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{magnitude}");
    }
    let unit = 10_u64.pow(u32::from(currency.exponent()));
    format!("{sign}{}.{:0digits$}", magnitude / unit, magnitude % unit)
}

/// Why a text is not an amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// Not a number.
    #[error("Enter an amount, such as 12.50")]
    NotANumber,
    /// `1.234` could mean two things.
    #[error("Write {0} without thousands separators, or with two decimals")]
    Ambiguous(String),
    /// More decimals than the currency has.
    #[error("{0} has at most {1} decimals")]
    TooFine(Currency, u8),
    /// Outside of what is allowed.
    #[error("Enter an amount from 0 to 999,999,999")]
    OutOfRange,
}

/// The largest amount that a form takes, in units of the currency.
const LARGEST_TYPED_UNITS: i64 = 999_999_999;

/// Reads what a person typed: `1,234.50`, `1.234,50`, `12,5`, `12`. A single separator
/// followed by exactly three digits could be either and is asked back.
pub fn parse_amount(text: &str, currency: Currency) -> Result<i64, AmountError> {
    let cleaned: String = text.trim().chars().filter(|c| !c.is_whitespace()).collect();
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    if !cleaned.chars().any(|c| c.is_ascii_digit()) || !cleaned.chars().all(is_number) {
        return Err(AmountError::NotANumber);
    }
    let separators: Vec<char> = cleaned.chars().filter(|c| !c.is_ascii_digit()).collect();
    let after_last = cleaned.rsplit(['.', ',']).next().unwrap_or_default().len();
    let mixed = separators.first() != separators.last();
    let decimal_mark = match separators.as_slice() {
        [] => None,
        [_] if after_last == 3 && currency.exponent() < 3 => {
            return Err(AmountError::Ambiguous(cleaned));
        }
        [mark] => Some(*mark),
        [.., last] if mixed => Some(*last),
        _ => None,
    };
    let (whole, fraction) = match decimal_mark.and_then(|mark| cleaned.rsplit_once(mark)) {
        Some((whole, fraction)) => (whole, fraction),
        None => (cleaned.as_str(), ""),
    };
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > usize::from(currency.exponent()) {
        return Err(AmountError::TooFine(currency, currency.exponent()));
    }
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    let units: i64 =
        if digits.is_empty() { 0 } else { digits.parse().map_err(|_| AmountError::OutOfRange)? };
    if units > LARGEST_TYPED_UNITS {
        return Err(AmountError::OutOfRange);
    }
    let width = usize::from(currency.exponent());
    let fraction: i64 = format!("{fraction:0<width$}").parse().unwrap_or(0);
    Ok(units * 10_i64.pow(u32::from(currency.exponent())) + fraction)
}

/// `amount × part / whole`, rounded half to even to a multiple of `step`: the one
/// rounding rule. `None` when `whole` is not positive or the result does
/// not fit.
pub fn share(amount: i64, part: i64, whole: i64, step: i64) -> Option<i64> {
    if whole <= 0 || step <= 0 {
        return None;
    }
    let numerator = i128::from(amount).checked_mul(i128::from(part))?;
    let denominator = i128::from(whole).checked_mul(i128::from(step))?;
    let floor = numerator.div_euclid(denominator);
    let twice_rest = numerator.rem_euclid(denominator) * 2;
    let up = twice_rest > denominator || (twice_rest == denominator && floor % 2 != 0);
    i64::try_from((floor + i128::from(up)) * i128::from(step)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn currency(code: &str) -> Currency {
        code.parse().expect("a currency")
    }

    #[rstest]
    #[case(123_450, "usd", "1,234.50 USD")]
    #[case(-5, "usd", "\u{2212}0.05 USD")]
    #[case(1_234_567, "jpy", "1,234,567 JPY")]
    #[case(1_234_560, "kwd", "1,234.560 KWD")]
    #[case(500, "isk", "5.00 ISK")]
    #[case(0, "eur", "0.00 EUR")]
    fn money_reads_as(#[case] minor: i64, #[case] code: &str, #[case] text: &str) {
        assert_eq!(Money::new(minor, currency(code)).to_string(), text);
    }

    #[rstest]
    #[case("1,234.50", Ok(123_450))]
    #[case("1.234,50", Ok(123_450))]
    #[case("12,5", Ok(1_250))]
    #[case(" 12 ", Ok(1_200))]
    #[case("1,234,567", Ok(123_456_700))]
    #[case("1.234", Err(AmountError::Ambiguous("1.234".into())))]
    #[case("12.345,6789", Err(AmountError::TooFine(currency("usd"), 2)))]
    #[case("abc", Err(AmountError::NotANumber))]
    #[case("-5", Err(AmountError::NotANumber))]
    #[case("", Err(AmountError::NotANumber))]
    #[case("99999999999", Err(AmountError::OutOfRange))]
    fn typed_amounts(#[case] text: &str, #[case] expected: Result<i64, AmountError>) {
        assert_eq!(parse_amount(text, currency("usd")), expected);
    }

    #[rstest]
    #[case(5, 1, 2, 1, 2)] // 2.5 → 2
    #[case(7, 1, 2, 1, 4)] // 3.5 → 4
    #[case(-5, 1, 2, 1, -2)]
    #[case(1_050, 1, 2, 100, 500)] // 525 → 500
    #[case(1_100, 1, 2, 100, 600)] // 550 → 600, the even one
    #[case(1_000, 1, 4, 100, 200)] // 250 → 200, the even one
    fn halves_go_to_even(
        #[case] amount: i64,
        #[case] part: i64,
        #[case] whole: i64,
        #[case] step: i64,
        #[case] expected: i64,
    ) {
        assert_eq!(share(amount, part, whole, step), Some(expected));
    }

    proptest! {
        #[test]
        fn the_full_share_is_the_amount(amount in 0..i64::MAX / 2, whole in 1..i64::MAX / 2) {
            prop_assert_eq!(share(amount, whole, whole, 1), Some(amount));
        }

        #[test]
        fn a_larger_part_has_a_larger_share(amount in 0..1_000_000_000i64, a in 0..10_000i64, b in 0..10_000i64) {
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(share(amount, low, 10_000, 1) <= share(amount, high, 10_000, 1));
        }

        #[test]
        fn shares_are_multiples_of_the_step(amount in 0..1_000_000_000i64, part in 0..=10_000i64) {
            prop_assert_eq!(share(amount, part, 10_000, 100).map(|s| s % 100), Some(0));
        }

        #[test]
        fn decimal_text_reads_back(minor in 0..99_999_999_999i64) {
            for code in ["usd", "jpy", "kwd"] {
                let c = currency(code);
                let text = amount_text(minor, c);
                // A lone group of three is the one form that is asked back.
                let is_plain = text.matches([',', '.']).count() != 1 || c.exponent() == 2;
                if let (true, Ok(read)) = (is_plain, parse_amount(&text, c)) {
                    prop_assert_eq!(read, minor);
                }
            }
        }
    }
}

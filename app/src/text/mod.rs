//! How numbers, money and times read: one way for each, everywhere.
//!
//! All arithmetic is on integers; a rounding happens once, at the last digit shown.

mod browsers;
mod dates;
mod numbers;
pub mod plain_text;

pub use browsers::browser_name;
pub use dates::{When, Zone, relative, time_zones};
/// An amount without its currency, for a column whose heading names it: `1,234.50`.
pub use domain::money::amount_text as amount;
pub use numbers::{change, count, initials, percent, plural, share, short_id};

use domain::money::{Currency, Money};

/// Currencies to choose from; any other that Stripe knows can be set by the API.
pub const CURRENCIES: [(&str, &str); 24] = [
    ("usd", "US dollar"),
    ("eur", "Euro"),
    ("gbp", "Pound sterling"),
    ("aud", "Australian dollar"),
    ("brl", "Brazilian real"),
    ("cad", "Canadian dollar"),
    ("chf", "Swiss franc"),
    ("cny", "Chinese yuan"),
    ("czk", "Czech koruna"),
    ("dkk", "Danish krone"),
    ("hkd", "Hong Kong dollar"),
    ("huf", "Hungarian forint"),
    ("ils", "Israeli shekel"),
    ("inr", "Indian rupee"),
    ("jpy", "Japanese yen"),
    ("krw", "South Korean won"),
    ("mxn", "Mexican peso"),
    ("nok", "Norwegian krone"),
    ("nzd", "New Zealand dollar"),
    ("pln", "Polish złoty"),
    ("sek", "Swedish krona"),
    ("sgd", "Singapore dollar"),
    ("try", "Turkish lira"),
    ("zar", "South African rand"),
];

/// An amount with its currency: `1,234.50 USD`.
pub fn money(minor: i64, currency: Currency) -> String {
    Money::new(minor, currency).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_one_way() {
        for (minor, currency, expected) in [
            (0, "usd", "0.00 USD"),
            (5, "usd", "0.05 USD"),
            (123_450, "usd", "1,234.50 USD"),
            (-600, "eur", "\u{2212}6.00 EUR"),
            (-1_200, "jpy", "\u{2212}1,200 JPY"),
            (1_234_567, "kwd", "1,234.567 KWD"),
        ] {
            assert_eq!(money(minor, currency.parse().unwrap()), expected);
        }
    }
}

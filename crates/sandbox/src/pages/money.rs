//! Amounts as people write them.

/// Currencies without minor units.
const ZERO_DECIMAL: [&str; 15] =
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"];
/// Currencies with three decimals.
const THREE_DECIMAL: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

fn decimals(currency: &str) -> u32 {
    if ZERO_DECIMAL.contains(&currency) {
        0
    } else if THREE_DECIMAL.contains(&currency) {
        3
    } else {
        2
    }
}

/// `1234` in `usd` is `12.34 USD`.
pub(super) fn money(amount: i64, currency: &str) -> String {
    let places = decimals(currency);
    let unit = 10_i64.pow(places);
    let sign = if amount < 0 { "−" } else { "" };
    let (whole, part) = (amount.abs() / unit, amount.abs() % unit);
    let code = currency.to_ascii_uppercase();
    if places == 0 {
        format!("{sign}{whole} {code}")
    } else {
        format!("{sign}{whole}.{part:0width$} {code}", width = places as usize)
    }
}

/// `12.3` in `usd` is 1230. `None` when it is not an amount of that currency.
pub(super) fn minor_units(text: &str, currency: &str) -> Option<i64> {
    let places = decimals(currency) as usize;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > places {
        return None;
    }
    format!("{whole}{part:0<places$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_by_their_currency() {
        assert_eq!(money(123_405, "usd"), "1234.05 USD");
        assert_eq!(money(-500, "jpy"), "−500 JPY");
        assert_eq!(money(1_500, "kwd"), "1.500 KWD");
        assert_eq!(minor_units("12.3", "usd"), Some(1_230));
        assert_eq!(minor_units("12", "jpy"), Some(12));
        assert_eq!(minor_units("12.345", "usd"), None);
        assert_eq!(minor_units("1,5", "usd"), None);
        assert_eq!(minor_units("-1", "usd"), None);
    }
}

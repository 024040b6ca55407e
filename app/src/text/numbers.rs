//! Counts, shares and names in words.

/// A count with thousands apart: `1,284`.
pub fn count(number: i64) -> String {
    let sign = if number < 0 { "\u{2212}" } else { "" };
    format!("{sign}{}", group_thousands(&number.unsigned_abs().to_string()))
}

/// A count with its noun: `1 payout`, `3 payouts`.
pub fn plural(number: i64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A rate in basis points as percent, without needless zeros: `25%`, `12.5%`, `8.75%`.
pub fn percent(basis_points: i64) -> String {
    let sign = if basis_points < 0 { "\u{2212}" } else { "" };
    let points = basis_points.unsigned_abs();
    let decimals = format!("{:02}", points % 100);
    let decimals = decimals.trim_end_matches('0');
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{decimals}%", group_thousands(&(points / 100).to_string()))
}

/// The share of `part` in `whole` with one decimal, rounded half up: `9.0%`.
/// Nothing has no shares: `None` when `whole` is not positive.
pub fn share(part: i64, whole: i64) -> Option<String> {
    if whole <= 0 {
        return None;
    }
    Some(tenths_of_percent(i128::from(part), i128::from(whole)))
}

/// The change against an earlier value: `↑ 18.4%`, `↓ 3.0%`, `no change`.
/// `None` when there was nothing before, because a rise from nothing has no percentage.
pub fn change(now: i64, before: i64) -> Option<String> {
    if before <= 0 {
        return None;
    }
    let difference = i128::from(now) - i128::from(before);
    let arrow = match difference {
        0 => return Some("no change".to_owned()),
        1.. => '↑',
        _ => '↓',
    };
    Some(format!("{arrow} {}", tenths_of_percent(difference.abs(), i128::from(before))))
}

/// The first letters of the first and the last word of a name, for an avatar: `HL`.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// An id that is still recognizable in a narrow column: `in_1SPt…uR8a`.
pub fn short_id(id: &str) -> String {
    const KEPT: usize = 4;
    let (prefix, rest) = id.rfind('_').map_or(("", id), |at| id.split_at(at + 1));
    let letters: Vec<char> = rest.chars().collect();
    if letters.len() <= 2 * KEPT + 1 {
        return id.to_owned();
    }
    let head: String = letters[..KEPT].iter().collect();
    let tail: String = letters[letters.len() - KEPT..].iter().collect();
    format!("{prefix}{head}…{tail}")
}

/// Puts commas between groups of three digits.
pub(super) fn group_thousands(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `part` of `whole` in percent with one decimal. In 128 bits, where no `i64` overflows.
fn tenths_of_percent(part: i128, whole: i128) -> String {
    let sign = if part < 0 { "\u{2212}" } else { "" };
    let tenths = (part.abs() * 2_000 + whole) / (2 * whole);
    format!("{sign}{}.{}%", group_thousands(&(tenths / 10).to_string()), tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_a_noun_in_singular_or_plural() {
        for (number, expected) in
            [(0, "0"), (999, "999"), (1_284, "1,284"), (-1_000_000, "\u{2212}1,000,000")]
        {
            assert_eq!(count(number), expected);
        }
        assert_eq!(plural(1, "payout", "payouts"), "1 payout");
        assert_eq!(plural(0, "payout", "payouts"), "0 payouts");
        assert_eq!(plural(1_200, "click", "clicks"), "1,200 clicks");
    }

    #[test]
    fn rates() {
        for (basis_points, expected) in [
            (2_500, "25%"),
            (1_250, "12.5%"),
            (875, "8.75%"),
            (1, "0.01%"),
            (0, "0%"),
            (10_000, "100%"),
            (-50, "\u{2212}0.5%"),
        ] {
            assert_eq!(percent(basis_points), expected);
        }
    }

    #[test]
    fn shares_are_percentages() {
        assert_eq!(share(412, 4_586).as_deref(), Some("9.0%"));
        assert_eq!(share(61, 412).as_deref(), Some("14.8%"));
        assert_eq!(share(1, 3).as_deref(), Some("33.3%"));
        assert_eq!(share(2, 3).as_deref(), Some("66.7%"));
        assert_eq!(share(i64::MAX, i64::MAX).as_deref(), Some("100.0%"));
        assert_eq!(share(1, 0), None);
    }

    #[test]
    fn changes_have_a_sign() {
        assert_eq!(change(1_005_480, 849_240).as_deref(), Some("↑ 18.4%"));
        assert_eq!(change(97, 100).as_deref(), Some("↓ 3.0%"));
        assert_eq!(change(100, 100).as_deref(), Some("no change"));
        assert_eq!(change(5, 0), None);
    }

    #[test]
    fn names_and_ids_are_shortened() {
        assert_eq!(initials("Hanna Lindqvist"), "HL");
        assert_eq!(initials("Maria del Mar Ruiz"), "MR");
        assert_eq!(initials("ölgen"), "Ö");
        assert_eq!(initials("  "), "");
        assert_eq!(short_id("in_1SPtAbCdEfuR8a"), "in_1SPt…uR8a");
        assert_eq!(short_id("cs_live_a1NfAbCdEfGh9x8y"), "cs_live_a1Nf…9x8y");
        assert_eq!(short_id("cnv_short"), "cnv_short");
    }
}

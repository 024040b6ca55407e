//! Phrases that several reasons share.

use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS};

use crate::text::plural;

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + characters.as_str())
}

/// A span of time in whole days.
pub(super) fn days(ms: i64) -> String {
    match ms / DAY_MS {
        ..=0 => "less than a day".to_owned(),
        days => plural(days, "day", "days"),
    }
}

/// "3 seconds before", "2 hours before", "4 days before"; our clock may be ahead of
/// Stripe's by some minutes.
pub(super) fn before(ms: i64) -> String {
    if ms <= -SECOND_MS {
        return "moments after, within the clock tolerance".to_owned();
    }
    let span = match ms {
        ..MINUTE_MS => plural(ms.max(0) / SECOND_MS, "second", "seconds"),
        MINUTE_MS..HOUR_MS => plural(ms / MINUTE_MS, "minute", "minutes"),
        HOUR_MS..DAY_MS => plural(ms / HOUR_MS, "hour", "hours"),
        _ => plural(ms / DAY_MS, "day", "days"),
    };
    format!("{span} before")
}

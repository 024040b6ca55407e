//! Times in words, in the time zone of a program: `3 Dec 2026`, `Today, 09:39`.

use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;

/// A moment for people and for machines: the text of a `<time>` and its `datetime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// What is read.
    pub text: String,
    /// ISO 8601, with the offset of the zone.
    pub iso: String,
}

/// The names of all time zones that people choose from: `UTC`, then `Area/Place`.
pub fn time_zones() -> Vec<String> {
    let places = jiff::tz::db().available().map(|name| name.to_string());
    let mut names: Vec<String> = places
        .filter(|name| name.contains('/') && !name.starts_with("Etc/") && !name.contains("posix"))
        .collect();
    names.sort_unstable();
    names.dedup();
    names.insert(0, "UTC".to_owned());
    names
}

/// A time zone that moments are shown in.
#[derive(Clone, Debug)]
pub struct Zone {
    zone: TimeZone,
    name: String,
}

impl Zone {
    /// The zone of an IANA name such as `America/New_York`; UTC for a name that is unknown,
    /// so that a page never fails for it.
    pub fn named(name: &str) -> Self {
        match TimeZone::get(name) {
            Ok(zone) => Self { zone, name: name.to_owned() },
            Err(_) => Self { zone: TimeZone::UTC, name: "UTC".to_owned() },
        }
    }

    /// The place that people know it by: `New York`.
    pub fn place(&self) -> String {
        self.name.rsplit('/').next().unwrap_or(&self.name).replace('_', " ")
    }

    /// The end of a day that is written as `2026-12-03`; `None` for anything else.
    pub fn end_of_day(&self, date: &str) -> Option<Timestamp> {
        let next: jiff::civil::Date = date.trim().parse::<jiff::civil::Date>().ok()?.tomorrow().ok()?;
        Some(Timestamp(next.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond() - 1))
    }

    /// The day of a moment, for calendars.
    pub fn day(&self, at: Timestamp) -> Option<jiff::civil::Date> {
        Some(jiff::Timestamp::from_millisecond(at.0).ok()?.to_zoned(self.zone.clone()).date())
    }

    /// `3 Dec 2026`
    pub fn date(&self, at: Timestamp) -> When {
        self.when(at, "%-d %b %Y")
    }

    /// `3 Dec 2026, 14:02`
    pub fn date_and_time(&self, at: Timestamp) -> When {
        self.when(at, "%-d %b %Y, %H:%M")
    }

    /// `14:02`
    pub fn time(&self, at: Timestamp) -> When {
        self.when(at, "%H:%M")
    }

    /// `3 Dec`, with the year where it is not this year.
    pub fn short_date(&self, at: Timestamp, now: Timestamp) -> When {
        let this_year = self.at(at).year() == self.at(now).year();
        self.when(at, if this_year { "%-d %b" } else { "%-d %b %Y" })
    }

    /// `Today, 09:39`, `Yesterday, 22:41`, `20 Nov, 19:20`, `20 Nov 2025, 19:20`.
    pub fn recent(&self, at: Timestamp, now: Timestamp) -> When {
        let (then, today) = (self.at(at).date(), self.at(now).date());
        let format = if then == today {
            "Today, %H:%M"
        } else if Some(then) == today.yesterday().ok() {
            "Yesterday, %H:%M"
        } else if then.year() == today.year() {
            "%-d %b, %H:%M"
        } else {
            "%-d %b %Y, %H:%M"
        };
        self.when(at, format)
    }

    /// The same inside of a sentence: `today, 09:39`.
    pub fn recently(&self, at: Timestamp, now: Timestamp) -> When {
        let When { text, iso } = self.recent(at, now);
        When { text: text.replace("Today", "today").replace("Yesterday", "yesterday"), iso }
    }

    /// A period from its first to its last moment: `23 Oct – 21 Nov 2026`.
    pub fn period(&self, from: Timestamp, to: Timestamp) -> String {
        let (first, last) = (self.at(from), self.at(to));
        let first_format = if first.year() == last.year() { "%-d %b" } else { "%-d %b %Y" };
        format!("{} – {}", first.strftime(first_format), last.strftime("%-d %b %Y"))
    }

    /// `49 min ago`, with the full date as the machine's text.
    pub fn ago(&self, at: Timestamp, now: Timestamp) -> When {
        When { text: relative(at, now), ..self.date_and_time(at) }
    }

    fn at(&self, at: Timestamp) -> Zoned {
        // A moment outside jiff's ±9999 years comes from a broken clock; show the epoch.
        jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(self.zone.clone())
    }

    fn when(&self, at: Timestamp, format: &str) -> When {
        let zoned = self.at(at);
        When {
            text: zoned.strftime(format).to_string(),
            iso: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// How long ago or how soon: `just now`, `2 min ago`, `14 h ago`, `5 days ago`, `in 3 days`.
pub fn relative(at: Timestamp, now: Timestamp) -> String {
    let distance = now.since_ms(at);
    let words = match distance.saturating_abs() {
        ..MINUTE_MS => return "just now".to_owned(),
        ms @ MINUTE_MS..HOUR_MS => format!("{} min", ms / MINUTE_MS),
        ms @ HOUR_MS..DAY_MS => format!("{} h", ms / HOUR_MS),
        ms => super::plural(ms / DAY_MS, "day", "days"),
    };
    if distance > 0 { format!("{words} ago") } else { format!("in {words}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp(text.parse::<jiff::Timestamp>().expect("a time").as_millisecond())
    }

    const NOW: &str = "2026-11-21T14:41:00Z";

    #[test]
    fn absolute_times_are_in_the_zone() {
        let zone = Zone::named("America/New_York");
        let paid = at("2026-11-04T19:02:09Z");
        assert_eq!(zone.date(paid).text, "4 Nov 2026");
        assert_eq!(zone.date_and_time(paid).text, "4 Nov 2026, 14:02");
        assert_eq!(zone.date_and_time(paid).iso, "2026-11-04T14:02:09-05:00");
        assert_eq!(zone.time(paid).text, "14:02");
        assert_eq!(zone.place(), "New York");
        assert_eq!(zone.date(at("2026-11-05T02:00:00Z")).text, "4 Nov 2026", "still the evening before");
    }

    #[test]
    fn recent_times_are_relative() {
        let zone = Zone::named("America/New_York");
        for (moment, expected) in [
            ("2026-11-21T14:39:00Z", "Today, 09:39"),
            ("2026-11-21T03:41:00Z", "Yesterday, 22:41"),
            ("2026-11-20T00:20:00Z", "19 Nov, 19:20"),
            ("2025-11-20T00:20:00Z", "19 Nov 2025, 19:20"),
        ] {
            assert_eq!(zone.recent(at(moment), at(NOW)).text, expected);
        }
        assert_eq!(zone.recently(at("2026-11-21T14:39:00Z"), at(NOW)).text, "today, 09:39");
        assert_eq!(zone.short_date(at("2026-10-21T12:00:00Z"), at(NOW)).text, "21 Oct");
        assert_eq!(zone.short_date(at("2025-10-21T12:00:00Z"), at(NOW)).text, "21 Oct 2025");
    }

    #[test]
    fn distances_in_time_have_words() {
        for (moment, expected) in [
            ("2026-11-21T14:40:30Z", "just now"),
            ("2026-11-21T14:39:00Z", "2 min ago"),
            ("2026-11-21T13:52:00Z", "49 min ago"),
            ("2026-11-21T00:20:00Z", "14 h ago"),
            ("2026-11-20T14:41:00Z", "1 day ago"),
            ("2026-11-16T14:00:00Z", "5 days ago"),
            ("2026-11-24T14:41:00Z", "in 3 days"),
        ] {
            assert_eq!(relative(at(moment), at(NOW)), expected);
        }
    }

    #[test]
    fn time_zones_start_with_utc_and_are_known() {
        let zones = time_zones();
        assert_eq!(zones[0], "UTC");
        assert!(zones.iter().any(|zone| zone == "Europe/Berlin"), "{zones:?}");
        assert!(zones.iter().skip(1).all(|zone| Zone::named(zone).name == *zone), "{zones:?}");
    }

    #[test]
    fn periods_and_odd_zones() {
        let zone = Zone::named("America/New_York");
        assert_eq!(zone.period(at("2026-10-23T04:00:00Z"), at(NOW)), "23 Oct – 21 Nov 2026");
        assert_eq!(zone.period(at("2025-12-01T05:00:00Z"), at(NOW)), "1 Dec 2025 – 21 Nov 2026");
        assert_eq!(Zone::named("Mars/Olympus").place(), "UTC");
        assert_eq!(Zone::named("UTC").date(Timestamp(i64::MAX)).text, "1 Jan 1970");
    }
}

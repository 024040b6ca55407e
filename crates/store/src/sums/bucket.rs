//! Buckets of time in UTC, and which of them make up the time until a moment.

use std::collections::BTreeMap;

use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};

/// The length of the smallest bucket. Every time zone's offset is a multiple of it since the
/// 1970s (IANA time zone database; the last exception was Liberia, until January 1972).
const QUARTER_MS: i64 = 15 * MINUTE_MS;
/// Quarters of a day, and the size of a day's bucket.
pub(super) const DAY: i64 = 96;
/// The size of an hour's bucket.
pub(super) const HOUR: i64 = 4;
/// The size of a quarter's bucket.
pub(super) const QUARTER: i64 = 1;
/// The size of the bucket of all time.
pub(super) const ALL_TIME: i64 = 0;

/// The key of a bucket: its size, its day since 1970 and its place in the day.
pub(super) type Key = (i64, i64, i64);

/// The bucket of a given size that contains a time.
pub(super) const fn bucket(size: i64, at: Timestamp) -> Key {
    if size == ALL_TIME {
        return (ALL_TIME, 0, 0);
    }
    (size, at.utc_day(), quarter(at) / size)
}

const fn quarter(at: Timestamp) -> i64 {
    at.0.rem_euclid(DAY_MS) / QUARTER_MS
}

/// A moment as an end of a span: all days before `day`, and a part of one day more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// All days before this one are before the moment.
    pub(super) day: i64,
    /// What to add to them.
    pub(super) part: Option<Part>,
}

/// Some quarters of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) day: i64,
    pub(super) quarters: Quarters,
}

/// Quarters from one to before another; added with the sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quarters {
    pub(super) from: i64,
    pub(super) until: i64,
    pub(super) sign: i64,
}

impl Cut {
    /// Before everything.
    pub const BEGINNING: Self = Self { day: i64::MIN, part: None };
    /// After everything.
    pub const END: Self = Self { day: i64::MAX, part: None };

    /// At a moment, which is rounded down to a quarter of an hour.
    pub const fn at(at: Timestamp) -> Self {
        let (day, quarter) = (at.utc_day(), quarter(at));
        match quarter {
            0 => Self { day, part: None },
            1..=48 => Self {
                day,
                part: Some(Part { day, quarters: Quarters { from: 0, until: quarter, sign: 1 } }),
            },
            _ => {
                let quarters = Quarters { from: quarter, until: DAY, sign: -1 };
                Self { day: day.saturating_add(1), part: Some(Part { day, quarters }) }
            }
        }
    }

    /// The day and the quarters that are added, or none.
    pub(super) fn taken_off(self) -> (i64, Quarters) {
        self.part.map_or((0, Quarters { from: 0, until: 0, sign: 1 }), |part| (part.day, part.quarters))
    }
}

impl Part {
    /// Whether it has a quarter of a day.
    pub(super) const fn has(self, day: i64, quarter: i64) -> bool {
        self.day == day && self.quarters.from <= quarter && quarter < self.quarters.until
    }
}

/// Buckets of one size: days from one to before another, and in each the places from one to
/// before another.
pub(super) struct Range {
    pub(super) size: i64,
    pub(super) days: (i64, i64),
    pub(super) parts: (i64, i64),
    pub(super) sign: i64,
}

impl Range {
    /// The one bucket of all time.
    pub(super) const ALL_TIME: Self = Self { size: ALL_TIME, days: (0, 1), parts: (0, 1), sign: 1 };
}

/// What the span between two cuts is added up from, in days and quarters.
pub(super) fn ranges(from: Cut, until: Cut) -> Vec<Range> {
    let days = Range { size: DAY, days: (from.day, until.day), parts: (0, 1), sign: 1 };
    let part = |part: Part, sign: i64| Range {
        size: QUARTER,
        days: (part.day, part.day + 1),
        parts: (part.quarters.from, part.quarters.until),
        sign: sign * part.quarters.sign,
    };
    let ends = [from.part.map(|of| part(of, -1)), until.part.map(|of| part(of, 1))];
    std::iter::once(days).chain(ends.into_iter().flatten()).collect()
}

/// The parts of cuts by which quarters of a day they are: the day and the cut's place. Midnights
/// of a time zone are of one kind or two, one for each of its offsets.
pub(super) fn alike(cuts: &[Cut]) -> BTreeMap<Quarters, Vec<(i64, usize)>> {
    let mut kinds: BTreeMap<Quarters, Vec<(i64, usize)>> = BTreeMap::new();
    for (place, cut) in cuts.iter().enumerate() {
        if let Some(part) = cut.part {
            kinds.entry(part.quarters).or_default().push((part.day, place));
        }
    }
    kinds
}

/// The first and the last day that a part is of.
pub(super) fn ends(cuts: &[Cut]) -> (Option<i64>, Option<i64>) {
    let days = || cuts.iter().filter_map(|cut| cut.part.map(|part| part.day));
    (days().min(), days().max())
}

impl Quarters {
    /// The buckets that these quarters are made of: sizes, and the places from one to before
    /// another.
    pub(super) fn buckets(self) -> Vec<(i64, i64, i64)> {
        let (from, until) = (self.from, self.until);
        let (first, last) = ((from + HOUR - 1) / HOUR, until / HOUR);
        if first >= last {
            return vec![(QUARTER, from, until)];
        }
        let all = [(QUARTER, from, first * HOUR), (HOUR, first, last), (QUARTER, last * HOUR, until)];
        all.into_iter().filter(|(_, from, until)| from < until).collect()
    }
}

#[cfg(test)]
mod tests {
    use domain::clock::HOUR_MS;

    use super::*;

    #[test]
    fn buckets_add_up_to_every_quarter_of_a_day() {
        for quarter in 0..DAY {
            let cut = Cut::at(Timestamp(5 * DAY_MS + quarter * QUARTER_MS + 1));
            let mut sum = (cut.day - 5) * DAY;
            if let Some(part) = cut.part {
                assert_eq!(part.day, 5);
                let buckets = part.quarters.buckets();
                let length: i64 = buckets.iter().map(|(size, from, until)| size * (until - from)).sum();
                assert_eq!(length, part.quarters.until - part.quarters.from);
                assert!(length <= DAY / 2 && buckets.len() <= 2);
                sum += part.quarters.sign * (part.quarters.until - part.quarters.from);
            }
            assert_eq!(sum, quarter);
        }
    }

    #[test]
    fn moments_before_1970_have_buckets_too() {
        assert_eq!(bucket(HOUR, Timestamp(-1)), (HOUR, -1, 23));
        assert_eq!(bucket(QUARTER, Timestamp(-HOUR_MS)), (QUARTER, -1, 92));
        assert_eq!(bucket(DAY, Timestamp(-1)), (DAY, -1, 0));
        assert_eq!(bucket(ALL_TIME, Timestamp(-1)), (ALL_TIME, 0, 0));
    }
}

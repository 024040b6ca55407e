//! The axes of a chart, in whole numbers.

/// The value axis: from 0 in four equal, round steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale {
    step: i64,
    /// How many minor units make one unit.
    one: i64,
}

const STEPS: i64 = 4;

impl Scale {
    /// The smallest scale of round steps that holds the largest value.
    pub(super) fn over(largest: i64, exponent: u8) -> Self {
        let one = 10_i64.saturating_pow(u32::from(exponent));
        let needed = largest.max(0).div_euclid(STEPS).saturating_add(1);
        let mut power: i64 = 1;
        // The last digit of a step is one of these; 25 is kept from splitting units.
        let step = loop {
            let found = [10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 100]
                .into_iter()
                .filter_map(|digits: i64| digits.checked_mul(power))
                .map(|tenfold| tenfold / 10)
                .find(|step| step.checked_mul(STEPS).is_none_or(|top| top >= largest) && *step > 0);
            match found {
                Some(step) => break step,
                None => match power.checked_mul(10) {
                    Some(next) => power = next,
                    None => break needed,
                },
            }
        };
        // Below one unit a money axis would only count cents of no interest.
        Self { step: step.max(one.min(step.saturating_mul(one))).max(1), one }
    }

    /// From 0 upwards.
    pub(super) fn ticks(self) -> Vec<i64> {
        (0..=STEPS).map(|index| self.step.saturating_mul(index)).collect()
    }

    /// A tick in words; whole units go without decimals when all ticks are whole.
    pub(super) fn tick_text(self, tick: i64, text: impl Fn(i64) -> String) -> String {
        if self.step % self.one == 0 { crate::text::count(tick / self.one) } else { text(tick) }
    }

    /// How far below the top a value is, in tenths of a hundredth of the height.
    pub(super) fn below_top(self, value: i64) -> u32 {
        let top = i128::from(self.step) * i128::from(STEPS);
        let height = (i128::from(value.max(0)) * 1_000 / top).clamp(0, 1_000);
        u32::try_from(1_000 - height).unwrap_or(0)
    }
}

/// "81.5" from 815.
pub(super) fn tenths(value: u32) -> String {
    format!("{}.{}", value / 10, value % 10)
}

/// Every how many points have a label, so that four or five are shown: a week apart for a
/// month, six hours for a day.
pub(super) fn label_stride(points: usize) -> usize {
    [1, 2, 3, 6, 7, 14, 21, 30, 60, 91]
        .into_iter()
        .find(|stride| points < stride * 5)
        .unwrap_or(points.div_ceil(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(largest: i64, exponent: u8) -> Vec<i64> {
        Scale::over(largest, exponent).ticks()
    }

    #[test]
    fn axis_steps_are_round_and_cover_the_largest_value() {
        assert_eq!(ticks(115_200, 2), [0, 30_000, 60_000, 90_000, 120_000]);
        assert_eq!(ticks(7, 0), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(1, 0), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(0, 0), [0, 1, 2, 3, 4]);
        assert_eq!(ticks(0, 2), [0, 100, 200, 300, 400]);
        assert_eq!(ticks(4_586, 0), [0, 1_500, 3_000, 4_500, 6_000]);
        for largest in (0..3_000).chain([i64::MAX / 7, i64::MAX]) {
            assert!(ticks(largest, 0).last().is_some_and(|top| *top >= largest), "{largest}");
        }
    }

    #[test]
    fn whole_units_have_no_decimals() {
        let scale = Scale::over(115_200, 2);
        assert_eq!(scale.tick_text(120_000, |_| unreachable!()), "1,200");
        assert_eq!(Scale::over(4_586, 0).tick_text(6_000, |_| unreachable!()), "6,000");
        let fine = Scale { step: 250, one: 100 };
        assert_eq!(fine.tick_text(250, |value| crate::text::amount(value, "usd".parse().unwrap())), "2.50");
    }

    #[test]
    fn values_stay_inside_the_chart() {
        let scale = Scale::over(115_200, 2);
        assert_eq!(tenths(scale.below_top(115_200)), "4.0");
        assert_eq!(tenths(scale.below_top(0)), "100.0");
        assert_eq!(tenths(scale.below_top(-5)), "100.0");
    }

    #[test]
    fn an_axis_has_few_labels() {
        for (points, stride) in [(1, 1), (7, 2), (12, 3), (24, 6), (30, 7), (90, 21), (365, 91)] {
            assert_eq!(label_stride(points), stride, "{points}");
        }
    }
}

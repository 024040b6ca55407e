//! What an affiliate could earn in the first year.

use super::{Order, Recurrence, Reward};
use crate::money::Currency;

/// How many months a forecast covers.
pub const FORECAST_MONTHS: i64 = 12;

/// What an affiliate would earn who refers the same number of customers every month, all of
/// whom pay the same every month and stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// The commission of each month, in minor units.
    pub months: Vec<i64>,
    /// Their sum.
    pub total: i64,
}

impl Reward {
    /// A forecast of [`FORECAST_MONTHS`], in the program's currency, for payments that this reward
    /// is for. `None` when the numbers do not fit.
    pub fn forecast(&self, customers: i64, payment_minor: i64, currency: Currency) -> Option<Forecast> {
        let mut months = Vec::new();
        // What the customers of one month have earned by then, month by month.
        let mut of_one_month = 0_i64;
        for age in 0..FORECAST_MONTHS {
            let step = self.steps.iter().find(|step| match step.recurrence {
                Recurrence::FirstPayment => age == 0,
                Recurrence::Months { months } => age < months,
                Recurrence::Lifetime => true,
            });
            let earns = match self.conditions.order {
                Some(Order::New) => age == 0,
                Some(Order::Renewal) => age > 0,
                None => true,
            };
            let paid = match step.filter(|_| earns) {
                Some(step) => step.commission.on(payment_minor, currency, currency)?.minor,
                None => 0,
            };
            of_one_month = of_one_month.checked_add(paid)?;
            months.push(customers.checked_mul(of_one_month)?);
        }
        let total = months.iter().try_fold(0_i64, |sum, month| sum.checked_add(*month))?;
        Some(Forecast { months, total })
    }

    /// Whether it pays for first payments alone.
    pub fn is_once(&self) -> bool {
        let only_first = self.steps.only().is_some_and(|step| step.recurrence == Recurrence::FirstPayment);
        only_first || self.conditions.order == Some(Order::New)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::one_or_more::OneOrMore;
    use crate::terms::{Commission, Conditions, Step};

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    fn step(rate_bps: i64, recurrence: Recurrence) -> Step {
        Step { commission: Commission::Percent { rate_bps }, recurrence }
    }

    fn reward(steps: Vec<Step>) -> Reward {
        Reward { name: None, conditions: Conditions::none(), steps: OneOrMore::of(steps).unwrap() }
    }

    #[test]
    fn customers_are_counted_while_they_earn() {
        let forecast = |recurrence| reward(vec![step(2_500, recurrence)]).forecast(8, 1_200, usd()).unwrap();
        let year = forecast(Recurrence::Months { months: 12 });
        assert_eq!((year.months[0], year.months[11], year.total), (2_400, 28_800, 187_200));
        let quarter = forecast(Recurrence::Months { months: 3 });
        assert_eq!((quarter.months[1], quarter.months[2], quarter.months[11]), (4_800, 7_200, 7_200));
        let once = forecast(Recurrence::FirstPayment);
        assert_eq!((once.months[11], once.total), (2_400, 28_800));
    }

    #[test]
    fn each_month_pays_by_the_age_of_its_customers() {
        let steps = vec![step(5_000, Recurrence::FirstPayment), step(1_000, Recurrence::Lifetime)];
        let forecast = reward(steps.clone()).forecast(1, 10_000, usd()).unwrap();
        assert_eq!(forecast.months[..3], [5_000, 6_000, 7_000]);
        let conditions = Conditions { order: Some(Order::Renewal), ..Conditions::none() };
        let renewals = Reward { conditions, ..reward(steps) };
        assert_eq!(renewals.forecast(1, 10_000, usd()).unwrap().months[..3], [0, 1_000, 2_000]);
    }

    #[test]
    fn numbers_that_do_not_fit_have_no_forecast() {
        assert_eq!(reward(vec![step(2_500, Recurrence::Lifetime)]).forecast(i64::MAX, 1_200, usd()), None);
    }
}

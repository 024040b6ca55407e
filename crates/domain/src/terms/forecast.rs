//! What an affiliate could earn in the first year.

use super::{Recurrence, Terms};
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

impl Terms {
    /// A forecast of [`FORECAST_MONTHS`], in the program's currency. `None` when the numbers do
    /// not fit.
    pub fn forecast(&self, customers: i64, payment_minor: i64, currency: Currency) -> Option<Forecast> {
        let one = self.commission_on(payment_minor, currency, currency)?.minor;
        let month = |month: i64| {
            let paying_months = match self.recurrence {
                Recurrence::FirstPayment => 1,
                Recurrence::Months { months } => month.min(months),
                Recurrence::Lifetime => month,
            };
            customers.checked_mul(paying_months)?.checked_mul(one)
        };
        let months: Vec<i64> = (1..=FORECAST_MONTHS).map(month).collect::<Option<_>>()?;
        let total = months.iter().try_fold(0_i64, |sum, month| sum.checked_add(*month))?;
        Some(Forecast { months, total })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::Commission;

    fn usd() -> Currency {
        "usd".parse().unwrap()
    }

    fn terms(recurrence: Recurrence) -> Terms {
        Terms { commission: Commission::Percent { rate_bps: 2_500 }, recurrence, ..Terms::default() }
    }

    #[test]
    fn customers_are_counted_while_they_earn() {
        let year = terms(Recurrence::Months { months: 12 }).forecast(8, 1_200, usd()).unwrap();
        assert_eq!((year.months[0], year.months[11], year.total), (2_400, 28_800, 187_200));
        let quarter = terms(Recurrence::Months { months: 3 }).forecast(8, 1_200, usd()).unwrap();
        assert_eq!((quarter.months[1], quarter.months[2], quarter.months[11]), (4_800, 7_200, 7_200));
        let once = terms(Recurrence::FirstPayment).forecast(8, 1_200, usd()).unwrap();
        assert_eq!((once.months[11], once.total), (2_400, 28_800));
    }

    #[test]
    fn numbers_that_do_not_fit_have_no_forecast() {
        assert_eq!(terms(Recurrence::Lifetime).forecast(i64::MAX, 1_200, usd()), None);
    }
}

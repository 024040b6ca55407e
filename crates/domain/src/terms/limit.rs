//! The limits of the numbers in terms.

/// A number of the terms and the bounds that it must keep.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    low: i64,
    high: i64,
    /// What to do about a number outside of the bounds.
    pub message: &'static str,
}

impl Limit {
    /// The percentage of a commission, in basis points.
    pub const RATE_BPS: Self =
        Self { low: 1, high: 10_000, message: "Enter a percentage from 0.01 to 100, such as 25" };
    /// A fixed commission, in minor units: up to 999,999,999.999 in a currency of three decimals.
    pub const FIXED_AMOUNT: Self =
        Self { low: 1, high: 999_999_999_999, message: "Enter an amount per payment that is above zero" };
    /// For how many months payments earn.
    pub const MONTHS: Self = Self { low: 1, high: 120, message: "Enter a number of months from 1 to 120" };
    /// A bound of the amount of a payment, in minor units.
    pub const AMOUNT_BOUND: Self =
        Self { low: 0, high: 999_999_999_999, message: "Enter an amount of zero or more" };
    /// A cap of commissions, in minor units.
    pub const CAP: Self =
        Self { low: 1, high: 999_999_999_999, message: "Enter an amount above zero, or leave it empty" };
    /// The cookie window, in days.
    pub const WINDOW_DAYS: Self =
        Self { low: 1, high: 365, message: "Enter a cookie window from 1 to 365 days" };
    /// The hold period, in days.
    pub const HOLD_DAYS: Self = Self { low: 0, high: 365, message: "Enter a hold period from 0 to 365 days" };
    /// The smallest payout, in minor units.
    pub const MINIMUM_PAYOUT: Self =
        Self { low: 0, high: 999_999_999_999, message: "Enter a minimum payout of zero or more" };

    /// The number, if it keeps the bounds.
    ///
    /// # Errors
    /// The sentence that says what to do.
    pub fn check(self, number: i64) -> Result<i64, &'static str> {
        if (self.low..=self.high).contains(&number) { Ok(number) } else { Err(self.message) }
    }
}

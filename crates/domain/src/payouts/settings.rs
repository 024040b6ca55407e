//! How a program pays.

use super::method::BankAccount;

/// How a program pays its affiliates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutSettings {
    /// Runs above this sum, in minor units of the program's currency, need a second person.
    pub second_approval: Option<i64>,
    /// Days for which a payout waits after its method was changed.
    pub method_hold_days: i64,
    /// The day of the month, in the program's time zone, on which a run is drafted by itself.
    pub draft_day: Option<i64>,
    /// The account that pays by SEPA transfer.
    pub payer: Option<BankAccount>,
}

impl Default for PayoutSettings {
    fn default() -> Self {
        Self { second_approval: None, method_hold_days: 3, draft_day: None, payer: None }
    }
}

/// Bounds of a number in the settings, and what to say outside of them.
#[derive(Debug, Clone, Copy)]
pub struct SettingsLimit {
    low: i64,
    high: i64,
    message: &'static str,
}

impl SettingsLimit {
    /// Of [`PayoutSettings::method_hold_days`].
    pub const METHOD_HOLD_DAYS: Self = Self { low: 0, high: 30, message: "Enter 0 to 30 days" };
    /// Of [`PayoutSettings::draft_day`]: every month has these days.
    pub const DRAFT_DAY: Self = Self { low: 1, high: 28, message: "Enter a day from 1 to 28" };
    /// Of [`PayoutSettings::second_approval`].
    pub const SECOND_APPROVAL: Self =
        Self { low: 0, high: 999_999_999_999, message: "Enter an amount of zero or more" };

    /// The number, if it is within the bounds.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn check(self, number: i64) -> Result<i64, &'static str> {
        if (self.low..=self.high).contains(&number) { Ok(number) } else { Err(self.message) }
    }
}

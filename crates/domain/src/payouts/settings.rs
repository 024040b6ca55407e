//! The payout settings of a program, and their limits.

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

/// How a program is to pay its affiliates from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutSettingsChange {
    /// See [`PayoutSettings::second_approval`].
    pub second_approval: Option<i64>,
    /// See [`PayoutSettings::method_hold_days`].
    pub method_hold_days: i64,
    /// See [`PayoutSettings::draft_day`].
    pub draft_day: Option<i64>,
    /// What happens to the account that pays.
    pub payer: PayerChange,
}

/// What happens to the account that pays. Its full number is never shown, so a form that was
/// filled with the settings cannot send it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayerChange {
    /// It stays.
    Keep,
    /// It is another one, or none.
    Replace(Option<BankAccount>),
}

impl From<PayoutSettings> for PayoutSettingsChange {
    fn from(settings: PayoutSettings) -> Self {
        Self {
            second_approval: settings.second_approval,
            method_hold_days: settings.method_hold_days,
            draft_day: settings.draft_day,
            payer: PayerChange::Replace(settings.payer),
        }
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

//! A partial change of terms: the fields that were sent.

use super::{AttributionPriority, ClickModel, Commission, Limit, Recurrence, Terms};
use crate::fields::Problems;

/// A change of the terms: what is `None` stays as it is in the version in force.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// What is earned.
    pub commission: Option<Commission>,
    /// Which payments earn.
    pub recurrence: Option<Recurrence>,
    /// The cookie window in days.
    pub window_days: Option<i64>,
    /// The hold period in days.
    pub hold_days: Option<i64>,
    /// The smallest payout, minor units of the program's currency.
    pub minimum_payout_minor: Option<i64>,
    /// First or last click.
    pub click_model: Option<ClickModel>,
    /// Promotion code or click.
    pub attribution_priority: Option<AttributionPriority>,
    /// Whether payments outside Stripe earn.
    pub outside_stripe: Option<bool>,
}

/// A change to exactly these terms.
impl From<Terms> for TermsChange {
    fn from(terms: Terms) -> Self {
        Self {
            commission: Some(terms.commission),
            recurrence: Some(terms.recurrence),
            window_days: Some(terms.window_days),
            hold_days: Some(terms.hold_days),
            minimum_payout_minor: Some(terms.minimum_payout_minor),
            click_model: Some(terms.click_model),
            attribution_priority: Some(terms.attribution_priority),
            outside_stripe: Some(terms.outside_stripe),
        }
    }
}

impl TermsChange {
    /// The terms with the change applied.
    #[must_use]
    pub fn applied_to(self, terms: Terms) -> Terms {
        Terms {
            commission: self.commission.unwrap_or(terms.commission),
            recurrence: self.recurrence.unwrap_or(terms.recurrence),
            window_days: self.window_days.unwrap_or(terms.window_days),
            hold_days: self.hold_days.unwrap_or(terms.hold_days),
            minimum_payout_minor: self.minimum_payout_minor.unwrap_or(terms.minimum_payout_minor),
            click_model: self.click_model.unwrap_or(terms.click_model),
            attribution_priority: self.attribution_priority.unwrap_or(terms.attribution_priority),
            outside_stripe: self.outside_stripe.unwrap_or(terms.outside_stripe),
        }
    }

    /// Checks every number against its [`Limit`].
    ///
    /// # Errors
    /// The problems, by field.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        match self.commission {
            Some(Commission::Percent { rate_bps }) => {
                problems.keep("commission_percent", Limit::RATE_BPS.check(rate_bps));
            }
            Some(Commission::Fixed { amount_minor }) => {
                problems.keep("commission_amount", Limit::FIXED_AMOUNT.check(amount_minor));
            }
            None => {}
        }
        if let Some(Recurrence::Months { months }) = self.recurrence {
            problems.keep("recurrence_months", Limit::MONTHS.check(months));
        }
        let numbers = [
            ("window_days", self.window_days, Limit::WINDOW_DAYS),
            ("hold_days", self.hold_days, Limit::HOLD_DAYS),
            ("minimum_payout", self.minimum_payout_minor, Limit::MINIMUM_PAYOUT),
        ];
        for (field, number, limit) in numbers {
            if let Some(number) = number {
                problems.keep(field, limit.check(number));
            }
        }
        problems.or(())
    }
}

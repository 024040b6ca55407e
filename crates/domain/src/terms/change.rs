//! A partial change of terms: the fields that were sent.

use super::{AttributionPriority, Caps, ClickModel, Commission, Limit, Recurrence, Reward, Rewards, Terms};
use crate::fields::Problems;

/// A change of the terms: what is `None` stays as it is in the version in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// All rewards.
    pub rewards: Option<Rewards>,
    /// What is earned, in short for terms with one simple reward.
    pub commission: Option<Commission>,
    /// Which payments earn, likewise.
    pub recurrence: Option<Recurrence>,
    /// All caps.
    pub caps: Option<Caps>,
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
            rewards: Some(terms.rewards),
            commission: None,
            recurrence: None,
            caps: Some(terms.caps),
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
    ///
    /// # Errors
    /// A commission in short for terms that have more than one simple reward: it does not say
    /// which one it is about.
    pub fn applied_to(&self, terms: &Terms) -> Result<Terms, Problems> {
        Ok(Terms {
            rewards: self.rewards_after(&terms.rewards)?,
            caps: self.caps.unwrap_or(terms.caps),
            window_days: self.window_days.unwrap_or(terms.window_days),
            hold_days: self.hold_days.unwrap_or(terms.hold_days),
            minimum_payout_minor: self.minimum_payout_minor.unwrap_or(terms.minimum_payout_minor),
            click_model: self.click_model.unwrap_or(terms.click_model),
            attribution_priority: self.attribution_priority.unwrap_or(terms.attribution_priority),
            outside_stripe: self.outside_stripe.unwrap_or(terms.outside_stripe),
        })
    }

    fn rewards_after(&self, rewards: &Rewards) -> Result<Rewards, Problems> {
        let field = match (self.commission, self.recurrence) {
            (None, None) => return Ok(self.rewards.as_ref().unwrap_or(rewards).clone()),
            (Some(_), _) => "commission",
            (None, Some(_)) => "recurrence",
        };
        let simple = rewards.simple_step().filter(|_| self.rewards.is_none());
        let Some(mut step) = simple else {
            let message = "These terms have rewards. Send all of them in rewards instead";
            return Err(Problems::one(field, message));
        };
        step.commission = self.commission.unwrap_or(step.commission);
        step.recurrence = self.recurrence.unwrap_or(step.recurrence);
        Ok(Rewards::one(Reward::simple(step.commission, step.recurrence)))
    }

    /// Checks every number against its [`Limit`].
    ///
    /// # Errors
    /// The problems, by field.
    pub fn check(&self) -> Result<(), Problems> {
        let mut problems = Problems::new();
        if let Some(rewards) = &self.rewards {
            rewards.check(&mut problems);
        }
        if let Some(caps) = self.caps {
            caps.check(&mut problems);
        }
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

//! The list of rewards, and which of them decides about a payment.

use serde::{Deserialize, Serialize};

use super::{Commission, Conditions, Limit, Recurrence, Sale, SkippedReward};
use crate::fields::{Problems, line_of_text};
use crate::one_or_more::OneOrMore;

/// The most rewards of one version: a longer list is read by nobody, and every payment is compared
/// with all of them.
pub const MOST_REWARDS: usize = 20;
/// The most steps of one reward.
pub const MOST_STEPS: usize = 5;
/// The longest name of a reward, in characters.
pub const LONGEST_NAME: usize = 60;

/// What a reward pays up to an age of the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is earned.
    pub commission: Commission,
    /// Until which of the customer's payments, counted from their first. The next step begins
    /// after it.
    pub recurrence: Recurrence,
}

/// What payments of one kind earn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// What the merchant calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Which payments it is for.
    #[serde(default, skip_serializing_if = "Conditions::is_empty")]
    pub conditions: Conditions,
    /// What it pays, by the age of the customer.
    pub steps: OneOrMore<Step>,
}

impl Reward {
    /// A reward for every payment, with one step.
    pub const fn simple(commission: Commission, recurrence: Recurrence) -> Self {
        let step = Step { commission, recurrence };
        Self { name: None, conditions: Conditions::none(), steps: OneOrMore::one(step) }
    }

    /// Whether it has neither a name nor conditions, and one step.
    pub fn is_simple(&self) -> bool {
        self.name.is_none() && self.conditions.is_empty() && self.steps.only().is_some()
    }
}

/// The rewards of terms, in the merchant's order: the first whose conditions hold decides, also
/// when its last step is over.
pub type Rewards = OneOrMore<Reward>;

/// The reward for a payment.
pub(crate) struct Match<'a> {
    pub position: i64,
    pub reward: &'a Reward,
    /// What of the payment's base it is for.
    pub base: i64,
    pub skipped: Vec<SkippedReward>,
}

impl Rewards {
    /// One reward for every payment.
    pub const fn simple(commission: Commission, recurrence: Recurrence) -> Self {
        Self::one(Reward::simple(commission, recurrence))
    }

    /// The step of a list that is one simple reward.
    pub fn simple_step(&self) -> Option<Step> {
        self.only().filter(|reward| reward.is_simple()).map(|reward| *reward.steps.first())
    }

    /// The first reward that is for a payment.
    ///
    /// # Errors
    /// Why none of them is.
    pub(crate) fn for_sale(&self, sale: &Sale<'_>) -> Result<Match<'_>, Vec<SkippedReward>> {
        let mut skipped = Vec::new();
        for (reward, position) in self.iter().zip(1..) {
            match reward.conditions.base_of(sale) {
                Ok(base) => return Ok(Match { position, reward, base, skipped }),
                Err(reasons) => {
                    skipped.push(SkippedReward { position, name: reward.name.clone(), reasons });
                }
            }
        }
        Err(skipped)
    }

    /// Checks numbers and lists against their limits. Fields are named like
    /// `rewards[0].steps[1].months`.
    pub fn check(&self, problems: &mut Problems) {
        if self.count() > MOST_REWARDS {
            problems.add("rewards", format!("Use {MOST_REWARDS} rewards at most"));
        }
        for (index, reward) in self.iter().enumerate() {
            reward.check(&format!("rewards[{index}]"), problems);
        }
        // Behind a reward for every payment no other can apply.
        for (index, reward) in self.iter().enumerate().take(self.count() - 1) {
            if reward.conditions.is_empty() {
                let field = format!("rewards[{index}].join");
                let message = "This reward is for every payment, so the rewards after it never apply. Add a condition or move it to the end";
                problems.add(&field, message);
            }
        }
    }
}

impl Reward {
    fn check(&self, at: &str, problems: &mut Problems) {
        if let Some(name) = &self.name {
            problems.keep(&format!("{at}.name"), line_of_text(name, "a name", LONGEST_NAME));
        }
        if self.steps.count() > MOST_STEPS {
            problems.add(&format!("{at}.steps"), format!("Use {MOST_STEPS} steps at most"));
        }
        let mut before: Option<Recurrence> = None;
        for (index, step) in self.steps.iter().enumerate() {
            let at = format!("{at}.steps[{index}]");
            match step.commission {
                Commission::Percent { rate_bps } => {
                    problems.keep(&format!("{at}.percent"), Limit::RATE_BPS.check(rate_bps));
                }
                Commission::Fixed { amount_minor } => {
                    problems.keep(&format!("{at}.amount"), Limit::FIXED_AMOUNT.check(amount_minor));
                }
            }
            if let Recurrence::Months { months } = step.recurrence {
                problems.keep(&format!("{at}.months"), Limit::MONTHS.check(months));
            }
            if let Some(before) = before
                && let Err(message) = follows(before, step.recurrence)
            {
                problems.add(&format!("{at}.recurrence"), message);
            }
            before = Some(step.recurrence);
        }
        self.conditions.check(at, problems);
    }
}

/// Whether a step can follow another.
fn follows(before: Recurrence, next: Recurrence) -> Result<(), String> {
    match (before, next) {
        (Recurrence::Lifetime, _) => {
            Err("The step before it lasts for life. End it after a number of months".to_owned())
        }
        (_, Recurrence::FirstPayment) => Err("Only the first step can be for the first payment".to_owned()),
        (Recurrence::Months { months: before }, Recurrence::Months { months }) if months <= before => {
            Err(format!("Enter a month after {before}, where the step before it ends"))
        }
        _ => Ok(()),
    }
}

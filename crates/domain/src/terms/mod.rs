//! A program's terms, one version at a time. A version is never edited: a change is a
//! new version that starts later, and each conversion keeps the one that was in force.

mod applied;
mod caps;
mod change;
mod commission;
mod conditions;
mod criteria;
mod forecast;
mod limit;
mod offer;
mod rewards;

use serde::{Deserialize, Serialize};

pub use self::applied::{AppliedReward, Mismatch, SkippedReward};
pub use self::caps::{CapKind, Capped, Caps};
pub use self::change::TermsChange;
pub use self::commission::{Commission, Recurrence, parse_rate, rate_number, rate_text};
pub use self::conditions::{Conditions, MOST_VALUES, Sale};
pub use self::criteria::{AmountRange, Join, Order, Product};
pub use self::forecast::{FORECAST_MONTHS, Forecast};
pub use self::limit::Limit;
pub use self::rewards::{LONGEST_NAME, MOST_REWARDS, MOST_STEPS, Reward, Rewards, Step};
use crate::clock::Timestamp;
use crate::ids::{ProgramId, TermsId};

/// Which click counts when a buyer clicked several links.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClickModel {
    /// The earliest click inside the window.
    First,
    /// The latest click before the payment.
    Last,
}

impl ClickModel {
    /// All of them, the usual one first.
    pub const ALL: [Self; 2] = [Self::Last, Self::First];

    /// The word in forms and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.word() == word)
    }
}

/// Which affiliate is credited when a promotion code and a click lead to different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributionPriority {
    /// Promotion code, then clicks, then email.
    PromotionCode,
    /// Clicks, then promotion code, then email.
    Click,
}

impl AttributionPriority {
    /// All of them, the usual one first.
    pub const ALL: [Self; 2] = [Self::PromotionCode, Self::Click];

    /// The word in forms and the API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::PromotionCode => "promotion_code",
            Self::Click => "click",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }
}

/// What a version says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// What payments earn: the first reward whose conditions hold decides.
    pub rewards: Rewards,
    /// How much is paid at most.
    #[serde(default, skip_serializing_if = "Caps::is_none")]
    pub caps: Caps,
    /// The cookie window: days from click to first payment, 1 to 365.
    pub window_days: i64,
    /// The hold period: days until a commission is payable, 0 to 365.
    pub hold_days: i64,
    /// The smallest payout, minor units of the program's currency.
    pub minimum_payout_minor: i64,
    /// First or last click.
    pub click_model: ClickModel,
    /// Promotion code or click.
    pub attribution_priority: AttributionPriority,
    /// Whether invoices that were paid outside Stripe altogether earn a commission.
    pub outside_stripe: bool,
}

/// What a new program begins with.
impl Default for Terms {
    fn default() -> Self {
        Self {
            rewards: Rewards::simple(
                Commission::Percent { rate_bps: 2_000 },
                Recurrence::Months { months: 12 },
            ),
            caps: Caps::NONE,
            window_days: 30,
            hold_days: 30,
            minimum_payout_minor: 5_000,
            click_model: ClickModel::Last,
            attribution_priority: AttributionPriority::PromotionCode,
            outside_stripe: false,
        }
    }
}

/// One version of a program's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsVersion {
    /// Its id.
    pub id: TermsId,
    /// Whose terms they are.
    pub program_id: ProgramId,
    /// 1, 2, 3, …
    pub version: i64,
    /// What it says.
    pub terms: Terms,
    /// From when it is in force.
    pub starts_at: Timestamp,
}

/// The version in force at a moment: the latest that has started, or the first one for
/// anything older.
pub fn in_force(versions: &[TermsVersion], at: Timestamp) -> Option<&TermsVersion> {
    versions
        .iter()
        .filter(|terms| terms.starts_at <= at)
        .max_by_key(|terms| (terms.starts_at, terms.version))
        .or_else(|| versions.iter().min_by_key(|terms| terms.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_keeps_the_fields_that_it_does_not_name() {
        let change = TermsChange { window_days: Some(60), ..TermsChange::default() };
        assert_eq!(change.applied_to(&Terms::default()), Ok(Terms { window_days: 60, ..Terms::default() }));
        let other = Terms {
            rewards: Rewards::simple(Commission::Fixed { amount_minor: 5 }, Recurrence::Lifetime),
            hold_days: 0,
            ..Terms::default()
        };
        assert_eq!(TermsChange::from(other.clone()).applied_to(&Terms::default()), Ok(other));
    }

    #[test]
    fn a_commission_in_short_changes_one_simple_reward_only() {
        let shorter = Recurrence::Months { months: 6 };
        let change = TermsChange { recurrence: Some(shorter), ..TermsChange::default() };
        let changed = change.applied_to(&Terms::default()).unwrap();
        assert_eq!(changed.rewards, Rewards::simple(Commission::Percent { rate_bps: 2_000 }, shorter));
        let named = Reward { name: Some("Team".to_owned()), ..changed.rewards.first().clone() };
        let terms = Terms { rewards: Rewards::one(named), ..Terms::default() };
        let problems = change.applied_to(&terms).expect_err("which reward?");
        assert_eq!(problems.0[0].field, "recurrence");
    }

    #[test]
    fn every_wrong_field_is_named() {
        let change = TermsChange {
            commission: Some(Commission::Percent { rate_bps: 0 }),
            recurrence: Some(Recurrence::Months { months: 121 }),
            window_days: Some(0),
            hold_days: Some(-1),
            minimum_payout_minor: Some(-1),
            ..TermsChange::default()
        };
        let problems = change.check().expect_err("problems");
        let fields: Vec<&str> = problems.0.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(
            fields,
            ["commission_percent", "recurrence_months", "window_days", "hold_days", "minimum_payout"]
        );
        let words = ["percentage", "months", "cookie window", "hold period", "minimum payout"];
        for (problem, word) in problems.0.iter().zip(words) {
            assert!(problem.message.contains(word), "the sentence names its field: {problem:?}");
        }
        assert_eq!(TermsChange::from(Terms::default()).check(), Ok(()));
    }

    #[test]
    fn stored_words_are_read_back() {
        for model in ClickModel::ALL {
            assert_eq!(ClickModel::from_word(model.word()), Some(model));
        }
        for priority in AttributionPriority::ALL {
            assert_eq!(AttributionPriority::from_word(priority.word()), Some(priority));
        }
    }

    #[test]
    fn the_version_in_force_is_the_latest_that_has_started() {
        let random = crate::clock::Random::seeded(1);
        let version = |version, at| TermsVersion {
            id: TermsId::new(Timestamp(0), &random),
            program_id: ProgramId::new(Timestamp(0), &random),
            version,
            terms: Terms::default(),
            starts_at: Timestamp(at),
        };
        let all = [version(1, 100), version(2, 200)];
        assert_eq!(in_force(&all, Timestamp(50)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(150)).map(|t| t.version), Some(1));
        assert_eq!(in_force(&all, Timestamp(200)).map(|t| t.version), Some(2));
        assert!(in_force(&[], Timestamp(0)).is_none());
    }
}

//! The JSON of rewards in a response.

use app::presenters::rewards::skipped_sentence;
use domain::money::Currency;
use domain::terms::{
    AppliedReward, Capped, Caps, Commission, Mismatch, Product, Recurrence, Reward, SkippedReward,
    rate_number,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::enum_schemas;
use super::formats::MoneyBody;

/// The commission on a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commission)]
pub struct CommissionBody {
    #[schema(value_type = enum_schemas::CommissionKind)]
    kind: &'static str,
    /// With `percent`: the percentage, as a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "12.5")]
    percent: Option<String>,
    /// With `fixed`: minor units of the program's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
}

impl From<Commission> for CommissionBody {
    fn from(commission: Commission) -> Self {
        match commission {
            Commission::Percent { rate_bps } => {
                Self { kind: "percent", percent: Some(rate_number(rate_bps)), amount: None }
            }
            Commission::Fixed { amount_minor } => {
                Self { kind: "fixed", percent: None, amount: Some(amount_minor) }
            }
        }
    }
}

/// Which of a customer's payments earn a commission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurrence)]
pub struct RecurrenceBody {
    #[schema(value_type = enum_schemas::RecurrenceKind)]
    kind: &'static str,
    /// With `months`: how many calendar months from the first payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    months: Option<i64>,
}

impl From<Recurrence> for RecurrenceBody {
    fn from(recurrence: Recurrence) -> Self {
        match recurrence {
            Recurrence::FirstPayment => Self { kind: "first_payment", months: None },
            Recurrence::Months { months } => Self { kind: "months", months: Some(months) },
            Recurrence::Lifetime => Self { kind: "lifetime", months: None },
        }
    }
}

/// The most that is paid, in minor units of the program's currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Caps)]
pub struct CapsBody {
    /// By one payment; null without a limit.
    per_payment: Option<i64>,
    /// By all payments of a customer, after refunds; null without a limit.
    per_customer: Option<i64>,
}

impl From<Caps> for CapsBody {
    fn from(caps: Caps) -> Self {
        Self { per_payment: caps.per_payment, per_customer: caps.per_customer }
    }
}

/// What a cap took from a commission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Capped)]
pub struct CappedBody {
    #[schema(value_type = enum_schemas::CapKind)]
    cap: &'static str,
    /// The cap.
    most: MoneyBody,
    /// What is over it.
    over: MoneyBody,
}

impl From<Capped> for CappedBody {
    fn from(capped: Capped) -> Self {
        Self { cap: capped.cap.word(), most: capped.most.into(), over: capped.over.into() }
    }
}

/// What a reward pays up to an age of the customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RewardStep)]
pub struct StepBody {
    commission: CommissionBody,
    /// Until which of the customer's payments.
    recurrence: RecurrenceBody,
}

/// Bounds of a payment without tax and shipping, in minor units of the program's currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RewardAmount)]
pub struct AmountBody {
    at_least: Option<i64>,
    at_most: Option<i64>,
}

/// A reward: what it pays, and for which payments.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reward)]
pub struct RewardBody {
    name: Option<String>,
    /// Whether all of the conditions must match, or any of them.
    #[serde(rename = "match")]
    #[schema(value_type = enum_schemas::RewardMatch)]
    joined: &'static str,
    /// Stripe's ids of products or prices, one of which was bought; empty for all.
    products: Vec<String>,
    /// Stripe's ids of products or prices that earn nothing.
    excluded_products: Vec<String>,
    /// Bounds of the payment's amount.
    amount: Option<AmountBody>,
    /// Currencies, one of which the payment is in; empty for all.
    currencies: Vec<String>,
    /// Countries, one of which the customer is in; empty for all.
    countries: Vec<String>,
    /// Only a customer's first payment, or only later ones.
    #[schema(value_type = Option<enum_schemas::RewardPayments>)]
    payments: Option<&'static str>,
    /// What it pays, by the age of the customer.
    steps: Vec<StepBody>,
    /// What it pays in one line.
    #[schema(example = "30% of each payment for 12 months, then 10%")]
    offer: String,
}

impl RewardBody {
    /// Of a reward, whose amounts are in the program's currency.
    pub fn of(reward: &Reward, currency: Currency) -> Self {
        let conditions = &reward.conditions;
        let ids = |products: &[Product]| products.iter().map(|product| product.id.clone()).collect();
        let amount = conditions.amount;
        Self {
            name: reward.name.clone(),
            joined: conditions.join.word(),
            products: ids(&conditions.products),
            excluded_products: ids(&conditions.excluded),
            amount: (!amount.is_open())
                .then_some(AmountBody { at_least: amount.at_least, at_most: amount.at_most }),
            currencies: conditions.currencies.iter().map(|currency| currency.code().to_owned()).collect(),
            countries: conditions.countries.clone(),
            payments: conditions.order.map(|order| order.word()),
            steps: reward
                .steps
                .iter()
                .map(|step| StepBody {
                    commission: step.commission.into(),
                    recurrence: step.recurrence.into(),
                })
                .collect(),
            offer: reward.offer(currency),
        }
    }
}

/// A reward that does not apply to a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SkippedReward)]
pub struct SkippedRewardBody {
    /// Its place in the terms, 1 for the first.
    position: i64,
    name: Option<String>,
    /// Stable codes for the conditions that do not match: the first, or all of them if one would be enough.
    #[schema(value_type = Vec<enum_schemas::RewardMismatch>)]
    reasons: Vec<&'static str>,
    /// The same in a sentence.
    sentence: String,
}

/// Rewards that do not apply to a payment in a currency.
pub fn skipped_bodies(skipped: &[SkippedReward], currency: Currency) -> Vec<SkippedRewardBody> {
    let body = |one: &SkippedReward| SkippedRewardBody {
        position: one.position,
        name: one.name.clone(),
        reasons: one.reasons.iter().map(Mismatch::word).collect(),
        sentence: skipped_sentence(one, currency),
    };
    skipped.iter().map(body).collect()
}

/// The reward that decided about a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AppliedReward)]
pub struct AppliedRewardBody {
    /// Its place in the terms, 1 for the first.
    position: i64,
    name: Option<String>,
    /// The step that the customer was in, 1 for the first.
    step: i64,
    commission: CommissionBody,
    recurrence: RecurrenceBody,
    /// What a cap took from the commission; null if none did.
    capped: Option<CappedBody>,
    /// The rewards before it, which do not apply.
    skipped: Vec<SkippedRewardBody>,
}

impl AppliedRewardBody {
    /// Of a conversion in a currency.
    pub fn of(applied: &AppliedReward, currency: Currency) -> Self {
        Self {
            position: applied.position,
            name: applied.name.clone(),
            step: applied.step,
            commission: applied.commission.into(),
            recurrence: applied.recurrence.into(),
            capped: applied.capped.map(Into::into),
            skipped: skipped_bodies(&applied.skipped, currency),
        }
    }
}

//! Why a payment was credited, or why not, and how its commission was counted.

use app::presenters::reasons::{check_sentences, check_title, no_commission_text};
use app::text::Zone;
use domain::checks::{Check, Verdict};
use domain::ids::ProgramId;
use domain::money::Money;
use domain::no_commission::NoCommission;
use domain::terms::{Commission, TermsVersion, rate_text};
use engine::Engine;
use engine::ledger::conversions::Conversion;
use engine::ledger::payments::Payment;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::enum_schemas;
use super::formats::MoneyBody;
use super::problem::ApiResult;
use super::rewards::{AppliedRewardBody, SkippedRewardBody, skipped_bodies};
use super::terms::TermsBody;

/// The time zone of a program, in which sentences name days.
pub async fn zone_of(engine: &Engine, actor: &Actor, program: &ProgramId) -> ApiResult<Zone> {
    let program = engine::programs::get(engine, actor.merchant(), program).await?;
    Ok(Zone::named(&program.time_zone))
}

/// A check and its result.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CheckResult, example = json!({
    "check": "metadata",
    "title": "Click token in the metadata",
    "verdict": "decided",
    "reason": "click_found",
    "sentence": "The metadata of the checkout session names a click on Maya Chen’s link /r/maya, 3 days before and within the 30-day window.",
}))]
pub struct CheckBody {
    /// Which check.
    #[schema(value_type = enum_schemas::Check)]
    check: &'static str,
    /// The check's name, as pages show it.
    title: &'static str,
    /// The result.
    #[schema(value_type = enum_schemas::Verdict)]
    verdict: &'static str,
    /// A stable code for the result, such as `click_expired`.
    reason: &'static str,
    /// The result in a sentence.
    sentence: String,
}

/// The checks of a payment, in order.
fn bodies(checks: &[Check], zone: &Zone) -> Vec<CheckBody> {
    let body = |(check, sentence): (&Check, String)| CheckBody {
        check: check.kind.word(),
        title: check_title(check.kind),
        verdict: check.verdict.word(),
        reason: check.reason.word(),
        sentence,
    };
    checks.iter().zip(check_sentences(checks, zone)).map(body).collect()
}

/// Who was credited for a payment, or why no one was.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentExplanation)]
pub struct PaymentExplanation {
    /// The check that matched an affiliate.
    #[schema(value_type = Option<enum_schemas::Check>)]
    decided_by: Option<&'static str>,
    /// A stable code for why no commission is earned, such as `no_match`.
    #[schema(example = "no_match")]
    reason: Option<&'static str>,
    /// The same in a sentence, with what would have helped.
    sentence: Option<String>,
    /// With `no_reward`: the rewards of the terms, and why none of them applies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    skipped_rewards: Vec<SkippedRewardBody>,
    /// The checks, in order.
    checks: Vec<CheckBody>,
}

impl PaymentExplanation {
    /// Of a payment.
    pub fn of(payment: &Payment, zone: &Zone) -> Self {
        let decided = payment.checks.iter().find(|check| check.verdict == Verdict::Decided);
        let reason = payment.no_commission.as_ref();
        Self {
            decided_by: decided.map(|check| check.kind.word()),
            reason: reason.map(NoCommission::word),
            sentence: reason.map(|reason| no_commission_text(reason, zone)),
            skipped_rewards: match (reason, payment.currency) {
                (Some(NoCommission::NoReward { skipped }), Some(currency)) => {
                    skipped_bodies(skipped, currency)
                }
                _ => Vec::new(),
            },
            checks: bodies(&payment.checks, zone),
        }
    }
}

/// Why a conversion is credited to its affiliate, and how its commission was calculated.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConversionExplanation)]
pub struct ConversionExplanation {
    /// The check that decided.
    #[schema(value_type = enum_schemas::Check)]
    decided_by: &'static str,
    /// The checks, in order.
    checks: Vec<CheckBody>,
    /// The version of the terms that applies.
    terms: TermsBody,
    /// The reward of those terms that decided.
    reward: AppliedRewardBody,
    calculation: Calculation,
}

/// How a commission was calculated.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Calculation {
    /// What the customer paid.
    paid: MoneyBody,
    /// The base of the commission: without tax and shipping, and of the products that the reward is for.
    base: MoneyBody,
    /// The commission on the whole base, within the caps.
    commission: MoneyBody,
    /// The part that refunds and disputes reversed.
    reversed: MoneyBody,
    /// The remaining commission.
    net: MoneyBody,
    /// The same in a sentence.
    #[schema(example = "25% of 80.00 USD is 20.00 USD; 5.00 USD was reversed")]
    sentence: String,
}

impl Calculation {
    /// Of a conversion.
    fn of(conversion: &Conversion) -> Self {
        let base = Money::new(conversion.base, conversion.currency);
        let owed = |minor| Money::new(minor, conversion.commission_currency);
        let (commission, reversed) = (owed(conversion.commission), owed(conversion.reversed));
        let capped = conversion.reward.capped;
        let earned = owed(conversion.commission.saturating_add(capped.map_or(0, |capped| capped.over.minor)));
        let mut sentence = match conversion.reward.commission {
            Commission::Percent { rate_bps } => format!("{} of {base} is {earned}", rate_text(rate_bps)),
            Commission::Fixed { .. } => format!("{earned} per payment"),
        };
        if let Some(capped) = capped {
            sentence.push_str(&format!("; {} is over the limit, which leaves {commission}", capped.over));
        }
        if conversion.canceled {
            sentence.push_str("; the credit was withdrawn");
        } else if reversed.minor != 0 {
            sentence.push_str(&format!("; {reversed} was reversed"));
        }
        Self {
            paid: MoneyBody::of(conversion.amount, conversion.currency),
            base: base.into(),
            commission: commission.into(),
            reversed: reversed.into(),
            net: owed(net(conversion)).into(),
            sentence,
        }
    }
}

/// What a conversion earns after all.
pub fn net(conversion: &Conversion) -> i64 {
    if conversion.canceled { 0 } else { conversion.commission.saturating_sub(conversion.reversed) }
}

impl ConversionExplanation {
    /// Of a conversion, its payment and its terms; the terms' amounts are in the program's
    /// currency.
    pub fn of(
        conversion: &Conversion,
        payment: &Payment,
        terms: &TermsVersion,
        program: domain::money::Currency,
        zone: &Zone,
    ) -> Self {
        Self {
            decided_by: conversion.method.word(),
            checks: bodies(&payment.checks, zone),
            terms: TermsBody::of(terms, program),
            reward: AppliedRewardBody::of(&conversion.reward, conversion.currency),
            calculation: Calculation::of(conversion),
        }
    }
}

//! Which reward a payment earns by, and which of its steps.

use crate::clock::{DAY_MS, Timestamp};
use crate::facts::EventFacts;
use crate::money::Currency;
use crate::no_commission::NoCommission;
use crate::terms::{AppliedReward, Recurrence, Rewards, Sale};

use super::{Context, EvaluatedPayment};

/// The reward for a payment, with what of the base it is for. The order of a subscription's
/// months is the customer's, whatever reward their earlier payments had. For a payment that a
/// person assigned the last step goes on.
pub(super) fn reward(
    rewards: &Rewards,
    payment: &EvaluatedPayment,
    currency: Currency,
    first: Option<&Beginning>,
    by_person: bool,
    context: &Context,
) -> Result<(AppliedReward, i64), NoCommission> {
    let sale = Sale {
        base: payment.base,
        currency,
        program: context.currency,
        country: payment.country.as_deref(),
        is_first: first.is_none() || payment.payment_number == 1,
        items: &payment.items,
    };
    let found = rewards.for_sale(&sale).map_err(|skipped| NoCommission::NoReward { skipped })?;
    let mut over = None;
    let mut steps = found.reward.steps.iter().zip(1..);
    let current = steps.find(|(step, _)| match recurs(step.recurrence, payment, first) {
        Ok(()) => true,
        Err(reason) => {
            over = Some(reason);
            false
        }
    });
    let last = || (found.reward.steps.last(), found.reward.steps.count() as i64);
    let (step, number) = match (current, over) {
        (Some(current), _) => current,
        (None, Some(reason)) if !by_person => return Err(reason),
        (None, _) => last(),
    };
    let reward = AppliedReward {
        position: found.position,
        name: found.reward.name.clone(),
        step: number,
        commission: step.commission,
        recurrence: step.recurrence,
        capped: None,
        skipped: found.skipped,
    };
    Ok((reward, found.base))
}

/// Gives payments whose own facts name no country the customer's: the last that Stripe had
/// reported by then, or else the first that it reported later.
pub(super) fn fill_countries(facts: &[&EventFacts], payments: &mut [EvaluatedPayment]) {
    let known: Vec<(Timestamp, &String)> = facts
        .iter()
        .filter_map(|event| Some((event.created, event.fact.hints()?.country.as_ref()?)))
        .collect();
    for payment in payments.iter_mut().filter(|payment| payment.country.is_none()) {
        let by_then = known.iter().rev().find(|(at, _)| *at <= payment.evidence_until);
        payment.country = by_then.or(known.first()).map(|(_, country)| (*country).clone());
    }
}

/// Where the counting of months begins: with the first paid payment.
pub(super) struct Beginning {
    paid_at: Timestamp,
    subscription: Option<String>,
    /// The beginning of the period that it paid, or else the payment.
    at: Timestamp,
    by_period: bool,
}

impl Beginning {
    pub(super) fn of(payment: &EvaluatedPayment) -> Self {
        let period = payment.subscription.as_ref().and(payment.latest_period_start);
        Self {
            paid_at: payment.paid_at,
            subscription: payment.subscription.clone(),
            at: period.unwrap_or(payment.paid_at),
            by_period: period.is_some(),
        }
    }
}

/// How early a renewal may be and still belong to the next month, where no period of a
/// subscription says to which one it belongs.
const EDGE_MS: i64 = DAY_MS;

/// Whether the terms still pay for this payment. Months are counted by the periods of a
/// subscription where both are known; Stripe counts those from their beginning in UTC.
fn recurs(
    recurrence: Recurrence,
    payment: &EvaluatedPayment,
    first: Option<&Beginning>,
) -> Result<(), NoCommission> {
    let Some(first) = first.filter(|_| payment.payment_number != 1) else { return Ok(()) };
    match recurrence {
        Recurrence::Lifetime => Ok(()),
        Recurrence::FirstPayment => Err(NoCommission::NotFirstPayment { first_paid_at: first.paid_at }),
        Recurrence::Months { months } => {
            let this = Beginning::of(payment);
            let ended_at = months_after(first.at, months);
            let by_periods = first.by_period && this.by_period && first.subscription == this.subscription;
            let earns = if by_periods { this.at < ended_at } else { this.at <= ended_at.plus_ms(-EDGE_MS) };
            if earns { Ok(()) } else { Err(NoCommission::RecurrenceOver { months, ended_at, by_periods }) }
        }
    }
}

/// The same day and time of day so many calendar months later in UTC; the last day of a
/// month that is too short.
fn months_after(at: Timestamp, months: i64) -> Timestamp {
    let end = jiff::Timestamp::from_millisecond(at.0).ok().and_then(|moment| {
        let span = jiff::Span::new().try_months(months).ok()?;
        moment.to_zoned(jiff::tz::TimeZone::UTC).checked_add(span).ok()
    });
    end.map_or(Timestamp(i64::MAX), |moment| Timestamp(moment.timestamp().as_millisecond()))
}

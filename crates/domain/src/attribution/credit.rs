//! What an attributed payment earns, and what refunds and disputes take back.

use crate::affiliates::AffiliateStatus;
use crate::checks::{CheckKind, Verdict};
use crate::clock::Timestamp;
use crate::facts::{EventFacts, Fact};
use crate::money::share;
use crate::no_commission::NoCommission;
use crate::programs::ProgramStatus;
use crate::terms::{Recurrence, in_force};

use super::{Attribution, Context, Credit, EvaluatedPayment, EvaluatedStatus, end_of_second};

/// Fills in the credit of every payment, or why there is none: the attributed affiliate is
/// credited if the terms let this payment earn.
pub(super) fn credit(
    facts: &[&EventFacts],
    payments: &mut [EvaluatedPayment],
    attributions: &[Option<Attribution>],
    context: &Context,
) {
    let first_paid_at =
        payments.iter().filter(|p| p.status == EvaluatedStatus::Paid).map(|p| p.paid_at).min();
    for (payment, attribution) in payments.iter_mut().zip(attributions) {
        match judge(facts, payment, attribution.as_ref(), first_paid_at, context) {
            Ok(credit) => payment.credit = Some(credit),
            Err(reason) => payment.no_commission = Some(reason),
        }
    }
}

fn judge(
    facts: &[&EventFacts],
    payment: &EvaluatedPayment,
    attribution: Option<&Attribution>,
    first_paid_at: Option<Timestamp>,
    context: &Context,
) -> Result<Credit, NoCommission> {
    paid(payment)?;
    let attribution = attribution.ok_or_else(|| unattributed(payment))?;
    let terms = in_force(&context.terms, payment.paid_at).ok_or(NoCommission::NoTerms)?;
    // A person's decision replaces what the terms and the times would say of this one
    // payment. The amount is computed as for any other.
    if attribution.check != CheckKind::Assignment {
        recurs(terms.terms.recurrence, payment, first_paid_at, context)?;
        subscription_runs(facts, payment)?;
        affiliate_earns(attribution, payment, context)?;
        if context.program_history.at(payment.paid_at) == Some(ProgramStatus::Archived) {
            return Err(NoCommission::ProgramArchived);
        }
    }
    let currency = payment.currency.ok_or(NoCommission::NoCurrency)?;
    let overflow = || NoCommission::OutOfRange;
    let commission =
        terms.terms.commission_on(payment.base, currency, context.currency).ok_or_else(overflow)?;
    if commission.minor <= 0 {
        return Err(NoCommission::RoundsToZero);
    }
    let gone = payment.refunded.saturating_add(payment.disputed);
    let reversed =
        share(commission.minor, gone, payment.captured.max(gone).max(1), commission.currency.step())
            .ok_or_else(overflow)?;
    Ok(Credit {
        affiliate_id: attribution.affiliate_id.clone(),
        check: attribution.check,
        click: attribution.click.clone(),
        terms_id: terms.id.clone(),
        commission: commission.minor,
        reversed: reversed.clamp(0, commission.minor),
        currency: commission.currency,
        hold_until: payment.paid_at.plus_days(terms.terms.hold_days),
    })
}

fn paid(payment: &EvaluatedPayment) -> Result<(), NoCommission> {
    match payment.status {
        EvaluatedStatus::Paid if payment.base > 0 => Ok(()),
        EvaluatedStatus::Paid => Err(NoCommission::BaseZero),
        EvaluatedStatus::Free => Err(NoCommission::AmountZero),
        EvaluatedStatus::Failed => Err(NoCommission::PaymentFailed),
        EvaluatedStatus::Waiting { reason, until } => Err(NoCommission::Waiting { reason, until }),
    }
}

/// Why no check led to an affiliate: the first objection, or else that nothing was found.
fn unattributed(payment: &EvaluatedPayment) -> NoCommission {
    let refused = payment.checks.iter().find(|check| check.verdict == Verdict::Refused);
    refused.map_or(NoCommission::NoMatch, |check| NoCommission::CheckRefused {
        check: check.kind,
        reason: check.reason.clone(),
    })
}

/// Whether the terms still pay for this payment, counted from the customer's first paid
/// one in calendar months of the program's time zone.
fn recurs(
    recurrence: Recurrence,
    payment: &EvaluatedPayment,
    first_paid_at: Option<Timestamp>,
    context: &Context,
) -> Result<(), NoCommission> {
    let first = first_paid_at.unwrap_or(payment.paid_at);
    match recurrence {
        Recurrence::Lifetime => Ok(()),
        Recurrence::FirstPayment if payment.number == 1 => Ok(()),
        Recurrence::FirstPayment => Err(NoCommission::NotFirstPayment { first_paid_at: first }),
        Recurrence::Months { months } => {
            let ended_at = months_after(first, months, &context.time_zone);
            if payment.paid_at < ended_at {
                Ok(())
            } else {
                Err(NoCommission::RecurrenceOver { months, ended_at })
            }
        }
    }
}

/// The same day and time of day so many calendar months later; the last day of a month
/// that is too short.
fn months_after(at: Timestamp, months: i64, time_zone: &str) -> Timestamp {
    let zone = jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let end = jiff::Timestamp::from_millisecond(at.0).ok().and_then(|moment| {
        moment.to_zoned(zone).checked_add(jiff::Span::new().try_months(months).ok()?).ok()
    });
    end.map_or(Timestamp(i64::MAX), |moment| Timestamp(moment.timestamp().as_millisecond()))
}

/// `customer.subscription.deleted` ends what its subscription earns. An invoice whose
/// period began earlier still counts.
fn subscription_runs(facts: &[&EventFacts], payment: &EvaluatedPayment) -> Result<(), NoCommission> {
    let Some(subscription) = &payment.subscription else { return Ok(()) };
    let ended_at = facts
        .iter()
        .filter_map(|event| match &event.fact {
            Fact::Subscription(s) if s.id == *subscription => s.ended_at,
            _ => None,
        })
        .min();
    let period_start = facts.iter().find_map(|event| match &event.fact {
        Fact::Invoice(i) if payment.aliases.contains(&i.id) => i.period_start,
        _ => None,
    });
    let began = period_start.unwrap_or(payment.paid_at).min(payment.paid_at);
    match ended_at {
        Some(ended_at) if began >= ended_at => Err(NoCommission::SubscriptionEnded { ended_at }),
        _ => Ok(()),
    }
}

fn affiliate_earns(
    attribution: &Attribution,
    payment: &EvaluatedPayment,
    context: &Context,
) -> Result<(), NoCommission> {
    let affiliate = context.affiliates.get(&attribution.affiliate_id).ok_or(NoCommission::AffiliateGone)?;
    match affiliate.history.at(end_of_second(payment.paid_at)) {
        Some(AffiliateStatus::Active) => Ok(()),
        status => {
            let affiliate = context.named(&attribution.affiliate_id);
            Err(NoCommission::AffiliateNotActive { affiliate, status })
        }
    }
}

//! What an attributed payment earns, and what refunds and disputes reverse.

use std::collections::{BTreeMap, BTreeSet};

use crate::affiliates::AffiliateStatus;
use crate::checks::{CheckKind, CheckReason, Verdict};
use crate::clock::{DAY_MS, Timestamp};
use crate::commissions::HoldReason;
use crate::emails::Email;
use crate::facts::{AlertKind, EventFacts, Fact};
use crate::money::share;
use crate::no_commission::NoCommission;
use crate::programs::ProgramStatus;
use crate::terms::{Recurrence, in_force};

use super::{Attribution, Context, Credit, EvaluatedPayment, EvaluatedStatus, end_of_second};

/// Whether a payment is one of the customer's paid ones under the terms: what was paid
/// outside Stripe only where they say so.
pub(super) fn counts_as_paid(payment: &EvaluatedPayment, context: &Context) -> bool {
    payment.status == EvaluatedStatus::Paid && (!payment.outside_stripe || covers_outside(payment, context))
}

fn covers_outside(payment: &EvaluatedPayment, context: &Context) -> bool {
    in_force(&context.terms, payment.paid_at).is_some_and(|terms| terms.terms.outside_stripe)
}

/// Fills in the credit of every payment, or why there is none: the attributed affiliate is
/// credited if the terms let this payment earn.
pub(super) fn credit(
    facts: &[&EventFacts],
    payments: &mut [EvaluatedPayment],
    attributions: &[Option<Attribution>],
    context: &Context,
) {
    let first = payments.iter().find(|payment| payment.payment_number == 1).map(Beginning::of);
    let ends = subscription_ends(facts);
    let buyers: BTreeSet<&Email> =
        facts.iter().filter_map(|event| event.fact.hints()).flat_map(|hints| &hints.emails).collect();
    for (payment, attribution) in payments.iter_mut().zip(attributions) {
        match judge(payment, attribution.as_ref(), first.as_ref(), &ends, context) {
            Ok(credit) => payment.credit = Some(held(credit, payment, &buyers, context)),
            Err(reason) => payment.no_commission = Some(reason),
        }
    }
}

fn judge(
    payment: &EvaluatedPayment,
    attribution: Option<&Attribution>,
    first: Option<&Beginning>,
    ends: &BTreeMap<&str, Timestamp>,
    context: &Context,
) -> Result<Credit, NoCommission> {
    paid(payment)?;
    let attribution = attribution.ok_or_else(|| unattributed(payment))?;
    let terms = in_force(&context.terms, payment.paid_at).ok_or(NoCommission::NoTerms)?;
    // A person's decision replaces what the terms and the times would say of this one
    // payment. The amount is computed as for any other.
    if attribution.check != CheckKind::Assignment {
        if payment.outside_stripe && !terms.terms.outside_stripe {
            return Err(NoCommission::PaidOutsideStripe);
        }
        recurs(terms.terms.recurrence, payment, first)?;
        subscription_runs(payment, ends)?;
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
        hold: None,
    })
}

/// The credit with what holds it back.
fn held(credit: Credit, payment: &EvaluatedPayment, buyers: &BTreeSet<&Email>, context: &Context) -> Credit {
    let alert = payment.alert.map(|alert| match alert.kind {
        AlertKind::Review => HoldReason::Review,
        AlertKind::EarlyFraudWarning => HoldReason::EarlyFraudWarning,
    });
    let hold = [
        payment.dispute_open.then_some(HoldReason::Dispute),
        alert,
        is_self_referral(&credit, payment, buyers, context).then_some(HoldReason::SelfReferral),
    ];
    let until = payment.alert.and_then(|alert| alert.until).unwrap_or(credit.hold_until);
    Credit { hold: hold.into_iter().flatten().min(), hold_until: credit.hold_until.max(until), ..credit }
}

/// Whether the buyer has an address of the affiliate, and no person decided all the same.
fn is_self_referral(
    credit: &Credit,
    payment: &EvaluatedPayment,
    buyers: &BTreeSet<&Email>,
    context: &Context,
) -> bool {
    let by_person = credit.check == CheckKind::Assignment
        || payment.checks.iter().any(|check| {
            check.is_decisive() && matches!(check.reason, CheckReason::Attributed { by_assignment: true, .. })
        });
    let own = context.affiliates.get(&credit.affiliate_id).map_or(&[][..], |affiliate| &affiliate.emails);
    !by_person && own.iter().any(|own| buyers.iter().any(|buyer| buyer.is_same_mailbox(own)))
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

/// Where the counting of months begins: with the first paid payment.
struct Beginning {
    paid_at: Timestamp,
    subscription: Option<String>,
    /// The beginning of the period that it paid, or else the payment.
    at: Timestamp,
    by_period: bool,
}

impl Beginning {
    fn of(payment: &EvaluatedPayment) -> Self {
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

/// When each subscription ended.
fn subscription_ends<'a>(facts: &[&'a EventFacts]) -> BTreeMap<&'a str, Timestamp> {
    let mut ends: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for event in facts {
        if let Fact::Subscription(s) = &event.fact
            && let Some(at) = s.ended_at
        {
            let end = ends.entry(&s.id).or_insert(at);
            *end = at.min(*end);
        }
    }
    ends
}

/// `customer.subscription.deleted` ends what its subscription earns. An invoice that bills
/// a period which began earlier still counts.
fn subscription_runs(
    payment: &EvaluatedPayment,
    ends: &BTreeMap<&str, Timestamp>,
) -> Result<(), NoCommission> {
    let ended_at = payment.subscription.as_deref().and_then(|id| ends.get(id)).copied();
    let began = payment.period_start.unwrap_or(payment.paid_at).min(payment.paid_at);
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

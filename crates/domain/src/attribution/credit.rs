//! What an attributed payment earns, and what refunds and disputes reverse.

use std::collections::{BTreeMap, BTreeSet};

use crate::affiliates::AffiliateStatus;
use crate::checks::{CheckKind, CheckReason, Verdict};
use crate::clock::Timestamp;
use crate::commissions::HoldReason;
use crate::emails::Email;
use crate::facts::{AlertKind, EventFacts, Fact};
use crate::money::share;
use crate::no_commission::NoCommission;
use crate::programs::ProgramStatus;
use crate::terms::in_force;

use super::rewards::{Beginning, reward};
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
    // What the customer's payments have earned after refunds, in the program's currency.
    let mut earned = 0_i64;
    for (payment, attribution) in payments.iter_mut().zip(attributions) {
        match judge(payment, attribution.as_ref(), first.as_ref(), &ends, earned, context) {
            Ok(credit) => {
                if credit.currency == context.currency {
                    earned = earned.saturating_add(credit.commission - credit.reversed);
                }
                payment.credit = Some(held(credit, payment, &buyers, context));
            }
            Err(reason) => payment.no_commission = Some(reason),
        }
    }
}

fn judge(
    payment: &EvaluatedPayment,
    attribution: Option<&Attribution>,
    first: Option<&Beginning>,
    ends: &BTreeMap<&str, Timestamp>,
    earned: i64,
    context: &Context,
) -> Result<Credit, NoCommission> {
    paid(payment)?;
    let attribution = attribution.ok_or_else(|| unattributed(payment))?;
    let terms = in_force(&context.terms, payment.paid_at).ok_or(NoCommission::NoTerms)?;
    let currency = payment.currency.ok_or(NoCommission::NoCurrency)?;
    let overflow = || NoCommission::OutOfRange;
    // A person's decision replaces what the terms and the times would say of this one
    // payment. The amount is computed as for any other.
    let by_person = attribution.check == CheckKind::Assignment;
    if !by_person && payment.outside_stripe && !terms.terms.outside_stripe {
        return Err(NoCommission::PaidOutsideStripe);
    }
    let (mut reward, base) = reward(&terms.terms.rewards, payment, currency, first, by_person, context)?;
    if !by_person {
        subscription_runs(payment, ends)?;
        affiliate_earns(attribution, payment, context)?;
        if context.program_history.at(payment.paid_at) == Some(ProgramStatus::Archived) {
            return Err(NoCommission::ProgramArchived);
        }
    }
    let commission = reward.commission.on(base, currency, context.currency).ok_or_else(overflow)?;
    if commission.minor <= 0 {
        return Err(NoCommission::RoundsToZero);
    }
    let mut left = commission.minor;
    if commission.currency == context.currency {
        (left, reward.capped) = terms.terms.caps.apply(commission, earned);
    }
    if let Some(capped) = reward.capped.filter(|_| left == 0) {
        return Err(NoCommission::CapReached { capped });
    }
    let gone = payment.refunded.saturating_add(payment.disputed);
    let reversed = share(left, gone, payment.captured.max(gone).max(1), commission.currency.step())
        .ok_or_else(overflow)?;
    Ok(Credit {
        affiliate_id: attribution.affiliate_id.clone(),
        check: attribution.check,
        click: attribution.click.clone(),
        terms_id: terms.id.clone(),
        reward,
        base,
        commission: left,
        reversed: reversed.clamp(0, left),
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

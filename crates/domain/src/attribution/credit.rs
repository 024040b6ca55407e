//! What a bound payment earns, and what refunds and disputes take back.

use crate::affiliates::AffiliateStatus;
use crate::clock::Timestamp;
use crate::explain::{NoCredit, Proof, Verdict};
use crate::facts::{EventFacts, Fact};
use crate::money::share;
use crate::programs::ProgramStatus;
use crate::terms::{Recurrence, in_force};

use super::affiliate::{Attribution, date_text};
use super::{Binding, Context, Credit, EvaluatedPayment, PaymentState, latest};

/// Fills in the credit of every payment, or the reason for none: whoever the proofs named
/// is credited if the terms let this payment earn.
pub(super) fn credit(
    facts: &[&EventFacts],
    payments: &mut [EvaluatedPayment],
    attribution: &Attribution,
    context: &Context,
) {
    let first_paid_at = payments.iter().filter(|p| p.state == PaymentState::Paid).map(|p| p.paid_at).min();
    for (payment, binding) in payments.iter_mut().zip(&attribution.of_payments) {
        match judge(facts, payment, binding.as_ref(), first_paid_at, context) {
            Ok(credit) => payment.credit = Some(credit),
            Err(reason) => payment.no_credit = Some(reason),
        }
    }
}

fn judge(
    facts: &[&EventFacts],
    payment: &EvaluatedPayment,
    binding: Option<&Binding>,
    first_paid_at: Option<Timestamp>,
    context: &Context,
) -> Result<Credit, NoCredit> {
    paid(payment)?;
    let binding = binding.ok_or_else(|| no_proof(payment))?;
    let terms = in_force(&context.terms, payment.paid_at)
        .ok_or_else(|| NoCredit::new("no_terms", "The program had no terms yet."))?;
    // A person's decision stands in for what the terms and the times would say of this one
    // payment. What it comes to is counted as for any other.
    if binding.proof != Proof::Assignment {
        recurs(terms.terms.recurrence, payment, first_paid_at, context)?;
        subscription_runs(facts, payment, context)?;
        affiliate_earns(binding, payment, context)?;
        if context.program_history.at(payment.paid_at) == Some(ProgramStatus::Archived) {
            return Err(NoCredit::new("program_archived", "The program had been archived."));
        }
    }
    let currency =
        payment.currency.ok_or_else(|| NoCredit::new("no_currency", "Stripe named no currency."))?;
    let overflow = || NoCredit::new("out_of_range", "The amounts are too large to count.");
    let commission =
        terms.terms.commission_on(payment.base, currency, context.currency).ok_or_else(overflow)?;
    if commission.minor <= 0 {
        return Err(NoCredit::new("rounds_to_zero", "The commission rounds to zero."));
    }
    let gone = payment.refunded.saturating_add(payment.disputed);
    let reversed =
        share(commission.minor, gone, payment.captured.max(gone).max(1), commission.currency.step())
            .ok_or_else(overflow)?;
    Ok(Credit {
        affiliate_id: binding.affiliate_id.clone(),
        proof: binding.proof,
        click: binding.click.clone(),
        terms_id: terms.id.clone(),
        commission: commission.minor,
        reversed: reversed.clamp(0, commission.minor),
        currency: commission.currency,
        hold_until: payment.paid_at.plus_days(terms.terms.hold_days),
    })
}

fn paid(payment: &EvaluatedPayment) -> Result<(), NoCredit> {
    match &payment.state {
        PaymentState::Paid if payment.base > 0 => Ok(()),
        PaymentState::Paid => Err(NoCredit::new("base_zero", "Nothing is left without tax and shipping.")),
        PaymentState::Free => {
            Err(NoCredit::new("amount_zero", "Nothing was paid: a trial, a full discount or credit."))
        }
        PaymentState::Failed => Err(NoCredit::new("payment_failed", "The payment did not go through.")),
        PaymentState::Waiting { reason, .. } => Err(NoCredit::new(
            reason,
            match *reason {
                "waits_for_invoice" => {
                    "Waits for an invoice that it may belong to, which then carries the commission."
                }
                "waits_for_capture" => "The amount is only reserved; it counts when it is captured.",
                "waits_for_its_payment" => {
                    "A refund or dispute arrived before its payment and is kept for it."
                }
                _ => "The buyer chose a method that takes a few days; the money is not there yet.",
            },
        )),
    }
}

fn no_proof(payment: &EvaluatedPayment) -> NoCredit {
    let refused = payment.proofs.iter().find(|tried| tried.verdict == Verdict::Refused);
    match refused {
        Some(tried) => NoCredit::new(&tried.reason, tried.sentence.clone()),
        None => NoCredit::new(
            "no_proof",
            "None of the proofs matched. A click token in the checkout’s metadata or client reference, \
             an affiliate’s promotion code or a tracked lead’s e-mail address would have led to an affiliate.",
        ),
    }
}

/// Whether the terms still pay for this payment, counted from the customer's first paid
/// one in calendar months of the program's time zone.
fn recurs(
    recurrence: Recurrence,
    payment: &EvaluatedPayment,
    first_paid_at: Option<Timestamp>,
    context: &Context,
) -> Result<(), NoCredit> {
    let first = first_paid_at.unwrap_or(payment.paid_at);
    match recurrence {
        Recurrence::Lifetime => Ok(()),
        Recurrence::FirstPayment if payment.number == 1 => Ok(()),
        Recurrence::FirstPayment => Err(NoCredit::new(
            "not_first_payment",
            format!(
                "The terms pay for a customer’s first payment only, and that was on {}.",
                date_text(first, context)
            ),
        )),
        Recurrence::Months { months } => {
            let end = months_after(first, months, &context.time_zone);
            if payment.paid_at < end {
                Ok(())
            } else {
                Err(NoCredit::new(
                    "recurrence_over",
                    format!(
                        "The {months} months since the first payment ended on {}.",
                        date_text(end, context)
                    ),
                ))
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
fn subscription_runs(
    facts: &[&EventFacts],
    payment: &EvaluatedPayment,
    context: &Context,
) -> Result<(), NoCredit> {
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
        Some(end) if began >= end => Err(NoCredit::new(
            "subscription_ended",
            format!("The subscription had ended on {}.", date_text(end, context)),
        )),
        _ => Ok(()),
    }
}

fn affiliate_earns(binding: &Binding, payment: &EvaluatedPayment, context: &Context) -> Result<(), NoCredit> {
    let Some(affiliate) = context.affiliates.get(&binding.affiliate_id) else {
        return Err(NoCredit::new("affiliate_gone", "The affiliate is no longer in the program."));
    };
    match affiliate.history.at(latest(payment.paid_at)) {
        Some(AffiliateStatus::Active) => Ok(()),
        state => Err(NoCredit::new(
            "affiliate_not_active",
            format!(
                "{} was {} when the payment was made.",
                affiliate.name,
                state.map_or("not yet in the program", AffiliateStatus::word)
            ),
        )),
    }
}

//! Refunds and disputes as target states: what has been given back by now, whatever
//! happened in between.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::facts::{
    ChargeFact, DisputeFact, DisputeStatus, DisputeStep, EventFacts, RefundFact, RefundStatus,
};

use crate::money::Currency;

use super::groups::Group;

/// What was captured, and what was given totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Refunds {
    /// What was captured in all.
    pub captured: i64,
    /// What was given totals.
    pub refunded: i64,
    /// What disputes took.
    pub disputed: i64,
    /// Whether a dispute is open.
    pub dispute_open: bool,
}

/// Adds up a group. `gross` is what was paid in all: a share of it is reversed also where
/// not every charge is known, or a part was paid outside Stripe.
pub(super) fn refunds(group: &Group<'_>, gross: i64, currency: Option<Currency>) -> Refunds {
    let charges = group.newest_charges();
    let newest = newest_refunds(group);
    let mut totals = Refunds::default();
    for (event, charge) in charges.values() {
        let captured = if charge.captured { charge.amount_captured.max(0) } else { 0 };
        let own = |refund: &RefundFact| is_of(refund, charge);
        let by_rows = counted(newest.values().map(|(_, r)| *r).filter(|r| own(r)));
        // A refund that failed after the snapshot was taken is still inside it.
        let failed_since: i64 = newest
            .values()
            .filter(|(failed, r)| {
                own(r) && r.status == RefundStatus::Failed && failed.created >= event.created
            })
            .map(|(_, r)| r.amount)
            .fold(0, i64::saturating_add);
        let refunded = by_rows.max(charge.amount_refunded.saturating_sub(failed_since));
        // With a partial capture Stripe counts the rest as refunded, so the net is what
        // is left of the whole amount, and never more than was captured.
        let net = captured.min(charge.amount.saturating_sub(refunded)).clamp(0, captured);
        totals.captured = totals.captured.saturating_add(captured);
        totals.refunded = totals.refunded.saturating_add(captured - net);
    }
    let in_its_currency = charges.values().all(|(_, charge)| Some(charge.currency) == currency);
    if in_its_currency {
        totals.captured = totals.captured.max(gross);
    }
    let elsewhere = |refund: &&RefundFact| !charges.values().any(|(_, charge)| is_of(refund, charge));
    let loose = counted(newest.values().map(|(_, r)| *r).filter(elsewhere));
    let given_back = loose.saturating_add(outside_stripe(group, currency));
    totals.refunded = totals.refunded.saturating_add(given_back).clamp(0, totals.captured.max(0));
    for steps in disputes(group).values() {
        let (taken, open) = dispute_totals(steps);
        totals.disputed = totals.disputed.saturating_add(taken);
        totals.dispute_open |= open;
    }
    totals.disputed = totals.disputed.clamp(0, totals.captured.saturating_sub(totals.refunded).max(0));
    totals
}

/// What credit notes say was given back outside Stripe.
fn outside_stripe(group: &Group<'_>, currency: Option<Currency>) -> i64 {
    let mut newest: BTreeMap<&str, (Timestamp, bool, i64)> = BTreeMap::new();
    for (event, note) in group.credit_notes.iter().filter(|(_, note)| Some(note.currency) == currency) {
        let reported = (event.created, note.voided, note.outside_stripe.max(0));
        let known = newest.entry(&note.id).or_insert(reported);
        *known = reported.max(*known);
    }
    newest
        .into_values()
        .filter(|(_, voided, _)| !voided)
        .fold(0, |sum, (_, _, amount)| sum.saturating_add(amount))
}

/// Whether a refund is of a charge; one that names no charge is known by its payment intent.
fn is_of(refund: &RefundFact, charge: &ChargeFact) -> bool {
    match &refund.charge {
        Some(id) => *id == charge.id,
        None => refund.payment_intent.is_some() && refund.payment_intent == charge.payment_intent,
    }
}

fn counted<'a>(refunds: impl Iterator<Item = &'a RefundFact>) -> i64 {
    refunds.filter(|r| r.status != RefundStatus::Failed).map(|r| r.amount).fold(0, i64::saturating_add)
}

fn newest_refunds<'a>(group: &Group<'a>) -> BTreeMap<&'a str, (&'a EventFacts, &'a RefundFact)> {
    let mut newest: BTreeMap<&str, (&EventFacts, &RefundFact)> = BTreeMap::new();
    for (event, refund) in &group.refunds {
        let later = newest
            .get(refund.id.as_str())
            .is_none_or(|(old_event, old)| (old_event.created, old.status) <= (event.created, refund.status));
        if later {
            newest.insert(refund.id.as_str(), (*event, *refund));
        }
    }
    newest
}

fn disputes<'a>(group: &Group<'a>) -> BTreeMap<&'a str, Vec<(&'a EventFacts, &'a DisputeFact)>> {
    let mut by_id: BTreeMap<&str, Vec<(&EventFacts, &DisputeFact)>> = BTreeMap::new();
    for (event, dispute) in &group.disputes {
        by_id.entry(dispute.id.as_str()).or_default().push((event, dispute));
    }
    for steps in by_id.values_mut() {
        steps.sort_by_key(|(event, dispute)| (event.created, dispute.step));
    }
    by_id
}

/// How much a dispute has taken, and whether it is still open (Stripe docs: dispute
/// status). The steps are taken in order, and a newer one replaces an older one:
/// also what closed can be appealed, and its money come back.
fn dispute_totals(steps: &[(&EventFacts, &DisputeFact)]) -> (i64, bool) {
    let (mut taken, mut open) = (0, false);
    for (_, dispute) in steps {
        let amount = dispute.amount.max(0);
        let listed = dispute.taken.map(|taken| taken.clamp(0, amount));
        (taken, open) = match (dispute.status, dispute.step) {
            // The money comes back with it or soon after: a withdrawal alone in the list is
            // not the end.
            (DisputeStatus::Won | DisputeStatus::WarningClosed | DisputeStatus::Prevented, _) => {
                (listed.filter(|t| *t < amount).unwrap_or(0), false)
            }
            (DisputeStatus::Lost, DisputeStep::FundsReinstated) => (listed.unwrap_or(0), false),
            (DisputeStatus::Lost, _) => (listed.filter(|t| *t > 0).unwrap_or(amount), false),
            (_, DisputeStep::FundsWithdrawn) => (listed.filter(|t| *t > 0).unwrap_or(amount), true),
            (_, DisputeStep::FundsReinstated) => (listed.unwrap_or(0), true),
            _ => (listed.unwrap_or(taken), true),
        };
    }
    (taken, open)
}

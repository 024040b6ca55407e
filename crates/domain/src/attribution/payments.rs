//! What one group of facts amounts to: paid or not, how much, on what base.
//!
//! Which object counts (in this order): a paid invoice; a paid Checkout Session without an
//! invoice; a captured charge that is proved not to belong to an invoice, or has waited
//! long enough for one (Stripe docs: the life of a payment; the changes of
//! 2025-03-31.basil).

use crate::clock::{DAY_MS, Timestamp};
use crate::emails::Email;
use crate::facts::{InvoiceFact, SessionFact, SessionPayment};
use crate::money::{Currency, share};
use crate::no_commission::WaitReason;

use super::alerts;
use super::groups::Group;
use super::refunds::refunds;
use super::{Context, EvaluatedPayment, EvaluatedStatus, PaymentKind};

/// What the object that counts says.
struct Amounts {
    status: EvaluatedStatus,
    currency: Option<Currency>,
    gross: i64,
    base: i64,
    paid_at: Timestamp,
}

/// Evaluates one group, without its attribution.
pub(super) fn evaluate(group: &Group<'_>, context: &Context, now: Timestamp) -> EvaluatedPayment {
    let amounts = amounts(group, context, now);
    let totals = refunds(group, amounts.gross, amounts.currency);
    let (kind, canonical_id) = canonical(group);
    let invoice = group.paid_invoice().map(|(_, invoice)| invoice);
    let completed_at = group.sessions.iter().map(|(event, _)| event.created);
    EvaluatedPayment {
        kind,
        canonical_id,
        aliases: group.aliases.iter().map(|id| (*id).to_owned()).collect(),
        currency: amounts.currency,
        gross: amounts.gross,
        base: amounts.base,
        captured: totals.captured,
        refunded: totals.refunded,
        disputed: totals.disputed,
        dispute_open: totals.dispute_open,
        alert: alerts::open(group),
        outside_stripe: group.is_outside_stripe(),
        paid_at: amounts.paid_at,
        ordered_at: ordered_at(group, amounts.paid_at),
        completed_at: completed_at.clone().min(),
        evidence_until: completed_at.max().unwrap_or(amounts.paid_at).max(amounts.paid_at),
        period_start: invoice.and_then(|i| i.period_start),
        latest_period_start: invoice.and_then(|i| i.latest_period_start),
        status: amounts.status,
        subscription: invoice
            .and_then(|i| i.subscription.clone())
            .or_else(|| group.sessions.iter().find_map(|(_, s)| s.subscription.clone())),
        billing_reason: invoice.and_then(|i| i.billing_reason.clone()),
        label: invoice
            .and_then(|i| i.label.clone())
            .or_else(|| group.charges.iter().find_map(|(_, c)| c.label.clone())),
        items: invoice.map(|i| i.items.clone()).unwrap_or_default(),
        country: country(group),
        email: email(group),
        payment_number: 0,
        checks: Vec::new(),
        credit: None,
        no_commission: None,
    }
}

/// The name under which a payment is best known: invoice, payment intent, charge, session.
fn canonical(group: &Group<'_>) -> (PaymentKind, String) {
    let kinds = [
        (PaymentKind::Invoice, "in_"),
        (PaymentKind::PaymentIntent, "pi_"),
        (PaymentKind::Charge, "ch_"),
        (PaymentKind::Charge, "py_"),
    ];
    kinds
        .iter()
        .find_map(|(kind, prefix)| {
            group.aliases.iter().find(|id| id.starts_with(prefix)).map(|id| (*kind, (*id).to_owned()))
        })
        .unwrap_or_else(|| {
            (PaymentKind::Session, group.aliases.first().map_or_else(String::new, |id| (*id).to_owned()))
        })
}

/// A session can be paid for a day at most after it was created (Stripe docs: `expires_at`).
const SESSION_MS: i64 = DAY_MS;

/// When this was ordered: the session or the invoice was made, or the charge. Later than
/// the order of its subscription, which [`super::attribute`] knows.
fn ordered_at(group: &Group<'_>, paid_at: Timestamp) -> Timestamp {
    let session = group.sessions.iter().map(|(event, session)| {
        let earliest = event.created.plus_ms(-SESSION_MS);
        session.created_at.unwrap_or(event.created).clamp(earliest, event.created)
    });
    let charge = || group.newest_charges().into_values().map(|(_, charge)| charge.charged_at).min();
    let invoice = || group.paid_invoice().and_then(|(_, invoice)| invoice.created_at);
    session.min().or_else(invoice).or_else(charge).unwrap_or(paid_at).min(paid_at)
}

fn email(group: &Group<'_>) -> Option<Email> {
    let sessions = group.sessions.iter().flat_map(|(_, s)| &s.hints.emails);
    let invoices = group.invoices.iter().flat_map(|(_, i)| &i.hints.emails);
    let charges = group.charges.iter().flat_map(|(_, c)| &c.hints.emails);
    sessions.chain(invoices).chain(charges).next().cloned()
}

/// The buyer's country: what the checkout says, or else the invoice or the card.
fn country(group: &Group<'_>) -> Option<String> {
    let sessions = group.sessions.iter().map(|(_, s)| &s.hints);
    let invoices = group.invoices.iter().map(|(_, i)| &i.hints);
    let charges = group.charges.iter().map(|(_, c)| &c.hints);
    sessions.chain(invoices).chain(charges).find_map(|hints| hints.country.clone())
}

fn amounts(group: &Group<'_>, context: &Context, now: Timestamp) -> Amounts {
    if let Some((_, invoice)) = group.paid_invoice() {
        return Amounts {
            status: if invoice.amount_paid > 0 { EvaluatedStatus::Paid } else { EvaluatedStatus::Free },
            currency: Some(invoice.currency),
            gross: invoice.amount_paid.max(0),
            base: invoice_base(invoice),
            paid_at: invoice.paid_at,
        };
    }
    if group.invoices.iter().any(|(_, invoice)| !invoice.paid) {
        return unpaid(group, EvaluatedStatus::Failed);
    }
    if group.names_invoice() {
        // A session or charge names an invoice that has not been seen: only the invoice
        // may count, or the same money would be counted twice.
        let failed = group.sessions.iter().any(|(_, s)| s.payment == SessionPayment::Failed);
        let waiting = EvaluatedStatus::Waiting { reason: WaitReason::Invoice, until: None };
        return unpaid(group, if failed { EvaluatedStatus::Failed } else { waiting });
    }
    let session = group.sessions.iter().find(|(_, s)| !s.subscription_mode).map(|(_, s)| *s);
    let charge_paid = group.newest_charges().values().any(|(_, c)| c.captured);
    if let Some(session) = session {
        return session_amounts(group, session, charge_paid);
    }
    charge_amounts(group, charge_paid, context, now)
}

/// A one-time Checkout: the session's amounts, paid when a session event or the charge
/// says so.
fn session_amounts(group: &Group<'_>, session: &SessionFact, charge_paid: bool) -> Amounts {
    let any = |wanted| group.sessions.iter().any(|(_, s)| s.payment == wanted);
    let status = if session.amount_total <= 0 || any(SessionPayment::NoneRequired) {
        EvaluatedStatus::Free
    } else if any(SessionPayment::Paid) || charge_paid {
        EvaluatedStatus::Paid
    } else if any(SessionPayment::Failed) {
        EvaluatedStatus::Failed
    } else {
        EvaluatedStatus::Waiting { reason: WaitReason::Money, until: None }
    };
    let paid = group
        .sessions
        .iter()
        .filter(|(_, s)| matches!(s.payment, SessionPayment::Paid | SessionPayment::NoneRequired))
        .map(|(event, _)| event.created)
        .min();
    let total = session.amount_total.max(0);
    let net =
        total.saturating_sub(session.amount_tax).saturating_sub(session.amount_shipping).clamp(0, total);
    // Of an authorized amount only a part may have been captured.
    let gross = match captured(group, session.currency) {
        0 => total,
        captured => captured.min(total),
    };
    Amounts {
        status,
        currency: session.currency,
        gross,
        base: if gross < total { share(net, gross, total, 1).unwrap_or(0) } else { net },
        paid_at: paid.or_else(|| group.settled().map(|(at, _)| at)).unwrap_or(group.first_seen),
    }
}

/// A charge by itself: counted at once when it is known to be direct, otherwise after the grace time.
fn charge_amounts(group: &Group<'_>, charge_paid: bool, context: &Context, now: Timestamp) -> Amounts {
    let charges = group.newest_charges();
    let Some((_, first)) = charges.values().min_by_key(|(_, c)| (c.charged_at, &c.id)) else {
        // A subscription's session names its invoice; without one it is a trial or free.
        let free = group.sessions.iter().any(|(_, s)| s.payment == SessionPayment::NoneRequired);
        let refund_first = !group.refunds.is_empty() || !group.disputes.is_empty();
        return unpaid(
            group,
            if free {
                EvaluatedStatus::Free
            } else if refund_first {
                EvaluatedStatus::Waiting { reason: WaitReason::RefundedPayment, until: None }
            } else {
                EvaluatedStatus::Waiting { reason: WaitReason::Money, until: None }
            },
        );
    };
    let captured = captured(group, Some(first.currency));
    let (settled_at, known_at) = group.settled().unwrap_or((first.charged_at, first.charged_at));
    let release_at = known_at.plus_ms(context.link_grace_ms);
    let status = if !charge_paid {
        EvaluatedStatus::Waiting { reason: WaitReason::Capture, until: None }
    } else if group.is_direct() || now >= release_at {
        EvaluatedStatus::Paid
    } else {
        EvaluatedStatus::Waiting { reason: WaitReason::Invoice, until: Some(release_at) }
    };
    Amounts { status, currency: Some(first.currency), gross: captured, base: captured, paid_at: settled_at }
}

/// What the charges of one currency took.
fn captured(group: &Group<'_>, currency: Option<Currency>) -> i64 {
    let charges = group.newest_charges();
    let taken = charges.values().filter(|(_, c)| c.captured && Some(c.currency) == currency);
    taken.map(|(_, c)| c.amount_captured.max(0)).fold(0, i64::saturating_add)
}

fn unpaid(group: &Group<'_>, status: EvaluatedStatus) -> Amounts {
    let charge = group.newest_charges().into_values().next().map(|(_, c)| c);
    let currency = charge
        .map(|c| c.currency)
        .or_else(|| group.sessions.iter().find_map(|(_, s)| s.currency))
        .or_else(|| group.refunds.first().map(|(_, r)| r.currency));
    Amounts { status, currency, gross: 0, base: 0, paid_at: group.first_seen }
}

/// What was paid, without tax and shipping. A part payment is taken in proportion, never
/// with its tax; what the customer owed from before and paid with this invoice likewise.
/// What was paid beyond both goes to the customer's credit and is not earned yet.
fn invoice_base(invoice: &InvoiceFact) -> i64 {
    let due = invoice.total.saturating_add(invoice.starting_balance.max(0));
    let paid = invoice.amount_paid.min(due);
    if paid <= 0 {
        return 0;
    }
    if invoice.total <= 0 {
        return paid;
    }
    let net = invoice.total_excluding_tax.saturating_sub(invoice.amount_shipping).max(0);
    share(net, paid, invoice.total, 1).unwrap_or(0)
}

//! The attribution of a customer: the first one holds, in order of payment times.
//!
//! The window limits only the first attribution, and ends with the order, not with the
//! arrival of the money: a bank debit or an invoice may be paid much later. Every check is
//! made against the times of click, order, payment and status changes, never against when
//! an event arrived.
//!
//! Until the first payment, the click times alone decide. Once a payment is booked, what
//! Stripe reports later may attribute only a customer who has no affiliate yet.

use std::collections::{BTreeMap, BTreeSet};

use crate::checks::Check;
use crate::clock::Timestamp;
use crate::facts::{EventFacts, Fact, SessionPayment, SubscriptionStatus};

use super::checks::{CustomerStanding, Finding, run_checks};
use super::clicks::Moment;
use super::decisions;
use super::evidence::Evidence;
use super::{Attribution, CLOCK_TOLERANCE_MS, Context, EvaluatedPayment, EvaluatedStatus, PaymentKind};

/// A moment at which a customer can be attributed: a payment, or a sign-up that cost nothing.
struct Occasion {
    moment: Moment,
    payment: Option<usize>,
    name: String,
    /// What Stripe has reported by then comes before what it reports later.
    evidence_until: Timestamp,
}

/// The attribution of the customer, and of each payment.
pub(super) struct Attributions {
    pub customer: Option<Attribution>,
    pub payments: Vec<Option<Attribution>>,
}

/// Makes the checks at every occasion in order of time and keeps them with each payment.
/// What a person decided about a payment comes before them; unless it covers later payments
/// too, all others come out as if it had not been decided.
pub(super) fn attribute(
    facts: &[&EventFacts],
    payments: &mut [EvaluatedPayment],
    context: &Context,
) -> Attributions {
    let evidence = Evidence::of(facts);
    let mut standing = CustomerStanding::Open;
    let mut of_payments = vec![None; payments.len()];
    for occasion in occasions(facts, payments) {
        let at = occasion.moment.at;
        let codes = occasion
            .payment
            .map(|index| promotion_codes(facts, &payments[index]))
            .unwrap_or_else(|| evidence.codes.clone());
        let checks_until =
            |until| run_checks(occasion.moment, &codes, &evidence.known_at(until), &standing, context);
        let findings = match standing {
            CustomerStanding::Open => first_finding(&occasion, &evidence, context, checks_until),
            _ => checks_until(Timestamp(i64::MAX)),
        };
        let own = occasion.payment.and_then(|index| decisions::of_payment(&payments[index], context));
        let decision = match (&standing, own) {
            (CustomerStanding::NotAffiliateSales(decision), None) => Some(*decision),
            (_, own) => own,
        };
        let outcome = match decision {
            Some(decision) => decisions::apply(decision, own.is_some(), at, &findings, context),
            None => decide(&findings, at),
        };
        if matches!(standing, CustomerStanding::Open)
            && let Some(decided) = decide(&findings, at).1
        {
            standing = CustomerStanding::Attributed(decided);
        }
        if let Some(decision) = own.filter(|decision| decision.later_payments) {
            standing = match outcome.1.clone() {
                Some(attribution) => CustomerStanding::Attributed(attribution),
                None => CustomerStanding::NotAffiliateSales(decision),
            };
        }
        if let Some(index) = occasion.payment {
            (payments[index].checks, of_payments[index]) = outcome;
        }
    }
    let customer = match standing {
        CustomerStanding::Attributed(attribution) => Some(attribution),
        CustomerStanding::Open | CustomerStanding::NotAffiliateSales(_) => None,
    };
    Attributions { customer, payments: of_payments }
}

/// What the checks find with what Stripe had reported by the time of the occasion, or else with
/// the first of its later reports that leads to an affiliate.
fn first_finding(
    occasion: &Occasion,
    evidence: &Evidence,
    context: &Context,
    checks_until: impl Fn(Timestamp) -> Vec<Finding>,
) -> Vec<Finding> {
    let later = evidence.later_than(occasion.evidence_until, context);
    let credits = |findings: &Vec<Finding>| findings.iter().any(|found| found.reason.credits().is_some());
    std::iter::once(occasion.evidence_until)
        .chain(later)
        .map(&checks_until)
        .find(credits)
        .unwrap_or_else(|| checks_until(Timestamp(i64::MAX)))
}

fn occasions(facts: &[&EventFacts], payments: &[EvaluatedPayment]) -> Vec<Occasion> {
    let ordered = subscription_orders(facts);
    let mut all: Vec<Occasion> = payments
        .iter()
        .enumerate()
        .filter(|(_, p)| matches!(p.status, EvaluatedStatus::Paid | EvaluatedStatus::Free))
        .map(|(index, p)| Occasion {
            moment: moment(p, &ordered),
            payment: Some(index),
            name: p.canonical_id.clone(),
            evidence_until: p.evidence_until.plus_ms(CLOCK_TOLERANCE_MS),
        })
        .collect();
    // A trial attributes on the day it begins: its first payment may be far outside the window.
    all.extend(facts.iter().filter_map(|event| {
        let (id, ordered_at) = match &event.fact {
            Fact::Session(s) if s.payment == SessionPayment::NoneRequired => (&s.id, s.created_at),
            Fact::Subscription(s) if s.status == SubscriptionStatus::Trialing => (&s.id, s.created_at),
            _ => return None,
        };
        let (at, name) = (event.created, id.clone());
        let ordered_at = ordered_at.unwrap_or(at).min(at);
        let evidence_until = at.plus_ms(CLOCK_TOLERANCE_MS);
        Some(Occasion {
            moment: Moment { at, ordered_at, clicked_by: at },
            payment: None,
            name,
            evidence_until,
        })
    }));
    all.sort_by(|a, b| (a.moment.at, &a.name).cmp(&(b.moment.at, &b.name)));
    // Before anything is booked, reports until the first payment count as well.
    let is_paid = |occasion: &Occasion| {
        occasion.payment.is_some_and(|index| payments[index].status == EvaluatedStatus::Paid)
    };
    let mut booked = Timestamp(i64::MAX);
    let mut is_booked = false;
    for occasion in &all {
        if is_paid(occasion) {
            (booked, is_booked) = (occasion.evidence_until, true);
            break;
        }
    }
    for occasion in &mut all {
        if is_booked && is_paid(occasion) {
            break;
        }
        occasion.evidence_until = booked.max(occasion.evidence_until);
    }
    all
}

fn moment(payment: &EvaluatedPayment, ordered: &BTreeMap<&str, Timestamp>) -> Moment {
    let order = payment.subscription.as_deref().and_then(|id| ordered.get(id)).copied();
    let ordered_at = order.map_or(payment.ordered_at, |order| order.min(payment.ordered_at));
    let clicked_by = match payment.kind {
        PaymentKind::Invoice => payment.completed_at.unwrap_or(payment.paid_at),
        _ => payment.completed_at.unwrap_or(payment.ordered_at),
    };
    Moment { at: payment.paid_at, ordered_at, clicked_by: clicked_by.max(ordered_at) }
}

/// When each subscription was ordered, by the first fact that reports it.
fn subscription_orders<'a>(facts: &[&'a EventFacts]) -> BTreeMap<&'a str, Timestamp> {
    let mut orders: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for event in facts {
        let (id, at) = match &event.fact {
            Fact::Subscription(s) => (Some(&s.id), s.created_at),
            Fact::Session(s) => (s.subscription.as_ref(), s.created_at),
            Fact::Invoice(i) => (i.subscription.as_ref(), i.created_at),
            _ => continue,
        };
        if let (Some(id), Some(at)) = (id, at) {
            let order = orders.entry(id).or_insert(at);
            *order = at.min(*order);
        }
    }
    orders
}

/// The promotion codes used for one payment or on its subscription.
fn promotion_codes(facts: &[&EventFacts], payment: &EvaluatedPayment) -> BTreeSet<String> {
    let concerns = |fact: &Fact| match fact {
        Fact::Subscription(s) => Some(&s.id) == payment.subscription.as_ref(),
        fact => fact.payment_ids().iter().any(|id| payment.aliases.contains(*id)),
    };
    let codes =
        |event: &&EventFacts| event.fact.hints().map_or(&[][..], |hints| &hints.promotion_codes).to_vec();
    facts
        .iter()
        .filter(|event| event.fact.hints().is_some_and(|hints| !hints.promotion_codes.is_empty()))
        .filter(|event| concerns(&event.fact))
        .flat_map(codes)
        .collect()
}

/// The checks, and the attribution they led to: the first one that finds an affiliate
/// decides, and what the others found is kept all the same.
fn decide(findings: &[Finding], at: Timestamp) -> (Vec<Check>, Option<Attribution>) {
    let mut decided: Option<Attribution> = None;
    let mut checks = Vec::new();
    for Finding { kind, reason, click } in findings {
        if decided.is_some() {
            checks.push(Check::not_needed(*kind, reason.clone()));
            continue;
        }
        checks.push(Check::new(*kind, reason.clone()));
        decided = reason.credits().map(|affiliate| Attribution {
            affiliate_id: affiliate.id.clone(),
            since: at,
            check: *kind,
            click: click.clone(),
        });
    }
    (checks, decided)
}

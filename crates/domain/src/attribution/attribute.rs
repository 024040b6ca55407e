//! The attribution of a customer: the first one holds, in order of payment times.
//!
//! The window limits only the first attribution. Every check is made against the times of
//! click, payment and status changes, never against when an event arrived.

use std::collections::BTreeSet;

use crate::checks::Check;
use crate::clock::Timestamp;
use crate::facts::{EventFacts, Fact, SessionPayment, SubscriptionStatus};

use super::checks::{CustomerStanding, Evidence, Finding, run_checks};
use super::decisions;
use super::{Attribution, Context, EvaluatedPayment, EvaluatedStatus};

/// A moment at which a customer can be attributed: a payment, or a sign-up that cost nothing.
struct Occasion {
    at: Timestamp,
    payment: Option<usize>,
    name: String,
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
        let codes = occasion
            .payment
            .map(|index| promotion_codes(facts, &payments[index]))
            .unwrap_or_else(|| evidence.codes.clone());
        let findings = run_checks(occasion.at, &codes, &evidence, &standing, context);
        let own = occasion.payment.and_then(|index| decisions::of_payment(&payments[index], context));
        let decision = match (&standing, own) {
            (CustomerStanding::NotAffiliateSales(decision), None) => Some(*decision),
            (_, own) => own,
        };
        let outcome = match decision {
            Some(decision) => decisions::apply(decision, own.is_some(), occasion.at, &findings, context),
            None => decide(&findings, occasion.at),
        };
        if matches!(standing, CustomerStanding::Open)
            && let Some(decided) = decide(&findings, occasion.at).1
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

fn occasions(facts: &[&EventFacts], payments: &[EvaluatedPayment]) -> Vec<Occasion> {
    let mut all: Vec<Occasion> = payments
        .iter()
        .enumerate()
        .filter(|(_, p)| matches!(p.status, EvaluatedStatus::Paid | EvaluatedStatus::Free))
        .map(|(index, p)| Occasion { at: p.paid_at, payment: Some(index), name: p.canonical_id.clone() })
        .collect();
    // A trial attributes on the day it begins: its first payment may lie far outside the window.
    all.extend(facts.iter().filter_map(|event| match &event.fact {
        Fact::Session(s) if s.payment == SessionPayment::NoneRequired => {
            Some(Occasion { at: event.created, payment: None, name: s.id.clone() })
        }
        Fact::Subscription(s) if s.status == SubscriptionStatus::Trialing => {
            Some(Occasion { at: event.created, payment: None, name: s.id.clone() })
        }
        _ => None,
    }));
    all.sort_by(|a, b| (a.at, &a.name).cmp(&(b.at, &b.name)));
    all
}

/// The promotion codes used for one payment or on its subscription.
fn promotion_codes(facts: &[&EventFacts], payment: &EvaluatedPayment) -> BTreeSet<String> {
    let concerns = |fact: &Fact| match fact {
        Fact::Subscription(s) => Some(&s.id) == payment.subscription.as_ref(),
        fact => fact.payment_ids().iter().any(|id| payment.aliases.contains(*id)),
    };
    facts
        .iter()
        .filter(|event| concerns(&event.fact))
        .filter_map(|event| event.fact.hints())
        .flat_map(|hints| hints.promotion_codes.iter().cloned())
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

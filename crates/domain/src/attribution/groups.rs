//! Which facts are about the same payment.
//!
//! Two facts belong together when they share an invoice, payment intent, charge or
//! session. From 2025-03-31.basil on a charge and its invoice share no id but the
//! customer; then amount, currency and time pair them while the charge still waits.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{HOUR_MS, Timestamp};
use crate::facts::{
    ChargeFact, ChargeInvoice, DisputeFact, EventFacts, Fact, InvoiceFact, RefundFact, SessionFact,
    SessionPayment, is_payment_id,
};

/// How far apart a charge and its invoice may lie to be paired by amount.
const PAIRING_WINDOW_MS: i64 = HOUR_MS;

/// All facts about one payment, each kind in order of time.
#[derive(Debug, Default)]
pub(super) struct Group<'a> {
    pub aliases: BTreeSet<&'a str>,
    pub first_seen: Timestamp,
    pub sessions: Vec<(&'a EventFacts, &'a SessionFact)>,
    pub invoices: Vec<(&'a EventFacts, &'a InvoiceFact)>,
    pub charges: Vec<(&'a EventFacts, &'a ChargeFact)>,
    pub refunds: Vec<(&'a EventFacts, &'a RefundFact)>,
    pub disputes: Vec<(&'a EventFacts, &'a DisputeFact)>,
    /// Whether Stripe was asked and knows of no invoice.
    pub has_no_invoice: bool,
}

impl<'a> Group<'a> {
    fn add(&mut self, event: &'a EventFacts) {
        if self.aliases.is_empty() {
            self.first_seen = event.created;
        }
        self.aliases.extend(event.fact.payment_ids());
        match &event.fact {
            Fact::Session(fact) => self.sessions.push((event, fact)),
            Fact::Invoice(fact) => self.invoices.push((event, fact)),
            Fact::Charge(fact) => self.charges.push((event, fact)),
            Fact::Refund(fact) => self.refunds.push((event, fact)),
            Fact::Dispute(fact) => self.disputes.push((event, fact)),
            Fact::NoInvoice(_) => self.has_no_invoice = true,
            Fact::InvoicePayment(_) | Fact::Customer(_) | Fact::Subscription(_) => {}
        }
    }

    /// The paid invoice, if one is known.
    pub(super) fn paid_invoice(&self) -> Option<(&'a EventFacts, &'a InvoiceFact)> {
        self.invoices.iter().find(|(_, invoice)| invoice.paid).copied()
    }

    /// Whether some fact names the payment intent or charge, seen or not.
    fn names_charge(&self) -> bool {
        self.aliases.iter().any(|id| ["pi_", "ch_", "py_"].iter().any(|prefix| id.starts_with(prefix)))
    }

    /// Whether some fact names an invoice, seen or not.
    pub(super) fn names_invoice(&self) -> bool {
        self.aliases.iter().any(|id| id.starts_with("in_"))
    }

    /// The newest snapshot of each charge that has gone through.
    pub(super) fn newest_charges(&self) -> BTreeMap<&'a str, (&'a EventFacts, &'a ChargeFact)> {
        let mut newest: BTreeMap<&str, (&EventFacts, &ChargeFact)> = BTreeMap::new();
        for (event, charge) in self.charges.iter().filter(|(_, charge)| charge.succeeded) {
            let later = newest.get(charge.id.as_str()).is_none_or(|(old_event, old)| {
                // Between snapshots of one second the one with more captured or refunded is later.
                (old_event.created, old.amount_captured, old.amount_refunded)
                    <= (event.created, charge.amount_captured, charge.amount_refunded)
            });
            if later {
                newest.insert(charge.id.as_str(), (*event, *charge));
            }
        }
        newest
    }

    /// Whether no invoice can be behind the charges of this group, so that a charge may be
    /// counted by itself.
    pub(super) fn is_direct(&self) -> bool {
        // (c) Stripe's list of invoice payments has none.
        self.has_no_invoice
            || self.charges.iter().any(|(_, charge)| {
                // (a) The version has the field and it is null.
                charge.invoice == ChargeInvoice::None
                // An invoice always has a customer.
                || charge.customer.is_none()
                // Checkout copies our key to a charge only in payment mode, and an API
                // user sets it on a payment intent of their own: an invoice's charge
                // never carries it. Should an invoice turn up after all, the session
                // that made it names both, and the two are merged.
                || !charge.hints.tokens.is_empty()
            })
            || self.sessions.iter().any(|(_, session)| {
                // (b) A session with this payment intent and no invoice.
                session.invoice.is_none()
                    && !session.subscription_mode
                    && session.payment != SessionPayment::NoneRequired
            })
    }
}

/// Puts facts into groups by shared ids, then pairs what is left by amount.
pub(super) fn group<'a>(facts: &[&'a EventFacts]) -> Vec<Group<'a>> {
    let mut roots: BTreeMap<&str, &str> = BTreeMap::new();
    for event in facts {
        let ids = event.fact.payment_ids();
        for id in &ids {
            roots.entry(id).or_insert(id);
        }
        if let Some((first, rest)) = ids.split_first() {
            for id in rest {
                union(&mut roots, first, id);
            }
        }
    }
    let mut groups: BTreeMap<&str, Group<'a>> = BTreeMap::new();
    for event in facts {
        if let Some(id) = event.fact.ids().into_iter().find(|id| is_payment_id(id)) {
            groups.entry(find(&roots, id)).or_default().add(event);
        }
    }
    pair_by_amount(groups.into_values().collect())
}

fn find<'a>(roots: &BTreeMap<&'a str, &'a str>, id: &'a str) -> &'a str {
    let mut at = id;
    while let Some(parent) = roots.get(at).copied().filter(|parent| *parent != at) {
        at = parent;
    }
    at
}

fn union<'a>(roots: &mut BTreeMap<&'a str, &'a str>, a: &'a str, b: &'a str) {
    let (a, b) = (find(roots, a), find(roots, b));
    // The smaller name is the root, so that the result does not depend on the order.
    let (root, child) = if a < b { (a, b) } else { (b, a) };
    roots.insert(child, root);
}

/// Joins each charge that may belong to an invoice with the paid invoice of the same
/// customer, amount and currency that lies nearest within an hour and names no charge yet.
fn pair_by_amount<'a>(groups: Vec<Group<'a>>) -> Vec<Group<'a>> {
    let (mut loose, mut rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| {
        !group.names_invoice() && !group.newest_charges().is_empty() && !group.is_direct()
    });
    loose.sort_by(|a, b| (a.first_seen, &a.aliases).cmp(&(b.first_seen, &b.aliases)));
    let mut unpaired = Vec::new();
    for group in loose {
        let Some(charge) = group.newest_charges().into_values().next().map(|(_, charge)| charge) else {
            unpaired.push(group);
            continue;
        };
        let home = rest
            .iter_mut()
            .filter(|candidate| !candidate.names_charge())
            .filter_map(|candidate| {
                let (_, invoice) = candidate.paid_invoice()?;
                let distance = invoice.paid_at.since_ms(charge.charged_at).saturating_abs();
                let fits = invoice.customer == charge.customer
                    && invoice.amount_paid == charge.amount_captured
                    && invoice.currency == charge.currency
                    && distance <= PAIRING_WINDOW_MS;
                fits.then_some((distance, &invoice.id, candidate))
            })
            .min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        match home {
            Some((_, _, candidate)) => {
                candidate.aliases.extend(&group.aliases);
                candidate.charges.extend(group.charges);
                candidate.refunds.extend(group.refunds);
                candidate.disputes.extend(group.disputes);
            }
            None => unpaired.push(group),
        }
    }
    rest.append(&mut unpaired);
    rest
}

//! Which facts are about the same payment.
//!
//! Two facts belong together when they share an invoice, payment intent, charge or
//! session. From 2025-03-31.basil on a charge and its invoice share no id but the
//! customer; then amount, currency and time pair them while the charge still waits.
//! So they do for a payment that was collected by itself and an invoice that was then
//! marked as paid outside Stripe: it is the same money.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{HOUR_MS, Timestamp};
use crate::facts::{
    AlertFact, ChargeFact, ChargeInvoice, CreditNoteFact, DisputeFact, EventFacts, Fact, InvoiceFact,
    InvoicePaymentFact, RefundFact, SessionFact, SessionPayment, is_payment_id,
};
use crate::money::Currency;

/// How far apart in time a charge and an invoice may be to be matched by amount.
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
    pub alerts: Vec<(&'a EventFacts, &'a AlertFact)>,
    pub credit_notes: Vec<(&'a EventFacts, &'a CreditNoteFact)>,
    /// What invoice payments say was paid outside Stripe.
    records: Vec<&'a InvoicePaymentFact>,
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
            Fact::Alert(fact) => self.alerts.push((event, fact)),
            Fact::CreditNote(fact) => self.credit_notes.push((event, fact)),
            Fact::NoInvoice(_) => self.has_no_invoice = true,
            Fact::InvoicePayment(fact) if fact.payment_record.is_some() => self.records.push(fact),
            Fact::InvoicePayment(_) | Fact::Customer(_) | Fact::Subscription(_) => {}
        }
    }

    /// Takes in a group that turned out to be about the same money.
    fn absorb(&mut self, other: Self) {
        self.aliases.extend(other.aliases);
        self.first_seen = self.first_seen.min(other.first_seen);
        self.sessions.extend(other.sessions);
        self.invoices.extend(other.invoices);
        self.charges.extend(other.charges);
        self.refunds.extend(other.refunds);
        self.disputes.extend(other.disputes);
        self.alerts.extend(other.alerts);
        self.credit_notes.extend(other.credit_notes);
        self.records.extend(other.records);
        self.has_no_invoice |= other.has_no_invoice;
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

    /// Whether Stripe collected any of the money.
    fn is_collected(&self) -> bool {
        self.newest_charges().values().any(|(_, charge)| charge.captured)
            || self.sessions.iter().any(|(_, session)| is_direct_sale(session))
    }

    /// How much of an invoice was paid outside Stripe, as far as anything says so.
    fn outside_stripe(&self, invoice: &InvoiceFact) -> i64 {
        let by_record: BTreeMap<&str, i64> = self
            .records
            .iter()
            .map(|record| (record.id.as_str(), record.amount_paid.unwrap_or(invoice.amount_paid)))
            .collect();
        let by_records = by_record.values().fold(0_i64, |sum, amount| sum.saturating_add(*amount));
        invoice.outside_stripe.unwrap_or(0).max(by_records)
    }

    /// Whether the invoice was paid outside Stripe altogether. One of which Stripe
    /// collected a part is a sale like any other.
    pub(super) fn is_outside_stripe(&self) -> bool {
        self.paid_invoice().is_some_and(|(_, invoice)| {
            invoice.amount_paid > 0
                && self.outside_stripe(invoice) >= invoice.amount_paid
                && !self.is_collected()
        })
    }

    /// When the money of the charges arrived: the moment that an event reported, or else any
    /// between the charge and the first event that knew it.
    pub(super) fn settled(&self) -> Option<(Timestamp, Timestamp)> {
        let taken = || self.charges.iter().filter(|(_, charge)| charge.succeeded);
        if let Some(reported) = taken().filter_map(|(_, charge)| charge.settled_at).min() {
            return Some((reported, reported));
        }
        let from = taken().map(|(_, charge)| charge.charged_at).min()?;
        let to = taken().map(|(event, _)| event.created).min()?;
        Some((from, to.max(from)))
    }

    /// Money that was collected by itself, without an invoice.
    fn direct_sale(&self) -> Option<Sale<'a>> {
        if self.names_invoice() {
            return None;
        }
        let paid = |(_, session): &&(&EventFacts, &SessionFact)| {
            is_direct_sale(session) && session.payment == SessionPayment::Paid
        };
        if let Some((event, session)) = self.sessions.iter().find(paid) {
            return Some(Sale {
                customer: session.customer.as_deref()?,
                amount: session.amount_total,
                currency: session.currency?,
                settled: (event.created, event.created),
            });
        }
        if self.is_direct() { self.charged_sale() } else { None }
    }

    /// What the first charge took.
    fn charged_sale(&self) -> Option<Sale<'a>> {
        let (_, charge) = self.newest_charges().into_values().next()?;
        Some(Sale {
            customer: charge.customer.as_deref()?,
            amount: charge.amount_captured,
            currency: charge.currency,
            settled: self.settled()?,
        })
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
            // (b) A session with this payment intent and no invoice.
            || self.sessions.iter().any(|(_, session)| is_direct_sale(session))
    }
}

/// Whether a session sells something by itself, without an invoice.
fn is_direct_sale(session: &SessionFact) -> bool {
    session.invoice.is_none() && !session.subscription_mode && session.payment != SessionPayment::NoneRequired
}

/// Money that an invoice may be about.
struct Sale<'a> {
    customer: &'a str,
    amount: i64,
    currency: Currency,
    /// When it arrived, at the earliest and at the latest.
    settled: (Timestamp, Timestamp),
}

impl Sale<'_> {
    /// The distance in time to an invoice of the same customer, amount and currency.
    fn distance(&self, invoice: &InvoiceFact) -> Option<i64> {
        let fits = invoice.customer.as_deref() == Some(self.customer)
            && invoice.amount_paid == self.amount
            && invoice.currency == self.currency;
        let (from, to) = self.settled;
        let distance = from.since_ms(invoice.paid_at).max(invoice.paid_at.since_ms(to)).max(0);
        (fits && distance <= PAIRING_WINDOW_MS).then_some(distance)
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
/// customer, amount and currency that is nearest within an hour and names no charge yet;
/// then each payment that was collected by itself with an invoice that Stripe collected
/// nothing for.
fn pair_by_amount<'a>(groups: Vec<Group<'a>>) -> Vec<Group<'a>> {
    let (loose, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(|group| {
        !group.names_invoice() && !group.newest_charges().is_empty() && !group.is_direct()
    });
    let is_open = |group: &Group<'_>| group.is_outside_stripe() || !group.names_charge();
    let rest = pair(loose, rest, Group::charged_sale, is_open);
    let (direct, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(|group| group.direct_sale().is_some());
    pair(direct, rest, Group::direct_sale, may_be_outside_stripe)
}

/// Whether an invoice may have been marked as paid outside Stripe: something says so, or
/// nothing does, and it is not a subscription's own.
fn may_be_outside_stripe(group: &Group<'_>) -> bool {
    group.is_outside_stripe()
        || (!group.names_charge()
            && group.sessions.is_empty()
            && group.paid_invoice().is_some_and(|(_, invoice)| {
                invoice.subscription.is_none() && invoice.outside_stripe.is_none()
            }))
}

/// Joins groups with the nearest invoice that fits, one to one.
fn pair<'a>(
    mut sales: Vec<Group<'a>>,
    mut homes: Vec<Group<'a>>,
    sale_of: impl Fn(&Group<'a>) -> Option<Sale<'a>>,
    is_open: impl Fn(&Group<'a>) -> bool,
) -> Vec<Group<'a>> {
    sales.sort_by(|a, b| (a.first_seen, &a.aliases).cmp(&(b.first_seen, &b.aliases)));
    let mut alone = Vec::new();
    for group in sales {
        let sale = sale_of(&group);
        let home = homes
            .iter_mut()
            .filter_map(|home| {
                let (_, invoice) = home.paid_invoice()?;
                let distance = sale.as_ref()?.distance(invoice)?;
                is_open(home).then_some((distance, &invoice.id, home))
            })
            .min_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        match home {
            Some((_, _, home)) => home.absorb(group),
            None => alone.push(group),
        }
    }
    homes.append(&mut alone);
    homes
}

//! One buyer in memory: what is stored of them, and what has changed since.
//!
//! Nothing here reads or writes the database, so that evaluating a buyer with a thousand
//! payments keeps no other writer waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::attribution::{
    Attribution, Context, Credit, Decision, EvaluatedPayment, PaymentStatus, evaluate,
};
use domain::clock::{Random, Timestamp};
use domain::commissions::{Cause, Entry, LedgerBalance, LedgerChange, difference};
use domain::emails::Email;
use domain::facts::EventFacts;
use domain::ids::{AffiliateId, ConversionId, CustomerId, EntryId, PaymentId};
use domain::money::{Currency, Money};
use store::connections::Connection;
use store::conversions::Conversion;
use store::payments::Payment;

use crate::error::{Error, Result};

use super::follow_ups::AskStripe;

/// What the ledger says of a conversion, by affiliate and currency.
type Balances = BTreeMap<(AffiliateId, Currency), LedgerBalance>;

/// A buyer.
pub(super) struct Buyer {
    pub id: CustomerId,
    pub connection: Arc<Connection>,
    /// The version of the stored row; absent while there is none.
    pub version: Option<i64>,
    pub facts: Vec<EventFacts>,
    /// Their Stripe ids, and the payments that these mean.
    pub stripe_ids: BTreeMap<String, Option<PaymentId>>,
    pub payments: BTreeMap<PaymentId, Payment>,
    pub conversions: BTreeMap<PaymentId, Conversion>,
    pub balances: BTreeMap<ConversionId, Balances>,
    pub decisions: Vec<Decision>,
    pub affiliate_id: Option<AffiliateId>,
    pub unsaved: Unsaved,
}

/// What to write.
#[derive(Default)]
pub(super) struct Unsaved {
    pub facts: Vec<EventFacts>,
    /// Facts in the place of those that a replayed event gave before.
    pub replaced: Vec<EventFacts>,
    pub stripe_ids: BTreeSet<String>,
    pub payments: BTreeSet<PaymentId>,
    /// By payment.
    pub conversions: BTreeSet<PaymentId>,
    /// Conversions as they were and as they are, one change after the other.
    pub replaced_conversions: Vec<(Option<Conversion>, Conversion)>,
    pub entries: Vec<Entry>,
    /// What the customer's row is to say; absent when they were not evaluated.
    pub state: Option<State>,
    pub reevaluate_at: Option<Timestamp>,
    /// Payment intents to ask Stripe about: whether they paid an invoice.
    pub unlinked_intents: BTreeSet<String>,
}

/// What an evaluation says of the buyer as such.
pub(super) struct State {
    pub stripe_customer: Option<String>,
    pub email: Option<Email>,
    pub attribution: Option<Attribution>,
}

/// What happened to one payment.
pub(super) struct Change {
    pub evaluated: EvaluatedPayment,
    /// The changes of commissions, entry by entry.
    pub entries: Vec<LedgerChange>,
}

/// What one evaluation changed.
#[derive(Default)]
pub(super) struct Changes {
    pub payments: Vec<Change>,
    /// The name of the affiliate, where this attributed the customer.
    pub newly_attributed: Option<String>,
}

impl Changes {
    /// The changes of commissions, entry by entry.
    pub(super) fn ledger(&self) -> impl Iterator<Item = &LedgerChange> {
        self.payments.iter().flat_map(|change| &change.entries)
    }

    /// The same, by value.
    pub(super) fn into_ledger(self) -> Vec<LedgerChange> {
        self.payments.into_iter().flat_map(|change| change.entries).collect()
    }
}

/// What one evaluation goes by.
pub(super) struct Evaluating<'a> {
    pub context: &'a Context,
    pub cause: &'a Cause,
    pub now: Timestamp,
    pub random: &'a Random,
}

impl Buyer {
    /// A buyer without stored data.
    pub(super) fn new(id: CustomerId, connection: Arc<Connection>) -> Self {
        Self {
            id,
            connection,
            version: None,
            facts: Vec::new(),
            stripe_ids: BTreeMap::new(),
            payments: BTreeMap::new(),
            conversions: BTreeMap::new(),
            balances: BTreeMap::new(),
            decisions: Vec::new(),
            affiliate_id: None,
            unsaved: Unsaved::default(),
        }
    }

    /// Adds the facts of an event; `false` when they are known already. With `replace` they take the
    /// place of its earlier facts.
    pub(super) fn add_facts(&mut self, facts: &EventFacts, replace: bool) -> bool {
        for id in facts.fact.ids() {
            if !self.stripe_ids.contains_key(id) {
                self.stripe_ids.insert(id.to_owned(), None);
                self.unsaved.stripe_ids.insert(id.to_owned());
            }
        }
        match self.facts.iter_mut().find(|known| known.event == facts.event) {
            None => {
                self.facts.push(facts.clone());
                self.unsaved.facts.push(facts.clone());
                true
            }
            Some(known) if replace => {
                known.clone_from(facts);
                self.unsaved.replaced.push(facts.clone());
                true
            }
            Some(_) => false,
        }
    }

    /// Evaluates the buyer again and notes what is different.
    ///
    /// # Errors
    /// A ledger that does not add up afterwards.
    pub(super) fn evaluate(&mut self, by: &Evaluating<'_>) -> Result<Changes> {
        let evaluated = evaluate(&self.facts, by.context, by.now);
        let mut taken = BTreeSet::new();
        let stored_as: Vec<PaymentId> =
            evaluated.payments.iter().map(|payment| self.stored_as(payment, &mut taken, by)).collect();
        self.retire(&taken, by)?;
        let mut changes = Changes::default();
        for (payment, id) in evaluated.payments.iter().zip(stored_as) {
            self.note_payment(&id, payment);
            let entries = self.credit(&id, payment, by)?;
            changes.payments.push(Change { evaluated: payment.clone(), entries });
        }
        let attributed = evaluated.attribution.as_ref().map(|attribution| &attribution.affiliate_id);
        if let Some(affiliate) = attributed.filter(|affiliate| self.affiliate_id.as_ref() != Some(affiliate))
        {
            changes.newly_attributed = Some(name(by.context, affiliate));
        }
        self.affiliate_id = attributed.cloned();
        self.unsaved.reevaluate_at = evaluated.reevaluate_at;
        if self.connection.can_call_stripe() {
            let is_open = |intent: &&str| {
                let answer = AskStripe::answer_name(intent);
                !self.facts.iter().any(|facts| facts.event == answer)
            };
            self.unsaved.unlinked_intents =
                evaluated.unlinked_intents().filter(is_open).map(str::to_owned).collect();
        }
        self.unsaved.state = Some(State {
            stripe_customer: evaluated.stripe_customer,
            email: evaluated.email,
            attribution: evaluated.attribution,
        });
        Ok(changes)
    }

    /// The payments to write.
    pub(super) fn unsaved_payments(&self) -> impl Iterator<Item = &Payment> {
        self.unsaved.payments.iter().filter_map(|id| self.payments.get(id))
    }

    /// The conversions to write.
    pub(super) fn unsaved_conversions(&self) -> impl Iterator<Item = &Conversion> {
        self.unsaved.conversions.iter().filter_map(|id| self.conversions.get(id))
    }

    /// The stored payment that an evaluated one is: the one that has its conversion, or else
    /// the oldest under any of its ids, or else a new one.
    fn stored_as(
        &self,
        payment: &EvaluatedPayment,
        taken: &mut BTreeSet<PaymentId>,
        by: &Evaluating<'_>,
    ) -> PaymentId {
        let known: BTreeSet<&PaymentId> = payment
            .aliases
            .iter()
            .filter_map(|alias| self.stripe_ids.get(alias)?.as_ref())
            .filter(|id| !taken.contains(id))
            .collect();
        let is_credited = |id: &&&PaymentId| self.conversions.get(**id).is_some_and(|c| !c.canceled);
        let found = known.iter().find(is_credited).or(known.first()).map(|id| PaymentId::clone(id));
        let id = found.unwrap_or_else(|| PaymentId::new(by.now, by.random));
        taken.insert(id.clone());
        id
    }

    /// Payments that turned out to be another one give back what they had, before the one that
    /// remains is counted.
    fn retire(&mut self, remaining: &BTreeSet<PaymentId>, by: &Evaluating<'_>) -> Result<()> {
        let is_gone =
            |payment: &&Payment| !remaining.contains(&payment.id) && payment.status != PaymentStatus::Merged;
        let gone: Vec<Payment> = self.payments.values().filter(is_gone).cloned().collect();
        for payment in gone {
            if let Some(old) = self.conversions.get(&payment.id).cloned() {
                self.cancel(&old, by)?;
            }
            self.unsaved.payments.insert(payment.id.clone());
            self.payments.insert(payment.id.clone(), payment.merged());
        }
        Ok(())
    }

    fn note_payment(&mut self, id: &PaymentId, evaluated: &EvaluatedPayment) {
        let owner = (&self.connection.program_id, &self.connection.id, &self.id);
        let new = Payment::new(id, owner, evaluated);
        if self.payments.get(id) != Some(&new) {
            self.payments.insert(id.clone(), new);
            self.unsaved.payments.insert(id.clone());
        }
        for alias in &evaluated.aliases {
            let means = self.stripe_ids.entry(alias.clone()).or_default();
            if means.as_ref() != Some(id) {
                *means = Some(id.clone());
                self.unsaved.stripe_ids.insert(alias.clone());
            }
        }
    }

    /// Updates conversion, ledger and sums of one payment to what the rules say.
    fn credit(
        &mut self,
        id: &PaymentId,
        payment: &EvaluatedPayment,
        by: &Evaluating<'_>,
    ) -> Result<Vec<LedgerChange>> {
        let old = self.conversions.get(id).cloned();
        match (&payment.credit, old) {
            (None, None) => Ok(Vec::new()),
            (None, Some(old)) if old.canceled => Ok(Vec::new()),
            (None, Some(old)) => self.cancel(&old, by),
            (Some(credit), old) => {
                let new = self.conversion(id, payment, credit, old.as_ref(), by);
                if old.as_ref() == Some(&new) {
                    return Ok(Vec::new());
                }
                self.note_conversion(new, by)
            }
        }
    }

    fn conversion(
        &self,
        payment_id: &PaymentId,
        payment: &EvaluatedPayment,
        credit: &Credit,
        old: Option<&Conversion>,
        by: &Evaluating<'_>,
    ) -> Conversion {
        let click = credit.click.as_ref().and_then(|token| by.context.clicks.get(token));
        Conversion {
            id: old.map_or_else(|| ConversionId::new(by.now, by.random), |old| old.id.clone()),
            program_id: self.connection.program_id.clone(),
            payment_id: payment_id.clone(),
            customer_id: self.id.clone(),
            affiliate_id: credit.affiliate_id.clone(),
            link_id: click.map(|click| click.link_id.clone()),
            terms_id: credit.terms_id.clone(),
            method: credit.check,
            click_token: credit.click.clone(),
            currency: payment.currency.unwrap_or(credit.currency),
            payment_number: payment.payment_number,
            amount: payment.gross,
            reward: credit.reward.clone(),
            base: credit.base,
            refunded: payment.refunded,
            commission_currency: credit.currency,
            commission: credit.commission,
            reversed: credit.reversed,
            hold: credit.hold,
            disputed: payment.disputed,
            canceled: false,
            hold_until: credit.hold_until,
            paid_at: payment.paid_at,
        }
    }

    fn cancel(&mut self, old: &Conversion, by: &Evaluating<'_>) -> Result<Vec<LedgerChange>> {
        self.note_conversion(Conversion { canceled: true, ..old.clone() }, by)
    }

    /// Records a conversion, and the entries that are missing in the ledger for it.
    fn note_conversion(&mut self, conversion: Conversion, by: &Evaluating<'_>) -> Result<Vec<LedgerChange>> {
        let holder = (conversion.affiliate_id.clone(), conversion.commission_currency);
        let (commission, reversed) =
            if conversion.canceled { (0, 0) } else { (conversion.commission, conversion.reversed) };
        let balances = self.balances.entry(conversion.id.clone()).or_default();
        balances.entry(holder.clone()).or_default();
        let mut written = Vec::new();
        for (account, balance) in balances.iter_mut() {
            let target = if *account == holder { (commission, reversed) } else { (0, 0) };
            for (kind, amount) in difference(*balance, target.0, target.1) {
                balance.add(kind, amount);
                let (affiliate, currency) = account;
                self.unsaved.entries.push(Entry {
                    id: EntryId::new(by.now, by.random),
                    affiliate_id: affiliate.clone(),
                    conversion_id: Some(conversion.id.clone()),
                    kind,
                    amount,
                    currency: *currency,
                    cause: by.cause.clone(),
                    at: by.now,
                });
                let affiliate_name = name(by.context, affiliate);
                written.push(LedgerChange { affiliate_name, amount: Money::new(amount, *currency) });
            }
            if balance.net() != target.0 - target.1 {
                return Err(Error::Broken(format!("the ledger of {} does not add up", conversion.id)));
            }
        }
        let payment = conversion.payment_id.clone();
        let old = self.conversions.insert(payment.clone(), conversion.clone());
        self.unsaved.replaced_conversions.push((old, conversion));
        self.unsaved.conversions.insert(payment);
        Ok(written)
    }
}

/// An affiliate's name.
fn name(context: &Context, id: &AffiliateId) -> String {
    context.affiliates.get(id).map_or_else(|| id.to_string(), |seen| seen.name.clone())
}

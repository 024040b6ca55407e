//! Evaluates a customer and writes the difference to what is stored: payments, conversions,
//! ledger and sums.

use std::collections::{BTreeMap, BTreeSet};

use domain::attribution::{Context, Credit, EvaluatedPayment, PaymentStatus, evaluate};
use domain::clicks::ClickToken;
use domain::clock::Timestamp;
use domain::commissions::{Cause, Entry, LedgerChange, difference};
use domain::ids::{AffiliateId, ConversionId, CustomerId, EntryId, LinkId, PaymentId};
use domain::money::{Currency, Money};
use store::connections::Connection;
use store::conversions::Conversion;
use store::db::Tx;
use store::payments::Payment;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs;

use super::context;
use super::follow_ups::{self, Reevaluate};

/// What happened to one payment.
pub(super) struct Change {
    pub evaluated: EvaluatedPayment,
    /// The changes of commissions, entry by entry.
    pub entries: Vec<LedgerChange>,
}

/// All changes of a customer.
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

/// Evaluates a customer again and writes what is different.
pub(super) async fn reevaluate(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    customer: &CustomerId,
    cause: &Cause,
    now: Timestamp,
) -> Result<Changes> {
    let program = context::program_of(tx, connection).await?;
    let facts = store::customers::facts(tx, customer).await?;
    let context = context::load(engine, tx, customer, &facts, &program).await?;
    let evaluated = evaluate(&facts, &context, now);

    let aliases: BTreeMap<String, PaymentId> =
        store::payments::aliases_of_customer(tx, customer).await?.into_iter().collect();
    let stored: BTreeMap<PaymentId, Payment> =
        store::payments::of_customer(tx, customer).await?.into_iter().map(|p| (p.id.clone(), p)).collect();
    let conversions = store::conversions::of_customer(tx, customer).await?;
    let mut writer = LedgerWriter {
        engine,
        connection,
        customer,
        context: &context,
        cause,
        now,
        conversions: conversions.into_iter().map(|c| (c.payment_id.clone(), c)).collect(),
        links: BTreeMap::new(),
        taken: BTreeSet::new(),
    };

    let mut changes = Changes::default();
    let mut stored_as = Vec::new();
    for payment in &evaluated.payments {
        stored_as.push(writer.stored_as(payment, &aliases));
    }
    // Payments that turned out to be another one give back what they had, before the one
    // that remains is counted.
    for (id, payment) in &stored {
        if !writer.taken.contains(id) && payment.status != PaymentStatus::Merged {
            writer.retire(tx, id).await?;
        }
    }
    for (payment, (id, is_new)) in evaluated.payments.iter().zip(stored_as) {
        let differs = stored.get(&id).is_none_or(|old| !same(old, payment));
        if is_new || differs {
            let owner = (&program.id, &connection.id, customer);
            store::payments::save(tx, &id, owner, payment, now).await?;
        }
        for alias in payment.aliases.iter().filter(|alias| aliases.get(*alias) != Some(&id)) {
            store::payments::link_alias(tx, &connection.id, alias, &id).await?;
        }
        let entries = writer.credit(tx, &id, payment).await?;
        changes.payments.push(Change { evaluated: payment.clone(), entries });
    }
    let before = store::customers::get(tx, customer).await?.and_then(|c| c.affiliate_id);
    let attributed = evaluated.attribution.as_ref().map(|attribution| &attribution.affiliate_id);
    if let Some(affiliate) = attributed.filter(|affiliate| before.as_ref() != Some(affiliate)) {
        changes.newly_attributed = Some(writer.name(tx, affiliate).await?);
    }
    store::customers::save(tx, customer, &evaluated).await?;
    if let Some(at) = evaluated.reevaluate_at {
        jobs::enqueue(engine, tx, &Reevaluate(customer.clone()), at.max(now)).await?;
    }
    for intent in evaluated.unlinked_intents() {
        follow_ups::ask_stripe(engine, tx, connection, intent, now).await?;
    }
    Ok(changes)
}

/// Whether a stored payment says what the rules say now.
fn same(old: &Payment, new: &EvaluatedPayment) -> bool {
    old.stripe_id == new.canonical_id
        && old.kind == new.kind
        && old.status == new.status.status()
        && old.currency == new.currency
        && (old.gross, old.base, old.captured) == (new.gross, new.base, new.captured)
        && (old.refunded, old.disputed, old.dispute_open) == (new.refunded, new.disputed, new.dispute_open)
        && (old.paid_at, old.number) == (new.paid_at, new.number)
        && old.subscription == new.subscription
        && old.billing_reason == new.billing_reason
        && old.label == new.label
        && old.email == new.email
        && old.checks == new.checks
        && old.no_commission == new.no_commission
}

struct LedgerWriter<'a> {
    engine: &'a Engine,
    connection: &'a Connection,
    customer: &'a CustomerId,
    context: &'a Context,
    cause: &'a Cause,
    now: Timestamp,
    /// The customer's conversions as they were.
    conversions: BTreeMap<PaymentId, Conversion>,
    /// The links of clicks that were asked for.
    links: BTreeMap<ClickToken, Option<LinkId>>,
    taken: BTreeSet<PaymentId>,
}

impl LedgerWriter<'_> {
    /// An affiliate's name. One who was credited before may not be in the context.
    async fn name(&self, tx: &mut Tx, id: &AffiliateId) -> Result<String> {
        if let Some(seen) = self.context.affiliates.get(id) {
            return Ok(seen.name.clone());
        }
        let found = store::affiliates::get(tx, &self.context.program_id, id).await?;
        Ok(found.map_or_else(|| id.to_string(), |affiliate| affiliate.name))
    }

    /// The stored payment that an evaluated one is, and whether it is new: the one that has
    /// its conversion, or else the oldest under any of its ids.
    fn stored_as(
        &mut self,
        payment: &EvaluatedPayment,
        aliases: &BTreeMap<String, PaymentId>,
    ) -> (PaymentId, bool) {
        let known: BTreeSet<&PaymentId> = payment
            .aliases
            .iter()
            .filter_map(|alias| aliases.get(alias))
            .filter(|id| !self.taken.contains(id))
            .collect();
        let is_credited = |id: &&&PaymentId| self.conversions.get(**id).is_some_and(|c| !c.canceled);
        let found = known.iter().find(is_credited).or(known.first()).map(|id| PaymentId::clone(id));
        let is_new = found.is_none();
        let id = found.unwrap_or_else(|| PaymentId::new(self.now, self.engine.random()));
        self.taken.insert(id.clone());
        (id, is_new)
    }

    /// Takes back what a payment earned that is now counted under another one.
    async fn retire(&self, tx: &mut Tx, id: &PaymentId) -> Result<()> {
        if let Some(old) = self.conversions.get(id) {
            self.cancel(tx, old).await?;
        }
        Ok(store::payments::mark_merged(tx, id, self.now).await?)
    }

    /// Updates conversion, ledger and sums of one payment to what the rules say.
    async fn credit(
        &mut self,
        tx: &mut Tx,
        id: &PaymentId,
        payment: &EvaluatedPayment,
    ) -> Result<Vec<LedgerChange>> {
        let old = self.conversions.get(id).cloned();
        match (&payment.credit, old) {
            (None, None) => Ok(Vec::new()),
            (None, Some(old)) if old.canceled => Ok(Vec::new()),
            (None, Some(old)) => self.cancel(tx, &old).await,
            (Some(credit), old) => {
                let new = self.conversion(tx, id, payment, credit, old.as_ref()).await?;
                if old.as_ref() == Some(&new) {
                    return Ok(Vec::new());
                }
                store::conversions::save(tx, &new, self.now).await?;
                store::sums::conversions::replace(tx, old.as_ref(), Some(&new)).await?;
                self.write_entries(tx, &new).await
            }
        }
    }

    /// The link of a click; a customer's payments mostly have the same.
    async fn link_of(&mut self, tx: &mut Tx, token: &ClickToken) -> Result<Option<LinkId>> {
        if let Some(known) = self.links.get(token) {
            return Ok(known.clone());
        }
        let link = store::clicks::link_of(tx, token).await?;
        self.links.insert(token.clone(), link.clone());
        Ok(link)
    }

    async fn conversion(
        &mut self,
        tx: &mut Tx,
        payment_id: &PaymentId,
        payment: &EvaluatedPayment,
        credit: &Credit,
        old: Option<&Conversion>,
    ) -> Result<Conversion> {
        let link_id = match &credit.click {
            Some(token) => self.link_of(tx, token).await?,
            None => None,
        };
        Ok(Conversion {
            id: old.map_or_else(|| ConversionId::new(self.now, self.engine.random()), |old| old.id.clone()),
            program_id: self.connection.program_id.clone(),
            payment_id: payment_id.clone(),
            customer_id: self.customer.clone(),
            affiliate_id: credit.affiliate_id.clone(),
            link_id,
            terms_id: credit.terms_id.clone(),
            method: credit.check,
            click_token: credit.click.clone(),
            currency: payment.currency.unwrap_or(credit.currency),
            number: payment.number,
            amount: payment.gross,
            base: payment.base,
            refunded: payment.refunded,
            commission_currency: credit.currency,
            commission: credit.commission,
            reversed: credit.reversed,
            hold: credit.hold,
            disputed: payment.disputed,
            canceled: false,
            hold_until: credit.hold_until,
            paid_at: payment.paid_at,
        })
    }

    async fn cancel(&self, tx: &mut Tx, old: &Conversion) -> Result<Vec<LedgerChange>> {
        let new = Conversion { canceled: true, ..old.clone() };
        store::conversions::save(tx, &new, self.now).await?;
        store::sums::conversions::replace(tx, Some(old), None).await?;
        self.write_entries(tx, &new).await
    }

    /// Appends the entries that the ledger lacks for a conversion, and asserts that it adds up
    /// afterwards.
    async fn write_entries(&self, tx: &mut Tx, conversion: &Conversion) -> Result<Vec<LedgerChange>> {
        let holder = (&conversion.affiliate_id, conversion.commission_currency);
        let (commission, reversed) =
            if conversion.canceled { (0, 0) } else { (conversion.commission, conversion.reversed) };
        let balances = store::commissions::balances_of_conversion(tx, &conversion.id).await?;
        let mut accounts: Vec<(AffiliateId, Currency)> =
            balances.iter().map(|(a, c, _)| (a.clone(), *c)).collect();
        if !accounts.iter().any(|(a, c)| (a, *c) == holder) {
            accounts.push((holder.0.clone(), holder.1));
        }
        let mut written = Vec::new();
        for (affiliate, currency) in accounts {
            let has = balances.iter().find(|(a, c, _)| (a, c) == (&affiliate, &currency)).map(|(_, _, b)| *b);
            let target = if (&affiliate, currency) == holder { (commission, reversed) } else { (0, 0) };
            for (kind, amount) in difference(has.unwrap_or_default(), target.0, target.1) {
                let entry = Entry {
                    id: EntryId::new(self.now, self.engine.random()),
                    affiliate_id: affiliate.clone(),
                    conversion_id: conversion.id.clone(),
                    kind,
                    amount,
                    currency,
                    cause: self.cause.clone(),
                    at: self.now,
                };
                store::commissions::append(tx, &conversion.program_id, &entry).await?;
                let affiliate_name = self.name(tx, &affiliate).await?;
                written.push(LedgerChange { affiliate_name, amount: Money::new(amount, currency) });
            }
        }
        self.assert_balanced(tx, conversion, commission - reversed).await?;
        Ok(written)
    }

    async fn assert_balanced(&self, tx: &mut Tx, conversion: &Conversion, expected: i64) -> Result<()> {
        let balances = store::commissions::balances_of_conversion(tx, &conversion.id).await?;
        let holds = balances.iter().all(|(affiliate, currency, balance)| {
            let theirs = *affiliate == conversion.affiliate_id && *currency == conversion.commission_currency;
            balance.net() == if theirs { expected } else { 0 }
        });
        if holds {
            Ok(())
        } else {
            Err(Error::Broken(format!("the ledger of {} does not add up", conversion.id)))
        }
    }
}

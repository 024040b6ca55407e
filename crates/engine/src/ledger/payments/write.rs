//! Writes what has changed of some buyers, in a number of statements that does not depend on how
//! many they are.
//!
//! The transaction may be of Postgres' default isolation: what was read before it is guarded by
//! the buyers' versions, whose rows come first, and by the Stripe ids and facts, which exist once.

use domain::commissions::LedgerBalance;
use domain::ids::ConversionId;
use domain::money::Currency;
use std::collections::BTreeMap;
use store::conversions::Conversion;
use store::customers::NewState;
use store::db::Tx;
use store::sums::conversions::Changes;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs;

use super::buyer::Buyer;
use super::follow_ups::{self, Reevaluate};

/// Writes the buyers' changes. `false`, and the transaction must not be committed, when one of
/// them was changed since it was read.
pub(super) async fn write(engine: &Engine, tx: &mut Tx, buyers: &mut [Buyer]) -> Result<bool> {
    let now = engine.now();
    // In the order of their ids: two nodes cannot wait for each other in a circle.
    buyers.sort_by(|a, b| a.id.cmp(&b.id));
    if !write_customers(tx, buyers, now).await? {
        return Ok(false);
    }
    let (mut payments, mut conversions, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for buyer in &*buyers {
        payments.extend(buyer.unsaved_payments());
        conversions.extend(buyer.unsaved_conversions());
        entries.extend(buyer.unsaved.entries.iter().map(|entry| (&buyer.connection.program_id, entry)));
    }
    store::payments::save(tx, payments, now).await?;
    store::conversions::save(tx, conversions.iter().copied(), now).await?;
    let mut sums = Changes::default();
    for (old, new) in buyers.iter().flat_map(|buyer| &buyer.unsaved.replaced_conversions) {
        sums.replace(old.as_ref(), Some(new));
    }
    sums.write(tx).await?;
    // Whoever lost or gained by this, and whose commission is held or released by it.
    let holders = buyers.iter().flat_map(|buyer| &buyer.unsaved.replaced_conversions);
    store::commissions::append(tx, entries, holders.map(|(_, new)| &new.affiliate_id)).await?;
    assert_balanced(tx, &conversions).await?;
    store::commissions::refresh(tx, conversions.iter().map(|c| &c.id), now).await?;
    for buyer in &*buyers {
        if let Some(at) = buyer.unsaved.reevaluate_at {
            jobs::enqueue(engine, tx, &Reevaluate(buyer.id.clone()), at.max(now)).await?;
        }
        for intent in &buyer.unsaved.unlinked_intents {
            follow_ups::ask_stripe(engine, tx, &buyer.connection, intent, now).await?;
        }
    }
    Ok(true)
}

/// The customers' own rows, their ids, facts and addresses.
async fn write_customers(tx: &mut Tx, buyers: &[Buyer], now: domain::clock::Timestamp) -> Result<bool> {
    let states: Vec<NewState<'_>> = buyers.iter().filter_map(state).collect();
    if store::customers::save(tx, &states, now).await? < states.len() as u64 {
        return Ok(false);
    }
    let mut ids = Vec::new();
    for buyer in buyers {
        for id in &buyer.unsaved.stripe_ids {
            let payment = buyer.stripe_ids.get(id).and_then(Option::as_ref);
            ids.push((&buyer.connection.id, id.as_str(), &buyer.id, payment));
        }
    }
    ids.sort();
    let wanted = ids.len() as u64;
    if store::customers::put_stripe_ids(tx, ids).await? < wanted {
        return Ok(false);
    }
    let mut facts = Vec::new();
    for buyer in buyers {
        facts.extend(buyer.unsaved.facts.iter().map(|facts| (&buyer.connection.id, &buyer.id, facts)));
    }
    let wanted = facts.len() as u64;
    if store::customers::put_facts(tx, facts).await? < wanted {
        return Ok(false);
    }
    let mut emails = Vec::new();
    for buyer in buyers {
        for facts in buyer.unsaved.facts.iter().chain(&buyer.unsaved.replaced) {
            let found = facts.fact.hints().into_iter().flat_map(|hints| &hints.emails);
            emails.extend(found.map(|email| (&buyer.id, &buyer.connection.program_id, email)));
        }
        for facts in &buyer.unsaved.replaced {
            store::customers::replace_facts(tx, &buyer.connection.id, &buyer.id, facts).await?;
        }
    }
    emails.sort();
    emails.dedup();
    store::customers::put_emails(tx, emails).await?;
    Ok(true)
}

fn state(buyer: &Buyer) -> Option<NewState<'_>> {
    let state = buyer.unsaved.state.as_ref()?;
    Some(NewState {
        id: &buyer.id,
        connection_id: &buyer.connection.id,
        program_id: &buyer.connection.program_id,
        version: buyer.version,
        stripe_customer: state.stripe_customer.as_deref(),
        email: state.email.as_ref(),
        attribution: state.attribution.as_ref(),
    })
}

/// Asserts that the stored ledger says of each conversion what it must.
async fn assert_balanced(tx: &mut Tx, conversions: &[&Conversion]) -> Result<()> {
    let ids: Vec<&ConversionId> = conversions.iter().map(|c| &c.id).collect();
    let mut booked: BTreeMap<ConversionId, BTreeMap<_, LedgerBalance>> = BTreeMap::new();
    for line in store::commissions::balances_of(tx, &ids).await? {
        let of = booked.entry(line.conversion_id).or_default();
        of.insert((line.affiliate_id, line.currency), line.balance);
    }
    for conversion in conversions {
        let expected = if conversion.canceled { 0 } else { conversion.commission - conversion.reversed };
        let mut of = booked.remove(&conversion.id).unwrap_or_default();
        let holder: (_, Currency) = (conversion.affiliate_id.clone(), conversion.commission_currency);
        let own = of.remove(&holder).unwrap_or_default();
        if own.net() != expected || of.values().any(|balance| balance.net() != 0) {
            return Err(Error::Broken(format!("the ledger of {} does not add up", conversion.id)));
        }
    }
    Ok(())
}

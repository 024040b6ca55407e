//! The buyers that some events are about: found by any of their Stripe ids, loaded in a number of
//! statements that does not depend on how many they are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::clock::{Random, Timestamp};
use domain::facts::EventFacts;
use domain::ids::{ConnectionId, CustomerId};
use store::connections::Connection;
use store::db::{Conn, Tx};

use crate::error::{Error, Result};

use super::buyer::Buyer;

/// Some buyers.
#[derive(Default)]
pub(super) struct Buyers {
    pub all: Vec<Buyer>,
    by_stripe_id: BTreeMap<(ConnectionId, String), usize>,
    by_id: BTreeMap<CustomerId, usize>,
}

impl Buyers {
    /// Loads the buyers that facts are about.
    pub(super) async fn of_facts<'a>(
        conn: &mut Conn,
        facts: impl Iterator<Item = (&'a Arc<Connection>, &'a EventFacts)> + Clone,
    ) -> Result<Self> {
        let ids: BTreeSet<(&ConnectionId, &str)> = facts
            .clone()
            .flat_map(|(connection, facts)| facts.fact.ids().into_iter().map(|id| (&connection.id, id)))
            .collect();
        let connections: BTreeMap<&ConnectionId, &Arc<Connection>> =
            facts.map(|(connection, _)| (&connection.id, connection)).collect();
        let mut found = BTreeMap::new();
        for (connection, _, customer) in store::customers::of_stripe_ids(conn, ids).await? {
            if let Some(connection) = connections.get(&connection) {
                found.insert(customer, Arc::clone(connection));
            }
        }
        let mut buyers = Self::default();
        buyers.load(conn, found).await?;
        Ok(buyers)
    }

    /// Loads more buyers. Those that were merged into another one are left out.
    pub(super) async fn load(
        &mut self,
        conn: &mut Conn,
        wanted: BTreeMap<CustomerId, Arc<Connection>>,
    ) -> Result<()> {
        let ids: Vec<CustomerId> = wanted.keys().filter(|id| !self.by_id.contains_key(id)).cloned().collect();
        // The versions first: what changes after them is noticed when it is written.
        for customer in store::customers::of_ids(conn, &ids).await? {
            if let Some(connection) = wanted.get(&customer.id) {
                let mut buyer = Buyer::new(customer.id, Arc::clone(connection));
                buyer.version = Some(customer.version);
                buyer.affiliate_id = customer.affiliate_id;
                self.add(buyer);
            }
        }
        for (customer, facts) in store::customers::facts_of(conn, &ids).await? {
            self.loaded(&customer, |buyer| buyer.facts.push(facts));
        }
        for (customer, stripe_id, payment) in store::customers::stripe_ids(conn, &ids).await? {
            if let Some(index) = self.by_id.get(&customer).copied()
                && let Some(buyer) = self.all.get_mut(index)
            {
                self.by_stripe_id.insert((buyer.connection.id.clone(), stripe_id.clone()), index);
                buyer.stripe_ids.insert(stripe_id, payment);
            }
        }
        for payment in store::payments::of_customers(conn, &ids).await? {
            let customer = payment.customer_id.clone();
            self.loaded(&customer, |buyer| {
                buyer.payments.insert(payment.id.clone(), payment);
            });
        }
        for conversion in store::conversions::of_customers(conn, &ids).await? {
            let customer = conversion.customer_id.clone();
            self.loaded(&customer, |buyer| {
                buyer.balances.insert(conversion.id.clone(), BTreeMap::new());
                buyer.conversions.insert(conversion.payment_id.clone(), conversion);
            });
        }
        let mut balances = BTreeMap::new();
        for booked in store::commissions::balances_of_customers(conn, &ids).await? {
            let of: &mut BTreeMap<_, _> = balances.entry(booked.conversion_id).or_default();
            of.insert((booked.affiliate_id, booked.currency), booked.balance);
        }
        for (conversion, of) in self.all.iter_mut().flat_map(|buyer| &mut buyer.balances) {
            of.extend(balances.remove(conversion).unwrap_or_default());
        }
        for (customer, decision) in store::decisions::of_customers(conn, &ids).await? {
            self.loaded(&customer, |buyer| buyer.decisions.push(decision));
        }
        Ok(())
    }

    fn add(&mut self, buyer: Buyer) -> usize {
        let index = self.all.len();
        self.by_id.insert(buyer.id.clone(), index);
        self.all.push(buyer);
        index
    }

    fn loaded(&mut self, customer: &CustomerId, with: impl FnOnce(&mut Buyer)) {
        if let Some(buyer) = self.by_id.get(customer).and_then(|index| self.all.get_mut(*index)) {
            with(buyer);
        }
    }

    /// The buyer with an id.
    pub(super) fn of_id(&mut self, id: &CustomerId) -> Option<&mut Buyer> {
        self.by_id.get(id).and_then(|index| self.all.get_mut(*index))
    }

    /// The one buyer that facts are about, a new one where no id is known; `None` when they
    /// connect several, who turn out to be one.
    pub(super) fn of(
        &mut self,
        connection: &Arc<Connection>,
        facts: &EventFacts,
        now: Timestamp,
        random: &Random,
    ) -> Option<&mut Buyer> {
        let key = |id: &str| (connection.id.clone(), id.to_owned());
        let ids = facts.fact.ids();
        let known: BTreeSet<usize> =
            ids.iter().filter_map(|id| self.by_stripe_id.get(&key(id))).copied().collect();
        if known.len() > 1 {
            return None;
        }
        let index = match known.first() {
            Some(index) => *index,
            None => self.add(Buyer::new(CustomerId::new(now, random), Arc::clone(connection))),
        };
        for id in ids {
            self.by_stripe_id.insert(key(id), index);
        }
        self.all.get_mut(index)
    }
}

/// Merges the buyers whose ids facts connect into the oldest of them.
pub(super) async fn merge(tx: &mut Tx, connection: &Connection, facts: &EventFacts) -> Result<()> {
    let ids = facts.fact.ids().into_iter().map(|id| (&connection.id, id));
    let known: BTreeSet<CustomerId> = store::customers::of_stripe_ids(tx, ids)
        .await?
        .into_iter()
        .map(|(_, _, customer)| customer)
        .collect();
    let mut known = known.into_iter();
    if let Some(oldest) = known.next() {
        for other in known {
            store::customers::merge(tx, &other, &oldest).await?;
        }
    }
    Ok(())
}

/// A connection, which something stored belongs to.
pub(super) async fn connection(conn: &mut Conn, id: &ConnectionId) -> Result<Arc<Connection>> {
    let found = store::connections::get(conn, id).await?;
    found.map(Arc::new).ok_or_else(|| Error::Broken(format!("missing connection: {id}")))
}

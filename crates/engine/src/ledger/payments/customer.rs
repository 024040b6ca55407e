//! The customer that an event is about: found by any of its Stripe ids, created when none
//! is known, merged when several turn out to be one.

use domain::clock::Timestamp;
use domain::facts::EventFacts;
use domain::ids::CustomerId;
use store::connections::Connection;
use store::db::Tx;

use crate::engine::Engine;
use crate::error::Result;

/// Finds or creates the customer and records the ids. When the ids belong to several
/// customers, they are merged into the oldest.
pub(super) async fn find_or_merge(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    facts: &EventFacts,
    now: Timestamp,
) -> Result<CustomerId> {
    let ids = facts.fact.ids();
    let mut known: Vec<CustomerId> = Vec::new();
    let mut unknown: Vec<&str> = Vec::new();
    for id in ids {
        match store::customers::of_stripe_id(tx, &connection.id, id).await? {
            Some(found) if !known.contains(&found) => known.push(found),
            Some(_) => {}
            None => unknown.push(id),
        }
    }
    known.sort();
    let customer = match known.first() {
        Some(oldest) => oldest.clone(),
        None => {
            let new = CustomerId::new(now, engine.random());
            store::customers::put(tx, &new, &connection.id, &connection.program_id, now).await?;
            new
        }
    };
    for other in known.iter().skip(1) {
        store::customers::merge(tx, other, &customer).await?;
    }
    for id in unknown {
        store::customers::put_stripe_id(tx, &connection.id, id, &customer).await?;
    }
    Ok(customer)
}

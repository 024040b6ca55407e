//! Which buyer an event is about: found by any of its Stripe ids, made when none is
//! known, merged when they turn out to be one.

use domain::clock::Timestamp;
use domain::facts::EventFacts;
use domain::ids::CustomerId;
use store::connections::Connection;
use store::db::Tx;

use crate::engine::Engine;
use crate::error::Result;

/// Finds or makes the buyer and remembers the ids. When the ids belong to several buyers,
/// the oldest takes the others in.
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
            Some(customer) if !known.contains(&customer) => known.push(customer),
            Some(_) => {}
            None => unknown.push(id),
        }
    }
    known.sort();
    let buyer = match known.first() {
        Some(oldest) => oldest.clone(),
        None => {
            let new = CustomerId::new(now, engine.random());
            store::customers::put(tx, &new, &connection.id, &connection.program_id, now).await?;
            new
        }
    };
    for other in known.iter().skip(1) {
        store::customers::merge(tx, other, &buyer).await?;
    }
    for id in unknown {
        store::customers::put_stripe_id(tx, &connection.id, id, &buyer).await?;
    }
    Ok(buyer)
}

//! Work in a serializable transaction of its own, which reads and writes: events that merge
//! buyers or change their connection, replays, and manual assignments.

use domain::clock::Timestamp;
use domain::commissions::{Cause, CauseKind, LedgerChange};
use domain::connections::RevocationReason;
use domain::deliveries::EventSource;
use domain::events::{EventOutcome, EventStatus, EventSubject};
use domain::facts::EventFacts;
use domain::ids::{CustomerId, InboxEventId, JobId};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::connections::Connection;
use store::db::{Tx, again};
use store::inbox::InboxEvent;

use crate::engine::{Counters, Engine};
use crate::error::{Error, Result};
use crate::jobs;
use crate::stripe::credentials;
use crate::stripe::promotion_codes;

use super::buyer::{Buyer, Changes, Evaluating};
use super::buyers::{self, Buyers};
use super::follow_ups::FetchEvent;
use super::lookups::{LookupKeys, Lookups};
use super::outcome;
use super::read_event::{ConnectionUpdate, Content, Stored, read_event};
use super::write::write;

/// Processes a stored event. Does nothing when another worker or an earlier run has done it.
pub(super) async fn process_event(engine: &Engine, job: &JobId, event_id: &InboxEventId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        let Some((event, body, encoding)) = store::inbox::with_body(&mut tx, event_id).await? else {
            return Err(Error::Broken(format!("job for a missing event: {event_id}")));
        };
        let is_new = event.status == EventStatus::Received;
        if is_new {
            let connection = buyers::connection(&mut tx, &event.connection_id).await?;
            let stored = Stored { event, body, encoding };
            let done = process(engine, &mut tx, &stored, &connection, None, now).await?;
            let object_id = done.object_id.as_deref();
            store::inbox::record_outcome(&mut tx, event_id, &done.outcome, object_id, now).await?;
            // What a backfill fetched says nothing about deliveries.
            if stored.event.source == EventSource::Webhook {
                store::connections::touch_last_event(&mut tx, &connection.id, stored.event.received_at)
                    .await?;
            }
        }
        tx.commit().await?;
        if is_new {
            Counters::add(&engine.counters().events_processed);
        }
        Ok(())
    })
    .await
}

/// What processing an event did.
pub(super) struct Processed {
    pub outcome: EventOutcome,
    /// Stripe's id of the object that the event is about.
    pub object_id: Option<String>,
    /// What changed in the ledger, entry by entry.
    pub changes: Vec<LedgerChange>,
}

/// Processes an event. `replay` is the cause of a replay, which replaces what the event said
/// before.
pub(super) async fn process(
    engine: &Engine,
    tx: &mut Tx,
    stored: &Stored,
    connection: &Arc<Connection>,
    replay: Option<&Cause>,
    now: Timestamp,
) -> Result<Processed> {
    let read = read_event(stored, connection);
    for update in &read.connection_updates {
        match update {
            ConnectionUpdate::Livemode(livemode) => {
                store::connections::set_livemode(tx, &connection.id, *livemode).await?;
            }
            ConnectionUpdate::Account(account) => {
                store::connections::learn_account(tx, &connection.id, account).await?;
            }
            ConnectionUpdate::OtherAccount(account) => {
                store::connections::note_other_account(tx, &connection.id, account).await?;
            }
        }
    }
    let (outcome, changes) = match read.content {
        Content::Nothing(outcome) => (outcome, Vec::new()),
        Content::Deauthorized => (deauthorized(engine, tx, &stored.event, connection).await?, Vec::new()),
        Content::Announced(event) => {
            jobs::enqueue(engine, tx, &FetchEvent { connection: connection.id.clone(), event }, now).await?;
            (EventOutcome::ThinEventFetched, Vec::new())
        }
        Content::PromotionCode { id, status, at } => {
            promotion_codes::record_status(tx, connection, &id, &status, at).await?;
            (EventOutcome::NoPayment { subject: EventSubject::PromotionCode }, Vec::new())
        }
        Content::CouponDeleted(coupon) => {
            store::coupons::record_deleted_coupon(tx, &connection.program_id, &coupon).await?;
            (EventOutcome::NoPayment { subject: EventSubject::PromotionCode }, Vec::new())
        }
        Content::Facts(facts) => {
            let own = Cause::event(stored.event.event_id.as_str(), &stored.event.event_type);
            let cause = replay.unwrap_or(&own);
            match add_facts(engine, tx, connection, &facts, cause, replay.is_some()).await? {
                None => (EventOutcome::Duplicate, Vec::new()),
                Some(changes) => (outcome::of_event(&facts, &changes), changes.into_ledger()),
            }
        }
    };
    Ok(Processed { outcome, object_id: read.object_id, changes })
}

/// Adds facts to their buyer and evaluates them; `None` when the facts are known. Buyers whom the
/// facts connect are merged.
pub(super) async fn add_facts(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Arc<Connection>,
    facts: &EventFacts,
    cause: &Cause,
    replace: bool,
) -> Result<Option<Changes>> {
    buyers::merge(tx, connection, facts).await?;
    let mut buyers = Buyers::of_facts(tx, [(connection, facts)].into_iter()).await?;
    let buyer = buyers
        .of(connection, facts, engine.now(), engine.random())
        .ok_or_else(|| Error::Broken(format!("merged buyers are still several: {}", facts.event)))?;
    if !buyer.add_facts(facts, replace) {
        return Ok(None);
    }
    let changes = evaluate(engine, tx, buyer, cause).await?;
    save(engine, tx, buyers).await?;
    Ok(Some(changes))
}

/// Evaluates a stored customer again and writes what is different.
pub(super) async fn reevaluate_customer(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Arc<Connection>,
    customer: &CustomerId,
    cause: &Cause,
) -> Result<Changes> {
    let mut buyers = Buyers::default();
    buyers.load(tx, BTreeMap::from([(customer.clone(), Arc::clone(connection))])).await?;
    let buyer =
        buyers.of_id(customer).ok_or_else(|| Error::Broken(format!("missing customer: {customer}")))?;
    let changes = evaluate(engine, tx, buyer, cause).await?;
    save(engine, tx, buyers).await?;
    Ok(changes)
}

async fn evaluate(engine: &Engine, tx: &mut Tx, buyer: &mut Buyer, cause: &Cause) -> Result<Changes> {
    let mut keys = LookupKeys::default();
    keys.add_buyer(buyer);
    let context = Lookups::load(tx, &keys).await?.context(buyer, engine.link_grace_ms())?;
    buyer.evaluate(&Evaluating { context: &context, cause, now: engine.now(), random: engine.random() })
}

async fn save(engine: &Engine, tx: &mut Tx, mut buyers: Buyers) -> Result<()> {
    // The transaction is serializable: nothing can have changed since it was read.
    if write(engine, tx, &mut buyers.all).await? {
        Ok(())
    } else {
        Err(Error::Broken("a buyer has changed within a transaction".to_owned()))
    }
}

/// Ends a connection that the merchant has ended in Stripe's dashboard; but not one that
/// was made since, for which this comes late.
async fn deauthorized(
    engine: &Engine,
    tx: &mut Tx,
    event: &InboxEvent,
    connection: &Connection,
) -> Result<EventOutcome> {
    let is_late = event.event_created_at.seconds() < connection.connected_at.seconds();
    let why = RevocationReason::RemovedInDashboard;
    if !is_late && credentials::revoke(engine, tx, connection, why).await? {
        return Ok(EventOutcome::ConnectionRevoked);
    }
    Ok(EventOutcome::ReconnectedSince)
}

/// Evaluates a customer again: when a grace period ends, or a lead was reported late.
pub(super) async fn reevaluate(engine: &Engine, job: &JobId, customer: &CustomerId) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        // The customer may have been merged into another one meanwhile, who was evaluated then.
        if let Some(found) = store::customers::get(&mut tx, customer).await? {
            let connection = buyers::connection(&mut tx, &found.connection_id).await?;
            let cause = Cause::own(CauseKind::Reevaluation, job.to_string());
            reevaluate_customer(engine, &mut tx, &connection, customer, &cause).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

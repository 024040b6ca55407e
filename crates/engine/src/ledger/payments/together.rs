//! Many events in one transaction, which is short: buyers are loaded and evaluated before it, and
//! it only writes what has changed, provided that nothing else has changed meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::clock::Timestamp;
use domain::commissions::{Cause, CauseKind};
use domain::deliveries::EventSource;
use domain::events::{EventOutcome, EventStatus};
use domain::facts::EventFacts;
use domain::ids::{ConnectionId, CustomerId, InboxEventId, JobId};
use store::connections::Connection;
use store::db::{Conn, again};
use store::inbox::InboxEvent;

use crate::engine::Engine;
use crate::error::{Error, Result};

use super::address_lock;
use super::buyer::{Buyer, Changes, Evaluating};
use super::buyers::{self, Buyers};
use super::lookups::{LookupKeys, Lookups};
use super::outcome;
use super::read_event::{Content, Stored, read_event};
use super::write::write;

/// How often a batch starts again when a buyer of it has changed meanwhile. After that its jobs
/// run alone.
const MOST_STARTS: u32 = 3;

/// A job that can run together with others.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    /// Processes a stored event.
    Event(InboxEventId),
    /// Evaluates a customer again.
    Reevaluate(CustomerId),
}

/// What is known of a task before the transaction.
enum Prepared {
    /// An event that says nothing of a buyer.
    Nothing { event: usize, outcome: EventOutcome },
    /// An event with facts.
    Facts { event: usize, facts: Box<EventFacts> },
    /// A customer, evaluated again.
    Customer { id: CustomerId, job: JobId },
}

/// An event of the batch.
struct Event {
    id: InboxEventId,
    connection: Arc<Connection>,
    cause: Cause,
    object_id: Option<String>,
    /// When it was received, if it was delivered: what a backfill fetched says nothing about
    /// deliveries.
    delivered_at: Option<Timestamp>,
}

impl Event {
    fn new(event: InboxEvent, connection: Arc<Connection>, object_id: Option<String>) -> Self {
        let cause = Cause::event(event.event_id, &event.event_type);
        let delivered_at = (event.source == EventSource::Webhook).then_some(event.received_at);
        Self { id: event.id, connection, cause, object_id, delivered_at }
    }
}

/// What an event leaves to do; `None` when that changes its connection.
fn prepare(content: Content, event: usize) -> Option<Prepared> {
    match content {
        Content::Nothing(outcome) => Some(Prepared::Nothing { event, outcome }),
        Content::Facts(facts) => Some(Prepared::Facts { event, facts }),
        Content::Announced(_)
        | Content::Deauthorized
        | Content::PromotionCode { .. }
        | Content::CouponDeleted(_) => None,
    }
}

/// Runs jobs in one transaction. Returns those that must run alone: their events connect buyers
/// who were several, or change their connection.
///
/// # Errors
/// One of the jobs failed, and none has run.
pub(crate) async fn run_together(engine: &Engine, jobs: &[(JobId, Task)]) -> Result<Vec<JobId>> {
    for _ in 0..MOST_STARTS {
        if let Some(alone) = again(|| attempt(engine, jobs)).await? {
            return Ok(alone);
        }
    }
    Ok(jobs.iter().map(|(job, _)| job.clone()).collect())
}

/// `None` when something has changed between reading and writing.
async fn attempt(engine: &Engine, jobs: &[(JobId, Task)]) -> Result<Option<Vec<JobId>>> {
    let batch = Batch::read(engine, jobs).await?;
    let (mut batch, outcomes) = evaluate_apart(engine, batch).await?;
    let mut tx = engine.db().begin_batch().await?;
    // First, so that who adds one of these jobs again waits until this is committed, and what they
    // have committed before is seen here.
    store::jobs::all_done(&mut tx, &batch.done).await?;
    tx.lock(&batch.addresses).await?;
    if Lookups::load(&mut tx, &batch.keys).await? != batch.lookups {
        return Ok(None);
    }
    let now = engine.now();
    let recorded = outcomes.iter().filter_map(|(index, outcome)| {
        let event = batch.events.get(*index)?;
        Some((&event.id, outcome, event.object_id.as_deref()))
    });
    let is_first = store::inbox::record_outcomes(&mut tx, recorded, now).await? == outcomes.len() as u64;
    if !is_first || !write(engine, &mut tx, &mut batch.buyers.all).await? {
        return Ok(None);
    }
    for (connection, at) in batch.last_deliveries(&outcomes) {
        store::connections::touch_last_event(&mut tx, connection, at).await?;
    }
    tx.commit().await?;
    engine.counters().events_processed.fetch_add(outcomes.len() as u64, Ordering::Relaxed);
    Ok(Some(batch.alone))
}

/// Evaluates on its own thread: a buyer with a thousand payments takes milliseconds, and
/// visitors are answered meanwhile.
async fn evaluate_apart(engine: &Engine, mut batch: Batch) -> Result<(Batch, Vec<(usize, EventOutcome)>)> {
    let engine = engine.clone();
    let evaluated = tokio::task::spawn_blocking(move || {
        let outcomes = batch.evaluate(&engine)?;
        Ok((batch, outcomes))
    });
    evaluated.await.map_err(|error| Error::Broken(format!("the evaluation of a batch: {error}")))?
}

/// Everything that some tasks need.
struct Batch {
    events: Vec<Event>,
    prepared: Vec<(JobId, Prepared)>,
    buyers: Buyers,
    keys: LookupKeys,
    lookups: Lookups,
    /// The addresses that events name.
    addresses: BTreeSet<String>,
    /// Jobs that this batch does.
    done: Vec<JobId>,
    /// Jobs that must run alone.
    alone: Vec<JobId>,
}

impl Batch {
    /// Reads what the tasks need.
    async fn read(engine: &Engine, jobs: &[(JobId, Task)]) -> Result<Self> {
        let mut conn = engine.db().read().await?;
        let (mut events, mut prepared, mut done, mut alone) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut stored = stored(&mut conn, jobs).await?;
        let mut connections = Connections::default();
        let mut customers = BTreeMap::new();
        for (job, task) in jobs {
            match task {
                Task::Event(id) => {
                    let Some(stored) = stored.remove(id) else {
                        alone.push(job.clone());
                        continue;
                    };
                    if stored.event.status != EventStatus::Received {
                        done.push(job.clone());
                        continue;
                    }
                    let connection = connections.get(&mut conn, &stored.event.connection_id).await?;
                    let read = read_event(&stored, &connection);
                    let Some(what) =
                        prepare(read.content, events.len()).filter(|_| read.connection_updates.is_empty())
                    else {
                        alone.push(job.clone());
                        continue;
                    };
                    prepared.push((job.clone(), what));
                    events.push(Event::new(stored.event, connection, read.object_id));
                }
                Task::Reevaluate(id) => {
                    // One who was merged into another was evaluated then.
                    if let Some(customer) = store::customers::get(&mut conn, id).await? {
                        let connection = connections.get(&mut conn, &customer.connection_id).await?;
                        customers.insert(id.clone(), connection);
                        let what = Prepared::Customer { id: id.clone(), job: job.clone() };
                        prepared.push((job.clone(), what));
                    } else {
                        done.push(job.clone());
                    }
                }
            }
        }
        let facts = prepared.iter().filter_map(|(_, what)| match what {
            Prepared::Facts { event, facts } => events.get(*event).map(|event| (&event.connection, &**facts)),
            Prepared::Nothing { .. } | Prepared::Customer { .. } => None,
        });
        let mut keys = LookupKeys::default();
        let mut addresses = BTreeSet::new();
        for (connection, facts) in facts.clone() {
            let program = &connection.program_id;
            keys.add_facts(program, [facts]);
            let emails = facts.fact.hints().into_iter().flat_map(|hints| &hints.emails);
            addresses.extend(emails.map(|email| address_lock(program, email)));
        }
        let mut buyers = Buyers::of_facts(&mut conn, facts).await?;
        buyers.load(&mut conn, customers).await?;
        for buyer in &buyers.all {
            keys.add_buyer(buyer);
        }
        let lookups = Lookups::load(&mut conn, &keys).await?;
        Ok(Self { events, prepared, buyers, keys, lookups, addresses, done, alone })
    }

    /// Evaluates the buyers, event by event. Returns what the events did, by their index.
    fn evaluate(&mut self, engine: &Engine) -> Result<Vec<(usize, EventOutcome)>> {
        let mut outcomes = Vec::new();
        for (job, what) in std::mem::take(&mut self.prepared) {
            match what {
                Prepared::Nothing { event, outcome } => outcomes.push((event, outcome)),
                Prepared::Facts { event: index, facts } => {
                    let Some(event) = self.events.get(index) else { continue };
                    let (now, random) = (engine.now(), engine.random());
                    let Some(buyer) = self.buyers.of(&event.connection, &facts, now, random) else {
                        self.alone.push(job);
                        continue;
                    };
                    let outcome = if buyer.add_facts(&facts, false) {
                        let changes = evaluate(engine, buyer, &self.lookups, &event.cause)?;
                        outcome::of_event(&facts, &changes)
                    } else {
                        EventOutcome::Duplicate
                    };
                    outcomes.push((index, outcome));
                }
                Prepared::Customer { id, job } => {
                    if let Some(buyer) = self.buyers.of_id(&id) {
                        let cause = Cause::own(CauseKind::Reevaluation, job.to_string());
                        evaluate(engine, buyer, &self.lookups, &cause)?;
                    }
                }
            }
            self.done.push(job);
        }
        Ok(outcomes)
    }

    /// When each connection's last event was delivered.
    fn last_deliveries(&self, outcomes: &[(usize, EventOutcome)]) -> BTreeMap<&ConnectionId, Timestamp> {
        let mut last = BTreeMap::new();
        for event in outcomes.iter().filter_map(|(index, _)| self.events.get(*index)) {
            if let Some(at) = event.delivered_at {
                let known = last.entry(&event.connection.id).or_insert(at);
                *known = at.max(*known);
            }
        }
        last
    }
}

fn evaluate(engine: &Engine, buyer: &mut Buyer, lookups: &Lookups, cause: &Cause) -> Result<Changes> {
    let context = lookups.context(buyer, engine.link_grace_ms())?;
    buyer.evaluate(&Evaluating { context: &context, cause, now: engine.now(), random: engine.random() })
}

async fn stored(conn: &mut Conn, jobs: &[(JobId, Task)]) -> Result<BTreeMap<InboxEventId, Stored>> {
    let ids = jobs.iter().filter_map(|(_, task)| match task {
        Task::Event(id) => Some(id),
        Task::Reevaluate(_) => None,
    });
    let found = store::inbox::with_bodies(conn, ids).await?;
    Ok(found
        .into_iter()
        .map(|(event, body, encoding)| (event.id.clone(), Stored { event, body, encoding }))
        .collect())
}

/// The connections that were read so far.
#[derive(Default)]
struct Connections(BTreeMap<ConnectionId, Arc<Connection>>);

impl Connections {
    async fn get(&mut self, conn: &mut Conn, id: &ConnectionId) -> Result<Arc<Connection>> {
        if let Some(known) = self.0.get(id) {
            return Ok(Arc::clone(known));
        }
        let found = buyers::connection(conn, id).await?;
        self.0.insert(id.clone(), Arc::clone(&found));
        Ok(found)
    }
}

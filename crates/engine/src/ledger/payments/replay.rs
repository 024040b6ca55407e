//! Processing stored events again: what failed, or what an older Honeyguide read otherwise.
//!
//! A replay replaces what the event said before and evaluates its customer again, so it can
//! be done any number of times. A dry run does the same work and rolls it back.

use std::collections::BTreeMap;

use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::commissions::{Cause, CauseKind, LedgerChange};
use domain::events::{AttemptKind, EventOutcome, EventStatus};
use domain::ids::{AccountId, InboxEventId, ProgramId};
use domain::jobs::ProcessStripeEvent;
use domain::money::{Currency, Money};
use store::db::{AFTER_ALL_IDS, Tx, again};
use store::inbox::{Attempt, Filter, InboxEvent};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

use super::alone::{Processed, process};
use super::buyers;
use super::read_event::Stored;

/// Events that one replay processes: their dry run is one transaction, and other writes
/// should not wait for it longer than a second or two.
pub const MOST_REPLAYED: i64 = 200;

/// One event, processed again.
#[derive(Debug, Clone)]
pub struct ReplayedEvent {
    /// The event before the replay.
    pub event: InboxEvent,
    /// What processing it did now.
    pub outcome: EventOutcome,
    /// What changed in the ledger, entry by entry.
    pub changes: Vec<LedgerChange>,
}

/// What a replay changed, or would change.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Event by event, oldest first.
    pub events: Vec<ReplayedEvent>,
    /// The difference in money by affiliate and currency, without those for whom nothing
    /// changes in the end.
    pub difference: Vec<LedgerChange>,
}

impl Replay {
    fn of(events: Vec<ReplayedEvent>) -> Self {
        let mut sums: BTreeMap<(String, Currency), i64> = BTreeMap::new();
        for change in events.iter().flat_map(|event| &event.changes) {
            let sum = sums.entry((change.affiliate_name.clone(), change.amount.currency)).or_default();
            *sum = sum.saturating_add(change.amount.minor);
        }
        let difference = sums
            .into_iter()
            .filter(|(_, minor)| *minor != 0)
            .map(|((affiliate_name, currency), minor)| LedgerChange {
                affiliate_name,
                amount: Money::new(minor, currency),
            })
            .collect();
        Self { events, difference }
    }
}

/// Processes one event again. A dry run returns what would change and changes nothing.
pub async fn replay(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    event: &InboxEventId,
    dry_run: bool,
) -> Result<Replay> {
    actor.may_write()?;
    let events = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let replayed = process_again(engine, &mut tx, actor, &program.id, event).await?;
        if !dry_run {
            tx.commit().await?;
        }
        Ok::<_, Error>(vec![replayed])
    })
    .await?;
    Ok(Replay::of(events))
}

/// Processes the newest events of a filter again, [`MOST_REPLAYED`] at most, oldest first. A
/// dry run is one transaction that is rolled back; otherwise each event has its own, so that
/// deliveries can be processed in between.
pub async fn replay_range(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: &Filter,
    dry_run: bool,
) -> Result<Replay> {
    actor.may_write()?;
    let newest = newest(engine, actor, program, filter).await?;
    let mut events = Vec::new();
    if dry_run {
        events = again(|| async {
            let mut tx = engine.db().begin().await?;
            let program = scope::program(&mut tx, actor, program).await?;
            let mut events = Vec::new();
            for event in newest.iter().rev() {
                events.push(process_again(engine, &mut tx, actor, &program.id, &event.id).await?);
            }
            Ok::<_, Error>(events)
        })
        .await?;
    } else {
        for event in newest.iter().rev() {
            events.extend(replay(engine, actor, program, &event.id, false).await?.events);
        }
    }
    Ok(Replay::of(events))
}

async fn newest(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    filter: &Filter,
) -> Result<Vec<InboxEvent>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let first = (Timestamp(i64::MAX), AFTER_ALL_IDS);
    Ok(store::inbox::list(&mut conn, &program.id, filter, first, MOST_REPLAYED).await?)
}

async fn process_again(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<ReplayedEvent> {
    let now = engine.now();
    store::inbox::get(tx, program, id).await?.ok_or(Error::NotFound)?;
    let (event, body, encoding) = store::inbox::with_body(tx, id).await?.ok_or(Error::NotFound)?;
    if body.is_empty() {
        // What it said is kept and does not change.
        return Ok(ReplayedEvent { event, outcome: EventOutcome::BodyDeleted, changes: Vec::new() });
    }
    let connection = buyers::connection(tx, &event.connection_id).await?;
    let line = audit::line(id.as_str(), AuditAction::EventReplayed { event: event.event_id.clone() });
    let line = audit::put_cause(engine, tx, line.by_actor(actor).of_program(program)).await?;
    let cause = Cause::own(CauseKind::Replay, line.to_string());
    let stored = Stored { event, body, encoding };
    let processed = process(engine, tx, &stored, &connection, Some(&cause), now).await?;
    write(tx, &stored.event, &processed, actor.account_id(), now).await?;
    Ok(ReplayedEvent { event: stored.event, outcome: processed.outcome, changes: processed.changes })
}

/// Stores the outcome. An event that was processed before keeps the outcome that it had
/// then, unless the replay changed something.
async fn write(
    tx: &mut Tx,
    event: &InboxEvent,
    processed: &Processed,
    by: &AccountId,
    now: Timestamp,
) -> Result<()> {
    let outcome = &processed.outcome;
    let done = matches!(event.status, EventStatus::Processed | EventStatus::Ignored);
    if !done || outcome.status() == EventStatus::Processed {
        let object_id = processed.object_id.as_deref();
        store::inbox::record_outcome(tx, &event.id, outcome, object_id, now).await?;
        jobs::delete_dead(tx, &ProcessStripeEvent(event.id.clone())).await?;
    }
    let attempt = Attempt { at: now, kind: AttemptKind::Replay, outcome: outcome.clone(), by: None };
    Ok(store::inbox::put_attempt(tx, &event.id, &attempt, Some(by)).await?)
}

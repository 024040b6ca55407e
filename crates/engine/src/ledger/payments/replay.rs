//! Reading stored events again: what failed, or what an older Honeyguide read otherwise.
//!
//! A replay replaces what the event said before and evaluates its buyer again, so it can be
//! done any number of times. A dry run does the same work and takes it back.

use std::collections::BTreeMap;

use domain::clock::Timestamp;
use domain::ids::{AccountId, InboxEventId, ProgramId};
use domain::jobs::ProcessStripeEvent;
use domain::money::{Currency, Money};
use store::db::{AFTER_ALL_IDS, Tx, again};
use store::inbox::{Attempt, Filter, InboxEvent, Outcome};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

use super::{Cause, take_in};

/// Events that one replay reads: their dry run is one transaction, which nobody else's
/// writes shall wait for longer than a second or two.
pub const MOST_REPLAYED: i64 = 200;

/// One event, read again.
#[derive(Debug, Clone)]
pub struct ReplayedEvent {
    /// The event as it stood before.
    pub event: InboxEvent,
    /// What came of it now: `processed`, `nothing` or `failed`.
    pub state: &'static str,
    /// The stable word.
    pub outcome: String,
    /// The sentence.
    pub text: String,
    /// What changed in the ledger, with the names of the affiliates.
    pub entries: Vec<(String, Money)>,
}

/// What a replay changed, or would change.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    /// Event by event, oldest first.
    pub events: Vec<ReplayedEvent>,
    /// The difference in money by affiliate and currency, without those for whom nothing
    /// changes in the end.
    pub difference: Vec<(String, Money)>,
}

impl Replay {
    fn of(events: Vec<ReplayedEvent>) -> Self {
        let mut sums: BTreeMap<(String, Currency), i64> = BTreeMap::new();
        for (name, money) in events.iter().flat_map(|event| &event.entries) {
            let sum = sums.entry((name.clone(), money.currency)).or_default();
            *sum = sum.saturating_add(money.minor);
        }
        let difference = sums
            .into_iter()
            .filter(|(_, minor)| *minor != 0)
            .map(|((name, currency), minor)| (name, Money::new(minor, currency)))
            .collect();
        Self { events, difference }
    }
}

/// Reads one event again. A dry run answers what would change and leaves everything as it
/// is.
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
        let replayed = read_again(engine, &mut tx, actor, &program.id, event).await?;
        if !dry_run {
            tx.commit().await?;
        }
        Ok::<_, Error>(vec![replayed])
    })
    .await?;
    Ok(Replay::of(events))
}

/// Reads the newest events of a filter again, [`MOST_REPLAYED`] at most, oldest first. A
/// dry run is one transaction that is taken back; otherwise each event has its own, so that
/// deliveries get in between.
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
                events.push(read_again(engine, &mut tx, actor, &program.id, &event.id).await?);
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

async fn read_again(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InboxEventId,
) -> Result<ReplayedEvent> {
    let now = engine.now();
    let (event, _) = store::inbox::get(tx, program, id).await?.ok_or(Error::NotFound)?;
    let (_, body, encoding) = store::inbox::with_body(tx, id).await?.ok_or(Error::NotFound)?;
    let connection = store::connections::get(tx, &event.connection_id)
        .await?
        .ok_or_else(|| Error::Broken(format!("event without a connection: {id}")))?;
    let line = audit::line("event.replayed", id.as_str(), format!("{} was read again.", event.event_id));
    let line = audit::put_cause(engine, tx, line.by_actor(actor).of_program(program)).await?;
    let cause = Cause { id: line.to_string(), kind: "event.replayed".to_owned() };
    let stored = (body.as_str(), encoding.as_str());
    let (outcome, entries) = take_in(engine, tx, &event, &connection, stored, Some(&cause), now).await?;
    write(tx, &event, &outcome, actor.account_id(), now).await?;
    Ok(ReplayedEvent { event, state: outcome.state, outcome: outcome.outcome, text: outcome.text, entries })
}

/// Writes down what came of it. An event that was understood keeps the outcome that it had
/// then, unless reading it again changed something.
async fn write(
    tx: &mut Tx,
    event: &InboxEvent,
    outcome: &Outcome,
    by: &AccountId,
    now: Timestamp,
) -> Result<()> {
    let understood = matches!(event.state.as_str(), "processed" | "nothing");
    if !understood || outcome.state == "processed" {
        store::inbox::record_outcome(tx, &event.id, outcome, now).await?;
        jobs::delete_dead(tx, &ProcessStripeEvent(event.id.clone())).await?;
    }
    let attempt = Attempt {
        at: now,
        kind: "replay".to_owned(),
        state: outcome.state.to_owned(),
        outcome: outcome.outcome.clone(),
        text: outcome.text.clone(),
        by: None,
    };
    Ok(store::inbox::put_attempt(tx, &event.id, &attempt, Some(by)).await?)
}

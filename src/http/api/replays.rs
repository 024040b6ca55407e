//! Reading stored events again: one, or those of a filter.

use axum::extract::State;
use domain::money::Money;
use engine::Engine;
use engine::ledger::payments::{MOST_REPLAYED, Replay, ReplayedEvent, replay, replay_range};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::events::{EventBody, EventFilter};
use super::extract::{Body, Ids, Query};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::{EventPath, ProgramPath};
use super::problem::{Answer, Code, Problem};
use super::values::MoneyBody;
use super::words;

/// How events are read again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "dryRun": true }))]
pub struct ReplayInput {
    /// Only say what would change.
    #[serde(default)]
    dry_run: bool,
}

/// What changes for an affiliate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedDifference {
    /// The affiliate's name.
    affiliate_name: String,
    /// More, or less when negative.
    amount: MoneyBody,
}

impl From<(String, Money)> for ReplayedDifference {
    fn from((affiliate_name, money): (String, Money)) -> Self {
        Self { affiliate_name, amount: money.into() }
    }
}

fn differences(difference: Vec<(String, Money)>) -> Vec<ReplayedDifference> {
    difference.into_iter().map(ReplayedDifference::from).collect()
}

/// An event that was read again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayedEvent)]
pub struct ReplayedEventBody {
    /// The event as it stood before.
    event: EventBody,
    /// What came of it this time.
    #[schema(value_type = words::EventState)]
    state: &'static str,
    /// A stable word.
    outcome: String,
    /// The same for people.
    sentence: String,
}

impl From<ReplayedEvent> for ReplayedEventBody {
    fn from(one: ReplayedEvent) -> Self {
        Self { event: one.event.into(), state: one.state, outcome: one.outcome, sentence: one.text }
    }
}

/// What came of reading an event again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replay)]
pub struct ReplayBody {
    /// Whether nothing was written.
    dry_run: bool,
    #[serde(flatten)]
    replayed: ReplayedEventBody,
    /// What changes in the ledger, by affiliate and currency; empty when nothing does.
    difference: Vec<ReplayedDifference>,
}

/// What came of reading the events of a filter again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RangeReplay)]
pub struct RangeReplayBody {
    /// Whether nothing was written.
    dry_run: bool,
    /// Whether all that fit were read; `false` when there may be older ones.
    complete: bool,
    /// Event by event, oldest first.
    events: Vec<ReplayedEventBody>,
    /// What changes in the ledger over all of them, by affiliate and currency; empty when nothing does.
    difference: Vec<ReplayedDifference>,
}

/// Replay an event
///
/// It is read again from the bytes that were kept, and the ledger follows. Safe to do any number of times.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/{eventId}/replay",
    tag = "stripe",
    operation_id = "replayEvent",
    params(EventPath, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "What came of it", body = Item<ReplayBody>), WriteRefusals),
)]
pub async fn replay_event(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<EventPath>,
    Body(input): Body<ReplayInput>,
) -> Answer<Item<ReplayBody>> {
    let dry_run = input.dry_run;
    let done = replay(&engine, actor.merchant(), &path.program_id, &path.event_id, dry_run).await?;
    let Replay { mut events, difference } = done;
    let one = events.pop().ok_or_else(|| Problem::new(Code::Internal))?;
    Ok(Item::of(ReplayBody { dry_run, replayed: one.into(), difference: differences(difference) }))
}

/// Replay the events of a filter
///
/// The newest 200 that fit are read again, oldest first. Try it with `dryRun` first: that tells the difference in money
/// and writes nothing.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/replay",
    tag = "stripe",
    operation_id = "replayEvents",
    params(ProgramPath, EventFilter, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "What came of it", body = Item<RangeReplayBody>), WriteRefusals),
)]
pub async fn replay_events(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<EventFilter>,
    Body(input): Body<ReplayInput>,
) -> Answer<Item<RangeReplayBody>> {
    let (dry_run, filter) = (input.dry_run, filter.read()?);
    let done = replay_range(&engine, actor.merchant(), &path.program_id, &filter, dry_run).await?;
    Ok(Item::of(RangeReplayBody {
        dry_run,
        complete: (done.events.len() as i64) < MOST_REPLAYED,
        events: done.events.into_iter().map(ReplayedEventBody::from).collect(),
        difference: differences(done.difference),
    }))
}

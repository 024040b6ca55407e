//! Replaying stored events: one, or those of a filter.

use app::presenters::reasons::outcome_text;
use app::text::Zone;
use axum::extract::State;
use domain::commissions::LedgerChange;
use engine::Engine;
use engine::ledger::payments::{MOST_REPLAYED, Replay, ReplayedEvent, replay, replay_range};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::enum_schemas;
use super::events::{EventBody, EventFilter};
use super::explanation::zone_of;
use super::extract::{Body, Ids, Query};
use super::formats::MoneyBody;
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::{EventPath, ProgramPath};
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;

/// Options of a replay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "dryRun": true }))]
pub struct ReplayInput {
    /// Whether to only report what would change.
    #[serde(default)]
    dry_run: bool,
}

/// A change for an affiliate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedDifference {
    /// The affiliate's name.
    affiliate_name: String,
    /// The change in the commission. Negative if it decreases.
    amount: MoneyBody,
}

impl From<LedgerChange> for ReplayedDifference {
    fn from(change: LedgerChange) -> Self {
        Self { affiliate_name: change.affiliate_name, amount: change.amount.into() }
    }
}

fn differences(difference: Vec<LedgerChange>) -> Vec<ReplayedDifference> {
    difference.into_iter().map(ReplayedDifference::from).collect()
}

/// An event that was replayed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReplayedEvent)]
pub struct ReplayedEventBody {
    /// The event before the replay.
    event: EventBody,
    /// The status after the replay.
    #[schema(value_type = enum_schemas::EventStatus)]
    status: &'static str,
    /// A stable code for the result.
    outcome: &'static str,
    /// The same in a sentence.
    sentence: String,
}

impl ReplayedEventBody {
    fn of(one: ReplayedEvent, zone: &Zone) -> Self {
        let outcome = &one.outcome;
        Self {
            status: outcome.status().word(),
            outcome: outcome.word(),
            sentence: outcome_text(outcome, zone),
            event: EventBody::of(one.event, zone),
        }
    }
}

/// The result of replaying an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replay)]
pub struct ReplayBody {
    /// Whether this was a dry run.
    dry_run: bool,
    #[serde(flatten)]
    replayed: ReplayedEventBody,
    /// Ledger changes by affiliate and currency. Empty if nothing changes.
    difference: Vec<ReplayedDifference>,
}

/// The result of replaying several events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RangeReplay)]
pub struct RangeReplayBody {
    /// Whether this was a dry run.
    dry_run: bool,
    /// Whether all matching events were replayed. `false` if there may be older ones.
    complete: bool,
    /// Event by event, oldest first.
    events: Vec<ReplayedEventBody>,
    /// Ledger changes over all events, by affiliate and currency. Empty if nothing changes.
    difference: Vec<ReplayedDifference>,
}

/// Replay an event
/// Processes the event again from its stored payload and updates the ledger. Safe to repeat.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/{eventId}/replay",
    tag = "stripe",
    operation_id = "replayEvent",
    params(EventPath, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "The result", body = Item<ReplayBody>), WriteRefusals),
)]
pub async fn replay_event(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<EventPath>,
    Body(input): Body<ReplayInput>,
) -> ApiResult<Item<ReplayBody>> {
    let dry_run = input.dry_run;
    let done = replay(&engine, actor.merchant(), &path.program_id, &path.event_id, dry_run).await?;
    let Replay { mut events, difference } = done;
    let one = events.pop().ok_or_else(|| Problem::new(Code::Internal))?;
    let zone = zone_of(&engine, &actor, &path.program_id).await?;
    let (replayed, difference) = (ReplayedEventBody::of(one, &zone), differences(difference));
    Ok(Item::of(ReplayBody { dry_run, replayed, difference }))
}

/// Replay filtered events
/// Processes the newest 200 matching events again, oldest first. Try it with `dryRun` first, which reports the changes in
/// commissions and writes nothing.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/replay",
    tag = "stripe",
    operation_id = "replayEvents",
    params(ProgramPath, EventFilter, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "The result", body = Item<RangeReplayBody>), WriteRefusals),
)]
pub async fn replay_events(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<EventFilter>,
    Body(input): Body<ReplayInput>,
) -> ApiResult<Item<RangeReplayBody>> {
    let (dry_run, filter) = (input.dry_run, filter.read()?);
    let done = replay_range(&engine, actor.merchant(), &path.program_id, &filter, dry_run).await?;
    let zone = zone_of(&engine, &actor, &path.program_id).await?;
    Ok(Item::of(RangeReplayBody {
        dry_run,
        complete: (done.events.len() as i64) < MOST_REPLAYED,
        events: done.events.into_iter().map(|one| ReplayedEventBody::of(one, &zone)).collect(),
        difference: differences(done.difference),
    }))
}

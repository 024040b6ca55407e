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

/// How events are replayed.
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
    /// Its status this time.
    #[schema(value_type = enum_schemas::EventStatus)]
    status: &'static str,
    /// A stable word for what it did.
    outcome: &'static str,
    /// The same for people.
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

/// What replaying an event did.
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

/// What replaying the events of a filter did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RangeReplay)]
pub struct RangeReplayBody {
    /// Whether nothing was written.
    dry_run: bool,
    /// Whether all that match were replayed; `false` when there may be older ones.
    complete: bool,
    /// Event by event, oldest first.
    events: Vec<ReplayedEventBody>,
    /// What changes in the ledger over all of them, by affiliate and currency; empty when nothing does.
    difference: Vec<ReplayedDifference>,
}

/// Replay an event
///
/// It is processed again from the bytes that were kept, and the ledger follows. Safe to do any number of times.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/{eventId}/replay",
    tag = "stripe",
    operation_id = "replayEvent",
    params(EventPath, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "What it did", body = Item<ReplayBody>), WriteRefusals),
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

/// Replay the events of a filter
///
/// The newest 200 that match are processed again, oldest first. Try it with `dryRun` first: that tells the difference
/// in money and writes nothing.
#[utoipa::path(
    post,
    path = "/programs/{programId}/events/replay",
    tag = "stripe",
    operation_id = "replayEvents",
    params(ProgramPath, EventFilter, IdempotencyHeader),
    request_body = ReplayInput,
    responses((status = 200, description = "What it did", body = Item<RangeReplayBody>), WriteRefusals),
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

//! Reading a stored event again.

use axum::extract::State;
use domain::money::Money;
use engine::Engine;
use engine::payments::{Replay, replay};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::events::EventBody;
use super::extract::{Body, Ids};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::EventPath;
use super::problem::{Answer, Code, Problem};
use super::values::MoneyBody;
use super::words;

/// How an event is read again.
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

/// What came of reading an event again.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Replay)]
pub struct ReplayBody {
    /// Whether nothing was written.
    dry_run: bool,
    /// The event as it stood before.
    event: EventBody,
    /// What came of it this time.
    #[schema(value_type = words::EventState)]
    state: &'static str,
    /// A stable word.
    outcome: String,
    /// The same for people.
    sentence: String,
    /// What changes in the ledger, by affiliate and currency; empty when nothing does.
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
    Ok(Item::of(ReplayBody {
        dry_run,
        event: one.event.into(),
        state: one.state,
        outcome: one.outcome,
        sentence: one.text,
        difference: difference.into_iter().map(ReplayedDifference::from).collect(),
    }))
}

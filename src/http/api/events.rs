//! `/programs/{programId}/events`: Stripe's events as they were received.

use app::presenters::reasons::outcome_text;
use app::text::Zone;
use axum::extract::State;
use domain::events::EventOutcome;
use domain::ids::InboxEventId;
use domain::words::Word;
use engine::Engine;
use engine::stripe::events::{Filter, InboxEvent};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::explanation::zone_of;
use super::extract::{Ids, Query};
use super::formats::{Time, moment};
use super::page::{Cursor, Item, List, Paging};
use super::paths::{EventPath, ProgramPath};
use super::problem::{ApiResult, Problem};

/// A received Stripe event, and its result.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Event)]
pub struct EventBody {
    #[schema(value_type = String, example = "evi_01h455vb4pex5vsknk084sn02q")]
    id: InboxEventId,
    /// Stripe's id.
    #[schema(example = "evt_1Q0PsIJvEtkwdCNYMSaVuRz6")]
    stripe_id: String,
    #[serde(rename = "type")]
    #[schema(example = "invoice.paid")]
    event_type: String,
    /// `received`: not processed yet. `ignored`: the event changed nothing, and `outcome` says why.
    #[schema(value_type = enum_schemas::EventStatus)]
    status: &'static str,
    /// A stable code, such as `ledger_changed`.
    #[schema(example = "ledger_changed")]
    outcome: Option<&'static str>,
    /// The same in a sentence.
    #[schema(example = "20.00 USD for Maya Chen")]
    sentence: Option<String>,
    /// The Stripe object the event is about.
    object_id: Option<String>,
    livemode: Option<bool>,
    #[schema(example = "2026-08-26.dahlia")]
    api_version: Option<String>,
    /// When the event happened, according to Stripe.
    created_at: Time,
    received_at: Time,
    processed_at: Option<Time>,
    /// `webhook`, or `backfill` if it was fetched from Stripe.
    #[schema(value_type = enum_schemas::EventSource)]
    source: &'static str,
    /// How many times it was processed.
    attempts: i64,
}

impl EventBody {
    /// Of an event, its sentence in a program's time zone.
    pub fn of(event: InboxEvent, zone: &Zone) -> Self {
        let outcome = event.outcome.as_ref();
        Self {
            outcome: outcome.map(EventOutcome::word),
            sentence: outcome.map(|outcome| outcome_text(outcome, zone)),
            id: event.id,
            stripe_id: event.event_id,
            event_type: event.event_type,
            status: event.status.word(),
            object_id: event.object_id,
            livemode: event.livemode,
            api_version: event.api_version,
            created_at: event.event_created_at.into(),
            received_at: event.received_at.into(),
            processed_at: event.processed_at.map(Time),
            source: event.source.word(),
            attempts: event.attempts,
        }
    }
}

/// An event with its payload.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EventDetail)]
pub struct EventDetailBody {
    #[serde(flatten)]
    event: EventBody,
    /// The payload as JSON.
    #[schema(value_type = Option<Object>)]
    payload: Option<Value>,
    /// A payload that is not JSON: as text, or in base64 if it is not text.
    raw_payload: Option<String>,
}

/// Filters of the list of events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// Only this status.
    #[param(value_type = Option<enum_schemas::EventStatus>, inline)]
    status: Option<String>,
    /// Only this type.
    #[serde(rename = "type")]
    #[param(example = "invoice.paid")]
    event_type: Option<String>,
    /// Only this outcome.
    #[param(example = "no_match")]
    outcome: Option<String>,
    /// `webhook`, or `backfill` for events that were fetched from Stripe.
    #[param(value_type = Option<enum_schemas::EventSource>, inline)]
    source: Option<String>,
    /// Live or test.
    livemode: Option<bool>,
    /// Received at or after this time: an ISO 8601 date or time. A date starts at midnight UTC.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// Received before this time.
    #[param(example = "2026-04-01T00:00:00Z")]
    until: Option<String>,
    /// Only events about this Stripe id: of an event, payment, customer or subscription.
    #[param(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: Option<String>,
}

/// Reads a parameter that is a word of an enum.
fn known<T: Word>(name: &str, text: Option<&str>) -> ApiResult<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    T::from_word(text).map(Some).ok_or_else(|| {
        let all: Vec<&str> = T::VARIANTS.iter().map(|one| one.word()).collect();
        Problem::parameter(name, format!("Choose one of {}", all.join(", ")))
    })
}

impl EventFilter {
    /// What the engine is asked for.
    pub fn read(self) -> ApiResult<Filter> {
        Ok(Filter {
            status: known("status", self.status.as_deref())?,
            source: known("source", self.source.as_deref())?,
            from: moment("from", self.from.as_deref())?,
            until: moment("until", self.until.as_deref())?,
            event_type: self.event_type,
            outcome: self.outcome,
            livemode: self.livemode,
            stripe_id: self.stripe_id,
        })
    }
}

/// List events
///
/// Newest first, each with its outcome.
#[utoipa::path(
    get,
    path = "/programs/{programId}/events",
    tag = "stripe",
    operation_id = "listEvents",
    params(ProgramPath, EventFilter, Paging),
    responses((status = 200, description = "A page of events", body = List<EventBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<EventFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<EventBody>> {
    let (page, filter) = (paging.read()?, filter.read()?);
    let before = page.after_time::<InboxEventId>()?;
    let rows = engine::stripe::events::list(
        &engine,
        actor.merchant(),
        &path.program_id,
        &filter,
        before,
        page.fetch(),
    )
    .await?;
    let cursor = |event: &InboxEvent| Cursor::by_time(event.received_at, &event.id);
    let zone = zone_of(&engine, &actor, &path.program_id).await?;
    Ok(List::of(rows, &page, cursor, |event| EventBody::of(event, &zone)))
}

/// Retrieve an event
/// With its payload.
#[utoipa::path(
    get,
    path = "/programs/{programId}/events/{eventId}",
    tag = "stripe",
    operation_id = "getEvent",
    params(EventPath),
    responses((status = 200, description = "The event", body = Item<EventDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<EventPath>,
) -> ApiResult<Item<EventDetailBody>> {
    let (event, body) =
        engine::stripe::events::get(&engine, actor.merchant(), &path.program_id, &path.event_id).await?;
    let payload: Option<Value> = serde_json::from_str(&body).ok();
    let raw_payload = payload.is_none().then_some(body);
    let zone = zone_of(&engine, &actor, &path.program_id).await?;
    Ok(Item::of(EventDetailBody { event: EventBody::of(event, &zone), payload, raw_payload }))
}

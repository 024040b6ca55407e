//! Deliveries that were refused or belong to nobody.

use axum::extract::State;
use domain::clock::{HOUR_MS, Timestamp};
use engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::ReadRefusals;
use super::extract::Ids;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::Answer;
use super::values::Time;

/// How far back the counts go, days: as far as they are kept.
const DAYS: i64 = 30;

/// How often deliveries were refused for one reason within an hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedHour {
    /// When the hour begins.
    hour: Time,
    /// `connection`, `platform` or `nowhere`: an address that no connection has.
    #[schema(example = "connection")]
    place: &'static str,
    /// A stable word.
    #[schema(example = "stripe_signature_no_match")]
    code: String,
    /// How many.
    deliveries: i64,
}

/// What a refused delivery said about itself; nobody has checked it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedSample {
    at: Time,
    /// A stable word.
    code: String,
    /// The length of its body.
    bytes: i64,
    stripe_id: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    account: Option<String>,
    livemode: Option<bool>,
    api_version: Option<String>,
}

/// Refused deliveries of the last 30 days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedDeliveries {
    /// Counts, newest hour first.
    hours: Vec<RefusedHour>,
    /// A few of them, newest first.
    samples: Vec<RefusedSample>,
}

/// Deliveries that were refused
///
/// Counted by the hour and reason, and a few sampled.
#[utoipa::path(
    get,
    path = "/programs/{programId}/refused-deliveries",
    tag = "stripe",
    operation_id = "listRefusedDeliveries",
    params(ProgramPath),
    responses((status = 200, description = "What was refused", body = Item<RefusedDeliveries>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> Answer<Item<RefusedDeliveries>> {
    let seen =
        engine::stripe::rejections::of_program(&engine, actor.merchant(), &path.program_id, DAYS).await?;
    let hours = seen.hours.into_iter().map(|hour| RefusedHour {
        hour: Timestamp(hour.hour.saturating_mul(HOUR_MS)).into(),
        place: match hour.place.as_str() {
            "platform" => "platform",
            "nowhere" => "nowhere",
            _ => "connection",
        },
        code: hour.code,
        deliveries: hour.deliveries,
    });
    let samples = seen.samples.into_iter().map(|sample| RefusedSample {
        at: sample.at.into(),
        code: sample.code,
        bytes: sample.bytes,
        stripe_id: sample.event_id,
        event_type: sample.event_type,
        account: sample.account,
        livemode: sample.livemode,
        api_version: sample.api_version,
    });
    Ok(Item::of(RefusedDeliveries { hours: hours.collect(), samples: samples.collect() }))
}

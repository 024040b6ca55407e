//! `/programs/{programId}/rejected-deliveries`: counts and samples of rejected deliveries.

use axum::extract::State;
use domain::clock::{HOUR_MS, Timestamp};
use domain::deliveries::DeliveryTarget;
use domain::words::Word;
use engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::extract::Ids;
use super::formats::Time;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::ApiResult;

/// How far back the counts go, days: as far as they are kept.
const DAYS: i64 = 30;

/// The number of deliveries rejected for one reason within an hour.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedHour {
    /// The start of the hour.
    hour: Time,
    /// `connection`, `platform`, or `unknown`: a URL that no connection uses.
    #[schema(value_type = enum_schemas::DeliveryTarget)]
    target: &'static str,
    /// Why.
    #[schema(value_type = enum_schemas::RejectionReason)]
    reason: &'static str,
    /// How many.
    deliveries: i64,
}

/// What a rejected delivery claims about itself, unverified.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedSample {
    at: Time,
    /// Why.
    #[schema(value_type = enum_schemas::RejectionReason)]
    reason: &'static str,
    /// The size of the body in bytes.
    bytes: i64,
    stripe_id: Option<String>,
    #[serde(rename = "type")]
    event_type: Option<String>,
    account: Option<String>,
    livemode: Option<bool>,
    api_version: Option<String>,
}

/// Deliveries that arrived after Stripe was disconnected. They are expected.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AfterDisconnect {
    /// How many.
    deliveries: i64,
    /// When the last one arrived.
    last_at: Option<Time>,
}

/// Rejected deliveries of the last 30 days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RejectedDeliveries {
    /// Counts, newest hour first.
    hours: Vec<RejectedHour>,
    /// A few of them, newest first.
    samples: Vec<RejectedSample>,
    /// Those of a connection that has ended, which are not listed above.
    after_disconnect: AfterDisconnect,
}

/// List rejected deliveries
///
/// Counted by hour and reason, with a few samples.
#[utoipa::path(
    get,
    path = "/programs/{programId}/rejected-deliveries",
    tag = "stripe",
    operation_id = "listRejectedDeliveries",
    params(ProgramPath),
    responses((status = 200, description = "Counts and samples", body = Item<RejectedDeliveries>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<RejectedDeliveries>> {
    let rejected =
        engine::stripe::rejections::of_program(&engine, actor.merchant(), &path.program_id, DAYS).await?;
    let hours = rejected.hours.into_iter().map(|hour| RejectedHour {
        hour: Timestamp(hour.hour.saturating_mul(HOUR_MS)).into(),
        target: match hour.target {
            DeliveryTarget::Connection(_) => "connection",
            DeliveryTarget::Platform => "platform",
            DeliveryTarget::Unknown => "unknown",
        },
        reason: hour.reason.word(),
        deliveries: hour.deliveries,
    });
    let samples = rejected.samples.into_iter().map(|sample| RejectedSample {
        at: sample.at.into(),
        reason: sample.reason.word(),
        bytes: sample.bytes,
        stripe_id: sample.event_id,
        event_type: sample.event_type,
        account: sample.account,
        livemode: sample.livemode,
        api_version: sample.api_version,
    });
    let after = rejected.after_disconnect;
    Ok(Item::of(RejectedDeliveries {
        hours: hours.collect(),
        samples: samples.collect(),
        after_disconnect: AfterDisconnect {
            deliveries: after.deliveries,
            last_at: after.last_at.map(Into::into),
        },
    }))
}

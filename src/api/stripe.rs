//! A program's connection to Stripe.

use axum::extract::State;
use domain::ids::ProgramId;
use engine::Engine;
use engine::connections::{SecretSeen, Status, event_types};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::{Answer, Problem};
use super::values::Time;
use super::words;

/// The way of connecting that this installation supports.
const MANUAL: &str = "manual";

/// How a program's connection to Stripe stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeStatus)]
pub struct StatusBody {
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether events are taken in.
    connected: bool,
    /// `manual`: the endpoint was made in Stripe's dashboard. Null before the first connection.
    #[schema(value_type = Option<words::ConnectionMethod>)]
    method: Option<String>,
    /// Where Stripe shall send events; known before the first connection.
    #[schema(example = "https://go.acme.example/webhooks/stripe/3f5c…")]
    webhook_url: String,
    /// Live or test; null until the first event tells.
    livemode: Option<bool>,
    connected_at: Option<Time>,
    /// When Stripe was last heard.
    last_event_at: Option<Time>,
    /// The signing secrets that are good now, as far as they are shown.
    secrets: Vec<SecretBody>,
    signature_failures: FailuresBody,
    waiting: WaitingBody,
    last24_hours: DayBody,
    event_types: TypesBody,
}

/// A signing secret, as far as it is shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Secret)]
struct SecretBody {
    #[schema(example = "x7Qd")]
    last_four: String,
    valid_from: Time,
    /// Until when, if a newer one has come.
    valid_until: Option<Time>,
}

impl From<SecretSeen> for SecretBody {
    fn from(secret: SecretSeen) -> Self {
        Self {
            last_four: secret.last_four,
            valid_from: secret.valid_from.into(),
            valid_until: secret.valid_until.map(Time),
        }
    }
}

/// Deliveries whose signature was refused.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignatureFailures)]
struct FailuresBody {
    count: i64,
    last_at: Option<Time>,
    /// What was wrong with the last one.
    last_code: Option<String>,
}

/// Events that are stored and not understood yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingEvents)]
struct WaitingBody {
    count: i64,
    /// Since when the oldest waits.
    since: Option<Time>,
}

/// The events of the last 24 hours, by state.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventCounts)]
struct DayBody {
    received: i64,
    processed: i64,
    nothing: i64,
    failed: i64,
}

/// The types of events to tick in Stripe.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventTypes)]
struct TypesBody {
    required: Vec<&'static str>,
    recommended: Vec<&'static str>,
}

fn status_body(program: ProgramId, status: Status) -> StatusBody {
    let connected = status.is_connected();
    let count = |state| status.last_day.iter().find(|(word, _)| word == state).map_or(0, |(_, count)| *count);
    let (required, recommended) = event_types();
    let connection = status.connection.as_ref();
    StatusBody {
        program_id: program,
        connected,
        method: connection.map(|connection| connection.mode.clone()),
        livemode: connection.and_then(|connection| connection.livemode),
        connected_at: connection.map(|connection| connection.created_at.into()),
        last_event_at: connection.and_then(|connection| connection.last_event_at).map(Time),
        signature_failures: connection.map_or_else(FailuresBody::default, |connection| FailuresBody {
            count: connection.failures,
            last_at: connection.last_failure_at.map(Time),
            last_code: connection.last_failure_code.clone(),
        }),
        waiting: WaitingBody { count: status.waiting.0, since: status.waiting.1.map(Time) },
        last24_hours: DayBody {
            received: count("received"),
            processed: count("processed"),
            nothing: count("nothing"),
            failed: count("failed"),
        },
        event_types: TypesBody { required: required.to_vec(), recommended },
        webhook_url: status.webhook_url,
        secrets: status.secrets.into_iter().map(SecretBody::from).collect(),
    }
}

/// How the connection to Stripe stands
#[utoipa::path(
    get,
    path = "/programs/{programId}/stripe",
    tag = "stripe",
    operation_id = "getStripeStatus",
    params(ProgramPath),
    responses((status = 200, description = "The connection", body = Item<StatusBody>), ReadRefusals),
)]
pub async fn status(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> Answer<Item<StatusBody>> {
    let status = engine::connections::status(&engine, actor.merchant(), &path.program_id).await?;
    Ok(Item::of(status_body(path.program_id, status)))
}

/// How to connect.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"method": "manual", "webhookSecret": "whsec_C6gWq1p7dA0kYh3u"}))]
pub struct ConnectStripe {
    /// `manual`: you make the endpoint in Stripe's dashboard.
    #[schema(required = true, nullable = false, pattern = "^manual$")]
    method: Option<String>,
    /// The endpoint's signing secret; begins with `whsec_`. A further one is added beside the old one, which stays
    /// good for 24 hours.
    #[schema(required = true, nullable = false)]
    webhook_secret: Option<String>,
}

/// Whether a program is connected now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeConnection)]
pub struct ConnectionBody {
    connected: bool,
    #[schema(value_type = words::ConnectionMethod)]
    method: &'static str,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Where Stripe shall send events.
    webhook_url: String,
    /// Where to send the merchant to authorize the connection; null in manual mode.
    auth_url: Option<String>,
    /// What was done and what is next, for people.
    message: &'static str,
}

/// Connect a program to Stripe, or add a rolled secret
#[utoipa::path(
    post,
    path = "/programs/{programId}/connect-stripe",
    tag = "stripe",
    operation_id = "connectStripe",
    params(ProgramPath, IdempotencyHeader),
    request_body = ConnectStripe,
    responses((status = 200, description = "Connected", body = Item<ConnectionBody>), WriteRefusals),
)]
pub async fn connect(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ConnectStripe>,
) -> Answer<Item<ConnectionBody>> {
    if input.method.as_deref() != Some(MANUAL) {
        return Err(Problem::field("method", "This installation supports the method manual"));
    }
    let secret = input.webhook_secret.unwrap_or_default();
    let status =
        engine::connections::connect_manually(&engine, actor.merchant(), &path.program_id, &secret).await?;
    let message = "Events that Stripe signs with this secret are taken in. The endpoint in Stripe must lead to webhookUrl.";
    Ok(Item::of(connection_body(path.program_id, status, message)))
}

/// Disconnect a program from Stripe
///
/// The secrets are forgotten, the history stays.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/connect-stripe",
    tag = "stripe",
    operation_id = "disconnectStripe",
    params(ProgramPath),
    responses((status = 200, description = "Disconnected", body = Item<ConnectionBody>), WriteRefusals),
)]
pub async fn disconnect(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> Answer<Item<ConnectionBody>> {
    let (merchant, id) = (actor.merchant(), &path.program_id);
    engine::connections::disconnect(&engine, merchant, id).await?;
    let status = engine::connections::status(&engine, merchant, id).await?;
    let message =
        "The signing secrets are forgotten and further events ignored. Delete the endpoint in Stripe too.";
    Ok(Item::of(connection_body(path.program_id, status, message)))
}

fn connection_body(program_id: ProgramId, status: Status, message: &'static str) -> ConnectionBody {
    ConnectionBody {
        connected: status.is_connected(),
        method: MANUAL,
        program_id,
        webhook_url: status.webhook_url,
        auth_url: None,
        message,
    }
}

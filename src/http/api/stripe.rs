//! How a program's connection to Stripe stands.

use axum::extract::State;
use domain::events::EventStatus;
use domain::ids::ProgramId;
use engine::Engine;
use engine::stripe::connections::{SecretSeen, Status, event_types};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::ReadRefusals;
use super::extract::Ids;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::Answer;
use super::values::Time;
use super::words;

/// How a program's connection to Stripe stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeStatus)]
pub struct StatusBody {
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether events are taken in.
    connected: bool,
    /// How the connection stands. Null before the first one.
    #[schema(value_type = Option<words::ConnectionState>)]
    state: Option<String>,
    /// `oauth`: signed in with Stripe. `key`: with a restricted key. `manual`: the endpoint was made in Stripe's
    /// dashboard. Null before the first connection.
    #[schema(value_type = Option<words::ConnectionMethod>)]
    method: Option<String>,
    /// Where Stripe shall send events; known before the first connection.
    #[schema(example = "https://go.acme.example/webhooks/stripe/3f5c…")]
    webhook_url: String,
    /// Live or test; null until the first event tells.
    livemode: Option<bool>,
    account: Option<AccountBody>,
    /// What was granted by signing in with Stripe, in its word.
    scope: Option<String>,
    /// Our endpoint at Stripe, as far as it is known.
    endpoint: Option<EndpointBody>,
    /// What is wrong, for people. Null when nothing is.
    trouble: Option<String>,
    /// Events that deliveries had missed and a replay brought.
    events_recovered: i64,
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

/// The Stripe account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeAccount)]
struct AccountBody {
    #[schema(example = "acct_1Lq8RtKd20VxN5wu")]
    id: String,
    name: Option<String>,
}

/// A webhook endpoint at Stripe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeEndpoint)]
struct EndpointBody {
    #[schema(example = "we_1Qm3TzKd20VxN5wuB8rY")]
    id: String,
    /// `enabled` or `disabled`, when Stripe was last asked.
    status: Option<String>,
    api_version: Option<String>,
}

fn endpoint(status: &Status) -> Option<EndpointBody> {
    if let Some(platform) = &status.platform {
        return Some(EndpointBody {
            id: platform.endpoint_id.clone(),
            status: Some(platform.status.clone()),
            api_version: platform.api_version.clone(),
        });
    }
    let connection = status.connection.as_ref()?;
    Some(EndpointBody {
        id: connection.endpoint_id.clone()?,
        status: connection.endpoint_status.clone(),
        api_version: connection.endpoint_version.clone(),
    })
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
    ignored: i64,
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
    let count = |wanted: EventStatus| {
        status.last_day.iter().find(|(status, _)| *status == wanted).map_or(0, |(_, count)| *count)
    };
    let (required, recommended) = event_types();
    let connection = status.connection.as_ref();
    let endpoint = endpoint(&status);
    let refused = status.refused();
    StatusBody {
        program_id: program,
        connected,
        method: connection.map(|connection| connection.mode.clone()),
        livemode: connection.and_then(|connection| connection.livemode),
        state: connection.map(|connection| connection.state.clone()),
        account: connection.and_then(|connection| {
            let id = connection.stripe_account.clone()?;
            Some(AccountBody { id, name: connection.account_name.clone() })
        }),
        scope: connection.and_then(|connection| connection.scope.clone()),
        endpoint,
        trouble: connection.and_then(|connection| connection.trouble_text.clone()),
        events_recovered: connection.map_or(0, |connection| connection.recovered),
        connected_at: connection.map(|connection| connection.connected_at.into()),
        last_event_at: connection.and_then(|connection| connection.last_event_at).map(Time),
        signature_failures: FailuresBody {
            count: refused.deliveries,
            last_at: refused.last_at.map(Time),
            last_code: refused.last_code.map(str::to_owned),
        },
        waiting: WaitingBody { count: status.waiting.0, since: status.waiting.1.map(Time) },
        last24_hours: DayBody {
            received: count(EventStatus::Received),
            processed: count(EventStatus::Processed),
            ignored: count(EventStatus::Ignored),
            failed: count(EventStatus::Failed),
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
    let status = engine::stripe::connections::status(&engine, actor.merchant(), &path.program_id).await?;
    Ok(Item::of(status_body(path.program_id, status)))
}

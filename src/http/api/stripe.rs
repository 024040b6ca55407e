//! `/programs/{programId}/stripe`: the connection of a program to Stripe.

use app::presenters::connection_problem;
use axum::extract::State;
use domain::events::EventStatus;
use domain::ids::ProgramId;
use engine::Engine;
use engine::stripe::connections::{Connection, ConnectionKind, MaskedSecret, Status, event_types};
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

/// The connection of a program to Stripe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeStatus)]
pub struct StatusBody {
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether the program is connected.
    connected: bool,
    /// The status of the connection. Null before the first one.
    #[schema(value_type = Option<enum_schemas::ConnectionStatus>)]
    status: Option<&'static str>,
    /// `oauth`: signed in with Stripe. `key`: with a restricted key. `manual`: the endpoint was added in the Stripe
    /// Dashboard. Null before the first connection.
    #[schema(value_type = Option<enum_schemas::ConnectionMethod>)]
    method: Option<&'static str>,
    /// The endpoint URL for Stripe. Known before the first connection.
    #[schema(example = "https://go.acme.example/webhooks/stripe/3f5c…")]
    webhook_url: String,
    /// Live or test. Null until known.
    livemode: Option<bool>,
    account: Option<AccountBody>,
    /// The access that was granted by signing in with Stripe.
    scope: Option<String>,
    /// Our webhook endpoint in Stripe, if known.
    endpoint: Option<EndpointBody>,
    /// The connection's problem. Null if there is none.
    problem: Option<ProblemBody>,
    /// The number of missed events fetched from Stripe.
    events_recovered: i64,
    connected_at: Option<Time>,
    /// When the last event was delivered since it was connected.
    last_event_at: Option<Time>,
    /// The currently valid signing secrets, masked.
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

/// A webhook endpoint in Stripe.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeEndpoint)]
struct EndpointBody {
    #[schema(example = "we_1Qm3TzKd20VxN5wuB8rY")]
    id: String,
    /// The status when last checked.
    #[schema(value_type = enum_schemas::EndpointStatus)]
    status: &'static str,
    api_version: Option<String>,
    /// When the status was last checked.
    checked_at: Option<Time>,
}

/// A problem with a connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StripeConnectionProblem)]
struct ProblemBody {
    #[schema(value_type = enum_schemas::ConnectionProblem)]
    code: &'static str,
    /// The problem in a sentence.
    message: String,
}

fn endpoint(status: &Status) -> Option<EndpointBody> {
    let checked_at = status.checked_at().map(Time);
    if let Some(platform) = &status.platform {
        return Some(EndpointBody {
            id: platform.endpoint_id.clone(),
            status: platform.status.word(),
            api_version: platform.api_version.clone(),
            checked_at,
        });
    }
    let own = status.connection.as_ref().and_then(Connection::own_endpoint)?;
    let (status, api_version) = (own.status.word(), own.api_version.clone());
    Some(EndpointBody { id: own.id.clone(), status, api_version, checked_at })
}

/// A signing secret, masked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Secret)]
struct SecretBody {
    #[schema(example = "x7Qd")]
    last_four: String,
    valid_from: Time,
    /// When it expires. Null unless a newer secret was added.
    valid_until: Option<Time>,
}

impl From<MaskedSecret> for SecretBody {
    fn from(secret: MaskedSecret) -> Self {
        Self {
            last_four: secret.last_four,
            valid_from: secret.valid_from.into(),
            valid_until: secret.valid_until.map(Time),
        }
    }
}

/// Deliveries rejected because of their signature.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignatureFailures)]
struct FailuresBody {
    count: i64,
    last_at: Option<Time>,
    /// Why the last one was rejected.
    #[schema(value_type = Option<enum_schemas::RejectionReason>)]
    last_reason: Option<&'static str>,
}

/// Events that are stored and not processed yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WaitingEvents)]
struct WaitingBody {
    count: i64,
    /// When the oldest one was received.
    since: Option<Time>,
}

/// The events of the last 24 hours, by status.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventCounts)]
struct DayBody {
    received: i64,
    processed: i64,
    ignored: i64,
    failed: i64,
}

/// The event types to select in Stripe.
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
    let rejected = status.rejected_signatures();
    StatusBody {
        program_id: program,
        connected,
        method: connection.map(|connection| connection.method().word()),
        livemode: connection.and_then(|connection| connection.livemode),
        status: connection.map(|connection| connection.status.word()),
        account: connection.and_then(|connection| {
            let id = connection.stripe_account.clone()?;
            Some(AccountBody { id, name: connection.account_name.clone() })
        }),
        scope: connection.and_then(|connection| match &connection.kind {
            ConnectionKind::OAuth { scope, .. } => scope.clone(),
            ConnectionKind::Key { .. } | ConnectionKind::Manual => None,
        }),
        endpoint,
        problem: connection.and_then(|connection| connection.problem.as_ref()).map(|problem| ProblemBody {
            code: problem.code(),
            message: connection_problem::sentence(problem),
        }),
        events_recovered: connection.map_or(0, |connection| connection.recovered),
        connected_at: connection.map(|connection| connection.connected_at.into()),
        last_event_at: connection.and_then(|connection| connection.last_event()).map(Time),
        signature_failures: FailuresBody {
            count: rejected.deliveries,
            last_at: rejected.last.map(|(at, _)| Time(at)),
            last_reason: rejected.last.map(|(_, error)| error.word()),
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

/// Retrieve the connection to Stripe
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
) -> ApiResult<Item<StatusBody>> {
    let status = engine::stripe::connections::status(&engine, actor.merchant(), &path.program_id).await?;
    Ok(Item::of(status_body(path.program_id, status)))
}

//! Connecting a program to Stripe, and disconnecting it.

use axum::Extension;
use axum::extract::State;
use domain::connections::{ConnectionMethod, StripeMode};
use domain::ids::ProgramId;
use engine::Engine;
use engine::stripe::connections::{self, Connection, DisconnectOutcome, Readiness};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::enum_schemas;
use super::extract::{Body, Ids};
use super::idempotency::{IdempotencyHeader, NotCached};
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::{ApiResult, Problem};

/// How to connect.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"method": "key", "restrictedKey": "rk_live_51H8k2mQ4x7"}))]
pub struct ConnectStripe {
    /// `oauth`: the merchant grants access on Stripe's page; the response has its address. `key`: with a restricted
    /// key; our endpoint is created immediately. `manual`: you add the endpoint in the Stripe Dashboard.
    #[schema(required = true, nullable = false, value_type = enum_schemas::ConnectionMethod)]
    method: Option<String>,
    /// For `oauth`: live payments or test data. Defaults to live, or to test if the server only has test keys.
    #[schema(value_type = Option<enum_schemas::StripeMode>)]
    mode: Option<String>,
    /// For `key`: starts with `rk_live_` or `rk_test_`. It is tested right away. The error names any missing permission.
    restricted_key: Option<String>,
    /// For `manual`: the endpoint's signing secret; starts with `whsec_`. If there is one already, it stays valid
    /// for 24 hours.
    webhook_secret: Option<String>,
}

/// The connection, and what to do next.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeConnection)]
pub struct ConnectionBody {
    connected: bool,
    #[schema(value_type = enum_schemas::ConnectionMethod)]
    method: &'static str,
    #[schema(value_type = String)]
    program_id: ProgramId,
    program_readiness: ReadinessBody,
    /// Where to send the merchant to grant access, for `oauth`: valid once, for ten minutes, and only for the person
    /// whose key requested it, signed in here.
    auth_url: Option<String>,
    /// Where Stripe sends events.
    webhook_url: String,
    /// What was done and what is next, in a sentence.
    message: String,
}

/// What a program needs before its first commission, and which parts are ready.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProgramReadiness)]
struct ReadinessBody {
    /// Whether everything below is ready.
    ready: bool,
    program_active: bool,
    commission_set: bool,
    stripe_connected: bool,
    events_received: bool,
    /// Whether the tracking script has been seen on the website.
    script_seen: bool,
    active_affiliates: i64,
}

impl From<Readiness> for ReadinessBody {
    fn from(readiness: Readiness) -> Self {
        Self {
            ready: readiness.is_ready(),
            program_active: readiness.program_active,
            commission_set: readiness.commission_set,
            stripe_connected: readiness.stripe_connected,
            events_received: readiness.events_received,
            script_seen: readiness.script_seen,
            active_affiliates: readiness.active_affiliates,
        }
    }
}

/// Connect a program to Stripe, or add a rolled secret
#[utoipa::path(
    post,
    path = "/programs/{programId}/connect-stripe",
    tag = "stripe",
    operation_id = "connectStripe",
    params(ProgramPath, IdempotencyHeader),
    request_body = ConnectStripe,
    responses(
        (status = 200, description = "Connected, or how to continue", body = Item<ConnectionBody>),
        WriteRefusals
    ),
)]
pub async fn connect(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ConnectStripe>,
) -> ApiResult<(Option<Extension<NotCached>>, Item<ConnectionBody>)> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let Some(method) = input.method.as_deref().and_then(ConnectionMethod::from_word) else {
        let ask = format!("Choose one of {}", ConnectionMethod::ALL.map(ConnectionMethod::word).join(", "));
        return Err(Problem::field("method", ask));
    };
    let (auth_url, message) = match method {
        ConnectionMethod::OAuth => {
            let livemode = mode(&engine, input.mode.as_deref())?;
            let url = connections::authorize(&engine, merchant, program, livemode).await?;
            let message = "Open authUrl in the browser of the person whose key this is, signed in here, within ten \
                           minutes. The program is connected when Stripe sends them back.";
            (Some(url), message)
        }
        ConnectionMethod::Key => {
            let key = input.restricted_key.unwrap_or_default();
            connections::connect_with_key(&engine, merchant, program, &key).await?;
            (None, "The key works and our endpoint is in place. Payments are credited as they arrive.")
        }
        ConnectionMethod::Manual => {
            let secret = input.webhook_secret.unwrap_or_default();
            connections::connect_manually(&engine, merchant, program, &secret).await?;
            let message = "Events that Stripe signs with this secret are accepted. The endpoint in Stripe must send to \
                           webhookUrl.";
            (None, message)
        }
    };
    let not_cached = auth_url.is_some().then_some(Extension(NotCached));
    let body =
        connection_body(&engine, &actor, path.program_id, method, auth_url, message.to_owned()).await?;
    Ok((not_cached, body))
}

/// Live or test, as asked for or as the operator has it.
fn mode(engine: &Engine, word: Option<&str>) -> Result<bool, Problem> {
    let setup = connections::setup(engine);
    match word {
        None => Ok(setup.live || !setup.test),
        Some(word) => StripeMode::from_word(word)
            .map(StripeMode::is_live)
            .ok_or_else(|| Problem::field("mode", "Choose one of live, test")),
    }
}

/// Disconnect a program from Stripe
/// Ends our access or deletes our endpoint. Keys and secrets are deleted, the history is kept. Also works while Stripe
/// cannot be reached.
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
) -> ApiResult<Item<ConnectionBody>> {
    let before = connections::status(&engine, actor.merchant(), &path.program_id).await?;
    let method = before.connection.as_ref().map_or(ConnectionMethod::Manual, Connection::method);
    let disconnected = connections::disconnect(&engine, actor.merchant(), &path.program_id).await?;
    let at_stripe = match disconnected {
        DisconnectOutcome::Done => "There is nothing left to do in Stripe.".to_owned(),
        DisconnectOutcome::Later => {
            "Stripe could not be reached. Access there ends as soon as it answers.".to_owned()
        }
        DisconnectOutcome::DeleteEndpoint(None) => "Delete the endpoint in Stripe too.".to_owned(),
        DisconnectOutcome::DeleteEndpoint(Some(id)) => {
            format!("Our endpoint {id} could not be deleted in Stripe. Delete it there.")
        }
        DisconnectOutcome::RemoveApp => "Remove the app from the account in the Stripe Dashboard.".to_owned(),
    };
    let message = format!("The secrets were deleted. Later events are ignored. {at_stripe}");
    connection_body(&engine, &actor, path.program_id, method, None, message).await
}

async fn connection_body(
    engine: &Engine,
    actor: &Actor,
    program_id: ProgramId,
    method: ConnectionMethod,
    auth_url: Option<String>,
    message: String,
) -> ApiResult<Item<ConnectionBody>> {
    let status = connections::status(engine, actor.merchant(), &program_id).await?;
    let readiness = connections::readiness(engine, actor.merchant(), &program_id).await?;
    Ok(Item::of(ConnectionBody {
        connected: status.is_connected(),
        method: method.word(),
        program_readiness: readiness.into(),
        webhook_url: status.webhook_url,
        auth_url,
        message,
        program_id,
    }))
}

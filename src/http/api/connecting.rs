//! Connecting a program to Stripe, and disconnecting it.

use axum::Extension;
use axum::extract::State;
use domain::ids::ProgramId;
use engine::Engine;
use engine::stripe::connections::{self, DisconnectOutcome, Readiness};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::extract::{Body, Ids};
use super::idempotency::{IdempotencyHeader, NotCached};
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::{Answer, Problem};
use super::words;

/// The ways to connect, as they are asked for.
const OAUTH_URL: &str = "oauth_url";
const RESTRICTED_KEY: &str = "restricted_key";
const MANUAL: &str = "manual";

/// How to connect.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"method": "restricted_key", "restrictedKey": "rk_live_51H8k2mQ4x7"}))]
pub struct ConnectStripe {
    /// `oauth_url`: the merchant allows access on Stripe's page, whose address is answered. `restricted_key`: with a
    /// key of few permissions; our endpoint is made at once. `manual`: you make the endpoint in Stripe's dashboard.
    #[schema(required = true, nullable = false, value_type = words::ConnectMethod)]
    method: Option<String>,
    /// For `oauth_url`: live payments or test data. Without it live, or test where the server has only that.
    #[schema(nullable = false, value_type = Option<words::StripeMode>)]
    mode: Option<String>,
    /// For `restricted_key`: begins with `rk_live_` or `rk_test_`. It is tried at once; what it lacks is named.
    #[schema(nullable = false)]
    restricted_key: Option<String>,
    /// For `manual`: the endpoint's signing secret; begins with `whsec_`. A further one is added beside the old one,
    /// which stays good for 24 hours.
    #[schema(nullable = false)]
    webhook_secret: Option<String>,
}

/// Whether a program is connected now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StripeConnection)]
pub struct ConnectionBody {
    connected: bool,
    #[schema(value_type = words::ConnectMethod)]
    method: &'static str,
    #[schema(value_type = String)]
    program_id: ProgramId,
    program_readiness: ReadinessBody,
    /// Where to send the merchant to allow access, for `oauth_url`: good once, for ten minutes, and only for the
    /// person whose key asked for it, signed in here.
    auth_url: Option<String>,
    /// Where Stripe sends events.
    webhook_url: String,
    /// What was done and what is next, for people.
    message: String,
}

/// How far a program is on its way to the first commission.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProgramReadiness)]
struct ReadinessBody {
    /// Whether nothing of the following is missing.
    ready: bool,
    program_active: bool,
    commission_set: bool,
    stripe_connected: bool,
    events_received: bool,
    /// Whether the tracking script was seen on the website.
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
        (status = 200, description = "Connected, or how to go on", body = Item<ConnectionBody>),
        WriteRefusals
    ),
)]
pub async fn connect(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ConnectStripe>,
) -> Answer<(Option<Extension<NotCached>>, Item<ConnectionBody>)> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let (method, auth_url, message) = match input.method.as_deref() {
        Some(OAUTH_URL) => {
            let livemode = mode(&engine, input.mode.as_deref())?;
            let url = connections::authorize(&engine, merchant, program, livemode).await?;
            let message = "Open authUrl in the browser of the person whose key this is, signed in here, within ten \
                           minutes. The program is connected when Stripe sends them back.";
            (OAUTH_URL, Some(url), message)
        }
        Some(RESTRICTED_KEY) => {
            let key = input.restricted_key.unwrap_or_default();
            connections::connect_with_key(&engine, merchant, program, &key).await?;
            (
                RESTRICTED_KEY,
                None,
                "The key works and our endpoint is in place. Payments are credited as they arrive.",
            )
        }
        Some(MANUAL) => {
            let secret = input.webhook_secret.unwrap_or_default();
            connections::connect_manually(&engine, merchant, program, &secret).await?;
            let message = "Events that Stripe signs with this secret are taken in. The endpoint in Stripe must lead to \
                           webhookUrl.";
            (MANUAL, None, message)
        }
        _ => return Err(Problem::field("method", "Choose one of oauth_url, restricted_key, manual")),
    };
    let is_fleeting = auth_url.is_some().then_some(Extension(NotCached));
    let body =
        connection_body(&engine, &actor, path.program_id, method, auth_url, message.to_owned()).await?;
    Ok((is_fleeting, body))
}

/// Live or test, as asked for or as the operator has it.
fn mode(engine: &Engine, word: Option<&str>) -> Result<bool, Problem> {
    let setup = connections::setup(engine);
    match word {
        Some("live") => Ok(true),
        Some("test") => Ok(false),
        None => Ok(setup.live || !setup.test),
        Some(_) => Err(Problem::field("mode", "Choose one of live, test")),
    }
}

/// Disconnect a program from Stripe
///
/// Gives access back or deletes our endpoint; key and secrets are forgotten, the history stays. It works when Stripe
/// cannot be reached, too.
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
    let before = connections::status(&engine, actor.merchant(), &path.program_id).await?;
    let method = match before.connection.as_ref().map(|connection| connection.mode.as_str()) {
        Some("oauth") => OAUTH_URL,
        Some("key") => RESTRICTED_KEY,
        _ => MANUAL,
    };
    let farewell = connections::disconnect(&engine, actor.merchant(), &path.program_id).await?;
    let at_stripe = match farewell {
        DisconnectOutcome::Done => "Nothing is left to do in Stripe.".to_owned(),
        DisconnectOutcome::Later => {
            "Stripe could not be reached; access is given back there as soon as it answers.".to_owned()
        }
        DisconnectOutcome::DeleteEndpoint(None) => "Delete the endpoint in Stripe too.".to_owned(),
        DisconnectOutcome::DeleteEndpoint(Some(id)) => {
            format!("Stripe could not be asked to delete our endpoint {id}; delete it there.")
        }
        DisconnectOutcome::RemoveApp => "Take the app out of the account in Stripe’s dashboard.".to_owned(),
    };
    let message = format!("The secrets are forgotten and further events ignored. {at_stripe}");
    connection_body(&engine, &actor, path.program_id, method, None, message).await
}

async fn connection_body(
    engine: &Engine,
    actor: &Actor,
    program_id: ProgramId,
    method: &'static str,
    auth_url: Option<String>,
    message: String,
) -> Answer<Item<ConnectionBody>> {
    let status = connections::status(engine, actor.merchant(), &program_id).await?;
    let readiness = connections::readiness(engine, actor.merchant(), &program_id).await?;
    Ok(Item::of(ConnectionBody {
        connected: status.is_connected(),
        method,
        program_readiness: readiness.into(),
        webhook_url: status.webhook_url,
        auth_url,
        message,
        program_id,
    }))
}

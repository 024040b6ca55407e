//! Connects the demo's programs, and delivers events by the way each was connected.

use anyhow::{Context, anyhow, ensure};
use domain::clock::Timestamp;
use domain::connections::OAuthOutcome;
use domain::ids::ProgramId;
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs;
use engine::stripe::connections::{self, CallbackOutcome};
use engine::stripe::{platform, webhooks};
use sandbox::{ApiVersion, Event, Stripe, render, render_for_connect, signature_header};
use url::Url;

use super::{SandboxStripe, sandbox_error};

/// How events of the history are delivered.
pub enum EventRoute {
    /// To the program's own address.
    Manual { token: String, secret: &'static str },
    /// To the platform's endpoint, which is disabled until the history is complete: the
    /// sandbox would deliver all of it again.
    ByOauth { endpoint: String, account: String, secret: String },
}

impl EventRoute {
    /// Lets the sandbox deliver from now on.
    pub fn open(&self, cloud: &Stripe) -> anyhow::Result<()> {
        match self {
            Self::Manual { .. } => Ok(()),
            Self::ByOauth { endpoint, .. } => cloud.set_disabled(endpoint, false).map_err(sandbox_error),
        }
    }

    pub async fn deliver(&self, engine: &Engine, event: &Event, at: Timestamp) -> anyhow::Result<()> {
        let taken = match self {
            Self::Manual { token, secret } => {
                let body = render(event, ApiVersion::ACACIA);
                let header = signature_header([*secret], &body, at);
                webhooks::receive(engine, token, Some(header.as_bytes()), &body).await
            }
            Self::ByOauth { account, secret, .. } => {
                let body = render_for_connect(event, ApiVersion::ACACIA, account);
                let header = signature_header([secret.as_str()], &body, at);
                webhooks::receive_for_platform(engine, Some(header.as_bytes()), &body).await
            }
        };
        taken.map(drop).map_err(|error| anyhow!("{error}"))
    }
}

/// Connects a program by OAuth, as its merchant does in a browser.
pub async fn connect(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    sandbox: &SandboxStripe,
) -> anyhow::Result<EventRoute> {
    let page = connections::authorize(engine, actor, program, false).await?;
    let page = Url::parse(&page).context("the address of the sandbox's page")?;
    let state = page.query_pairs().find(|(name, _)| name == "state").context("the state")?.1.into_owned();
    let code = sandbox.stripe.approve(&sandbox.keys.client_id, None).map_err(sandbox_error)?;
    let answer = connections::OAuthCallback::of(Some(&code), None, None);
    let returned = connections::complete(engine, actor, &state, answer).await?;
    ensure!(
        returned.outcome == CallbackOutcome::Finished(OAuthOutcome::Connected),
        "not connected: {returned:?}"
    );
    let endpoint = sandbox.cloud.endpoints().pop().context("the platform's endpoint")?;
    sandbox.cloud.set_disabled(&endpoint.id, true).map_err(sandbox_error)?;
    let secret = endpoint.secrets.into_iter().next().context("its secret")?;
    Ok(EventRoute::ByOauth { endpoint: endpoint.id, account: sandbox.stripe.account_id(), secret })
}

/// Connects a program manually.
pub async fn connect_manually(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    secret: &'static str,
) -> anyhow::Result<EventRoute> {
    let status = connections::connect_manually(engine, actor, program, secret).await?;
    let token = status.webhook_url.rsplit('/').next().context("the endpoint's token")?.to_owned();
    Ok(EventRoute::Manual { token, secret })
}

/// Connects accounts at the sandbox again, which starts empty, for the programs that are
/// connected; the platform gets a new endpoint.
pub async fn connect_again(
    engine: &Engine,
    actor: &MerchantActor,
    sandbox: &SandboxStripe,
) -> anyhow::Result<()> {
    let programs = programs::list(engine, actor, "", 10).await?;
    for program in programs {
        let status = connections::status(engine, actor, &program.id).await?;
        let Some(connection) = status.connection.filter(|it| it.is_connected() && it.is_oauth()) else {
            continue;
        };
        let account = sandbox
            .stripe
            .accounts()
            .into_iter()
            .find(|it| Some(it.account_id()) == connection.stripe_account);
        if let Some(account) = account {
            account.connect(&sandbox.keys.client_id, None).map_err(sandbox_error)?;
            platform::ensure(engine, false).await?;
        }
    }
    Ok(())
}

//! A program's connection to Stripe: by OAuth, with a restricted key, or manual.

mod deauthorize_job;
mod disconnect;
mod first_backfill;
mod kept_events_job;
mod key;
mod manual;
mod oauth;
mod rows;

use connect::stripe::read::{BASELINE_TYPES, EVENT_TYPES};
use domain::clock::{SECOND_MS, Timestamp};
use domain::connections::OAuthScope;
use domain::events::EventStatus;
use domain::ids::ProgramId;
pub use store::connections::{Connection, ConnectionKind, OwnEndpoint};
pub use store::platform::PlatformEndpoint;

pub(crate) use self::deauthorize_job::Deauthorize;
pub use self::disconnect::{DisconnectOutcome, disconnect};
pub(crate) use self::first_backfill::FirstBackfill;
pub(crate) use self::kept_events_job::ProcessKeptEvents;
pub use self::key::{ACCOUNT, PERMISSIONS, Permission, connect_with_key};
pub use self::manual::{choose_account, connect_manually};
pub use self::oauth::{CallbackOutcome, CallbackResult, OAuthCallback, authorize, complete};
use self::rows::first_token;
pub(crate) use self::rows::{put_secret, secret_aad, webhook_url};
use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::rejections::RejectedSignatures;

/// A signing secret, as much of it as is shown.
#[derive(Debug, Clone)]
pub struct MaskedSecret {
    /// Its last four characters.
    pub last_four: String,
    /// When it became valid.
    pub valid_from: Timestamp,
    /// When it expires, once a newer one was added.
    pub valid_until: Option<Timestamp>,
}

/// The connection of a program with everything that is shown about it.
#[derive(Debug, Clone)]
pub struct Status {
    /// The connection, if there ever was one.
    pub connection: Option<Connection>,
    /// Where Stripe has to send events. Known before the program is connected, so that the
    /// endpoint can be created before its secret is known. For OAuth it is the platform's.
    pub webhook_url: String,
    /// The secrets that are valid now, newest first.
    pub secrets: Vec<MaskedSecret>,
    /// The platform's endpoint, for an OAuth connection.
    pub platform: Option<PlatformEndpoint>,
    /// The name of the person who connected it.
    pub connected_by: Option<String>,
    /// How many events wait to be processed, and since when the oldest does.
    pub waiting: (i64, Option<Timestamp>),
    /// Events of the last 24 hours by status, since it was connected.
    pub last_day: Vec<(EventStatus, i64)>,
}

impl Status {
    /// Whether it is connected now.
    pub fn is_connected(&self) -> bool {
        self.connection.as_ref().is_some_and(Connection::is_connected)
    }

    /// When Stripe was last asked about the endpoint that receives this program's events.
    pub fn checked_at(&self) -> Option<Timestamp> {
        let own = self.connection.as_ref().and_then(|connection| connection.checked_at);
        self.platform.as_ref().map(|platform| platform.checked_at).max(own)
    }

    /// Whether it is being asked now: a look was scheduled moments ago and has not ended.
    pub fn is_being_checked(&self, now: Timestamp) -> bool {
        let asked = self.connection.as_ref().and_then(|connection| connection.check_asked_at);
        asked.is_some_and(|at| now.since_ms(at) < CHECK_TAKES_MS && self.checked_at() < asked)
    }

    /// Rejected signatures at the endpoint that receives this program's events.
    pub fn rejected_signatures(&self) -> RejectedSignatures {
        RejectedSignatures::of(self.connection.as_ref(), self.platform.as_ref())
    }
}

/// How long a look at the endpoint takes at most, milliseconds; one that takes longer failed.
const CHECK_TAKES_MS: i64 = 15 * SECOND_MS;

/// What the operator has set up for signing in with Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setup {
    /// For live payments.
    pub live: bool,
    /// For test data.
    pub test: bool,
    /// Whether write access is requested too, because Stripe does not offer read-only access
    /// to new platforms.
    pub requests_write: bool,
    /// The origin of the page on which merchants grant access.
    pub authorize_origin: Option<String>,
    /// Whether Stripe's part is played by a sandbox on this machine, which can reach it.
    pub is_sandbox: bool,
}

/// What the operator has set up for signing in with Stripe.
pub fn setup(engine: &Engine) -> Setup {
    let platform = &engine.platform();
    Setup {
        live: platform.live.is_some(),
        test: platform.test.is_some(),
        authorize_origin: url::Url::parse(&platform.authorize_url)
            .ok()
            .map(|url| url.origin().ascii_serialization()),
        requests_write: platform.scope == Some(OAuthScope::ReadWrite),
        is_sandbox: engine.stripe().is_local(),
    }
}

/// What a program needs before its first commission, and what of that is in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Readiness {
    pub program_active: bool,
    pub commission_set: bool,
    pub stripe_connected: bool,
    pub events_received: bool,
    /// Whether the tracking script was seen on the website.
    pub script_seen: bool,
    pub active_affiliates: i64,
}

impl Readiness {
    /// Whether nothing is missing.
    pub fn is_ready(&self) -> bool {
        let all = [
            self.program_active,
            self.commission_set,
            self.stripe_connected,
            self.events_received,
            self.script_seen,
        ];
        all.into_iter().all(|is| is) && self.active_affiliates > 0
    }
}

/// What a program needs before its first commission, and what of that is in place.
pub async fn readiness(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Readiness> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    let active = domain::affiliates::AffiliateStatus::Active;
    Ok(Readiness {
        program_active: program.status == domain::programs::ProgramStatus::Active,
        commission_set: !store::terms::list(&mut conn, &program.id).await?.is_empty(),
        stripe_connected: connection.as_ref().is_some_and(Connection::is_connected),
        events_received: connection.is_some_and(|connection| connection.last_event_at.is_some()),
        script_seen: program.script_seen_at.is_some(),
        active_affiliates: store::affiliates::count(&mut conn, &program.id, active).await?,
    })
}

/// The event types to select in Stripe: first the required ones, then the recommended ones.
pub fn event_types() -> (&'static [&'static str], Vec<&'static str>) {
    let rest =
        EVENT_TYPES.iter().filter(|kind| !BASELINE_TYPES.contains(kind) && !kind.starts_with("account."));
    (&BASELINE_TYPES, rest.copied().collect())
}

/// The connection of a program.
pub async fn status(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Status> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let now = engine.now();
    let Some(connection) = store::connections::of_program(&mut conn, &program.id).await? else {
        return Ok(Status {
            connection: None,
            webhook_url: webhook_url(engine, &first_token(engine, &program.id)),
            secrets: Vec::new(),
            platform: None,
            connected_by: None,
            waiting: (0, None),
            last_day: Vec::new(),
        });
    };
    let is_oauth = connection.is_oauth();
    let platform = crate::stripe::platform::endpoint_of(&mut conn, &connection).await?;
    let secrets: Vec<MaskedSecret> = if is_oauth {
        let secrets = store::platform::secrets(&mut conn, now).await?.into_iter();
        let of_mode = secrets.filter(|secret| Some(secret.livemode) == connection.livemode);
        of_mode.map(|secret| masked(secret.last_four, secret.valid_from, secret.valid_until)).collect()
    } else {
        let secrets = store::connections::secrets(&mut conn, &connection.id, now).await?.into_iter();
        secrets.map(|secret| masked(secret.last_four, secret.valid_from, secret.valid_until)).collect()
    };
    let connected_by = match &connection.connected_by {
        Some(account) => store::accounts::get(&mut conn, account).await?.map(|account| account.name),
        None => None,
    };
    Ok(Status {
        // The platform's endpoint is for those who have signed in. After that ends, an endpoint
        // that is added manually is the program's own.
        webhook_url: if is_oauth && connection.is_connected() {
            crate::stripe::platform::url(engine)
        } else {
            webhook_url(engine, &connection.endpoint_token)
        },
        secrets,
        platform,
        connected_by,
        waiting: store::inbox::backlog(&mut conn, &connection.id).await?,
        last_day: store::inbox::counts(
            &mut conn,
            &connection.id,
            now.plus_days(-1).max(connection.connected_at),
        )
        .await?,
        connection: Some(connection),
    })
}

fn masked(last_four: String, valid_from: Timestamp, valid_until: Option<Timestamp>) -> MaskedSecret {
    MaskedSecret { last_four, valid_from, valid_until }
}

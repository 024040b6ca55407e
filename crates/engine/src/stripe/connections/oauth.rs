//! By OAuth: the merchant grants access on Stripe's own page.
//!
//! A second exchange of a code revokes what the first one granted. So the state is consumed
//! before the code is exchanged, the exchange runs to its end whether the browser waits or
//! not, and a second callback with the same state is shown the outcome of the first.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::stripe::account;
use connect::stripe::client::Access;
use connect::stripe::oauth::{Granted, OAuthError, OAuthErrorKind};
use domain::audit::AuditAction;
use domain::clock::{DAY_MS, MINUTE_MS};
use domain::connections::{ConnectionProblem, OAuthOutcome, OAuthRefusal};
use domain::ids::ProgramId;
use store::connections::{Connection, ConnectionKind};
use store::db::again;
use store::oauth_attempts::OAuthAttempt;
use store::programs::Program;

use super::deauthorize_job::revoke_access;
use super::rows::{AccountToConnect, TargetRow, fetch_later, recognize, target_row};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{MerchantActor, hash_of};
use crate::stripe::credentials;
use crate::stripe::platform;

/// How long a merchant may stay on Stripe's page: signing in there takes a while.
const LIFETIME_MS: i64 = 10 * MINUTE_MS;
/// How long the outcome of an attempt can be shown again.
const KEPT_MS: i64 = DAY_MS;
/// An attempt without an outcome after this long was interrupted with its process.
const INTERRUPTED_MS: i64 = 2 * MINUTE_MS;
/// How often and how long to wait for the first of two callbacks: 20 seconds in all, which
/// is less than a page may take.
const WAITS: u32 = 80;
const WAIT: Duration = Duration::from_millis(250);
/// Stripe's description is a sentence; more than this is cut.
const LONGEST_DESCRIPTION: usize = 300;

/// The parameters with which Stripe sends a merchant back.
#[derive(Debug, Clone)]
pub enum OAuthCallback {
    /// An authorization code to be exchanged.
    Code(connect::secret::Secret),
    /// `error` and `error_description`.
    Error(String, Option<String>),
    /// Neither.
    Empty,
}

impl OAuthCallback {
    /// From the query of the callback.
    pub fn of(code: Option<&str>, error: Option<&str>, description: Option<&str>) -> Self {
        match (code, error) {
            (_, Some(error)) => Self::Error(error.to_owned(), description.map(str::to_owned)),
            (Some(code), None) => Self::Code(connect::secret::Secret::new(code.to_owned())),
            (None, None) => Self::Empty,
        }
    }
}

/// The outcome for a merchant who returns from Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackOutcome {
    /// The attempt has an outcome.
    Finished(OAuthOutcome),
    /// The connection is still being made.
    InProgress,
    /// The work was interrupted, for instance by a restart of the server.
    Interrupted,
    /// There is no attempt with this state, or it was long ago.
    UnknownState,
    /// The attempt is another person's.
    OtherPerson,
}

impl From<OAuthOutcome> for CallbackOutcome {
    fn from(outcome: OAuthOutcome) -> Self {
        Self::Finished(outcome)
    }
}

fn refusal(kind: OAuthErrorKind) -> OAuthRefusal {
    match kind {
        OAuthErrorKind::Denied => OAuthRefusal::Denied,
        OAuthErrorKind::UsedOrExpired => OAuthRefusal::CodeUsed,
        OAuthErrorKind::WrongMode => OAuthRefusal::WrongMode,
        OAuthErrorKind::Scope => OAuthRefusal::Scope,
        OAuthErrorKind::WrongClient | OAuthErrorKind::NotConfigured => OAuthRefusal::UnknownPlatform,
        OAuthErrorKind::Down | OAuthErrorKind::Unreachable | OAuthErrorKind::Unreadable => {
            OAuthRefusal::StripeUnavailable
        }
        OAuthErrorKind::Invalid | OAuthErrorKind::NotConnected => OAuthRefusal::Other,
    }
}

/// A merchant who came back from Stripe.
#[derive(Debug, Clone)]
pub struct CallbackResult {
    /// The program; `None` when the state is unknown or another person's.
    pub program: Option<Program>,
    /// Live or test, as requested.
    pub livemode: bool,
    /// What happened.
    pub outcome: CallbackOutcome,
    /// The program that the account is connected to already, where the merchant may see it.
    pub other_program: Option<Program>,
}

impl CallbackResult {
    fn without_program(outcome: CallbackOutcome) -> Self {
        Self { program: None, livemode: true, outcome, other_program: None }
    }
}

/// Begins to connect a program: the address of Stripe's page, valid once and for ten minutes.
///
/// # Errors
/// [`Error::Forbidden`] when the operator has not set keys for the mode, or the program is
/// connected in the other one.
pub async fn authorize(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    livemode: bool,
) -> Result<String> {
    actor.may_write()?;
    if engine.platform().keys(livemode).is_err() {
        return Err(Error::Forbidden(
            "This server has no platform keys for this mode. Ask its operator to set them.",
        ));
    }
    let state = URL_SAFE_NO_PAD.encode(engine.random().bytes::<32>());
    let url = engine.platform().authorize(livemode, &state, &engine.stripe_callback_url());
    let url = url.map_err(|error| Error::Stripe(error.description))?;
    let state_hash = hash_of(&state);
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let current = store::connections::of_program(&mut tx, &program.id).await?;
        let other_mode = |row: &Connection| row.livemode.is_some_and(|current| current != livemode);
        if current.is_some_and(|row| row.is_connected() && other_mode(&row)) {
            return Err(Error::Forbidden(
                "Live and test never mix. Disconnect the current connection first, then connect the other mode.",
            ));
        }
        store::oauth_attempts::delete_ended(&mut tx, now.plus_ms(-KEPT_MS)).await?;
        let attempt = OAuthAttempt {
            state_hash: state_hash.clone(),
            program_id: program.id,
            account_id: actor.account_id().clone(),
            livemode,
            created_at: now,
            expires_at: now.plus_ms(LIFETIME_MS),
            used_at: None,
            outcome: None,
        };
        store::oauth_attempts::put(&mut tx, &attempt).await?;
        tx.commit().await?;
        Ok(())
    })
    .await?;
    Ok(url)
}

/// Completes the connection of a merchant who comes back from Stripe. The first callback with
/// a state does the work; every later one gets its outcome.
pub async fn complete(
    engine: &Engine,
    actor: &MerchantActor,
    state: &str,
    callback: OAuthCallback,
) -> Result<CallbackResult> {
    let state_hash = hash_of(state);
    let found = store::oauth_attempts::get(&mut engine.db().read().await?, &state_hash).await?;
    let Some(attempt) = found else {
        return Ok(CallbackResult::without_program(CallbackOutcome::UnknownState));
    };
    if attempt.account_id != *actor.account_id() {
        return Ok(CallbackResult::without_program(CallbackOutcome::OtherPerson));
    }
    let program = scope::program(&mut engine.db().read().await?, actor, &attempt.program_id).await?;
    let is_first = attempt.used_at.is_none() && {
        let mut conn = engine.db().write().await?;
        store::oauth_attempts::consume(&mut conn, &state_hash, engine.now()).await?
    };
    let livemode = attempt.livemode;
    if is_first {
        let (engine, actor) = (engine.clone(), actor.clone());
        // On its own: a browser that disconnects must not interrupt the exchange.
        tokio::spawn(async move { run(&engine, &actor, &attempt, callback).await });
    }
    let outcome = wait_for(engine, &state_hash).await?;
    let other_program = other_program(engine, actor, &outcome).await?;
    Ok(CallbackResult { program: Some(program), livemode, outcome, other_program })
}

/// The program that has the account already, where the actor may see it.
async fn other_program(
    engine: &Engine,
    actor: &MerchantActor,
    outcome: &CallbackOutcome,
) -> Result<Option<Program>> {
    let CallbackOutcome::Finished(OAuthOutcome::OtherProgram { program_id, .. }) = outcome else {
        return Ok(None);
    };
    match scope::program(&mut engine.db().read().await?, actor, program_id).await {
        Ok(program) => Ok(Some(program)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The outcome of an attempt, as soon as there is one.
async fn wait_for(engine: &Engine, state_hash: &str) -> Result<CallbackOutcome> {
    for _ in 0..WAITS {
        let found = store::oauth_attempts::get(&mut engine.db().read().await?, state_hash).await?;
        let Some(attempt) = found else { return Ok(CallbackOutcome::UnknownState) };
        if let Some(outcome) = attempt.outcome {
            return Ok(outcome.into());
        }
        if attempt.used_at.is_some_and(|used| engine.now().since_ms(used) > INTERRUPTED_MS) {
            return Ok(CallbackOutcome::Interrupted);
        }
        tokio::time::sleep(WAIT).await;
    }
    Ok(CallbackOutcome::InProgress)
}

/// Does the work of a callback and records its outcome.
async fn run(engine: &Engine, actor: &MerchantActor, attempt: &OAuthAttempt, callback: OAuthCallback) {
    let outcome = match connect(engine, actor, attempt, callback).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::error!(%error, program = %attempt.program_id, "connecting by OAuth failed");
            OAuthOutcome::Failed
        }
    };
    let recorded = async {
        let mut conn = engine.db().write().await?;
        store::oauth_attempts::record_outcome(&mut conn, &attempt.state_hash, &outcome).await
    };
    if let Err(error) = recorded.await {
        tracing::error!(%error, "the outcome of an attempt to connect could not be stored");
    }
}

fn refused(error: &OAuthError) -> OAuthOutcome {
    let message = error.description.chars().take(LONGEST_DESCRIPTION).collect();
    OAuthOutcome::Refused { reason: refusal(error.kind), message: Some(message) }
}

async fn connect(
    engine: &Engine,
    actor: &MerchantActor,
    attempt: &OAuthAttempt,
    callback: OAuthCallback,
) -> Result<OAuthOutcome> {
    if engine.now() >= attempt.expires_at {
        return Ok(OAuthOutcome::Expired);
    }
    let code = match callback {
        OAuthCallback::Code(code) => code,
        OAuthCallback::Error(code, description) => {
            return Ok(refused(&OAuthError::of(&code, description.as_deref())));
        }
        OAuthCallback::Empty => {
            return Ok(OAuthOutcome::Refused { reason: OAuthRefusal::Other, message: None });
        }
    };
    let platform = &engine.platform();
    let granted = match platform.exchange(engine.stripe(), attempt.livemode, code.reveal()).await {
        Ok(granted) => granted,
        Err(error) => return Ok(refused(&error)),
    };
    if granted.livemode != attempt.livemode {
        discard_access(engine, &granted).await;
        return Ok(OAuthOutcome::Refused { reason: OAuthRefusal::WrongMode, message: None });
    }
    let outcome = store_granted(engine, actor, attempt, &granted).await?;
    match outcome {
        OAuthOutcome::Connected => ensure_endpoint(engine, attempt).await,
        OAuthOutcome::OtherAccount { .. } => discard_access(engine, &granted).await,
        OAuthOutcome::Expired
        | OAuthOutcome::Refused { .. }
        | OAuthOutcome::OtherProgram { .. }
        | OAuthOutcome::Failed => {}
    }
    Ok(outcome)
}

/// Revokes access that nothing here uses.
async fn discard_access(engine: &Engine, granted: &Granted) {
    if let Err(error) = revoke_access(engine, &granted.account, granted.livemode).await {
        tracing::warn!(account = granted.account, %error, "unused access could not be revoked");
    }
}

/// Events come through the platform's endpoint. When it cannot be created now, the page says
/// so, and Repair Webhooks creates it and fetches what was missed meanwhile.
async fn ensure_endpoint(engine: &Engine, attempt: &OAuthAttempt) {
    let Err(error) = platform::ensure(engine, attempt.livemode).await else { return };
    tracing::warn!(%error, "the platform's endpoint could not be created");
    let problem = ConnectionProblem::PlatformEndpointMissing { message: error.to_string() };
    let recorded = async {
        let mut conn = engine.db().write().await?;
        let Some(row) = store::connections::of_program(&mut conn, &attempt.program_id).await? else {
            return Ok(());
        };
        store::connections::set_problem(&mut conn, &row.id, Some(&problem)).await
    };
    if let Err(error) = recorded.await {
        tracing::error!(%error, "a missing endpoint could not be recorded");
    }
}

async fn store_granted(
    engine: &Engine,
    actor: &MerchantActor,
    attempt: &OAuthAttempt,
    granted: &Granted,
) -> Result<OAuthOutcome> {
    let access = match &granted.tokens {
        Some(tokens) => Access { key: tokens.access.clone(), account: None },
        None => {
            let account = Some(granted.account.clone());
            Access { account, ..credentials::platform(engine, granted.livemode)? }
        }
    };
    let caller = engine.stripe().with(&access);
    // The name is optional, so a failure here does not matter.
    let name = account::account(&caller).await.ok().and_then(|account| account.name);
    let recognized = recognize(engine, &caller, &attempt.program_id).await?;
    let target = AccountToConnect {
        account: Some(&granted.account),
        livemode: granted.livemode,
        recognized: recognized.as_ref(),
    };
    let outcome = again(|| async {
        let mut tx = engine.db().begin().await?;
        let (row, is_new) = match target_row(engine, &mut tx, actor, &attempt.program_id, &target).await? {
            TargetRow::Row { row, is_new } => (*row, is_new),
            TargetRow::OtherProgram(program_id) => {
                return Ok(OAuthOutcome::OtherProgram { account: granted.account.clone(), program_id });
            }
            TargetRow::OtherAccount(current) => {
                return Ok(OAuthOutcome::OtherAccount { account: current.stripe_account });
            }
        };
        let row = Connection {
            kind: ConnectionKind::OAuth {
                scope: Some(granted.scope.clone()).filter(|scope| !scope.is_empty()),
                tokens: granted
                    .tokens
                    .as_ref()
                    .map(|tokens| credentials::seal_tokens(engine, &row.id, tokens)),
            },
            stripe_account: Some(granted.account.clone()),
            account_name: name.clone(),
            livemode: Some(granted.livemode),
            connected_at: engine.now(),
            connected_by: Some(attempt.account_id.clone()),
            ..row
        };
        if is_new {
            store::connections::put(&mut tx, &row).await?;
        } else {
            store::connections::reconnect(&mut tx, &row).await?;
        }
        fetch_later(engine, &mut tx, &row.id).await?;
        let action = AuditAction::ConnectedByOAuth { account: granted.account.clone() };
        let line = audit::line(attempt.program_id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&attempt.program_id)).await?;
        tx.commit().await?;
        Ok::<_, Error>(OAuthOutcome::Connected)
    })
    .await?;
    engine.caches().endpoints.clear();
    Ok(outcome)
}

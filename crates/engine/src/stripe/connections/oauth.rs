//! By OAuth: the merchant allows access on Stripe's own page.
//!
//! A second exchange of a code takes back what the first one gave. So the state is
//! consumed before the code is exchanged, the exchange runs to its end whether the browser
//! waits or not, and whoever comes back with the same state is shown what came of it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use connect::stripe::account;
use connect::stripe::client::Access;
use connect::stripe::oauth::{Granted, OAuthError, OAuthErrorKind};
use domain::clock::{DAY_MS, MINUTE_MS, SECOND_MS};
use domain::ids::ProgramId;
use store::connections::Connection;
use store::db::again;
use store::oauth_attempts::Attempt;
use store::programs::Program;

use super::deauthorize_job::give_back;
use super::rows::{Place, Wanted, fetch_later, place, recognise};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{MerchantActor, hash_of};
use crate::stripe::credentials;
use crate::stripe::platform;

/// How long a merchant may stay on Stripe's page: signing in there takes a while.
const LIFETIME_MS: i64 = 10 * MINUTE_MS;
/// How long what came of an attempt can be shown again.
const KEPT_MS: i64 = DAY_MS;
/// An attempt without an outcome after this long was cut off with its process.
const CUT_OFF_MS: i64 = 2 * MINUTE_MS;
/// How often and how long to wait for the first of two callbacks: 20 seconds in all, which
/// is less than a page may take.
const WAITS: u32 = 80;
const WAIT: Duration = Duration::from_millis(250);
/// Stripe's description is a sentence; more than this helps nobody.
const LONGEST_DESCRIPTION: usize = 300;

/// What Stripe sent the merchant back with.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A code to be exchanged.
    Code(connect::secret::Secret),
    /// `error` and `error_description`.
    Error(String, Option<String>),
    /// Neither.
    Nothing,
}

impl Answer {
    /// From the parameters of the callback.
    pub fn of(code: Option<&str>, error: Option<&str>, description: Option<&str>) -> Self {
        match (code, error) {
            (_, Some(error)) => Self::Error(error.to_owned(), description.map(str::to_owned)),
            (Some(code), None) => Self::Code(connect::secret::Secret::new(code.to_owned())),
            (None, None) => Self::Nothing,
        }
    }
}

/// What came of an attempt to connect by OAuth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The program is connected.
    Connected,
    /// The merchant said no.
    Denied,
    /// The merchant stayed away for too long.
    Expired,
    /// The code was used or has expired at Stripe.
    CodeUsed,
    /// The account is of the other mode, or access was given in the other mode.
    WrongMode,
    /// Stripe refuses the scope that this server asks for.
    ScopeRefused,
    /// Stripe does not know this server's platform.
    WrongClient,
    /// Stripe could not be reached.
    StripeAway,
    /// Stripe refuses something else.
    Refused,
    /// The account feeds another program.
    OtherProgram,
    /// The program is connected to another account.
    OtherAccount,
    /// The work was cut off, for instance by a restart of the server.
    CutOff,
    /// It is still being worked on.
    Working,
    /// A fault of ours.
    Failed,
    /// Nobody left for Stripe with this state, or long ago.
    Unknown,
    /// Somebody else left for Stripe with this state.
    OtherPerson,
}

impl Outcome {
    const ALL: [(Self, &'static str); 13] = [
        (Self::Connected, "connected"),
        (Self::Denied, "denied"),
        (Self::Expired, "expired"),
        (Self::CodeUsed, "code_used"),
        (Self::WrongMode, "wrong_mode"),
        (Self::ScopeRefused, "scope_refused"),
        (Self::WrongClient, "wrong_client"),
        (Self::StripeAway, "stripe_away"),
        (Self::Refused, "refused"),
        (Self::OtherProgram, "other_program"),
        (Self::OtherAccount, "other_account"),
        (Self::CutOff, "cut_off"),
        (Self::Failed, "failed"),
    ];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(outcome, _)| *outcome == self).map_or("failed", |(_, word)| word)
    }

    fn of_word(word: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == word).map_or(Self::Failed, |(outcome, _)| *outcome)
    }

    fn of_error(kind: OAuthErrorKind) -> Self {
        match kind {
            OAuthErrorKind::Denied => Self::Denied,
            OAuthErrorKind::UsedOrExpired => Self::CodeUsed,
            OAuthErrorKind::WrongMode => Self::WrongMode,
            OAuthErrorKind::Scope => Self::ScopeRefused,
            OAuthErrorKind::WrongClient | OAuthErrorKind::NotConfigured => Self::WrongClient,
            OAuthErrorKind::Down | OAuthErrorKind::Unreachable | OAuthErrorKind::Unreadable => {
                Self::StripeAway
            }
            OAuthErrorKind::Invalid | OAuthErrorKind::NotConnected => Self::Refused,
        }
    }
}

/// A merchant who came back from Stripe.
#[derive(Debug, Clone)]
pub struct Returned {
    /// The program; `None` when the state says nothing to this person.
    pub program: Option<Program>,
    /// Live or test, as it was asked for.
    pub livemode: bool,
    /// What came of it.
    pub outcome: Outcome,
    /// What Stripe says, where it says something; safe to show.
    pub said: Option<String>,
}

impl Returned {
    fn stranger(outcome: Outcome) -> Self {
        Self { program: None, livemode: true, outcome, said: None }
    }
}

fn redirect_uri(engine: &Engine) -> String {
    format!("{}/stripe/callback", engine.base_url())
}

/// Begins to connect a program: the address of Stripe's page, good once and for ten
/// minutes.
///
/// # Errors
/// [`Error::Forbidden`] when the operator has set no keys for the mode, or the program is
/// connected in the other one.
pub async fn authorize(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    livemode: bool,
) -> Result<String> {
    actor.may_write()?;
    if engine.platform().keys(livemode).is_err() {
        return Err(Error::Forbidden("The operator of this server has not set platform keys for this mode."));
    }
    let state = URL_SAFE_NO_PAD.encode(engine.random().bytes::<32>());
    let url = engine.platform().authorize(livemode, &state, &redirect_uri(engine));
    let url = url.map_err(|error| Error::Stripe(error.description))?;
    let state_hash = hash_of(&state);
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let present = store::connections::of_program(&mut tx, &program.id).await?;
        let other_mode = |row: &Connection| row.livemode.is_some_and(|present| present != livemode);
        if present.is_some_and(|row| row.is_connected() && other_mode(&row)) {
            return Err(Error::Forbidden(
                "Live and test never mix. Disconnect the present connection first, then connect the other mode.",
            ));
        }
        store::oauth_attempts::delete_ended(&mut tx, now.plus_ms(-KEPT_MS)).await?;
        let attempt = Attempt {
            state_hash: state_hash.clone(),
            program_id: program.id,
            account_id: actor.account_id().clone(),
            livemode,
            created_at: now,
            expires_at: now.plus_ms(LIFETIME_MS),
            used_at: None,
            outcome: None,
            outcome_text: None,
        };
        store::oauth_attempts::put(&mut tx, &attempt).await?;
        tx.commit().await?;
        Ok(())
    })
    .await?;
    Ok(url)
}

/// Takes a merchant back from Stripe. The first with a state does the work; everybody
/// after is told what came of it.
pub async fn complete(
    engine: &Engine,
    actor: &MerchantActor,
    state: &str,
    answer: Answer,
) -> Result<Returned> {
    let state_hash = hash_of(state);
    let found = store::oauth_attempts::get(&mut engine.db().read().await?, &state_hash).await?;
    let Some(attempt) = found else { return Ok(Returned::stranger(Outcome::Unknown)) };
    if attempt.account_id != *actor.account_id() {
        return Ok(Returned::stranger(Outcome::OtherPerson));
    }
    let program = scope::program(&mut engine.db().read().await?, actor, &attempt.program_id).await?;
    let is_first = attempt.used_at.is_none() && {
        let mut conn = engine.db().write().await?;
        store::oauth_attempts::consume(&mut conn, &state_hash, engine.now()).await?
    };
    if is_first {
        let (engine, actor, attempt) = (engine.clone(), actor.clone(), attempt.clone());
        // On its own: a browser that goes away must not cut the exchange in two.
        tokio::spawn(async move { work(&engine, &actor, &attempt, answer).await });
    }
    let (outcome, said) = wait_for(engine, &state_hash).await?;
    Ok(Returned { program: Some(program), livemode: attempt.livemode, outcome, said })
}

/// What came of an attempt, as soon as something has.
async fn wait_for(engine: &Engine, state_hash: &str) -> Result<(Outcome, Option<String>)> {
    for _ in 0..WAITS {
        let found = store::oauth_attempts::get(&mut engine.db().read().await?, state_hash).await?;
        let Some(attempt) = found else { return Ok((Outcome::Unknown, None)) };
        if let Some(word) = &attempt.outcome {
            return Ok((Outcome::of_word(word), attempt.outcome_text));
        }
        if attempt.used_at.is_some_and(|used| engine.now().since_ms(used) > CUT_OFF_MS) {
            return Ok((Outcome::CutOff, None));
        }
        tokio::time::sleep(WAIT).await;
    }
    Ok((Outcome::Working, None))
}

/// Does the work of a callback and writes down what came of it.
async fn work(engine: &Engine, actor: &MerchantActor, attempt: &Attempt, answer: Answer) {
    let (outcome, said) = match connect(engine, actor, attempt, answer).await {
        Ok(came) => came,
        Err(error) => {
            tracing::error!(%error, program = %attempt.program_id, "connecting by OAuth failed");
            (Outcome::Failed, None)
        }
    };
    let evaluated = async {
        let mut conn = engine.db().write().await?;
        store::oauth_attempts::record_outcome(&mut conn, &attempt.state_hash, outcome.word(), said.as_deref())
            .await
    };
    if let Err(error) = evaluated.await {
        tracing::error!(%error, "what came of an attempt to connect could not be written down");
    }
}

async fn connect(
    engine: &Engine,
    actor: &MerchantActor,
    attempt: &Attempt,
    answer: Answer,
) -> Result<(Outcome, Option<String>)> {
    if engine.now() >= attempt.expires_at {
        return Ok((Outcome::Expired, None));
    }
    let refused = |error: OAuthError| {
        let said: String = error.description.chars().take(LONGEST_DESCRIPTION).collect();
        (Outcome::of_error(error.kind), Some(said))
    };
    let code = match answer {
        Answer::Code(code) => code,
        Answer::Error(code, description) => {
            return Ok(refused(OAuthError::of(&code, description.as_deref())));
        }
        Answer::Nothing => return Ok((Outcome::Refused, None)),
    };
    let platform = &engine.platform();
    let granted = match platform.exchange(engine.stripe(), attempt.livemode, code.reveal()).await {
        Ok(granted) => granted,
        Err(error) => return Ok(refused(error)),
    };
    if granted.livemode != attempt.livemode {
        return_access(engine, &granted).await;
        return Ok((Outcome::WrongMode, None));
    }
    let came = store_granted(engine, actor, attempt, &granted).await?;
    match came.0 {
        Outcome::Connected => see_to_endpoint(engine, attempt).await,
        Outcome::OtherAccount => return_access(engine, &granted).await,
        _ => {}
    }
    Ok(came)
}

/// Gives access back that nothing here uses.
async fn return_access(engine: &Engine, granted: &Granted) {
    if let Err(error) = give_back(engine, &granted.account, granted.livemode).await {
        tracing::warn!(account = granted.account, %error, "access that is not used could not be given back");
    }
}

/// Events come by the platform's endpoint. When it cannot be made now, that is said on the
/// page and Repair Webhooks makes it; what is missed meanwhile is fetched then.
async fn see_to_endpoint(engine: &Engine, attempt: &Attempt) {
    let Err(error) = platform::ensure(engine, attempt.livemode).await else { return };
    tracing::warn!(%error, "the platform's endpoint could not be made");
    let text = format!("The endpoint for its events could not be made: {error}");
    let noted = async {
        let mut conn = engine.db().write().await?;
        let Some(row) = store::connections::of_program(&mut conn, &attempt.program_id).await? else {
            return Ok(());
        };
        store::connections::note_trouble(&mut conn, &row.id, Some(("platform_endpoint", &text))).await
    };
    if let Err(error) = noted.await {
        tracing::error!(%error, "a missing endpoint could not be noted");
    }
}

async fn store_granted(
    engine: &Engine,
    actor: &MerchantActor,
    attempt: &Attempt,
    granted: &Granted,
) -> Result<(Outcome, Option<String>)> {
    let access = match &granted.tokens {
        Some(tokens) => Access { key: tokens.access.clone(), account: None },
        None => {
            let account = Some(granted.account.clone());
            Access { account, ..credentials::platform(engine, granted.livemode)? }
        }
    };
    let caller = engine.stripe().with(&access);
    // The name is nice to have, and its absence no reason to fail.
    let name = account::account(&caller).await.ok().and_then(|account| account.name);
    let recognised = recognise(engine, &caller, &attempt.program_id).await?;
    let wanted = Wanted {
        account: Some(&granted.account),
        livemode: granted.livemode,
        recognised: recognised.as_ref(),
    };
    let came = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let (row, is_new) = match place(engine, &mut tx, actor, &attempt.program_id, &wanted).await? {
            Place::Row { row, is_new } => (*row, is_new),
            Place::OtherProgram => return Ok((Outcome::OtherProgram, Some(granted.account.clone()))),
            Place::OtherAccount(present) => return Ok((Outcome::OtherAccount, present.stripe_account)),
        };
        let row = Connection {
            mode: "oauth".to_owned(),
            stripe_account: Some(granted.account.clone()),
            account_name: name.clone(),
            livemode: Some(granted.livemode),
            connected_at: now,
            connected_by: Some(attempt.account_id.clone()),
            scope: Some(granted.scope.clone()).filter(|scope| !scope.is_empty()),
            credential: granted
                .tokens
                .as_ref()
                .map(|tokens| credentials::seal_tokens(engine, &row.id, tokens)),
            credential_last_four: None,
            token_expires_at: granted
                .tokens
                .as_ref()
                .map(|tokens| now.plus_ms(tokens.expires_in.saturating_mul(SECOND_MS))),
            endpoint_id: None,
            endpoint_status: None,
            endpoint_version: None,
            checked_at: Some(now),
            ..row
        };
        if is_new {
            store::connections::put(&mut tx, &row).await?;
        } else {
            store::connections::connect(&mut tx, &row).await?;
        }
        fetch_later(engine, &mut tx, &row.id).await?;
        let text = format!("Connected to the account {} by signing in with Stripe.", granted.account);
        let line = audit::line("stripe.connected", attempt.program_id.as_str(), text);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&attempt.program_id)).await?;
        tx.commit().await?;
        Ok::<_, Error>((Outcome::Connected, None))
    })
    .await?;
    engine.caches().endpoints.clear();
    Ok(came)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_that_is_kept_is_read_back() {
        for (outcome, word) in Outcome::ALL {
            assert_eq!((Outcome::of_word(word), outcome.word()), (outcome, word));
        }
        assert_eq!(Outcome::of_word("nonsense"), Outcome::Failed);
    }
}

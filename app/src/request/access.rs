//! Who sent the request: from the browser's session to an actor, or to a refusal.

use domain::ids::AccountId;
use engine::Engine;
use engine::identity::sessions::{AffiliateActor, MerchantActor, Person};
use http::header::USER_AGENT;
use http::request::Parts;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};
use tower_sessions::{Session, session_store};

use crate::routes;
use crate::text::browser_name;

/// The key of the account's id in the session. The session's storage
/// reads it too, so that a person can end all their sessions.
pub const ACCOUNT_KEY: &str = "account";

/// The key of a sign-in that waits for its code.
const FIRST_STEP_KEY: &str = "first_step";

/// The key of the browser's name in the session.
const BROWSER_KEY: &str = "browser";

/// Why a page is not shown or a form not done.
#[derive(Debug)]
pub enum Refusal {
    /// The visitor is not signed in.
    SignIn,
    /// Not there, or not theirs.
    NotFound,
    /// Theirs to see, not to change.
    Forbidden(String),
    /// Another page is the right one.
    Elsewhere(String),
    /// The engine says no.
    Engine(engine::Error),
}

impl From<engine::Error> for Refusal {
    fn from(error: engine::Error) -> Self {
        match error {
            engine::Error::NotFound => Self::NotFound,
            engine::Error::Forbidden(why) => Self::Forbidden(why.to_owned()),
            error => Self::Engine(error),
        }
    }
}

impl Refusal {
    /// The session cannot be read or written: mostly because its table cannot.
    pub fn session(error: tower_sessions::session::Error) -> Self {
        match error {
            tower_sessions::session::Error::Store(session_store::Error::Backend(error)) => {
                tracing::warn!(%error, "sessions are not available");
                Self::Engine(engine::Error::Unavailable)
            }
            error => Self::broken(error),
        }
    }

    /// An internal error, for the log.
    pub fn broken(error: impl std::fmt::Display) -> Self {
        Self::Engine(engine::Error::Broken(error.to_string()))
    }
}

/// The result of loading a page or doing a form.
pub type Access<T> = Result<T, Refusal>;

/// The engine that the binary provided.
pub fn engine() -> Engine {
    expect_context::<Engine>()
}

/// The browser's session.
pub async fn session() -> Access<Session> {
    leptos_axum::extract::<Session>().await.map_err(Refusal::broken)
}

/// The account that is signed in.
pub async fn account() -> Access<AccountId> {
    let text: Option<String> = session().await?.get(ACCOUNT_KEY).await.map_err(Refusal::session)?;
    text.and_then(|text| text.parse().ok()).ok_or(Refusal::SignIn)
}

/// The person who is signed in, with both of their roles.
pub async fn person() -> Access<Person> {
    engine::identity::sessions::person(&engine(), &account().await?).await?.ok_or(Refusal::SignIn)
}

/// The signed-in member of a company.
///
/// # Errors
/// [`Refusal::NotFound`] for a person without a company.
pub async fn merchant() -> Access<MerchantActor> {
    merchant_of(person().await?)
}

/// A person as a member of a company.
///
/// # Errors
/// [`Refusal::NotFound`] for a person without a company; [`Refusal::Elsewhere`] for one who has to
/// set up two-step sign-in first.
pub fn merchant_of(person: Person) -> Access<MerchantActor> {
    if person.two_step_due.is_some() {
        return Err(Refusal::Elsewhere(routes::TWO_STEP.to_owned()));
    }
    person.merchant.ok_or(Refusal::NotFound)
}

/// The signed-in affiliate.
///
/// # Errors
/// [`Refusal::NotFound`] for a person who is in no program.
pub async fn affiliate() -> Access<AffiliateActor> {
    person().await?.affiliate.ok_or(Refusal::NotFound)
}

/// Signs a person in on this browser: the session gets a new id, so that one that was
/// planted before is worth nothing.
pub async fn remember(account: &AccountId) -> Access<()> {
    let session = session().await?;
    session.cycle_id().await.map_err(Refusal::session)?;
    session.insert(BROWSER_KEY, browser_of_request()).await.map_err(Refusal::session)?;
    session.insert(ACCOUNT_KEY, account.as_str()).await.map_err(Refusal::session)
}

/// A sign-in on this browser that waits for its code.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FirstStep {
    /// Proves the first step, to the engine.
    pub ticket: String,
    /// The page that was asked for.
    pub next: Option<String>,
}

/// Keeps a sign-in that waits for its code. Nobody is signed in on this browser until then.
pub async fn keep_first_step(step: &FirstStep) -> Access<()> {
    let session = session().await?;
    session.cycle_id().await.map_err(Refusal::session)?;
    session.remove::<String>(ACCOUNT_KEY).await.map_err(Refusal::session)?;
    session.insert(FIRST_STEP_KEY, step).await.map_err(Refusal::session)
}

/// The sign-in that waits for its code on this browser.
pub async fn first_step() -> Access<Option<FirstStep>> {
    session().await?.get(FIRST_STEP_KEY).await.map_err(Refusal::session)
}

/// Forgets the sign-in that waits for its code.
pub async fn forget_first_step() -> Access<()> {
    session().await?.remove::<FirstStep>(FIRST_STEP_KEY).await.map(drop).map_err(Refusal::session)
}

fn browser_of_request() -> String {
    let parts = use_context::<Parts>();
    let agent = parts.as_ref().and_then(|parts| parts.headers.get(USER_AGENT)?.to_str().ok());
    browser_name(agent.unwrap_or_default())
}

/// The browser's name, from a session's data.
pub fn browser_of_session(data: &str) -> String {
    let data: Option<serde_json::Value> = serde_json::from_str(data).ok();
    let name = data.as_ref().and_then(|data| data.get(BROWSER_KEY)?.as_str());
    name.unwrap_or("Unknown browser").to_owned()
}

/// Ends this browser's session.
pub async fn forget() -> Access<()> {
    session().await?.flush().await.map_err(Refusal::session)
}

/// A parameter of the page's path, such as `:program`.
///
/// # Errors
/// [`Refusal::NotFound`] when it does not parse.
pub fn parameter<T: std::str::FromStr>(name: &str) -> Access<T> {
    let text = use_params_map().with_untracked(|params| params.get(name));
    text.and_then(|text| text.parse().ok()).ok_or(Refusal::NotFound)
}

/// The path and query of this request.
pub fn here() -> String {
    let uri = use_context::<Parts>().map(|parts| parts.uri);
    uri.and_then(|uri| uri.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| routes::START.to_owned())
}

/// The path of this request.
pub fn here_path() -> String {
    use_context::<Parts>().map_or_else(|| routes::START.to_owned(), |parts| parts.uri.path().to_owned())
}

/// Where to sign in, and to come back from there.
pub fn sign_in_path(back: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("{}?{}", routes::SIGN_IN, query.append_pair("next", back).finish())
}

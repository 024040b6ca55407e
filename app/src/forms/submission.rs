//! The end of every form: a message and a redirect, or the form again with what was typed
//! and what is wrong with it. POST, redirect, GET; without JavaScript.

use std::future::Future;

use domain::fields::{NUL_MESSAGE, Problems, WHOLE_FORM};
use engine::Error;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tower_sessions::Session;

use crate::forms::{Flash, FormState};
use crate::request::access::{Access, Refusal, here_path, session, sign_in_path};
use crate::request::href::safe_href;

const FLASH_KEY: &str = "flash";
/// More messages at once are not read.
const MOST_FLASHES: usize = 5;

/// Where to go after the work was done, and the message shown there.
#[derive(Clone, Debug)]
pub struct Redirect {
    to: String,
    flash: Option<Flash>,
    once: Option<(&'static str, serde_json::Value)>,
    leaves: bool,
}

impl Redirect {
    /// Goes to a path of this site without a message.
    pub fn to(path: impl Into<String>) -> Self {
        Self { to: path.into(), flash: None, once: None, leaves: false }
    }

    /// Leaves for another site, at an address that the operator has configured.
    pub fn outside(address: impl Into<String>) -> Self {
        Self { leaves: true, ..Self::to(address) }
    }

    /// Shows a message there.
    #[must_use]
    pub fn with_flash(self, flash: Flash) -> Self {
        Self { flash: Some(flash), ..self }
    }

    /// Shows a value there once and never again, such as a new key: [`take_once`].
    #[must_use]
    pub fn showing_once(self, key: &'static str, value: &(impl Serialize + ?Sized)) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => Self { once: Some((key, value)), ..self },
            Err(error) => {
                tracing::warn!(%error, key, "cannot be shown");
                self
            }
        }
    }
}

/// A form that was sent: which one, on which page, and what was entered.
#[derive(Clone, Debug)]
pub struct Submission {
    endpoint: &'static str,
    back: String,
    names: Vec<String>,
    with_nul: Vec<String>,
    state: FormState,
}

impl Submission {
    /// A form by the path of its server function, such as `ChangeTerms::PATH`, and its page.
    pub fn new(endpoint: &'static str, back: impl Into<String>) -> Self {
        Self {
            endpoint,
            back: back.into(),
            names: Vec::new(),
            with_nul: Vec::new(),
            state: FormState::default(),
        }
    }

    /// With what was typed into a field. Secrets are named, but never kept.
    #[must_use]
    pub fn typed(mut self, name: &str, value: &str) -> Self {
        self.names.push(name.to_owned());
        if value.contains('\0') {
            self.with_nul.push(name.to_owned());
        }
        self.state = self.state.typed(name, &value.replace('\0', ""));
        self
    }

    /// The fields whose text holds a NUL character. Everything else that was typed is kept.
    fn nul_problems(&self) -> Option<Problems> {
        let mut problems = Problems::new();
        for name in &self.with_nul {
            let field = name.rsplit('[').next().unwrap_or(name).trim_end_matches(']');
            problems.add(field, NUL_MESSAGE);
        }
        (!problems.is_empty()).then_some(problems)
    }

    /// With what was typed into the fields of a struct or list of strings: `prefix[name]`, or
    /// `prefix[0][name]`.
    #[must_use]
    pub fn with_values(self, prefix: &str, input: &impl Serialize) -> Self {
        flat_fields(prefix, input).into_iter().fold(self, |sent, (name, value)| sent.typed(&name, &value))
    }

    /// The name in the form of a field that the engine knows by its short name.
    fn name_of(&self, field: &str) -> Option<&String> {
        let bracketed = format!("[{field}]");
        self.names.iter().find(|name| *name == field || name.ends_with(&bracketed))
    }
}

/// The fields of a struct or list of strings, as a form sends them.
pub fn flat_fields(prefix: &str, input: &impl Serialize) -> Vec<(String, String)> {
    fn add(name: String, value: serde_json::Value, fields: &mut Vec<(String, String)>) {
        match value {
            serde_json::Value::Object(inner) => {
                inner.into_iter().for_each(|(key, value)| add(format!("{name}[{key}]"), value, fields));
            }
            serde_json::Value::Array(inner) => {
                let inner = inner.into_iter().enumerate();
                inner.for_each(|(index, value)| add(format!("{name}[{index}]"), value, fields));
            }
            serde_json::Value::String(text) => fields.push((name, text)),
            _ => fields.push((name, String::new())),
        }
    }
    let mut fields = Vec::new();
    if let Ok(value) = serde_json::to_value(input) {
        add(prefix.to_owned(), value, &mut fields);
    }
    fields
}

#[derive(Serialize, Deserialize)]
struct Kept {
    back: String,
    state: FormState,
}

/// Does the work of a form and responds with a redirect, whatever the outcome. The only
/// caller of [`see_other`].
///
/// # Errors
/// Never; the type is that of server functions.
pub async fn finish(
    sent: Submission,
    work: impl Future<Output = Access<Redirect>>,
) -> Result<(), ServerFnError> {
    let target = match sent.nul_problems() {
        Some(problems) => Err(Refusal::Engine(Error::Invalid(problems))),
        None => work.await,
    };
    let target = match target {
        Ok(done) => {
            if let Some(flash) = done.flash {
                keep_flash(flash).await;
            }
            if let Some((key, value)) = &done.once {
                keep(&once_key(key), value).await;
            }
            if done.leaves {
                go_to(outside_target(&done.to));
                return Ok(());
            }
            done.to
        }
        Err(refusal) => refuse(sent, refusal).await,
    };
    see_other(&target);
    Ok(())
}

async fn refuse(sent: Submission, refusal: Refusal) -> String {
    let message = match refusal {
        Refusal::SignIn => return sign_in_path(&sent.back),
        Refusal::Elsewhere(path) => return path,
        Refusal::Engine(Error::Invalid(problems)) => return send_back(sent, problems.0).await,
        Refusal::NotFound | Refusal::Engine(Error::NotFound) => {
            "This no longer exists. Nothing was changed.".to_owned()
        }
        Refusal::Forbidden(why) => why,
        Refusal::Engine(Error::Forbidden(why)) => why.to_owned(),
        Refusal::Engine(Error::TooMany { minutes }) => {
            format!("Too many attempts. Wait {minutes} minutes, then try again.")
        }
        Refusal::Engine(Error::Unavailable | Error::Conflict(_)) => {
            "Honeyguide is busy. Nothing was changed. Try again in a moment.".to_owned()
        }
        Refusal::Engine(Error::Stripe(sentence)) => format!("Nothing was changed. {sentence}"),
        Refusal::Engine(error @ Error::Broken(_)) => {
            tracing::error!(%error, endpoint = sent.endpoint, "a form failed");
            "Something went wrong on our side. Nothing was changed. Try again.".to_owned()
        }
    };
    keep_flash(Flash::problem(message)).await;
    send_back(sent, Vec::new()).await
}

/// Keeps the form for its page. A problem of a field that the form does not have becomes a
/// message.
async fn send_back(mut sent: Submission, problems: Vec<domain::fields::Problem>) -> String {
    for problem in problems {
        if problem.field == WHOLE_FORM {
            sent.state.refuse(WHOLE_FORM, problem.message);
            continue;
        }
        match sent.name_of(&problem.field).cloned() {
            Some(name) => sent.state.refuse(&name, problem.message),
            None => keep_flash(Flash::problem(problem.message)).await,
        }
    }
    let path = sent.back.split(['?', '#']).next().unwrap_or_default().to_owned();
    keep(&form_key(sent.endpoint), &Kept { back: path, state: sent.state }).await;
    sent.back
}

fn form_key(endpoint: &str) -> String {
    format!("form:{endpoint}")
}

/// What was typed into a form on this page before, once: empty when the page is opened
/// afresh.
pub async fn take_form(endpoint: &str) -> FormState {
    let key = form_key(endpoint);
    let Ok(session) = session().await else { return FormState::default() };
    // `remove` writes even when nothing is there.
    let Ok(Some(kept)) = session.get::<Kept>(&key).await else { return FormState::default() };
    if kept.back != here_path() {
        return FormState::default();
    }
    if let Err(error) = session.remove::<Kept>(&key).await {
        tracing::warn!(%error, "a form stays in the session");
    }
    kept.state
}

fn once_key(key: &str) -> String {
    format!("once:{key}")
}

/// What a form wants to be shown once.
pub async fn take_once<T: DeserializeOwned>(key: &str) -> Option<T> {
    let session = session().await.ok()?;
    session.get::<T>(&once_key(key)).await.ok()??;
    session.remove::<T>(&once_key(key)).await.ok()?
}

/// The messages of the request before, once.
pub async fn take_flashes() -> Vec<Flash> {
    let Ok(session) = session().await else { return Vec::new() };
    let Ok(Some(flashes)) = session.get::<Vec<Flash>>(FLASH_KEY).await else { return Vec::new() };
    if let Err(error) = session.remove::<Vec<Flash>>(FLASH_KEY).await {
        tracing::warn!(%error, "a message stays in the session");
    }
    flashes
}

/// Shows a message on the next page.
pub async fn keep_flash(flash: Flash) {
    if let Ok(session) = session().await {
        keep_flash_in(&session, flash).await;
    }
}

/// Keeps a message for the next page of a session: for a form that is not a server function.
pub async fn keep_flash_in(session: &Session, flash: Flash) {
    let mut flashes = session.get::<Vec<Flash>>(FLASH_KEY).await.ok().flatten().unwrap_or_default();
    flashes.push(flash);
    let surplus = flashes.len().saturating_sub(MOST_FLASHES);
    keep_in(session, FLASH_KEY, &flashes[surplus..]).await;
}

/// A session that cannot be written loses a message, not the work that was done.
async fn keep<T: Serialize + ?Sized + Sync>(key: &str, value: &T) {
    if let Ok(session) = session().await {
        keep_in(&session, key, value).await;
    }
}

async fn keep_in<T: Serialize + ?Sized + Sync>(session: &Session, key: &str, value: &T) {
    let written = match serde_json::to_value(value) {
        Ok(value) => session.insert_value(key, value).await.map(drop),
        Err(error) => return tracing::warn!(%error, key, "not kept in the session"),
    };
    if let Err(error) = written {
        tracing::warn!(%error, key, "not kept in the session");
    }
}

/// `303 See Other` to a path of this site; anything else leads to the start page. In a
/// page, return an empty view afterwards.
pub fn see_other(path: &str) {
    go_to(local_target(path));
}

fn go_to(target: HeaderValue) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.set_status(StatusCode::SEE_OTHER);
    response.insert_header(LOCATION, target);
}

fn outside_target(address: &str) -> HeaderValue {
    let is_web = url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    let target = if is_web { HeaderValue::from_str(address).ok() } else { None };
    target.unwrap_or(HeaderValue::from_static("/"))
}

fn local_target(path: &str) -> HeaderValue {
    let local = path.starts_with('/') && safe_href(path) == path;
    let target = if local { HeaderValue::from_str(path).ok() } else { None };
    target.unwrap_or(HeaderValue::from_static("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::ProgramForm;

    #[test]
    fn redirects_stay_on_this_site() {
        for path in ["/programs", "/programs/prg_1?period=7d#x"] {
            assert_eq!(local_target(path), path);
        }
        for path in ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nb: c", "", "x"] {
            assert_eq!(local_target(path), "/", "{path:?}");
        }
    }

    #[test]
    fn only_web_addresses_are_outside_targets() {
        let stripe = "https://connect.stripe.com/oauth/authorize?state=x";
        assert_eq!(outside_target(stripe), stripe);
        for address in ["javascript:alert(1)", "/local", "", "https://x.example/\r\nb: c"] {
            assert_ne!(outside_target(address), address, "{address:?}");
        }
    }

    #[test]
    fn problems_find_their_field_in_the_form() {
        let sent = Submission::new("/do/program/create", "/programs/new")
            .with_values("program", &ProgramForm { name: "x".into(), ..Default::default() })
            .typed("password", "hunter2");
        assert_eq!(sent.name_of("website").map(String::as_str), Some("program[website]"));
        assert_eq!(sent.name_of("password").map(String::as_str), Some("password"));
        assert_eq!(sent.name_of("nothing"), None);
        assert_eq!(sent.state.value("program[name]", ""), "x");
        assert_eq!(sent.state.value("password", ""), "");
    }
}

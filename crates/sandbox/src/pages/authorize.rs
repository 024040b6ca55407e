//! The page on which a merchant lets an application in.

use axum::body::Bytes;
use axum::extract::{RawQuery, State as Extract};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};

use super::html::{escape, notice, page};
use super::site::Site;
use crate::connections::Application;
use crate::form::Params;
use crate::oauth::{OauthError, scope_for};
use crate::stripe::Stripe;

/// What an application asks.
struct Question {
    application: Application,
    scope: String,
    /// Where the answer goes.
    redirect_uri: String,
    state: Option<String>,
}

/// Why there is nothing to ask.
enum Problem {
    /// The merchant is told here, because the address to go back to cannot be trusted.
    Here(String),
    /// The application is told at that address.
    There(String, Option<String>, OauthError),
}

impl Problem {
    fn into_response(self) -> Response {
        match self {
            Self::Here(text) => notice(StatusCode::BAD_REQUEST, "This link does not work", &text),
            Self::There(uri, state, error) => {
                let answer = [("error", error.error), ("error_description", error.description.as_str())];
                back(&uri, state.as_deref(), &answer)
            }
        }
    }
}

/// Asks the merchant, who chooses one of the accounts.
pub(super) async fn show(Extract(site): Extract<Site>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let params = Params::decode(&query, b"").unwrap_or_default();
    match read(&site.stripe, &params) {
        Ok(question) => Html(form(&site.stripe, &question, &query)).into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// Goes back to the application with a code, or with the merchant's no.
pub(super) async fn decide(Extract(site): Extract<Site>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    let params = Params::decode(&query.unwrap_or_default(), b"").unwrap_or_default();
    let question = match read(&site.stripe, &params) {
        Ok(question) => question,
        Err(problem) => return problem.into_response(),
    };
    let chosen = Params::decode("", &body).unwrap_or_default();
    let Question { application, scope, redirect_uri, state } = question;
    if chosen.text("decision") != Some("allow") {
        let denied = OauthError::new("access_denied", "The user denied your request");
        return Problem::There(redirect_uri, state, denied).into_response();
    }
    let account = chosen.text("account").unwrap_or_default();
    let account = site.stripe.account(account, application.livemode);
    let asked = (!application.platform.is_app).then_some(scope.as_str());
    match account.map(|it| it.approve(&application.client_id, asked)) {
        Some(Ok(code)) => {
            back(&redirect_uri, state.as_deref(), &[("scope", scope.as_str()), ("code", &code)])
        }
        Some(Err(error)) => Problem::Here(error.message).into_response(),
        None => Problem::Here("There is no such account. Go back and choose one.".to_owned()).into_response(),
    }
}

fn read(stripe: &Stripe, params: &Params) -> Result<Question, Problem> {
    let client_id = params.text("client_id").unwrap_or_default();
    let application = stripe.world().shared().connections.application(client_id).cloned();
    let application = application
        .ok_or_else(|| Problem::Here("No application matches the supplied client identifier.".to_owned()))?;
    let redirect_uri = redirect_uri(&application, params.text("redirect_uri"))?;
    let state = params.filled("state");
    let there = |error| Problem::There(redirect_uri.clone(), state.clone(), error);
    match params.text("response_type") {
        Some("code") => {}
        // The links of Stripe Apps go without.
        None if application.platform.is_app => {}
        other => {
            return Err(there(OauthError::new(
                "unsupported_response_type",
                format!("Unsupported response type: {}", other.unwrap_or("none")),
            )));
        }
    }
    let scope = scope_for(&application, params.text("scope")).map_err(there)?;
    Ok(Question { application, scope, redirect_uri, state })
}

/// A registered address, compared letter by letter.
fn redirect_uri(application: &Application, asked: Option<&str>) -> Result<String, Problem> {
    let registered = &application.platform.redirect_uris;
    match asked {
        Some(uri) if registered.is_empty() && url::Url::parse(uri).is_ok() => Ok(uri.to_owned()),
        Some(uri) if registered.iter().any(|it| it == uri) => Ok(uri.to_owned()),
        Some(uri) => Err(Problem::Here(format!(
            "Invalid redirect URI '{uri}'. Ensure this uri exactly matches one of the uris specified in your application settings."
        ))),
        None => registered
            .first()
            .cloned()
            .ok_or_else(|| Problem::Here("No redirect URI is registered with this application.".to_owned())),
    }
}

/// The address with the answer in its query.
fn back(uri: &str, state: Option<&str>, answer: &[(&str, &str)]) -> Response {
    let Ok(mut url) = url::Url::parse(uri) else {
        return notice(StatusCode::BAD_REQUEST, "This link does not work", "Its return address is none.");
    };
    url.query_pairs_mut().extend_pairs(answer).extend_pairs(state.map(|state| ("state", state)));
    Redirect::to(url.as_str()).into_response()
}

fn form(stripe: &Stripe, question: &Question, query: &str) -> String {
    let application = &question.application;
    let others = stripe
        .all_accounts()
        .into_iter()
        .filter(|it| it.is_live() == application.livemode && it.account_id() != application.account);
    let choices: String = others
        .enumerate()
        .map(|(place, account)| {
            let checked = if place == 0 { "checked" } else { "" };
            let id = escape(&account.account_id());
            format!(
                r#"<label class="choice"><input type="radio" name="account" value="{id}" {checked}> {} <code>{id}</code></label>"#,
                escape(&account.name()),
            )
        })
        .collect();
    let (mode, may) = (
        if application.livemode { "live" } else { "test" },
        match question.scope.as_str() {
            "read_write" => "read and change what is in your account",
            "stripe_apps" => "read what its permissions name",
            _ => "read what is in your account, and change nothing",
        },
    );
    let name = escape(&application.platform.name);
    let body = format!(
        r#"<section class="card narrow"><h1>Connect with {name}</h1><p>{name} wants to {may}, in {mode} mode. You can end this at any time in the sandbox's dashboard.</p><form method="post" action="?{}" class="stack"><fieldset class="stack"><legend>Account</legend>{choices}</fieldset><div class="row"><button class="button primary" name="decision" value="allow">Allow</button><button class="button" name="decision" value="deny">Deny</button></div></form></section>"#,
        escape(query),
    );
    page(&format!("Connect with {} · Sandbox Stripe", application.platform.name), &body)
}

//! `/oauth/token` and `/oauth/deauthorize`.

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use super::OauthError;
use crate::api::{Reply, bearer, recorded, text};
use crate::connections::Application;
use crate::form::Params;
use crate::keys::{Caller, Rights};
use crate::stripe::Stripe;

/// What may be sent to the token address; anything else is refused, so that a client sends
/// what Stripe documents.
const TOKEN_FIELDS: [&str; 6] =
    ["grant_type", "code", "refresh_token", "scope", "client_secret", "assert_capabilities"];

/// Exchanges a code or a refresh token.
pub(crate) async fn token(
    Extract(stripe): Extract<Stripe>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    recorded(&stripe, &method, &uri, &headers, &body, |stripe| answer(exchange(stripe, &headers, &body)))
        .await
}

/// Ends a connection from the platform's side.
pub(crate) async fn deauthorize(
    Extract(stripe): Extract<Stripe>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    recorded(&stripe, &method, &uri, &headers, &body, |stripe| answer(end(stripe, &headers, &body))).await
}

fn answer(result: Result<Value, OauthError>) -> Reply {
    match result {
        Ok(value) => Reply::json(200, value.to_string()),
        Err(error) => Reply::json(error.status, error.body().to_string()),
    }
}

fn exchange(stripe: &Stripe, headers: &HeaderMap, body: &[u8]) -> Result<Value, OauthError> {
    let params = decode(body)?;
    let application = application(stripe, headers, &params)?;
    if let Err(error) = params.only(&TOKEN_FIELDS) {
        return Err(OauthError::new("invalid_request", error.message));
    }
    let required = |name: &str, words: &str| {
        params.filled(name).ok_or_else(|| OauthError::new("invalid_request", words))
    };
    match params.text("grant_type") {
        Some("authorization_code") => {
            let code = required("code", "No authorization code provided.")?;
            stripe.exchange(&application, &code)
        }
        Some("refresh_token") => {
            let token = required("refresh_token", "No refresh token provided.")?;
            stripe.refresh(&application, &token)
        }
        Some(other) => {
            Err(OauthError::new("unsupported_grant_type", format!("Unsupported grant type: {other}")))
        }
        None => Err(OauthError::new("invalid_request", "No grant type specified.")),
    }
}

fn end(stripe: &Stripe, headers: &HeaderMap, body: &[u8]) -> Result<Value, OauthError> {
    let params = decode(body)?;
    let application = application(stripe, headers, &params)?;
    if params.text("client_id") != Some(application.client_id.as_str()) {
        return Err(OauthError::new("invalid_client", "No such application, or it is not yours."));
    }
    let account = params.filled("stripe_user_id").unwrap_or_default();
    if !stripe.end_connection(&application.client_id, &account) {
        return Err(OauthError::new(
            "invalid_client",
            format!(
                "This application is not connected to stripe account '{account}', or that account does not exist."
            ),
        ));
    }
    Ok(json!({ "stripe_user_id": account }))
}

fn decode(body: &[u8]) -> Result<Params, OauthError> {
    Params::decode("", body).map_err(|error| OauthError::new("invalid_request", error.message))
}

/// The application of the key that is shown, in the header or as `client_secret`.
fn application(stripe: &Stripe, headers: &HeaderMap, params: &Params) -> Result<Application, OauthError> {
    let given = text(headers, "authorization").map(bearer).or_else(|| params.filled("client_secret"));
    if given.is_none() {
        return Err(OauthError::new(
            "invalid_client",
            "No authentication was provided. Send your secret API key using the Authorization header, or as a client_secret POST parameter.",
        ));
    }
    let now = stripe.now();
    let shared = stripe.world().shared();
    let key = match shared.keys.authenticate(given.as_deref(), now) {
        Ok(Caller::Key(key)) if key.rights == Rights::All => key,
        Ok(_) => return Err(OauthError::new("invalid_client", "This key belongs to no platform.")),
        Err(error) => return Err(OauthError::new("invalid_client", error.message)),
    };
    let found = shared.connections.application_of(&key.account, key.livemode).cloned();
    found.ok_or_else(|| OauthError::new("invalid_client", "This key belongs to no platform."))
}

//! Connecting an account by OAuth: classic Connect and Stripe Apps in one way.
//!
//! The oauth2 crate writes the authorize address. The exchange is written here: Stripe
//! takes the platform's key as bearer and two parameters, and its answer may lack the
//! access token that the crate insists on (Stripe docs: connect/oauth-reference).

use std::fmt;

use domain::connections::OAuthScope;
use oauth2::basic::BasicClient;
use oauth2::{AuthUrl, ClientId, CsrfToken, RedirectUrl, Scope};
use serde::Deserialize;
use serde_json::Value;

use super::client::{Stripe, bounded_body};
use super::error::safe;
use crate::secret::Secret;

/// The platform's keys in one mode.
#[derive(Debug, Clone)]
pub struct PlatformKeys {
    /// `sk_…`
    pub secret_key: Secret,
    /// `ca_…`
    pub client_id: String,
}

/// The platform as the operator configured it.
#[derive(Debug, Clone)]
pub struct Platform {
    /// Keys for live accounts.
    pub live: Option<PlatformKeys>,
    /// Keys for test accounts.
    pub test: Option<PlatformKeys>,
    /// Where the merchant is sent.
    pub authorize_url: String,
    /// Where codes are exchanged.
    pub token_url: String,
    /// Where access is revoked; `None` for Stripe Apps.
    pub deauthorize_url: Option<String>,
    /// The scope that is requested; `None` for Stripe Apps.
    pub scope: Option<OAuthScope>,
}

/// What a merchant granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// `acct_…`
    pub account: String,
    /// What was granted.
    pub scope: String,
    /// Live or test, as the platform's key.
    pub livemode: bool,
    /// Only for Stripe Apps. For classic Connect, Stripe advises the platform's key with
    /// the account named; then there is nothing to keep.
    pub tokens: Option<Tokens>,
}

/// The tokens of a Stripe App.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Valid for an hour.
    pub access: Secret,
    /// Valid for a year, or until it is used.
    pub refresh: Secret,
    /// How long the access token is valid, in seconds.
    pub expires_in: i64,
}

/// The kind of an error, by which a message is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthErrorKind {
    /// The merchant declined.
    Denied,
    /// The code or refresh token is unknown, used, expired or revoked.
    UsedOrExpired,
    /// The code is of the other mode than the key.
    WrongMode,
    /// The client id or key is not the platform's.
    WrongClient,
    /// Stripe refuses the scope, such as `read_only` for a new platform.
    Scope,
    /// Stripe refuses something else.
    Invalid,
    /// The account is not, or no longer, connected.
    NotConnected,
    /// No keys are configured for this mode.
    NotConfigured,
    /// A fault at Stripe.
    Down,
    /// Stripe could not be reached, or did not answer in time.
    Unreachable,
    /// The response is not one of Stripe's.
    Unreadable,
}

/// A failed step of OAuth. It contains no secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthError {
    /// What kind.
    pub kind: OAuthErrorKind,
    /// Stripe's word for it, such as `invalid_grant`.
    pub code: Option<String>,
    /// Stripe's own sentence, or ours when there is none; safe to show.
    pub description: String,
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description)
    }
}

impl std::error::Error for OAuthError {}

impl OAuthError {
    fn ours(kind: OAuthErrorKind, description: &str) -> Self {
        Self { kind, code: None, description: description.to_owned() }
    }

    /// From `error` and `error_description`, as they come to the callback or in an answer.
    pub fn of(code: &str, description: Option<&str>) -> Self {
        let says = |word: &str| description.is_some_and(|text| text.to_lowercase().contains(word));
        let kind = match code {
            "access_denied" => OAuthErrorKind::Denied,
            "invalid_grant" if says("livemode") || says("live mode") || says("test mode") => {
                OAuthErrorKind::WrongMode
            }
            "invalid_grant" => OAuthErrorKind::UsedOrExpired,
            "invalid_client" if says("not connected") => OAuthErrorKind::NotConnected,
            "invalid_client" | "unauthorized_client" => OAuthErrorKind::WrongClient,
            "invalid_scope" => OAuthErrorKind::Scope,
            _ if says("not connected") => OAuthErrorKind::NotConnected,
            _ if says("read_only") => OAuthErrorKind::Scope,
            _ => OAuthErrorKind::Invalid,
        };
        let description = description.map(safe).filter(|text| !text.trim().is_empty());
        let code = safe(code);
        Self { kind, description: description.unwrap_or_else(|| code.clone()), code: Some(code) }
    }

    fn of_answer(status: u16, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        match body.get("error") {
            Some(Value::String(code)) => Self::of(code, text(&body, "error_description").as_deref()),
            _ if status >= 500 || status == 429 => {
                Self::ours(OAuthErrorKind::Down, &format!("Stripe answered with {status}."))
            }
            // The shape of the rest of the API, as for an invalid key.
            Some(error) => {
                let code = text(error, "code").or_else(|| text(error, "type")).unwrap_or_default();
                let code = if status == 401 { "invalid_client".to_owned() } else { code };
                Self::of(&code, text(error, "message").as_deref())
            }
            None => Self::ours(OAuthErrorKind::Unreadable, &format!("Stripe answered with {status}.")),
        }
    }
}

#[derive(Deserialize)]
struct TokenResponse {
    stripe_user_id: String,
    #[serde(default)]
    scope: Option<String>,
    livemode: Option<bool>,
    access_token: Option<String>,
    refresh_token: Option<String>,
    expires_in: Option<i64>,
}

/// The scope that marks an answer to a Stripe App (Stripe docs: stripe-apps/oauth).
const APP_SCOPE: &str = "stripe_apps";
/// How long an app's access token is valid when the response does not say, in seconds.
const APP_TOKEN_SECONDS: i64 = 3_600;

impl Platform {
    /// The keys of a mode.
    pub fn keys(&self, livemode: bool) -> Result<&PlatformKeys, OAuthError> {
        let keys = if livemode { &self.live } else { &self.test };
        keys.as_ref().ok_or_else(|| {
            let mode = if livemode { "live" } else { "test" };
            OAuthError::ours(
                OAuthErrorKind::NotConfigured,
                &format!("This installation has no platform keys for {mode} accounts."),
            )
        })
    }

    /// The address to send the merchant to. `state` comes back with them.
    pub fn authorize(&self, livemode: bool, state: &str, redirect_uri: &str) -> Result<String, OAuthError> {
        let keys = self.keys(livemode)?;
        let unusable = |_| {
            OAuthError::ours(
                OAuthErrorKind::NotConfigured,
                "The configured STRIPE_AUTHORIZE_URL is not usable.",
            )
        };
        let client = BasicClient::new(ClientId::new(keys.client_id.clone()))
            .set_auth_uri(AuthUrl::new(self.authorize_url.clone()).map_err(unusable)?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(unusable)?);
        let mut request = client.authorize_url(|| CsrfToken::new(state.to_owned()));
        if let Some(scope) = self.scope {
            request = request.add_scope(Scope::new(scope.word().to_owned()));
        }
        Ok(request.url().0.into())
    }

    /// Exchanges a code. Stripe revokes the grant when a code is exchanged twice, so
    /// this is never retried.
    pub async fn exchange(&self, stripe: &Stripe, livemode: bool, code: &str) -> Result<Granted, OAuthError> {
        let form = [("grant_type", "authorization_code"), ("code", code)];
        self.tokens(stripe, livemode, &form).await
    }

    /// Exchanges an app's refresh token; the old one is used up by it.
    pub async fn refresh(
        &self,
        stripe: &Stripe,
        livemode: bool,
        refresh_token: &Secret,
    ) -> Result<Granted, OAuthError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.reveal())];
        self.tokens(stripe, livemode, &form).await
    }

    /// Revokes access to an account. Without a deauthorize address this does nothing, and
    /// the merchant removes the app in their dashboard.
    pub async fn deauthorize(
        &self,
        stripe: &Stripe,
        livemode: bool,
        account: &str,
    ) -> Result<(), OAuthError> {
        let Some(url) = &self.deauthorize_url else { return Ok(()) };
        let keys = self.keys(livemode)?;
        let form = [("stripe_user_id", account), ("client_id", keys.client_id.as_str())];
        match post(stripe, url, &keys.secret_key, &form).await {
            Err(error) if error.kind == OAuthErrorKind::NotConnected => Ok(()),
            answer => answer.map(drop),
        }
    }

    async fn tokens(
        &self,
        stripe: &Stripe,
        livemode: bool,
        form: &[(&str, &str)],
    ) -> Result<Granted, OAuthError> {
        let keys = self.keys(livemode)?;
        let body = post(stripe, &self.token_url, &keys.secret_key, form).await?;
        let response: TokenResponse = serde_json::from_slice(&body).map_err(|_| unreadable())?;
        let scope = response.scope.unwrap_or_default();
        let tokens = match (response.access_token, response.refresh_token) {
            (Some(access), Some(refresh)) if scope == APP_SCOPE => Some(Tokens {
                access: Secret::new(access),
                refresh: Secret::new(refresh),
                expires_in: response.expires_in.unwrap_or(APP_TOKEN_SECONDS),
            }),
            _ => None,
        };
        Ok(Granted {
            account: response.stripe_user_id,
            scope,
            livemode: response.livemode.unwrap_or(livemode),
            tokens,
        })
    }
}

fn unreadable() -> OAuthError {
    OAuthError::ours(OAuthErrorKind::Unreadable, "Stripe’s answer could not be read.")
}

async fn post(
    stripe: &Stripe,
    url: &str,
    key: &Secret,
    form: &[(&str, &str)],
) -> Result<bytes::Bytes, OAuthError> {
    let unreachable = |error: reqwest::Error| {
        let text = if error.is_timeout() {
            "Stripe did not answer in time."
        } else {
            "Stripe could not be reached."
        };
        OAuthError::ours(OAuthErrorKind::Unreachable, text)
    };
    let answer =
        stripe.http().post(url).bearer_auth(key.reveal()).form(form).send().await.map_err(unreachable)?;
    let status = answer.status();
    let body = bounded_body(answer).await.map_err(unreachable)?.ok_or_else(unreadable)?;
    if status.is_success() { Ok(body) } else { Err(OAuthError::of_answer(status.as_u16(), &body)) }
}

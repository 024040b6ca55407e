//! Codes and refresh tokens become connections and access tokens.

use domain::clock::{DAY_MS, HOUR_MS, Timestamp};
use serde_json::{Value, json};

use super::OauthError;
use crate::connections::{Application, Grant};
use crate::keys::{Key, Rights};
use crate::world::Shared;

/// How long the access token of a Stripe App works.
const ACCESS_MS: i64 = HOUR_MS;
/// How long its refresh token works.
const REFRESH_MS: i64 = 365 * DAY_MS;

/// What an exchange gave, and whose connection began or ended by it.
pub(crate) struct Exchanged {
    pub result: Result<Value, OauthError>,
    /// The account that was connected.
    pub connected: Option<String>,
    /// The account that lost its connection, because a code was used again.
    pub disconnected: Option<String>,
}

impl Exchanged {
    fn refused(error: &'static str, description: impl Into<String>) -> Self {
        Self { result: Err(OauthError::new(error, description)), connected: None, disconnected: None }
    }
}

impl Shared {
    /// A code becomes a connection, once.
    pub(crate) fn exchange(&mut self, application: &Application, code: &str, now: Timestamp) -> Exchanged {
        let Some(found) = self.connections.codes.iter_mut().find(|it| it.value == code) else {
            return Exchanged::refused("invalid_grant", format!("Authorization code does not exist: {code}"));
        };
        if found.client_id != application.client_id {
            let client_id = found.client_id.clone();
            return Exchanged::refused("invalid_grant", self.why_not_yours(application, &client_id));
        }
        let account = found.account.clone();
        if found.is_used {
            let disconnected = self.end(&application.client_id, &account).then_some(account);
            let refused = Exchanged::refused(
                "invalid_grant",
                "This authorization code has already been used. All tokens issued with this code have been revoked.",
            );
            return Exchanged { disconnected, ..refused };
        }
        if found.expires <= now {
            return Exchanged::refused("invalid_grant", "Authorization code expired");
        }
        found.is_used = true;
        let scope = found.scope.clone();
        let was_connected = self.connections.disconnect(&application.client_id, &account);
        let answer = self.connect(application, &account, &scope, now);
        Exchanged { result: Ok(answer), connected: (!was_connected).then_some(account), disconnected: None }
    }

    /// A refresh token becomes an access token, and another refresh token.
    pub(crate) fn refresh(&mut self, application: &Application, token: &str, now: Timestamp) -> Exchanged {
        let found = self.connections.grants.iter().find(|grant| {
            grant.client_id == application.client_id
                && grant.refresh.as_ref().is_some_and(|(value, until)| value == token && now < *until)
        });
        let Some(Grant { account, scope, .. }) = found.cloned() else {
            return Exchanged::refused("invalid_grant", format!("Refresh token does not exist: {token}"));
        };
        self.connections.disconnect(&application.client_id, &account);
        let answer = self.connect(application, &account, &scope, now);
        Exchanged { result: Ok(answer), connected: None, disconnected: None }
    }

    /// Stripe's words for a code of another application, or of the other mode.
    fn why_not_yours(&self, application: &Application, client_id: &str) -> &'static str {
        let other = self.connections.application(client_id);
        let is_other_mode = other.is_some_and(|it| it.account == application.account);
        if is_other_mode && application.livemode {
            "Passed in livemode API key but authorization code only supports returning test keys"
        } else {
            "Authorization code provided does not belong to you"
        }
    }

    /// Ends a connection and its keys. False when there was none.
    pub(crate) fn end(&mut self, client_id: &str, account: &str) -> bool {
        self.keys.revoke_granted(client_id, account);
        self.connections.disconnect(client_id, account)
    }

    /// Writes the grant down and gives Stripe's answer.
    fn connect(&mut self, application: &Application, account: &str, scope: &str, now: Timestamp) -> Value {
        let platform = &application.platform;
        let mut answer = json!({
            "livemode": application.livemode,
            "scope": scope,
            "stripe_user_id": account,
            "token_type": "bearer",
        });
        let mut refresh = None;
        if platform.gives_tokens || platform.is_app {
            let mode = if application.livemode { "live" } else { "test" };
            let access = format!("sk_{mode}_51{}", self.ids.letters(30));
            let value = format!("rt_{}", self.ids.letters(32));
            answer["access_token"] = json!(access);
            answer["refresh_token"] = json!(value);
            answer["stripe_publishable_key"] = json!(format!("pk_{mode}_51{}", self.ids.letters(30)));
            refresh = Some((value, now.plus_ms(REFRESH_MS)));
            self.keys.add(Key {
                value: access,
                account: account.to_owned(),
                livemode: application.livemode,
                rights: Rights::Granted {
                    client_id: application.client_id.clone(),
                    can_write: scope == "read_write",
                },
                revoked: false,
                expires: platform.is_app.then(|| now.plus_ms(ACCESS_MS)),
            });
        }
        self.connections.grants.push(Grant {
            client_id: application.client_id.clone(),
            account: account.to_owned(),
            scope: scope.to_owned(),
            refresh,
        });
        answer
    }
}

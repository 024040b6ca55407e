//! Webhook endpoints for tests and the dashboard: added, changed, and broken in the ways
//! that happen to merchants.

use domain::clock::Timestamp;

use crate::api_error::ApiError;
use crate::flows::{EndpointChange, NewEndpoint};
use crate::model::{Endpoint, Metadata, Secret};
use crate::stripe::Stripe;
use crate::version::ApiVersion;

/// A webhook endpoint as the merchant's dashboard shows it, with the secrets that sign now.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointView {
    /// Its id.
    pub id: String,
    /// Where events are posted.
    pub url: String,
    /// Event types, or `*`.
    pub enabled_events: Vec<String>,
    /// The version of its events; none follows the account's.
    pub api_version: Option<ApiVersion>,
    /// Whether it is for connected accounts.
    pub connect: bool,
    /// Whether it is switched off.
    pub disabled: bool,
    /// Its own keys.
    pub metadata: Metadata,
    /// The signing secrets, newest first.
    pub secrets: Vec<String>,
}

impl std::fmt::Debug for EndpointView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointView")
            .field("id", &self.id)
            .field("url", &self.url)
            .field("disabled", &self.disabled)
            .finish_non_exhaustive()
    }
}

impl EndpointView {
    fn of(it: &Endpoint, now: Timestamp) -> Self {
        Self {
            id: it.id.clone(),
            url: it.url.clone(),
            enabled_events: it.enabled_events.clone(),
            api_version: it.api_version,
            connect: it.connect,
            disabled: it.disabled,
            metadata: it.metadata.clone(),
            secrets: it.active_secrets(now).map(str::to_owned).collect(),
        }
    }
}

/// A reason for an endpoint to stop working.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defect {
    /// It was deleted.
    Deleted,
    /// It was disabled, by a person or by Stripe after days of failures.
    Disabled,
    /// It posts to an address that does not answer.
    WrongUrl,
    /// It receives refunds only.
    FewerEvents,
    /// Its secret was rolled, and the old one expired immediately.
    SecretRolled,
    /// It was replaced by one in the oldest version, with the same address, keys and secret.
    WrongVersion,
    /// There are two of it.
    Doubled,
}

impl Defect {
    /// Every defect, with the name and the label of the dashboard's buttons.
    pub(crate) const NAMED: [(&str, &str, Self); 7] = [
        ("deleted", "Delete", Self::Deleted),
        ("disabled", "Disable", Self::Disabled),
        ("wrong-url", "Change URL", Self::WrongUrl),
        ("fewer-events", "Drop events", Self::FewerEvents),
        ("secret-rolled", "Roll secret", Self::SecretRolled),
        ("wrong-version", "Wrong version", Self::WrongVersion),
        ("doubled", "Double", Self::Doubled),
    ];
}

impl Stripe {
    /// Adds a webhook endpoint. Gives its id and its signing secret.
    ///
    /// # Errors
    /// When the URL is invalid, no events are given, or there are sixteen already.
    pub fn add_endpoint(&self, new: NewEndpoint) -> Result<(String, String), ApiError> {
        self.with(|state| state.create_endpoint(new))
    }

    /// Deletes a webhook endpoint; its deliveries stop.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn delete_endpoint(&self, id: &str) -> Result<(), ApiError> {
        self.with(|state| state.delete_endpoint(id))
    }

    /// Gives an endpoint a new secret; the old one expires immediately, or also signs for 24
    /// hours.
    ///
    /// # Errors
    /// When there is no such endpoint.
    pub fn roll_secret(&self, endpoint: &str, keep_old: bool) -> Result<String, ApiError> {
        self.with(|state| state.roll_secret(endpoint, keep_old))
    }

    /// Switches an endpoint off, or on again. Events of the time between are not sent later.
    ///
    /// # Errors
    /// When there is no such endpoint.
    pub fn set_disabled(&self, endpoint: &str, disabled: bool) -> Result<(), ApiError> {
        let change = EndpointChange { disabled: Some(disabled), ..EndpointChange::default() };
        self.with(|state| state.update_endpoint(endpoint, change))
    }

    /// The account's endpoints, oldest first.
    pub fn endpoints(&self) -> Vec<EndpointView> {
        self.with(|state| {
            let now = state.now();
            state.endpoints.iter().map(|it| EndpointView::of(it, now)).collect()
        })
    }

    /// Breaks an endpoint. Gives the id of the broken one, which is another one when it was
    /// replaced.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn break_endpoint(&self, id: &str, defect: Defect) -> Result<String, ApiError> {
        let change = match defect {
            Defect::Deleted => return self.delete_endpoint(id).map(|()| id.to_owned()),
            Defect::SecretRolled => return self.roll_secret(id, false).map(|_| id.to_owned()),
            Defect::WrongVersion => return self.copy_endpoint(id, true),
            Defect::Doubled => return self.copy_endpoint(id, false),
            Defect::Disabled => return self.set_disabled(id, true).map(|()| id.to_owned()),
            Defect::WrongUrl => {
                // A port on which nothing listens, so that deliveries fail at once.
                let url = Some("http://127.0.0.1:9/unreachable".to_owned());
                EndpointChange { url, ..EndpointChange::default() }
            }
            Defect::FewerEvents => {
                let enabled_events = Some(vec!["charge.refunded".to_owned()]);
                EndpointChange { enabled_events, ..EndpointChange::default() }
            }
        };
        self.with(|state| state.update_endpoint(id, change)).map(|()| id.to_owned())
    }

    /// Makes an endpoint again: in the oldest version instead of it, or beside it with a
    /// secret of its own.
    fn copy_endpoint(&self, id: &str, is_instead: bool) -> Result<String, ApiError> {
        self.with(|state| {
            let missing = || ApiError::missing("webhook_endpoint", id);
            let old = state.endpoints.get(id).cloned().ok_or_else(missing)?;
            let mut copy = Endpoint { id: state.ids.long("we_1"), created: state.now(), ..old };
            if is_instead {
                copy.api_version = Some(ApiVersion::OLDEST);
                state.delete_endpoint(id)?;
            } else {
                copy.secrets = vec![Secret { value: state.ids.secret(), expires: None }];
            }
            let id = copy.id.clone();
            state.endpoints.put(copy);
            Ok(id)
        })
    }
}

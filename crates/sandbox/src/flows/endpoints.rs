//! Creating, changing and deleting webhook endpoints, and their secrets.

use domain::clock::DAY_MS;

use super::customers::merge_metadata;
use crate::api_error::ApiError;
use crate::model::{Endpoint, Metadata, Secret};
use crate::state::State;
use crate::version::ApiVersion;

/// Stripe's limit of endpoints per account.
const MAX_ENDPOINTS: usize = 16;

/// A webhook endpoint to be made.
#[derive(Clone, Debug, Default)]
pub struct NewEndpoint {
    /// Where events are posted.
    pub url: String,
    /// Event types, or `*` for all.
    pub enabled_events: Vec<String>,
    /// The version its events are rendered in; none follows the account's.
    pub api_version: Option<ApiVersion>,
    /// Whether it is a platform's endpoint for connected accounts: its events name their
    /// account.
    pub connect: bool,
    /// The merchant's note.
    pub description: Option<String>,
    /// The merchant's own keys.
    pub metadata: Metadata,
    /// The signing secret; none makes one up.
    pub secret: Option<String>,
}

/// What becomes different about an endpoint; what is none stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct EndpointChange {
    pub url: Option<String>,
    pub enabled_events: Option<Vec<String>>,
    pub description: Option<String>,
    pub disabled: Option<bool>,
    pub metadata: Metadata,
}

impl State {
    /// Gives the endpoint's id and its secret.
    pub(crate) fn create_endpoint(&mut self, new: NewEndpoint) -> Result<(String, String), ApiError> {
        check_url(&new.url)?;
        check_events(&new.enabled_events)?;
        if self.endpoints.len() >= MAX_ENDPOINTS {
            return Err(ApiError::invalid("", "You have reached the maximum of 16 test webhook endpoints."));
        }
        let secret = new.secret.unwrap_or_else(|| self.ids.secret());
        let endpoint = Endpoint {
            id: self.ids.long("we_1"),
            url: new.url,
            enabled_events: new.enabled_events,
            api_version: new.api_version,
            connect: new.connect,
            description: new.description,
            disabled: false,
            secrets: vec![Secret { value: secret.clone(), expires: None }],
            metadata: new.metadata,
            created: self.now(),
        };
        let id = endpoint.id.clone();
        self.endpoints.put(endpoint);
        Ok((id, secret))
    }

    pub(crate) fn update_endpoint(&mut self, id: &str, change: EndpointChange) -> Result<(), ApiError> {
        let endpoint = self.endpoint_mut(id)?;
        if let Some(url) = change.url {
            check_url(&url)?;
            endpoint.url = url;
        }
        if let Some(events) = change.enabled_events {
            check_events(&events)?;
            endpoint.enabled_events = events;
        }
        endpoint.description = change.description.or_else(|| endpoint.description.take());
        endpoint.disabled = change.disabled.unwrap_or(endpoint.disabled);
        merge_metadata(&mut endpoint.metadata, change.metadata);
        Ok(())
    }

    pub(crate) fn delete_endpoint(&mut self, id: &str) -> Result<(), ApiError> {
        self.endpoints.remove(id).map(drop).ok_or_else(|| ApiError::missing("webhook_endpoint", id))
    }

    /// A new secret; the old one expires immediately, or also signs for a day.
    pub(crate) fn roll_secret(&mut self, id: &str, keep_old: bool) -> Result<String, ApiError> {
        let now = self.now();
        let secret = self.ids.secret();
        let endpoint = self.endpoint_mut(id)?;
        endpoint.secrets.retain(|old| keep_old && old.expires.is_none_or(|at| now < at));
        for old in &mut endpoint.secrets {
            old.expires.get_or_insert(now.plus_ms(DAY_MS));
        }
        endpoint.secrets.insert(0, Secret { value: secret.clone(), expires: None });
        Ok(secret)
    }

    fn endpoint_mut(&mut self, id: &str) -> Result<&mut Endpoint, ApiError> {
        self.endpoints.get_mut(id).ok_or_else(|| ApiError::missing("webhook_endpoint", id))
    }
}

/// Unlike Stripe the sandbox delivers to local addresses: that is its purpose.
fn check_url(url: &str) -> Result<(), ApiError> {
    match url::Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => {
            Err(ApiError::invalid("url", "Invalid URL: An explicit scheme (such as https) must be provided.")
                .code("url_invalid"))
        }
    }
}

fn check_events(events: &[String]) -> Result<(), ApiError> {
    if events.is_empty() {
        return Err(ApiError::required("enabled_events"));
    }
    for event in events {
        let plausible = event == "*" || (event.contains('.') && event.len() <= 100);
        if !plausible {
            return Err(ApiError::invalid(
                "enabled_events",
                format!("Invalid enabled_events: must be one of the event types. {event} is not."),
            ));
        }
    }
    Ok(())
}

//! Webhook endpoints: the only thing that Honeyguide creates at Stripe.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use stripe_client_core::{ApiVersion, StripeRequest};
use stripe_misc::webhook_endpoint::{
    CreateWebhookEndpoint, CreateWebhookEndpointEnabledEvents, DeleteWebhookEndpoint, ListWebhookEndpoint,
    UpdateWebhookEndpoint, UpdateWebhookEndpointEnabledEvents,
};

use super::client::{API_VERSION, Caller};
use super::error::{ErrorKind, StripeError};
use super::fields::{List, or_default};
use crate::secret::Secret;

/// An endpoint as Stripe has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `we_…`
    pub id: String,
    /// Where events are sent.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// The version that events are written in; the account's own when absent.
    pub api_version: Option<String>,
    /// The types that are sent; `*` for all.
    pub enabled_events: Vec<String>,
    /// The metadata of its creator.
    pub metadata: BTreeMap<String, String>,
    /// Live or test.
    pub livemode: bool,
    /// The Connect application, on a platform's Connect endpoint.
    pub application: Option<String>,
    /// Only when it was just created.
    pub secret: Option<Secret>,
}

impl Endpoint {
    /// Whether events are sent.
    pub fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }
}

/// An endpoint to be created, in [`API_VERSION`].
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// The URL that receives events.
    pub url: String,
    /// The types.
    pub events: Vec<String>,
    /// Whether it gets the events of connected accounts instead of the account's own.
    pub connect: bool,
    /// What the account's owner reads in Stripe's dashboard.
    pub description: String,
    /// The metadata that it is recognized by.
    pub metadata: BTreeMap<String, String>,
}

/// The fields to change. The version of an endpoint cannot be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Another address.
    pub url: Option<String>,
    /// `false` to enable it again.
    pub disabled: Option<bool>,
    /// Other types.
    pub events: Option<Vec<String>>,
    /// Entries to set; others are kept.
    pub metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct EndpointResponse {
    id: String,
    url: String,
    #[serde(default, deserialize_with = "or_default")]
    status: String,
    api_version: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    enabled_events: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    metadata: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "or_default")]
    livemode: bool,
    application: Option<String>,
    secret: Option<String>,
}

impl From<EndpointResponse> for Endpoint {
    fn from(response: EndpointResponse) -> Self {
        Self {
            id: response.id,
            url: response.url,
            status: response.status,
            api_version: response.api_version,
            enabled_events: response.enabled_events,
            metadata: response.metadata,
            livemode: response.livemode,
            application: response.application,
            secret: response.secret.map(Secret::new),
        }
    }
}

/// Stripe's limit for a page.
const PAGE: i64 = 100;
/// An account has at most 16 endpoints; ten pages end any loop.
const MOST_PAGES: usize = 10;

/// All endpoints of the caller's account, newest first.
pub async fn list_all(caller: &Caller) -> Result<Vec<Endpoint>, StripeError> {
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for _ in 0..MOST_PAGES {
        let mut request = ListWebhookEndpoint::new().limit(PAGE);
        if let Some(last) = endpoints.last() {
            request = request.starting_after(last.id.as_str());
        }
        let page: List<EndpointResponse> = caller.ask(request.build()).await?;
        let is_last = !page.has_more || page.data.is_empty();
        endpoints.extend(page.data.into_iter().map(Endpoint::from));
        if is_last {
            break;
        }
    }
    Ok(endpoints)
}

/// Creates an endpoint. The result has its secret, which Stripe shows only once.
pub async fn create(
    caller: &Caller,
    new: &NewEndpoint,
    idempotency_key: &str,
) -> Result<Endpoint, StripeError> {
    let events: Vec<CreateWebhookEndpointEnabledEvents> =
        new.events.iter().filter_map(|kind| kind.parse().ok()).collect();
    let Ok(version) = API_VERSION.parse::<ApiVersion>();
    let mut request = CreateWebhookEndpoint::new(events, new.url.as_str())
        .api_version(version)
        .description(new.description.as_str())
        .metadata(new.metadata.clone().into_iter().collect::<HashMap<_, _>>());
    if new.connect {
        request = request.connect(true);
    }
    caller.change::<EndpointResponse>(request.build(), idempotency_key).await.map(Endpoint::from)
}

/// Changes an endpoint.
pub async fn update(
    caller: &Caller,
    id: &str,
    change: &Change,
    idempotency_key: &str,
) -> Result<Endpoint, StripeError> {
    let mut request = UpdateWebhookEndpoint::new(id);
    if let Some(url) = &change.url {
        request = request.url(url.as_str());
    }
    if let Some(disabled) = change.disabled {
        request = request.disabled(disabled);
    }
    if let Some(events) = &change.events {
        let events: Vec<UpdateWebhookEndpointEnabledEvents> =
            events.iter().filter_map(|kind| kind.parse().ok()).collect();
        request = request.enabled_events(events);
    }
    if let Some(metadata) = &change.metadata {
        request = request.metadata(metadata.clone().into_iter().collect::<HashMap<_, _>>());
    }
    caller.change::<EndpointResponse>(request.build(), idempotency_key).await.map(Endpoint::from)
}

/// Deletes an endpoint. It is not an error when the endpoint does not exist.
pub async fn delete(caller: &Caller, id: &str) -> Result<(), StripeError> {
    match DeleteWebhookEndpoint::new(id).send(caller).await {
        Err(error) if error.kind == ErrorKind::Missing => Ok(()),
        answer => answer.map(drop),
    }
}

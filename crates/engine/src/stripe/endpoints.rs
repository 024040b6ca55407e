//! Our webhook endpoints at Stripe: how they are recognized, created and stored.

use std::collections::BTreeMap;

use connect::stripe::client::Caller;
use connect::stripe::endpoints::{self, Endpoint, NewEndpoint};
use connect::stripe::read::EVENT_TYPES;
use connect::stripe::{ErrorKind, StripeError};
use domain::connections::EndpointStatus;
use store::connections::OwnEndpoint;

/// The metadata entries that identify an endpoint of ours.
pub(crate) const INSTANCE: &str = "honeyguide_instance";
pub(crate) const CONNECTION: &str = "honeyguide_connection";
/// The value of [`CONNECTION`] at the platform's endpoint.
pub(crate) const PLATFORM: &str = "platform";
/// A type that is newer than the version that endpoints are pinned to. With that version
/// a charge names its invoice, so it is not needed.
pub(crate) const NEWER_TYPE: &str = "invoice_payment.paid";

/// The types of events that an endpoint of ours sends. What concerns the application comes
/// only to a platform's Connect endpoint.
pub(crate) fn required_types(is_platform: bool) -> Vec<&'static str> {
    EVENT_TYPES.iter().copied().filter(|kind| is_platform || !kind.starts_with("account.")).collect()
}

/// Whether an endpoint is this installation's for a connection, or the platform's.
pub(crate) fn is_ours(endpoint: &Endpoint, instance: &str, owner: &str, url: &str) -> bool {
    let is = |key: &str, value: &str| endpoint.metadata.get(key).is_some_and(|found| found == value);
    (is(INSTANCE, instance) && is(CONNECTION, owner)) || endpoint.url == url
}

/// Creates an endpoint of ours; the result has its secret. `owner` is the connection's id, or
/// [`PLATFORM`]. The same attempt creates one endpoint, however
/// often it is sent.
pub(crate) async fn create(
    caller: &Caller,
    instance: &str,
    owner: &str,
    url: &str,
    attempt: &str,
) -> Result<Endpoint, StripeError> {
    let is_platform = owner == PLATFORM;
    let metadata = [(INSTANCE, instance), (CONNECTION, owner)];
    let new = NewEndpoint {
        url: url.to_owned(),
        events: required_types(is_platform).into_iter().map(str::to_owned).collect(),
        connect: is_platform,
        description: "Honeyguide: credits affiliates".to_owned(),
        metadata: BTreeMap::from(metadata.map(|(key, value)| (key.to_owned(), value.to_owned()))),
    };
    let key = |part: &str| format!("{owner}-{part}-{attempt}");
    match endpoints::create(caller, &new, &key("all")).await {
        Err(error) if error.kind == ErrorKind::Invalid && error.message.contains(NEWER_TYPE) => {
            let events = new.events.iter().filter(|kind| *kind != NEWER_TYPE).cloned().collect();
            endpoints::create(caller, &NewEndpoint { events, ..new }, &key("older")).await
        }
        answer => answer,
    }
}

/// The status of an endpoint.
pub(crate) fn status(endpoint: &Endpoint) -> EndpointStatus {
    if endpoint.is_enabled() { EndpointStatus::Enabled } else { EndpointStatus::Disabled }
}

/// An endpoint on a merchant's account, as it is stored.
pub(crate) fn stored(endpoint: &Endpoint) -> OwnEndpoint {
    OwnEndpoint {
        id: endpoint.id.clone(),
        status: status(endpoint),
        api_version: endpoint.api_version.clone(),
    }
}

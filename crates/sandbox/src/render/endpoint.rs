//! The JSON of webhook endpoints.

use serde_json::{Value, json};

use crate::model::Endpoint;

/// Without the secret, which is shown at creation only.
pub(crate) fn endpoint(it: &Endpoint) -> Value {
    json!({
        "id": it.id,
        "object": "webhook_endpoint",
        "api_version": it.api_version.map(|version| version.name()),
        "application": null,
        "created": it.created.seconds(),
        "description": it.description,
        "enabled_events": it.enabled_events,
        "livemode": false,
        "metadata": it.metadata,
        "status": if it.disabled { "disabled" } else { "enabled" },
        "url": it.url,
    })
}

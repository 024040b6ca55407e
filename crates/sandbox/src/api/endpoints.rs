//! API calls for webhook endpoints.

use serde_json::{Value, json};

use super::call::Call;
use super::listing::{Listing, page};
use crate::api_error::ApiError;
use crate::flows::{EndpointChange, NewEndpoint};
use crate::render::by_id;
use crate::state::State;
use crate::table::Identified as _;
use crate::version::ApiVersion;

/// A platform cannot touch endpoints of a connected account, whatever its scope.
fn refuse_connected(call: &Call<'_>) -> Result<(), ApiError> {
    if call.for_account {
        return Err(ApiError::invalid(
            "",
            "You are not permitted to configure webhook endpoints on a connected account. Did you mean to create a Connect webhook on your account instead?",
        ));
    }
    Ok(())
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    refuse_connected(call)?;
    let params = &call.params;
    let api_version = match params.filled("api_version") {
        None => None,
        Some(name) => Some(
            ApiVersion::parse(&name)
                .ok_or_else(|| ApiError::invalid("api_version", format!("Invalid API version: {name}")))?,
        ),
    };
    let new = NewEndpoint {
        url: params.required("url")?,
        enabled_events: params.texts("enabled_events"),
        api_version,
        connect: params.boolean("connect")?.unwrap_or(false),
        description: params.filled("description"),
        metadata: params.metadata("metadata")?,
        secret: None,
    };
    state.create_endpoint(new).map(|(id, _)| id)
}

/// Shown once, in the answer to the creation.
pub(super) fn add_secret(state: &State, id: &str, object: &mut Value) {
    if let Some(secret) = state.endpoints.get(id).and_then(|it| it.secrets.first()) {
        object["secret"] = json!(secret.value);
    }
}

pub(super) fn update(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    refuse_connected(call)?;
    let params = &call.params;
    let events = params.texts("enabled_events");
    let change = EndpointChange {
        url: params.filled("url"),
        enabled_events: (!events.is_empty()).then_some(events),
        description: params.filled("description"),
        disabled: params.boolean("disabled")?,
        metadata: params.metadata("metadata")?,
    };
    state.update_endpoint(id, change).map(|()| id.to_owned())
}

pub(super) fn delete(state: &mut State, call: &Call<'_>, id: &str) -> Result<Value, ApiError> {
    refuse_connected(call)?;
    state.delete_endpoint(id)?;
    Ok(json!({ "id": id, "object": "webhook_endpoint", "deleted": true }))
}

pub(super) fn read(state: &State, call: &Call<'_>, id: &str) -> Result<Value, ApiError> {
    refuse_connected(call)?;
    by_id(state, id, call.version)
        .filter(|it| it["object"] == "webhook_endpoint")
        .ok_or_else(|| ApiError::missing("webhook_endpoint", id))
}

pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    refuse_connected(call)?;
    let ids = state.endpoints.iter().rev().map(|it| it.id()).collect();
    page(state, call, &Listing { url: "/v1/webhook_endpoints", ids, filters: &[] })
}

//! API calls for events, by which a receiver catches up on missed deliveries.

use std::collections::HashSet;

use serde_json::Value;

use super::call::Call;
use super::listing::{Window, created_passes, finish};
use crate::api_error::ApiError;
use crate::model::Event;
use crate::outbox::DeliveryState;
use crate::render::event;
use crate::state::State;

/// Days that Stripe keeps events.
const DAYS_KEPT: i64 = 30;
/// Stripe's limit for `types[]`.
const MAX_TYPES: usize = 20;

pub(super) fn list(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let types = call.params.texts("types");
    if types.len() > MAX_TYPES {
        return Err(ApiError::invalid("types", "You can specify up to 20 event types."));
    }
    let undelivered = call.params.boolean("delivery_success")?.map(|success| (success, undelivered(state)));
    let oldest = state.now().plus_days(-DAYS_KEPT);
    let kept: Vec<&Event> = state.events.iter().rev().filter(|it| it.created >= oldest).collect();
    let ids: Vec<&str> = kept.iter().map(|it| it.id.as_str()).collect();
    let window = Window::of(call, &ids)?;
    let mut shown = Vec::new();
    let mut more = false;
    for it in &kept[window.range.clone()] {
        let wanted = (types.is_empty() || types.iter().any(|kind| kind == it.kind))
            && call.params.text("type").is_none_or(|pattern| matches(pattern, it.kind))
            && undelivered
                .as_ref()
                .is_none_or(|(success, failed)| *success != failed.contains(it.id.as_str()))
            && created_passes(call, it.created.seconds())?;
        if !wanted {
            continue;
        }
        if shown.len() == window.limit {
            more = true;
            break;
        }
        shown.push(event(it, it.born_in));
    }
    Ok(finish(state, call, "/v1/events", shown, more))
}

/// `charge.*` or a full name.
fn matches(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == kind, |start| kind.starts_with(start))
}

fn undelivered(state: &State) -> HashSet<&str> {
    state
        .outbox
        .newest()
        .filter(|delivery| delivery.state != DeliveryState::Delivered)
        .map(|delivery| delivery.event.id())
        .collect()
}

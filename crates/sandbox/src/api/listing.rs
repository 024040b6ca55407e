//! Pages of lists in API responses, newest first.

use serde_json::{Value, json};

use super::call::Call;
use crate::api_error::ApiError;
use crate::render::{by_id, expand};
use crate::state::State;
use crate::version::ApiVersion;

/// Stripe's page size when none is asked for, and at most.
const DEFAULT_LIMIT: i64 = 10;
const MAX_LIMIT: i64 = 100;

/// One kind of object to list.
pub(super) struct Listing<'a> {
    pub url: &'static str,
    /// Newest first.
    pub ids: Vec<&'a str>,
    /// Fields that may be filtered by.
    pub filters: &'static [&'static str],
}

/// A page of the objects that pass the filters. They look at the shape of acacia, where
/// every object names its neighbors, and show the shape that was asked for.
pub(super) fn page(state: &State, call: &Call<'_>, listing: &Listing<'_>) -> Result<Value, ApiError> {
    let window = Window::of(call, &listing.ids)?;
    let mut shown = Vec::new();
    let mut more = false;
    for id in &listing.ids[window.range.clone()] {
        let Some(known) = by_id(state, id, ApiVersion::ACACIA) else { continue };
        if !passes(call, &known, listing.filters)? {
            continue;
        }
        if shown.len() == window.limit {
            more = true;
            break;
        }
        shown.extend(by_id(state, id, call.version));
    }
    Ok(finish(state, call, listing.url, shown, more))
}

/// Expands and wraps what was found.
pub(super) fn finish(state: &State, call: &Call<'_>, url: &str, shown: Vec<Value>, more: bool) -> Value {
    let mut list = json!({ "object": "list", "data": shown, "has_more": more, "url": url });
    for path in call.params.texts("expand") {
        expand(state, &mut list, &path, call.version);
    }
    list
}

/// The part of a list that a page may come from.
pub(super) struct Window {
    pub range: std::ops::Range<usize>,
    pub limit: usize,
}

impl Window {
    pub(super) fn of(call: &Call<'_>, ids: &[&str]) -> Result<Self, ApiError> {
        let limit = call.params.integer("limit")?.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(ApiError::invalid("limit", "This value must be between 1 and 100."));
        }
        let limit = usize::try_from(limit).map_err(|_| ApiError::invalid("limit", "Invalid integer"))?;
        let place = |param: &str| match call.params.text(param) {
            None => Ok(None),
            Some(id) => ids.iter().position(|it| *it == id).map(Some).ok_or_else(|| {
                ApiError::invalid(param, format!("No such object: '{id}'")).code("resource_missing")
            }),
        };
        if let Some(end) = place("ending_before")? {
            return Ok(Self { range: end.saturating_sub(limit)..end, limit });
        }
        let start = place("starting_after")?.map_or(0, |after| after + 1);
        Ok(Self { range: start..ids.len(), limit })
    }
}

fn passes(call: &Call<'_>, object: &Value, filters: &[&str]) -> Result<bool, ApiError> {
    for filter in filters {
        if let Some(wanted) = call.params.text(filter) {
            let same = match &object[*filter] {
                Value::String(text) => text == wanted,
                Value::Bool(flag) => wanted == if *flag { "true" } else { "false" },
                _ => false,
            };
            if !same {
                return Ok(false);
            }
        }
    }
    created_passes(call, object["created"].as_i64().unwrap_or_default())
}

/// `created=…` and `created[gte]=…`.
pub(super) fn created_passes(call: &Call<'_>, created: i64) -> Result<bool, ApiError> {
    let bound = |path: &str| call.params.integer(path);
    Ok(bound("created")?.is_none_or(|at| created == at)
        && bound("created[gt]")?.is_none_or(|at| created > at)
        && bound("created[gte]")?.is_none_or(|at| created >= at)
        && bound("created[lt]")?.is_none_or(|at| created < at)
        && bound("created[lte]")?.is_none_or(|at| created <= at))
}

//! `GET /v1/events`: what happened in the last 30 days, each event in the version of its
//! birth whatever version is asked for.

use domain::clock::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::StripeError;
use super::fields::List;

/// The most types that one call may name.
pub const MOST_TYPES: usize = 20;
/// How long Stripe keeps events, days.
pub const DAYS_KEPT: i64 = 30;
/// Stripe's limit for a page.
const PAGE: i64 = 100;

/// A page of events, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    /// Each event as Stripe wrote it.
    pub events: Vec<Vec<u8>>,
    /// Where the next page starts.
    pub last_id: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

#[derive(Serialize)]
struct Query<'a> {
    types: &'a [&'a str],
    created: From,
    limit: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

#[derive(Serialize)]
struct From {
    gte: i64,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// A page of the events of some types (at most [`MOST_TYPES`]) since a moment.
pub async fn page(
    caller: &Caller,
    types: &[&str],
    created_gte: Timestamp,
    starting_after: Option<&str>,
) -> Result<Page, StripeError> {
    let query = Query { types, created: From { gte: created_gte.seconds() }, limit: PAGE, starting_after };
    let request = RequestBuilder::new(StripeMethod::Get, "/events").query(&query);
    let list: List<Box<RawValue>> = caller.ask(request).await?;
    let last_id = match list.data.last() {
        Some(last) => {
            Some(serde_json::from_str::<Named>(last.get()).map_err(|_| StripeError::unreadable())?.id)
        }
        None => None,
    };
    Ok(Page {
        has_more: list.has_more && last_id.is_some(),
        events: list.data.iter().map(|event| event.get().as_bytes().to_vec()).collect(),
        last_id,
    })
}

/// One event as Stripe wrote it.
pub async fn one(caller: &Caller, id: &str) -> Result<Vec<u8>, StripeError> {
    let request = RequestBuilder::new(StripeMethod::Get, format!("/events/{id}"));
    let event: Box<RawValue> = caller.ask(request).await?;
    Ok(event.get().as_bytes().to_vec())
}

#[derive(Serialize)]
struct UndeliveredQuery {
    delivery_success: bool,
    created: From,
    limit: i64,
}

/// Whether there are events since a moment that were not delivered to every endpoint of
/// the account.
pub async fn any_undelivered(caller: &Caller, created_gte: Timestamp) -> Result<bool, StripeError> {
    let query =
        UndeliveredQuery { delivery_success: false, created: From { gte: created_gte.seconds() }, limit: 1 };
    let request = RequestBuilder::new(StripeMethod::Get, "/events").query(&query);
    Ok(!caller.ask::<List<serde::de::IgnoredAny>>(request).await?.data.is_empty())
}

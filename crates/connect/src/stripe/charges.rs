//! `GET /v1/charges`: what was charged, for reconciliation.

use domain::clock::Timestamp;
use serde::{Deserialize, Serialize};
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::{ErrorKind, StripeError};
use super::fields::{List, id, or_default};

/// Stripe's limit for a page.
const PAGE: i64 = 100;

/// A charge, with the fields that are compared. Amounts are minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Charge {
    /// `ch_…` or `py_…`
    pub id: String,
    /// What was requested.
    #[serde(default, deserialize_with = "or_default")]
    pub amount: i64,
    /// What was captured.
    #[serde(default, deserialize_with = "or_default")]
    pub amount_captured: i64,
    /// What was refunded so far.
    #[serde(default, deserialize_with = "or_default")]
    pub amount_refunded: i64,
    /// Three lower-case letters.
    #[serde(default, deserialize_with = "or_default")]
    pub currency: String,
    /// Unix seconds.
    #[serde(default, deserialize_with = "or_default")]
    pub created: i64,
    /// `succeeded`, `pending` or `failed`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
    /// Whether the money was captured, not only authorized.
    #[serde(default, deserialize_with = "or_default")]
    pub captured: bool,
    /// Whether it is or was disputed.
    #[serde(default, deserialize_with = "or_default")]
    pub disputed: bool,
    /// `pi_…`
    #[serde(default, deserialize_with = "id")]
    pub payment_intent: Option<String>,
    /// `in_…`, in versions up to 2025-02-24.acacia.
    #[serde(default, deserialize_with = "id")]
    pub invoice: Option<String>,
    /// `cus_…`
    #[serde(default, deserialize_with = "id")]
    pub customer: Option<String>,
}

impl Charge {
    /// Whether the charge collected money.
    pub fn is_paid(&self) -> bool {
        self.status == "succeeded" && self.captured && self.amount_captured > 0
    }

    /// When it was created.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_seconds(self.created)
    }
}

/// A page of charges, newest first.
#[derive(Debug, Clone)]
pub struct Page {
    /// The charges.
    pub charges: Vec<Charge>,
    /// Whether there is a next page, after the last of them.
    pub has_more: bool,
}

#[derive(Serialize)]
struct Query<'a> {
    created: Between,
    limit: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
}

#[derive(Serialize)]
struct Between {
    gte: i64,
    lt: i64,
}

/// A page of the charges made from one moment to before another.
pub async fn page(
    caller: &Caller,
    created_gte: Timestamp,
    created_lt: Timestamp,
    starting_after: Option<&str>,
) -> Result<Page, StripeError> {
    let created = Between { gte: created_gte.seconds(), lt: created_lt.seconds() };
    let query = Query { created, limit: PAGE, starting_after };
    let list: List<Charge> =
        caller.ask(RequestBuilder::new(StripeMethod::Get, "/charges").query(&query)).await?;
    Ok(Page { has_more: list.has_more && !list.data.is_empty(), charges: list.data })
}

/// A charge; `None` when it does not exist.
pub async fn charge(caller: &Caller, id: &str) -> Result<Option<Charge>, StripeError> {
    match caller.ask(RequestBuilder::new(StripeMethod::Get, format!("/charges/{id}"))).await {
        Ok(charge) => Ok(Some(charge)),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}

//! API calls for subscriptions and invoice payments.

use serde_json::Value;

use super::call::Call;
use super::listing::{Listing, page};
use crate::api_error::ApiError;
use crate::flows::{Cancel, NewSession};
use crate::state::State;

pub(super) fn create_subscription(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let mut lines = Vec::new();
    for item in params.groups("items") {
        let quantity = item.integer("quantity")?.unwrap_or(1);
        let quantity = u32::try_from(quantity)
            .map_err(|_| ApiError::invalid("items[0][quantity]", "Invalid positive integer"))?;
        lines.push((item.required("price")?, quantity));
    }
    let trial_days = params.integer("trial_period_days")?.unwrap_or(0);
    state.create_subscription(NewSession {
        lines,
        customer: Some(params.required("customer")?),
        trial_days: u32::try_from(trial_days)
            .map_err(|_| ApiError::invalid("trial_period_days", "Invalid positive integer"))?,
        subscription_metadata: params.metadata("metadata")?,
        ..NewSession::default()
    })
}

pub(super) fn update_subscription(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let params = &call.params;
    let metadata = params.metadata("metadata")?;
    let price = params.groups("items").first().and_then(|item| item.filled("price"));
    if let Some(at_period_end) = params.boolean("cancel_at_period_end")? {
        let when = if at_period_end { Cancel::AtPeriodEnd } else { Cancel::Never };
        state.cancel(id, when)?;
    }
    if !metadata.is_empty() {
        state.set_subscription_metadata(id, metadata)?;
    }
    if let Some(price) = price {
        if params.text("proration_behavior") != Some("always_invoice") {
            return Err(ApiError::invalid(
                "proration_behavior",
                "The sandbox changes prices only with proration_behavior=always_invoice.",
            ));
        }
        state.change_price(id, &price)?;
    }
    Ok(id.to_owned())
}

pub(super) fn cancel_now(state: &mut State, id: &str) -> Result<(), ApiError> {
    state.cancel(id, Cancel::Now)
}

/// Without a status, ended subscriptions are left out; `all` shows them.
pub(super) fn list_subscriptions(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let wanted = call.params.text("status");
    let ids = state
        .subscriptions
        .iter()
        .rev()
        .filter(|it| match wanted {
            None => it.ended_at.is_none(),
            Some("all") => true,
            Some("ended") => it.ended_at.is_some(),
            Some(status) => it.status.word() == status,
        })
        .map(|it| it.id.as_str())
        .collect();
    page(state, call, &Listing { url: "/v1/subscriptions", ids, filters: &["customer"] })
}

/// What links invoices and payment intents from basil on.
pub(super) fn list_payments(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let intent = call.params.text("payment[payment_intent]");
    if intent.is_some() && call.params.text("payment[type]").is_none() {
        return Err(ApiError::required("payment[type]"));
    }
    let ids = state
        .invoice_payments
        .iter()
        .rev()
        .filter(|it| intent.is_none_or(|intent| it.payment_intent == intent))
        .map(|it| it.id.as_str())
        .collect();
    page(state, call, &Listing { url: "/v1/invoice_payments", ids, filters: &["invoice", "status"] })
}

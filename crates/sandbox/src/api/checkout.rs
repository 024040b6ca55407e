//! API calls for Checkout Sessions.

use super::call::Call;
use super::catalog::new_price;
use super::payment_methods;
use crate::api_error::ApiError;
use crate::flows::{Buyer, NewSession};
use crate::form::Params;
use crate::state::State;

/// Stripe's longest trial.
const MAX_TRIAL_DAYS: i64 = 730;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    if params.text("client_reference_id") == Some("") {
        return Err(ApiError::invalid(
            "client_reference_id",
            "You passed an empty string for 'client_reference_id'. We assume empty values are an attempt to unset a parameter; however 'client_reference_id' cannot be unset.",
        )
        .code("parameter_invalid_empty"));
    }
    let lines = lines(state, params)?;
    check_mode(state, params.text("mode"), &lines)?;
    let promotion_code =
        params.groups("discounts").first().and_then(|discount| discount.filled("promotion_code"));
    let new = NewSession {
        lines,
        client_reference_id: params.filled("client_reference_id"),
        metadata: params.metadata("metadata")?,
        subscription_metadata: params.metadata("subscription_data[metadata]")?,
        payment_metadata: params.metadata("payment_intent_data[metadata]")?,
        trial_days: trial_days(params)?,
        promotion_code,
        allow_promotion_codes: params.boolean("allow_promotion_codes")?.unwrap_or(false),
        tax_bps: 0,
        customer: params.filled("customer"),
        customer_email: params.filled("customer_email"),
        always_create_customer: params.text("customer_creation") == Some("always"),
        invoice_creation: params.boolean("invoice_creation[enabled]")?.unwrap_or(false),
        payment_link: None,
        success_url: params.filled("success_url"),
        cancel_url: params.filled("cancel_url"),
    };
    state.open_session(new)
}

/// What Stripe's page of a session does when a buyer pays there; its command-line client calls it.
pub(super) fn confirm_page(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let method = call.params.required("payment_method")?;
    let method = state
        .payment_methods
        .get(&method)
        .cloned()
        .ok_or_else(|| ApiError::missing("PaymentMethod", &method).status(400))?;
    let session = state.sessions.get(id).ok_or_else(|| ApiError::missing("checkout.session", id))?;
    let expected = call.params.integer("expected_amount")?;
    if expected.is_some_and(|amount| amount != session.totals.total) {
        return Err(ApiError::invalid("expected_amount", "The amount of the session has changed."));
    }
    if payment_methods::is_declined(state, Some(&method.id)) {
        return Err(ApiError::declined());
    }
    let settles_later = payment_methods::settles_later(&method);
    let (email, name) = (method.email.unwrap_or_default(), method.name.unwrap_or_default());
    let buyer = Buyer { pay_later: settles_later.is_some(), ..Buyer::new(&email, &name) };
    state.complete_session(id, &buyer)?;
    if let Some(succeeds) = settles_later {
        state.settle_async(id, succeeds)?;
    }
    Ok(id.to_owned())
}

/// Price ids and quantities of `line_items`, with prices made on the way.
pub(super) fn lines(state: &mut State, params: &Params) -> Result<Vec<(String, u32)>, ApiError> {
    let mut lines = Vec::new();
    for (index, item) in params.groups("line_items").into_iter().enumerate() {
        let price = match item.filled("price") {
            Some(price) => price,
            None if item.groups("price_data").is_empty() => {
                return Err(ApiError::required(&format!("line_items[{index}][price]")));
            }
            None => new_price(state, &item.group("price_data"))?,
        };
        let quantity = item.integer("quantity")?.unwrap_or(1);
        let quantity = u32::try_from(quantity).map_err(|_| {
            ApiError::invalid(&format!("line_items[{index}][quantity]"), "Invalid positive integer")
        })?;
        lines.push((price, quantity));
    }
    Ok(lines)
}

pub(super) fn trial_days(params: &Params) -> Result<u32, ApiError> {
    let days = params.integer("subscription_data[trial_period_days]")?.unwrap_or(0);
    u32::try_from(days).ok().filter(|_| days <= MAX_TRIAL_DAYS).ok_or_else(|| {
        ApiError::invalid("subscription_data[trial_period_days]", "Trials last up to 730 days.")
    })
}

fn check_mode(state: &State, mode: Option<&str>, lines: &[(String, u32)]) -> Result<(), ApiError> {
    let recurring =
        lines.iter().filter_map(|(price, _)| state.prices.get(price)).any(|price| price.interval.is_some());
    match (mode, recurring) {
        (Some("payment"), true) => Err(ApiError::invalid(
            "mode",
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
        )),
        (Some("subscription"), false) => Err(ApiError::invalid(
            "line_items",
            "You must provide at least one recurring price in `subscription` mode when using prices.",
        )),
        (Some("payment" | "subscription"), _) | (None, _) => Ok(()),
        (Some(other), _) => {
            Err(ApiError::invalid("mode", format!("The sandbox does not support the mode {other}.")))
        }
    }
}

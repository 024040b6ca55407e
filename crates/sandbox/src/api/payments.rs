//! API calls for payment intents, captures, refunds and disputes.

use super::call::Call;
use super::payment_methods;
use crate::api_error::ApiError;
use crate::flows::{NewPayment, Verdict};
use crate::model::IntentStatus;
use crate::state::State;

pub(super) fn create_intent(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let new = NewPayment {
        amount: params.integer("amount")?.ok_or_else(|| ApiError::required("amount"))?,
        currency: params.required("currency")?,
        customer: params.filled("customer"),
        email: params.filled("receipt_email"),
        name: None,
        description: params.filled("description"),
        metadata: params.metadata("metadata")?,
        manual_capture: params.text("capture_method") == Some("manual"),
    };
    let confirm = params.boolean("confirm")?.unwrap_or(false);
    let id = state.create_intent(new, None)?;
    if let Some(method) = params.filled("payment_method")
        && let Some(intent) = state.intents.get_mut(&id)
    {
        intent.payment_method = Some(method);
        intent.status = IntentStatus::RequiresConfirmation;
    }
    if confirm {
        confirm_intent(state, call, &id)?;
    }
    Ok(id)
}

/// A charge without a payment intent, from a token or a customer.
pub(super) fn create_charge(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let (source, customer) = (params.filled("source"), params.filled("customer"));
    if source.is_none() && customer.is_none() {
        return Err(ApiError::invalid("", "Must provide source or customer."));
    }
    if payment_methods::is_declined(state, source.as_deref()) {
        return Err(ApiError::declined());
    }
    state.create_charge(NewPayment {
        amount: params.integer("amount")?.ok_or_else(|| ApiError::required("amount"))?,
        currency: params.required("currency")?,
        customer,
        email: params.filled("receipt_email"),
        name: None,
        description: params.filled("description"),
        metadata: params.metadata("metadata")?,
        manual_capture: params.boolean("capture")? == Some(false),
    })
}

pub(super) fn confirm_intent(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let intent = state.intents.get_mut(id).ok_or_else(|| ApiError::missing("payment_intent", id))?;
    if let Some(method) = call.params.filled("payment_method") {
        intent.payment_method = Some(method);
    }
    match intent.payment_method.as_deref() {
        None => Err(ApiError::invalid(
            "",
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
        )
        .code("payment_intent_unexpected_state")),
        Some(method) => {
            let method = method.to_owned();
            if payment_methods::is_declined(state, Some(&method)) {
                state.fail_intent(id);
                return Err(ApiError::declined());
            }
            let charge = state.succeed_intent(id)?;
            // Cards of Stripe's test data whose buyers complain at once.
            match method.strip_prefix("pm_card_").unwrap_or_default() {
                "createDisputeInquiry" => state.open_dispute(&charge, None, true).map(drop)?,
                "createDispute" => state.open_dispute(&charge, None, false).map(drop)?,
                _ => {}
            }
            Ok(id.to_owned())
        }
    }
}

pub(super) fn capture_intent(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let amount = call.params.integer("amount_to_capture")?;
    let charge = charge_of(state, id)?;
    state.capture(&charge, amount).map(|()| id.to_owned())
}

pub(super) fn capture_charge(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    state.capture(id, call.params.integer("amount")?).map(|()| id.to_owned())
}

pub(super) fn create_refund(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let charge = match (params.filled("charge"), params.filled("payment_intent")) {
        (Some(charge), _) => charge,
        (None, Some(intent)) => charge_of(state, &intent)?,
        (None, None) => return Err(ApiError::required("charge")),
    };
    let metadata = params.metadata("metadata")?;
    state.refund(&charge, params.integer("amount")?, params.filled("reason"), metadata)
}

/// Closing by API accepts the dispute, as with Stripe.
pub(super) fn close_dispute(state: &mut State, id: &str) -> Result<String, ApiError> {
    state.close_dispute(id, Verdict::Lost).map(|()| id.to_owned())
}

fn charge_of(state: &State, intent: &str) -> Result<String, ApiError> {
    let found = state.intents.get(intent).ok_or_else(|| ApiError::missing("payment_intent", intent))?;
    found.latest_charge.clone().ok_or_else(|| {
        ApiError::invalid(
            "payment_intent",
            format!("This PaymentIntent ({intent}) does not have a successful charge."),
        )
    })
}

//! API calls for Payment Links.

use super::call::Call;
use super::checkout::{lines, trial_days};
use crate::api_error::ApiError;
use crate::flows::NewPaymentLink;
use crate::state::State;

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let new = NewPaymentLink {
        lines: lines(state, params)?,
        trial_days: trial_days(params)?,
        metadata: params.metadata("metadata")?,
        subscription_metadata: params.metadata("subscription_data[metadata]")?,
        payment_metadata: params.metadata("payment_intent_data[metadata]")?,
        invoice_creation: params.boolean("invoice_creation[enabled]")?.unwrap_or(false),
        allow_promotion_codes: params.boolean("allow_promotion_codes")?.unwrap_or(false),
        success_url: params.filled("after_completion[redirect][url]"),
    };
    state.create_payment_link(new)
}

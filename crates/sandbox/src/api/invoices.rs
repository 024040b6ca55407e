//! API calls for invoices and their items.

use super::call::Call;
use super::payment_methods;
use crate::api_error::ApiError;
use crate::model::InvoiceStatus;
use crate::state::State;

pub(super) fn create_item(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let amount = params.integer("amount")?.ok_or_else(|| ApiError::required("amount"))?;
    let (customer, currency) = (params.required("customer")?, params.required("currency")?);
    state.create_invoice_item(customer, amount, &currency, params.filled("description"))
}

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let customer = call.params.required("customer")?;
    let with_items = call.params.text("pending_invoice_items_behavior") == Some("include");
    state.draft_invoice(&customer, with_items)
}

/// Finalizes, sends, pays or closes an invoice.
pub(super) fn act(state: &mut State, call: &Call<'_>, id: &str, action: &str) -> Result<String, ApiError> {
    match action {
        "finalize" | "send" => state.finalize_invoice(id)?,
        "pay" if payment_methods::is_declined(state, call.params.text("payment_method")) => {
            state.fail_invoice(id)?;
            return Err(ApiError::declined());
        }
        "pay" => state.pay_invoice(id)?,
        "void" => state.close_invoice(id, InvoiceStatus::Void)?,
        "mark_uncollectible" => state.close_invoice(id, InvoiceStatus::Uncollectible)?,
        _ => return Err(ApiError::missing("invoice", id)),
    }
    Ok(id.to_owned())
}

//! API calls for payment methods: cards and accounts of Stripe's test data.

use super::call::Call;
use crate::api_error::ApiError;
use crate::model::PaymentMethod;
use crate::state::State;

/// The IBAN of Stripe's test data whose payments fail.
const FAILING_IBAN: &str = "IT60X0542811101000000123456";

pub(super) fn create(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let params = &call.params;
    let kind = params.required("type")?;
    let source = match kind.as_str() {
        "card" => params.filled("card[token]").or_else(|| params.filled("card[number]")),
        "sepa_debit" => params.filled("sepa_debit[iban]"),
        _ => return Err(ApiError::invalid("type", "The sandbox knows the types card and sepa_debit.")),
    };
    let method = PaymentMethod {
        id: state.ids.long("pm_1"),
        kind,
        source: source.unwrap_or_default(),
        email: params.filled("billing_details[email]"),
        name: params.filled("billing_details[name]"),
        customer: None,
        created: state.now(),
    };
    let id = method.id.clone();
    state.payment_methods.put(method);
    Ok(id)
}

/// Attaches a payment method to a customer. One of Stripe's test data, such as `pm_card_visa`,
/// becomes one of the account.
pub(super) fn attach(state: &mut State, call: &Call<'_>, id: &str) -> Result<String, ApiError> {
    let customer = call.params.required("customer")?;
    if state.customers.get(&customer).is_none() {
        return Err(ApiError::missing("customer", &customer).status(400));
    }
    let known = state.payment_methods.get(id).cloned();
    let method = match known {
        Some(method) => PaymentMethod { customer: Some(customer), ..method },
        None if id.starts_with("pm_card_") => PaymentMethod {
            id: state.ids.long("pm_1"),
            kind: "card".to_owned(),
            source: id.to_owned(),
            email: None,
            name: None,
            customer: Some(customer),
            created: state.now(),
        },
        None => return Err(ApiError::missing("PaymentMethod", id)),
    };
    let id = method.id.clone();
    state.payment_methods.put(method);
    Ok(id)
}

/// Whether payments with a payment method or a token are declined.
pub(super) fn is_declined(state: &State, id: Option<&str>) -> bool {
    let Some(id) = id else { return false };
    let source = state.payment_methods.get(id).map_or(id, |method| &method.source);
    let source = source.to_ascii_lowercase();
    source.contains("declined") || source.contains("customerfail")
}

/// Whether a payment with it arrives later, and then whether it succeeds.
pub(super) fn settles_later(method: &PaymentMethod) -> Option<bool> {
    (method.kind == "sepa_debit").then(|| method.source != FAILING_IBAN)
}

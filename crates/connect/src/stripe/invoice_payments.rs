//! `GET /v1/invoice_payments`: which invoice a payment intent paid. From 2025-03-31.basil
//! on this is the only link between the two.

use serde::{Deserialize, Serialize};
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::StripeError;
use super::fields::{List, id, or_default};

/// The resource exists from 2025-03-31.basil on.
const VERSION: &str = "2025-08-27.basil";

/// A payment of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct InvoicePayment {
    /// `inpay_…`
    pub id: String,
    /// `in_…`
    #[serde(default, deserialize_with = "id")]
    pub invoice: Option<String>,
    /// `paid`, `open` or `canceled`.
    #[serde(default, deserialize_with = "or_default")]
    pub status: String,
}

#[derive(Serialize)]
struct Query<'a> {
    payment: Payment<'a>,
}

#[derive(Serialize)]
struct Payment<'a> {
    r#type: &'static str,
    payment_intent: &'a str,
}

/// The invoices that a payment intent paid; none for a direct payment.
pub async fn of_intent(caller: &Caller, payment_intent: &str) -> Result<Vec<InvoicePayment>, StripeError> {
    let query = Query { payment: Payment { r#type: "payment_intent", payment_intent } };
    let request = RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&query);
    Ok(caller.ask_in::<List<InvoicePayment>>(request, VERSION).await?.data)
}

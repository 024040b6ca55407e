//! `GET /v1/promotion_codes/…`: the code that a buyer typed, by its id.

use serde::Deserialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::{ErrorKind, StripeError};
use super::fields::or_default;

/// A promotion code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct PromotionCode {
    /// `promo_…`
    pub id: String,
    /// What buyers type.
    pub code: String,
    /// Whether it can be used.
    #[serde(default, deserialize_with = "or_default")]
    pub active: bool,
}

/// A promotion code; `None` when it does not exist.
pub async fn promotion_code(caller: &Caller, id: &str) -> Result<Option<PromotionCode>, StripeError> {
    match caller.ask(RequestBuilder::new(StripeMethod::Get, format!("/promotion_codes/{id}"))).await {
        Ok(code) => Ok(Some(code)),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}

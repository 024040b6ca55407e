//! `GET /v1/promotion_codes/…`: the code that a buyer typed, by its id.

use domain::clock::Timestamp;
use domain::coupons::CodeStatus;
use serde_json::Value;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::{ErrorKind, StripeError};
use super::objects;

/// A promotion code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionCode {
    /// What buyers type.
    pub code: String,
    /// Whether they can use it.
    pub status: CodeStatus,
}

/// A promotion code as it is now; `None` when it does not exist.
pub async fn promotion_code(
    caller: &Caller,
    id: &str,
    now: Timestamp,
) -> Result<Option<PromotionCode>, StripeError> {
    match caller.ask(RequestBuilder::new(StripeMethod::Get, format!("/promotion_codes/{id}"))).await {
        Ok(object) => read(&object, now).map(Some).ok_or_else(StripeError::unreadable),
        Err(error) if error.kind == ErrorKind::Missing => Ok(None),
        Err(error) => Err(error),
    }
}

fn read(object: &Value, now: Timestamp) -> Option<PromotionCode> {
    let code = object.get("code").and_then(Value::as_str)?.to_owned();
    let (_, status) = objects::promotion_code(object, now).ok()?;
    Some(PromotionCode { code, status })
}

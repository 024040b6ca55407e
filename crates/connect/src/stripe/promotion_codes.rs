//! Promotion codes: read by their ID, and their status in events.

use domain::clock::Timestamp;
use domain::coupons::{CodeProblem, CodeStatus};
use serde_json::Value;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::client::Caller;
use super::error::{ErrorKind, StripeError};
use super::values::{Missing, at, id, id_of, integer, time};

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
    let (_, status) = status(object, now).ok()?;
    Some(PromotionCode { code, status })
}

/// The id of a promotion code, and its status at a time. Its coupon is in `promotion.coupon` since
/// 2025-09-30.clover. It is active only as long as its coupon is valid (Stripe docs: the
/// promotion code object).
pub(super) fn status(object: &Value, seen: Timestamp) -> Result<(String, CodeStatus), Missing> {
    let own = id(object, &["id"]).ok_or("id")?;
    let active = at(object, &["active"]).and_then(Value::as_bool).ok_or("active")?;
    let coupon = at(object, &["promotion", "coupon"]).or_else(|| at(object, &["coupon"]));
    let expires_at = time(object, &["expires_at"], "expires_at")?;
    let is_used_up = integer(object, &["max_redemptions"])
        .is_some_and(|most| integer(object, &["times_redeemed"]).is_some_and(|times| times >= most));
    let problem = if active {
        None
    } else if coupon.and_then(|coupon| coupon.get("valid")).and_then(Value::as_bool) == Some(false) {
        Some(CodeProblem::CouponEnded)
    } else if is_used_up {
        Some(CodeProblem::UsedUp)
    } else if expires_at.is_some_and(|end| end <= seen) {
        Some(CodeProblem::Expired)
    } else {
        Some(CodeProblem::Inactive)
    };
    Ok((own, CodeStatus { coupon: coupon.and_then(id_of), problem, expires_at }))
}

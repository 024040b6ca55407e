//! API calls for products, prices, coupons and promotion codes.

use serde_json::Value;

use super::call::Call;
use super::listing::{Listing, page};
use crate::api_error::ApiError;
use crate::flows::{NewPrice, merge_metadata};
use crate::form::Params;
use crate::model::{Duration, Interval};
use crate::state::State;

pub(super) fn create_product(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let name = call.params.required("name")?;
    let metadata = call.params.metadata("metadata")?;
    Ok(state.create_product(&name, call.params.filled("description"), metadata))
}

pub(super) fn create_price(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    new_price(state, &call.params)
}

/// A price from `price_data` or from its own call: both name a product or describe one.
pub(super) fn new_price(state: &mut State, params: &Params) -> Result<String, ApiError> {
    let product = match (params.filled("product"), params.filled("product_data[name]")) {
        (Some(id), _) if state.products.get(&id).is_none() => {
            return Err(ApiError::missing("product", &id).status(400));
        }
        (Some(id), _) => id,
        (None, Some(name)) => state.create_product(&name, None, params.metadata("product_data[metadata]")?),
        (None, None) => return Err(ApiError::required("product")),
    };
    let interval = match params.text("recurring[interval]") {
        None => None,
        Some(name) => Some(Interval::parse(name).ok_or_else(|| {
            ApiError::invalid(
                "recurring[interval]",
                "Invalid recurring[interval]: must be one of day, month, week, or year",
            )
        })?),
    };
    if params.integer("recurring[interval_count]")?.is_some_and(|count| count != 1) {
        return Err(ApiError::invalid(
            "recurring[interval_count]",
            "The sandbox bills every single interval.",
        ));
    }
    let unit_amount = params.integer("unit_amount")?.ok_or_else(|| ApiError::required("unit_amount"))?;
    state.create_price(NewPrice {
        product,
        unit_amount,
        currency: params.required("currency")?,
        interval,
        metadata: params.metadata("metadata")?,
    })
}

pub(super) fn create_coupon(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let duration = match call.params.text("duration") {
        None | Some("once") => Duration::Once,
        Some("forever") => Duration::Forever,
        Some(_) => {
            return Err(ApiError::invalid("duration", "The sandbox knows the durations once and forever."));
        }
    };
    let percent = call.params.required("percent_off")?;
    let bps = basis_points(&percent)
        .ok_or_else(|| ApiError::invalid("percent_off", format!("Invalid decimal: {percent}")))?;
    let id = call.params.filled("id");
    if id.as_deref().is_some_and(|id| state.coupons.get(id).is_some()) {
        return Err(ApiError::invalid("id", "Coupon already exists.").code("resource_already_exists"));
    }
    state.create_coupon(id, call.params.filled("name"), bps, duration).map(|coupon| coupon.id)
}

/// `12.5` percent are 1250 hundredths.
fn basis_points(percent: &str) -> Option<i64> {
    let (whole, part) = percent.split_once('.').unwrap_or((percent, "0"));
    let part = match part.len() {
        1 => part.parse::<i64>().ok()?.checked_mul(10)?,
        2 => part.parse().ok()?,
        _ => return None,
    };
    whole.parse::<u16>().ok().map(|whole| i64::from(whole) * 100 + part)
}

pub(super) fn create_promotion_code(state: &mut State, call: &Call<'_>) -> Result<String, ApiError> {
    let coupon_id =
        call.params.filled("promotion[coupon]").or_else(|| call.params.filled("coupon")).ok_or_else(
            || ApiError::required(if call.version.is_clover() { "promotion" } else { "coupon" }),
        )?;
    let coupon = state
        .coupons
        .get(&coupon_id)
        .cloned()
        .ok_or_else(|| ApiError::missing("coupon", &coupon_id).status(400))?;
    let code = call.params.filled("code").unwrap_or_else(|| state.ids.letters(8).to_ascii_uppercase());
    state.create_promotion_code(&code, coupon, call.params.metadata("metadata")?)
}

pub(super) fn update_promotion_code(
    state: &mut State,
    call: &Call<'_>,
    id: &str,
) -> Result<String, ApiError> {
    call.params.only(&["active", "metadata", "restrictions", "expand"])?;
    let active = call.params.boolean("active")?;
    let metadata = call.params.metadata("metadata")?;
    let code = state.promotion_codes.get_mut(id).ok_or_else(|| ApiError::missing("promotion_code", id))?;
    merge_metadata(&mut code.metadata, metadata);
    let active = active.unwrap_or(code.active);
    state.set_promotion_code_active(id, active)?;
    Ok(id.to_owned())
}

/// Codes are compared in any case; none is restricted to a customer here.
pub(super) fn list_promotion_codes(state: &State, call: &Call<'_>) -> Result<Value, ApiError> {
    let (code, coupon) = (call.params.text("code"), call.params.text("coupon"));
    let is_restricted = ["customer", "customer_account"].iter().any(|it| call.params.text(it).is_some());
    let ids = state
        .promotion_codes
        .iter()
        .rev()
        .filter(|it| !is_restricted && code.is_none_or(|code| it.code.eq_ignore_ascii_case(code)))
        .filter(|it| coupon.is_none_or(|coupon| it.coupon.id == coupon))
        .map(|it| it.id.as_str())
        .collect();
    page(state, call, &Listing { url: "/v1/promotion_codes", ids, filters: &["active"] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_read_without_floats() {
        assert_eq!(basis_points("20"), Some(2_000));
        assert_eq!(basis_points("12.5"), Some(1_250));
        assert_eq!(basis_points("33.33"), Some(3_333));
        assert_eq!(basis_points("1.234"), None);
        assert_eq!(basis_points("-5"), None);
    }
}

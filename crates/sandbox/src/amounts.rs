//! Checked arithmetic on minor units.

use crate::api_error::ApiError;
use crate::model::{Discount, LineItem, Totals};

/// The largest amount of one payment; Stripe's own limit for most currencies.
const MAX_AMOUNT: i64 = 99_999_999;

/// A hundred percent.
const WHOLE_BPS: i64 = 10_000;

/// The share of an amount, half away from zero.
fn share(amount: i64, bps: i64) -> Option<i64> {
    let product = amount.checked_mul(bps)?;
    let half = if product < 0 { -WHOLE_BPS / 2 } else { WHOLE_BPS / 2 };
    Some(product.checked_add(half)? / WHOLE_BPS)
}

impl Totals {
    /// Price times quantity, less the discount, plus tax on what is left.
    pub(crate) fn of(
        unit_amount: i64,
        quantity: u32,
        discount_bps: i64,
        tax_bps: u32,
    ) -> Result<Self, ApiError> {
        let subtotal = unit_amount.checked_mul(i64::from(quantity)).ok_or_else(ApiError::amount)?;
        if subtotal.abs() > MAX_AMOUNT {
            return Err(ApiError::amount());
        }
        let discount = share(subtotal, discount_bps).ok_or_else(ApiError::amount)?;
        let taxable = subtotal - discount;
        let tax = share(taxable, i64::from(tax_bps)).ok_or_else(ApiError::amount)?;
        Ok(Self { subtotal, discount, tax, total: taxable + tax })
    }

    /// The amounts of a line of a checkout or an invoice.
    pub(crate) fn of_line(
        line: &LineItem,
        discount: Option<&Discount>,
        tax_bps: u32,
    ) -> Result<Self, ApiError> {
        let off = discount.map_or(0, |it| it.coupon.percent_off_bps);
        Self::of(line.price.unit_amount, line.quantity, off, tax_bps)
    }

    /// The sum over lines.
    pub(crate) fn sum(parts: impl IntoIterator<Item = Self>) -> Result<Self, ApiError> {
        let mut sum = Self::default();
        for part in parts {
            sum.subtotal += part.subtotal;
            sum.discount += part.discount;
            sum.tax += part.tax;
            sum.total += part.total;
            if sum.total > MAX_AMOUNT {
                return Err(ApiError::amount());
            }
        }
        Ok(sum)
    }
}

/// An amount to be charged.
pub(crate) fn chargeable(amount: i64) -> Result<i64, ApiError> {
    if amount < 1 {
        return Err(ApiError::invalid("amount", "Invalid positive integer").code("parameter_invalid_integer"));
    }
    if amount > MAX_AMOUNT {
        return Err(ApiError::amount());
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounts_are_deducted_before_tax() {
        let totals = Totals::of(1_999, 2, 2_500, 1_900).unwrap();
        assert_eq!(totals, Totals { subtotal: 3_998, discount: 1_000, tax: 570, total: 3_568 });
    }

    #[test]
    fn amounts_beyond_the_limit_are_refused() {
        assert!(Totals::of(i64::MAX, 2, 0, 0).is_err());
        assert!(chargeable(MAX_AMOUNT + 1).is_err());
        assert!(chargeable(0).is_err());
        assert_eq!(chargeable(1), Ok(1));
    }
}

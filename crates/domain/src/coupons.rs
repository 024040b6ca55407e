//! Stripe promotion codes that are given to affiliates.

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::fields::line_of_text;

/// The id of a promotion code at Stripe: `promo_` and letters or digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromotionCodeId(String);

/// Why a text is not the id of a promotion code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter the promotion code’s ID from Stripe. It starts with promo_")]
pub struct NotAPromotionCodeId;

impl PromotionCodeId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PromotionCodeId {
    type Err = NotAPromotionCodeId;
    fn from_str(text: &str) -> Result<Self, NotAPromotionCodeId> {
        let id = text.trim();
        let plausible = id.starts_with("promo_")
            && (8..=64).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if plausible { Ok(Self(id.to_owned())) } else { Err(NotAPromotionCodeId) }
    }
}

/// The code that a buyer types at checkout: 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutCode(String);

impl CheckoutCode {
    /// The message when the code is missing.
    pub const ASK: &str = "Enter the code as buyers enter it at checkout";
    /// The longest code, in characters.
    const LONGEST: usize = 64;

    /// Reads a code; `None` when nothing was entered.
    ///
    /// # Errors
    /// A sentence that says what to do.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        line_of_text(text, "a code", Self::LONGEST).map(|code| Some(Self(code)))
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

crate::word_enum! {
    /// Why buyers cannot use a promotion code.
    pub enum CodeProblem {
        /// Its coupon was deleted or has ended. That is final: a coupon cannot be restored or
        /// extended (Stripe docs: the coupon object).
        CouponEnded = "coupon_ended",
        /// It was used as often as it may be.
        UsedUp = "used_up",
        /// Its time is over.
        Expired = "expired",
        /// The merchant turned it off.
        Inactive = "inactive",
        /// Stripe has no promotion code with this id.
        Missing = "missing",
    }
}

/// The status of a promotion code at Stripe.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CodeStatus {
    /// Its coupon at Stripe.
    pub coupon: Option<String>,
    /// Why it cannot be used.
    pub problem: Option<CodeProblem>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl CodeStatus {
    /// Why buyers cannot use the code at a time. No event says that a code has expired.
    pub fn problem_at(&self, now: Timestamp) -> Option<CodeProblem> {
        let is_over = self.expires_at.is_some_and(|end| end <= now);
        self.problem.or(is_over.then_some(CodeProblem::Expired))
    }
}

/// A promotion code for an affiliate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponDraft {
    /// Its id at Stripe.
    pub promotion_code: PromotionCodeId,
    /// The code as buyers enter it; needed only where Stripe cannot be asked for it.
    pub code: Option<CheckoutCode>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_promotion_codes_are_recognized() {
        assert!(" promo_1MoqzVJvEtkwdCNYzkVLZf7S ".parse::<PromotionCodeId>().is_ok());
        for wrong in ["", "promo_", "MAYA20", "promo_a b", "coupon_123456"] {
            assert!(wrong.parse::<PromotionCodeId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_code_is_left_out() {
        assert_eq!(CheckoutCode::parse(" "), Ok(None));
        assert_eq!(
            CheckoutCode::parse("MAYA20").map(|code| code.map(|code| code.0)),
            Ok(Some("MAYA20".into()))
        );
        assert!(CheckoutCode::parse(&"x".repeat(65)).is_err());
    }
}

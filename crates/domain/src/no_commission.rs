//! Why a payment earns no commission, or not yet.

use serde::{Deserialize, Serialize};

use crate::affiliates::AffiliateStatus;
use crate::checks::{CheckKind, CheckReason, NamedAffiliate};
use crate::clock::Timestamp;
use crate::terms::{Capped, SkippedReward};

crate::word_enum! {
    /// What a payment waits for.
    pub enum WaitReason {
        /// The invoice that it may belong to, which then carries the commission.
        Invoice = "waits_for_invoice",
        /// The capture of an amount that is only reserved.
        Capture = "waits_for_capture",
        /// The payment that a refund or dispute belongs to, which arrived before it.
        RefundedPayment = "waits_for_refunded_payment",
        /// The money of a method that takes some days.
        Money = "waits_for_money",
    }
}

crate::word_enum! {
    /// The lists that payments without a commission are sorted into.
    pub enum NoCommissionClass {
        /// The money is not there: it is awaited, failed, or nothing was to be paid.
        NotPaid = "not_paid",
        /// No check led to an affiliate who may be credited.
        Unattributed = "unattributed",
        /// A person decided that it is not an affiliate sale.
        NotAffiliateSale = "not_affiliate_sale",
        /// It has an affiliate, and the terms pay nothing for it.
        NotDue = "not_due",
    }
}

/// Why a payment earns no commission, or not yet. Stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NoCommission {
    /// Something is missing.
    Waiting {
        /// What is missing.
        reason: WaitReason,
        /// When the payment counts by itself, if the wait has an end.
        until: Option<Timestamp>,
    },
    /// The payment did not go through.
    PaymentFailed,
    /// Nothing was to be paid: a trial, a full discount or credit.
    AmountZero,
    /// It turned out to be another payment, which is counted in its place.
    SamePayment,
    /// No check found anything.
    NoMatch,
    /// What a check found does not count. The first such check is named.
    CheckRefused {
        /// Which check.
        check: CheckKind,
        /// What it found.
        reason: CheckReason,
    },
    /// The customer's affiliate was not active when the payment was made.
    AffiliateNotActive {
        /// Who.
        affiliate: NamedAffiliate,
        /// What they were; absent before they joined.
        status: Option<AffiliateStatus>,
    },
    /// The affiliate is no longer in the program.
    AffiliateGone,
    /// No reward of the terms is for this payment.
    NoReward {
        /// Why none of them is, in their order.
        skipped: Vec<SkippedReward>,
    },
    /// The terms pay for a customer's first payment only.
    NotFirstPayment {
        /// When the first one was made.
        first_paid_at: Timestamp,
    },
    /// The months that the terms pay for are over.
    RecurrenceOver {
        /// How many months the terms pay for.
        months: i64,
        /// When they ended.
        ended_at: Timestamp,
        /// Whether they were counted by the periods of the subscription, or else from
        /// payment to payment.
        by_periods: bool,
    },
    /// A cap of the terms was reached before.
    CapReached {
        /// Which one, and what the payment would have earned.
        capped: Capped,
    },
    /// Stripe collected none of it, and the terms do not pay for that.
    PaidOutsideStripe,
    /// The subscription had ended.
    SubscriptionEnded {
        /// When.
        ended_at: Timestamp,
    },
    /// The program had been archived.
    ProgramArchived,
    /// Without tax and shipping nothing is left.
    BaseZero,
    /// The commission rounds to zero.
    RoundsToZero,
    /// The program had no terms yet.
    NoTerms,
    /// Stripe sent no currency.
    NoCurrency,
    /// The amounts are too large to process.
    OutOfRange,
}

impl NoCommission {
    /// The stable word in the API.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Waiting { reason, .. } => reason.word(),
            Self::PaymentFailed => "payment_failed",
            Self::AmountZero => "amount_zero",
            Self::SamePayment => "same_payment",
            Self::NoMatch => "no_match",
            Self::CheckRefused { reason, .. } => reason.word(),
            Self::AffiliateNotActive { .. } => "affiliate_not_active",
            Self::AffiliateGone => "affiliate_gone",
            Self::NoReward { .. } => "no_reward",
            Self::NotFirstPayment { .. } => "not_first_payment",
            Self::RecurrenceOver { .. } => "recurrence_over",
            Self::CapReached { .. } => "cap_reached",
            Self::PaidOutsideStripe => "paid_outside_stripe",
            Self::SubscriptionEnded { .. } => "subscription_ended",
            Self::ProgramArchived => "program_archived",
            Self::BaseZero => "base_zero",
            Self::RoundsToZero => "rounds_to_zero",
            Self::NoTerms => "no_terms",
            Self::NoCurrency => "no_currency",
            Self::OutOfRange => "out_of_range",
        }
    }

    /// The list that the payment belongs to.
    pub const fn class(&self) -> NoCommissionClass {
        match self {
            Self::Waiting { .. } | Self::PaymentFailed | Self::AmountZero | Self::SamePayment => {
                NoCommissionClass::NotPaid
            }
            Self::CheckRefused { reason: CheckReason::NotAffiliateSale { .. }, .. } => {
                NoCommissionClass::NotAffiliateSale
            }
            Self::NoMatch
            | Self::CheckRefused { .. }
            | Self::AffiliateNotActive { .. }
            | Self::AffiliateGone => NoCommissionClass::Unattributed,
            Self::NoReward { .. }
            | Self::NotFirstPayment { .. }
            | Self::RecurrenceOver { .. }
            | Self::CapReached { .. }
            | Self::PaidOutsideStripe
            | Self::SubscriptionEnded { .. }
            | Self::ProgramArchived
            | Self::BaseZero
            | Self::RoundsToZero
            | Self::NoTerms
            | Self::NoCurrency
            | Self::OutOfRange => NoCommissionClass::NotDue,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_belongs_to_one_list() {
        let at = Timestamp(0);
        let refused = |reason| NoCommission::CheckRefused { check: CheckKind::Metadata, reason };
        let decided = CheckReason::NotAffiliateSale { by: "Olga".to_owned(), at, at_earlier_payment: true };
        for (reason, class, word) in [
            (
                NoCommission::Waiting { reason: WaitReason::Invoice, until: None },
                NoCommissionClass::NotPaid,
                "waits_for_invoice",
            ),
            (NoCommission::SamePayment, NoCommissionClass::NotPaid, "same_payment"),
            (NoCommission::NoMatch, NoCommissionClass::Unattributed, "no_match"),
            (
                refused(CheckReason::ClickAfterPayment { clicked_at: at }),
                NoCommissionClass::Unattributed,
                "click_after_payment",
            ),
            (NoCommission::AffiliateGone, NoCommissionClass::Unattributed, "affiliate_gone"),
            (refused(decided), NoCommissionClass::NotAffiliateSale, "not_affiliate_sale"),
            (
                NoCommission::RecurrenceOver { months: 12, ended_at: at, by_periods: true },
                NoCommissionClass::NotDue,
                "recurrence_over",
            ),
            (NoCommission::RoundsToZero, NoCommissionClass::NotDue, "rounds_to_zero"),
        ] {
            assert_eq!((reason.class(), reason.word()), (class, word));
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<NoCommission>(&json).unwrap(), reason);
        }
    }
}

//! Why a payment earns no commission.

use domain::clock::Timestamp;
use domain::no_commission::{NoCommission, WaitReason};
use domain::terms::CapKind;

use super::checks::check_sentence;
use crate::text::{Zone, plural};

/// Why a payment earns no commission, in one sentence.
pub fn no_commission_sentence(reason: &NoCommission, zone: &Zone) -> String {
    let day = |at: Timestamp| zone.date(at).text;
    match reason {
        NoCommission::Waiting { reason: WaitReason::Invoice, .. } => {
            "Waiting for an invoice that it may belong to. If one arrives, the commission is on the invoice."
                .to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::Capture, .. } => {
            "The amount is only authorized. It counts once captured.".to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::RefundedPayment, .. } => {
            "A refund or dispute arrived before its payment. It counts once the payment arrives.".to_owned()
        }
        NoCommission::Waiting { reason: WaitReason::Money, .. } => {
            "The payment method takes a few days. The money has not arrived yet.".to_owned()
        }
        NoCommission::PaymentFailed => "The payment failed.".to_owned(),
        NoCommission::AmountZero => "Nothing was paid: a trial, a full discount or credit.".to_owned(),
        NoCommission::SamePayment => "This payment is counted under another ID.".to_owned(),
        NoCommission::NoMatch => "No check matched.".to_owned(),
        NoCommission::CheckRefused { check, reason } => check_sentence(*check, reason, zone),
        NoCommission::AffiliateNotActive { affiliate, status } => match status {
            Some(status) => format!("{} was {} when the payment was made.", affiliate.name, status.word()),
            None => format!("{} had not joined the program when the payment was made.", affiliate.name),
        },
        NoCommission::AffiliateGone => "The affiliate is no longer in the program.".to_owned(),
        NoCommission::NoReward { .. } => "No reward of the terms is for this payment.".to_owned(),
        NoCommission::NotFirstPayment { first_paid_at } => format!(
            "The terms only pay for a customer’s first payment, which was on {}.",
            day(*first_paid_at)
        ),
        NoCommission::RecurrenceOver { months, ended_at, by_periods } => format!(
            "The {} from the first {} ended on {}.",
            plural(*months, "month", "months"),
            if *by_periods { "paid period of the subscription" } else { "payment" },
            day(*ended_at)
        ),
        NoCommission::CapReached { capped } => {
            let over = capped.over;
            match capped.cap {
                CapKind::Payment => format!("The limit per payment is {}. {over} is over it.", capped.most),
                CapKind::Customer => format!(
                    "The customer’s earlier payments reached the limit of {}. {over} is over it.",
                    capped.most
                ),
            }
        }
        NoCommission::PaidOutsideStripe => {
            "The invoice was paid outside Stripe, which earns nothing under the terms.".to_owned()
        }
        NoCommission::SubscriptionEnded { ended_at } => {
            format!("The subscription ended on {}, before the period of this payment began.", day(*ended_at))
        }
        NoCommission::ProgramArchived => "The program was archived.".to_owned(),
        NoCommission::BaseZero => "Nothing remains after tax and shipping.".to_owned(),
        NoCommission::RoundsToZero => "The commission rounds to zero.".to_owned(),
        NoCommission::NoTerms => "The program had no terms yet.".to_owned(),
        NoCommission::NoCurrency => "Stripe sent no currency.".to_owned(),
        NoCommission::OutOfRange => "The amounts are too large to process.".to_owned(),
    }
}

/// The same, with what would have helped where nothing was found.
pub fn no_commission_text(reason: &NoCommission, zone: &Zone) -> String {
    let sentence = no_commission_sentence(reason, zone);
    match reason {
        NoCommission::NoMatch => format!(
            "{sentence} A click token in the checkout’s metadata or client reference, an affiliate’s \
             promotion code or a tracked lead’s email address would have matched."
        ),
        _ => sentence,
    }
}

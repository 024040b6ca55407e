//! The ledger: entries that are only ever added, chained by hashes, and the difference
//! between what it says and what it should say.

use serde::{Deserialize, Serialize};

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;
use crate::ids::{AffiliateId, ConversionId, EntryId};
use crate::money::{Currency, Money};

crate::word_enum! {
    /// What an entry does.
    pub enum EntryKind {
        /// A payment earned a commission.
        Earn = "earn",
        /// A correction of what was earned, when a better source of the amount arrived.
        Adjust = "adjust",
        /// A refund or dispute reversed a part of it, or all.
        Reverse = "reverse",
        /// A failed refund or a won dispute restored what was reversed.
        Restore = "restore",
        /// A person corrected the balance.
        Correction = "correction",
        /// A person gave something extra.
        Bonus = "bonus",
    }
}

crate::word_enum! {
    /// What led to an entry.
    pub enum CauseKind {
        /// An event about a payment.
        Payment = "payment",
        /// An event about a refund.
        Refund = "refund",
        /// An event about a dispute.
        Dispute = "dispute",
        /// An event about a customer or a subscription.
        Customer = "customer",
        /// A person who assigned a payment, or took that back.
        Assignment = "assignment",
        /// A person who replayed an event.
        Replay = "replay",
        /// A wait that was over, or a lead that came late.
        Reevaluation = "reevaluation",
        /// Stripe's answer whether a payment belongs to an invoice.
        InvoiceLookup = "invoice_lookup",
        /// A person who added a bonus or a correction.
        Adjustment = "adjustment",
    }
}

impl CauseKind {
    /// What an event of a type is about.
    pub fn of_event_type(event_type: &str) -> Self {
        if event_type.starts_with("charge.dispute.") {
            Self::Dispute
        } else if event_type.starts_with("refund.")
            || event_type.starts_with("charge.refund")
            || event_type.starts_with("credit_note.")
        {
            Self::Refund
        } else if event_type.starts_with("customer.") {
            Self::Customer
        } else {
            Self::Payment
        }
    }
}

/// What led to an entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// What kind of thing.
    pub kind: CauseKind,
    /// Stripe's id of the event, or the id of our own job or audit line.
    pub id: String,
    /// Stripe's type of the event, where it was one.
    pub event_type: Option<String>,
}

impl Cause {
    /// An event of Stripe.
    pub fn event(id: impl Into<String>, event_type: &str) -> Self {
        let kind = CauseKind::of_event_type(event_type);
        Self { kind, id: id.into(), event_type: Some(event_type.to_owned()) }
    }

    /// Something of our own, named by the id of a job or an audit line.
    pub fn own(kind: CauseKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into(), event_type: None }
    }
}

/// A change of an affiliate's commission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerChange {
    /// The affiliate's name at that time.
    pub affiliate_name: String,
    /// The change; negative for what was reversed.
    pub amount: Money,
}

/// What the ledger says of one conversion and affiliate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LedgerBalance {
    /// Sum of `earn` and `adjust`, and of what a person added.
    pub earned: i64,
    /// Sum of `reverse` and `restore`: zero or negative.
    pub taken_back: i64,
}

impl LedgerBalance {
    /// Adds an entry.
    pub const fn add(&mut self, kind: EntryKind, amount: i64) {
        match kind {
            EntryKind::Earn | EntryKind::Adjust | EntryKind::Correction | EntryKind::Bonus => {
                self.earned = self.earned.saturating_add(amount);
            }
            EntryKind::Reverse | EntryKind::Restore => {
                self.taken_back = self.taken_back.saturating_add(amount);
            }
        }
    }

    /// What is left.
    pub const fn net(self) -> i64 {
        self.earned.saturating_add(self.taken_back)
    }
}

/// The entries that bring the ledger from what it says to what it should say:
/// `commission` earned and `reversed` taken off it. Nothing when it says so already.
pub fn difference(booked: LedgerBalance, commission: i64, reversed: i64) -> Vec<(EntryKind, i64)> {
    let mut entries = Vec::new();
    let mut earned = booked.earned;
    if commission > 0 && earned != commission {
        let kind = if earned == 0 { EntryKind::Earn } else { EntryKind::Adjust };
        entries.push((kind, commission - earned));
        earned = commission;
    }
    // If nothing is earned now (the credit went elsewhere), all of it is reversed.
    let wanted = if commission > 0 { -reversed } else { -earned };
    let change = wanted - booked.taken_back;
    if change != 0 {
        entries.push((if change < 0 { EntryKind::Reverse } else { EntryKind::Restore }, change));
    }
    entries
}

/// An entry before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it; `amount` is in minor units, signed")]
pub struct Entry {
    pub id: EntryId,
    pub affiliate_id: AffiliateId,
    /// Absent for what a person added.
    pub conversion_id: Option<ConversionId>,
    pub kind: EntryKind,
    pub amount: i64,
    pub currency: Currency,
    /// What led to it; with conversion, affiliate and kind it is unique.
    pub cause: Cause,
    pub at: Timestamp,
}

/// The hash that precedes an affiliate's first entry.
pub const CHAIN_START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Entry {
    /// The text that is hashed: ids and amounts only, never personal data, so that a
    /// person can be forgotten without breaking the chain.
    pub fn chain_text(&self, sequence: i64, previous: &str) -> String {
        format!(
            "{previous}|{sequence}|{}|{}|{}|{}|{}|{}|{}|{}",
            self.id,
            self.affiliate_id,
            self.conversion_id.as_ref().map_or("", |id| id.as_str()),
            self.kind.word(),
            self.amount,
            self.currency.code(),
            self.cause.id,
            self.at.0,
        )
    }

    /// The hash that chains this entry to the one before: SHA-256 in hex over its text.
    pub fn hash(&self, sequence: i64, previous: &str) -> String {
        hex::encode(Sha256::digest(self.chain_text(sequence, previous).as_bytes()))
    }
}

crate::word_enum! {
    /// Why a commission is held back beyond the hold period, the most important reason first.
    pub enum HoldReason {
        /// A dispute is open.
        Dispute = "dispute",
        /// Stripe asks for a review of the payment, which is not closed.
        Review = "review",
        /// The buyer has the affiliate's own email address; a person must decide.
        SelfReferral = "self_referral",
        /// The card's issuer suspects fraud: held while the payment can be disputed.
        EarlyFraudWarning = "early_fraud_warning",
    }
}

impl HoldReason {
    /// Whether an event or a person must end it, whatever the date.
    pub fn is_open_ended(self) -> bool {
        self != Self::EarlyFraudWarning
    }
}

crate::word_enum! {
    /// The status of a commission.
    pub enum CommissionStatus {
        /// Held back until the hold ends.
        Pending = "pending",
        /// Held back for a reason, whatever the date.
        OnHold = "on_hold",
        /// Waits for a payout.
        Payable = "payable",
        /// Part of a payout that is not paid yet.
        InPayout = "in_payout",
        /// Paid out.
        Paid = "paid",
        /// A part was reversed.
        PartlyRefunded = "partly_refunded",
        /// All of it was reversed by refunds.
        Refunded = "refunded",
        /// A dispute is open or was lost.
        Disputed = "disputed",
        /// The credit was withdrawn.
        Canceled = "canceled",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn apply(mut booked: LedgerBalance, entries: &[(EntryKind, i64)]) -> LedgerBalance {
        for (kind, amount) in entries {
            match kind {
                EntryKind::Reverse | EntryKind::Restore => booked.taken_back += amount,
                _ => booked.earned += amount,
            }
        }
        booked
    }

    proptest! {
        #[test]
        fn booking_the_difference_reaches_the_target(
            steps in prop::collection::vec((0..10_000i64, 0..=100i64), 1..12)
        ) {
            let mut booked = LedgerBalance::default();
            for (commission, percent) in steps {
                let reversed = commission * percent / 100;
                booked = apply(booked, &difference(booked, commission, reversed));
                prop_assert_eq!(booked.net(), commission - reversed);
                prop_assert!(difference(booked, commission, reversed).is_empty());
                prop_assert!(booked.taken_back <= 0 && booked.net() >= 0);
            }
        }
    }

    #[test]
    fn a_refund_reverses_and_its_failure_restores() {
        let earned = LedgerBalance { earned: 1_000, taken_back: 0 };
        assert_eq!(difference(LedgerBalance::default(), 1_000, 0), [(EntryKind::Earn, 1_000)]);
        assert_eq!(difference(earned, 1_000, 300), [(EntryKind::Reverse, -300)]);
        let partly = LedgerBalance { earned: 1_000, taken_back: -300 };
        assert_eq!(difference(partly, 1_000, 0), [(EntryKind::Restore, 300)]);
        assert_eq!(difference(partly, 0, 0), [(EntryKind::Reverse, -700)]);
    }
}

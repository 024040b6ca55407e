//! What an event says about a dispute.

use serde::{Deserialize, Serialize};

use crate::money::Currency;

/// What happened to a dispute, in the order of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStep {
    /// Opened or changed.
    Opened,
    /// The money left the merchant's balance.
    FundsWithdrawn,
    /// The money came back.
    FundsReinstated,
    /// Over.
    Closed,
}

crate::word_enum! {
    /// The status of a dispute, in Stripe's words.
    pub enum DisputeStatus {
        /// An inquiry waits for the merchant's answer.
        WarningNeedsResponse = "warning_needs_response",
        /// The bank reads the answer to an inquiry.
        WarningUnderReview = "warning_under_review",
        /// The inquiry ended without a dispute.
        WarningClosed = "warning_closed",
        /// The dispute waits for the merchant's answer.
        NeedsResponse = "needs_response",
        /// The bank reads the merchant's answer.
        UnderReview = "under_review",
        /// Decided for the merchant.
        Won = "won",
        /// Decided for the buyer.
        Lost = "lost",
        /// The lost dispute can be appealed.
        AppealNeedsResponse = "appeal_needs_response",
        /// The bank reads the appeal.
        AppealUnderReview = "appeal_under_review",
        /// Resolved before it became a dispute.
        Prevented = "prevented",
        /// A word that is newer than this code. The dispute counts as open.
        Unknown = "unknown",
    }
}

impl DisputeStatus {
    /// Whether the dispute is decided, so that its money moves no more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Won | Self::Lost | Self::WarningClosed | Self::Prevented)
    }
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are Stripe's own, documented there")]
pub struct DisputeFact {
    pub id: String,
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: i64,
    /// The sum of the balance transactions, if the object lists them: withdrawn less
    /// reinstated.
    pub taken: Option<i64>,
    pub status: DisputeStatus,
    pub step: DisputeStep,
    pub currency: Currency,
}

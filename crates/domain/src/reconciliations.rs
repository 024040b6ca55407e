//! Reconciliations: how a comparison of Stripe's charges with the payments here ended, and
//! what a difference is.

use serde::{Deserialize, Serialize};

use crate::repairs::StripeFailure;

crate::word_enum! {
    /// Whether a reconciliation has ended.
    pub enum ReconciliationStatus {
        /// It is under way.
        Running = "running",
        /// It has ended.
        Done = "done",
    }
}

crate::word_enum! {
    /// What differs.
    pub enum DifferenceKind {
        /// Stripe has a charge that has no payment here.
        Missing = "missing",
        /// One charge is several payments in Honeyguide.
        Duplicate = "duplicate",
        /// The refunds differ.
        Refund = "refund",
    }
}

/// A step of a reconciliation that can fail at Stripe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReconciliationStep {
    /// Fetching missed events before the comparison.
    Backfill,
    /// Listing the charges.
    ListCharges,
}

/// How a reconciliation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReconciliationOutcome {
    /// Every charge of the period was compared.
    Complete,
    /// There are more charges than one reconciliation compares; the oldest are left out.
    Partial {
        /// Charges that were compared.
        charges: i64,
    },
    /// There is no usable key or token.
    Unreachable {
        /// Why, in a sentence.
        reason: String,
    },
    /// Stripe rejected a request.
    Failed {
        /// What was tried.
        step: ReconciliationStep,
        /// Why it failed.
        failure: StripeFailure,
        /// What Stripe said.
        message: String,
    },
    /// The server stopped in the middle of it.
    Interrupted,
}

//! The report of a reconciliation, for pages, the API and the CSV file.

use domain::clock::Timestamp;
use domain::ids::{PaymentId, ReconciliationId};
use domain::money::Currency;
use domain::reconciliations::{DifferenceKind, ReconciliationOutcome, ReconciliationStatus};
use store::reconciliations::{Difference as Stored, Reconciliation};

use super::STALLED_MS;
use crate::stripe::backfill;

/// Where the two differ. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Stripe's id of the charge.
    pub stripe_id: String,
    /// What differs.
    pub kind: DifferenceKind,
    /// When it was charged.
    pub at: Timestamp,
    /// Of the amounts.
    pub currency: Currency,
    /// What Stripe charged.
    pub stripe_amount: i64,
    /// What Stripe refunded.
    pub stripe_refunded: i64,
    /// What is known here.
    pub our_amount: i64,
    /// What is known here to have been refunded.
    pub our_refunded: i64,
    /// The payment here, if there is one.
    pub payment: Option<PaymentId>,
    /// Whether Stripe still has its events, so that it can be fetched.
    pub can_be_backfilled: bool,
}

/// A reconciliation, finished or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReconciliationReport {
    /// Its id.
    pub id: ReconciliationId,
    /// How it ended; `None` while it is under way.
    pub outcome: Option<ReconciliationOutcome>,
    /// The first moment of the period.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// When it was started.
    pub started_at: Timestamp,
    /// The name of the person who asked for it.
    pub by: Option<String>,
    /// Charges compared.
    pub charges: i64,
    /// Calls to Stripe's API.
    pub calls: i64,
    /// Events that were missing and fetched before comparing, if that was asked for.
    pub backfilled: Option<i64>,
    /// Where the two differ, newest first.
    pub differences: Vec<Difference>,
}

impl ReconciliationReport {
    pub(super) fn new(row: Reconciliation, differences: Vec<Stored>, now: Timestamp) -> Self {
        let is_stalled =
            row.status == ReconciliationStatus::Running && now.since_ms(row.touched_at) > STALLED_MS;
        Self {
            id: row.id,
            outcome: row.outcome.or(is_stalled.then_some(ReconciliationOutcome::Interrupted)),
            from: row.from_at,
            to: row.to_at,
            started_at: row.started_at,
            by: row.account_name,
            charges: row.charges,
            calls: row.calls,
            backfilled: row.backfill_from.map(|_| row.backfilled),
            differences: differences.into_iter().map(|stored| shown(stored, now)).collect(),
        }
    }

    /// Whether it is under way.
    pub fn is_running(&self) -> bool {
        self.outcome.is_none()
    }

    /// How many differences there are of a kind.
    pub fn count(&self, kind: DifferenceKind) -> usize {
        self.differences.iter().filter(|difference| difference.kind == kind).count()
    }

    /// Whether anything that is missing can be fetched.
    pub fn can_backfill(&self) -> bool {
        !self.is_running() && self.differences.iter().any(|difference| difference.can_be_backfilled)
    }
}

fn shown(stored: Stored, now: Timestamp) -> Difference {
    Difference {
        stripe_id: stored.stripe_id,
        kind: stored.kind,
        at: stored.at,
        currency: stored.currency,
        stripe_amount: stored.stripe_amount,
        stripe_refunded: stored.stripe_refunded,
        our_amount: stored.our_amount,
        our_refunded: stored.our_refunded,
        payment: stored.payment_id,
        can_be_backfilled: stored.kind != DifferenceKind::Duplicate && stored.at > backfill::oldest(now),
    }
}

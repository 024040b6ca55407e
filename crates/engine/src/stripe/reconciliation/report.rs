//! What a comparison says: to the page, to the file, to whoever reads it later.

use domain::clock::Timestamp;
use domain::ids::{PaymentId, ReconciliationId};
use domain::money::Currency;
use store::reconciliations::{Difference as Stored, Reconciliation};

use super::SILENT_MS;
use crate::stripe::backfill;

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Stripe has a charge that is not known here.
    Missed,
    /// One charge is more than one payment here.
    Doubled,
    /// Other sums were given back.
    Refunded,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Missed, Self::Doubled, Self::Refunded];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::Doubled => "doubled",
            Self::Refunded => "refunded",
        }
    }
}

/// Where the two differ. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Stripe's id of the charge.
    pub stripe_id: String,
    /// What differs.
    pub kind: Kind,
    /// When it was charged.
    pub at: Timestamp,
    /// Of the amounts.
    pub currency: Currency,
    /// What Stripe charged.
    pub stripe_amount: i64,
    /// What Stripe gave back.
    pub stripe_refunded: i64,
    /// What is known here.
    pub our_amount: i64,
    /// What is known here to have been given back.
    pub our_refunded: i64,
    /// Our payment, if there is one.
    pub payment: Option<PaymentId>,
    /// Whether Stripe still has its events, so that it can be taken in.
    pub can_be_taken_in: bool,
}

/// A comparison, finished or under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Its id.
    pub id: ReconciliationId,
    /// Whether it has ended.
    pub is_running: bool,
    /// What was left out, or why it failed; `None` when everything was compared.
    pub shortcoming: Option<String>,
    /// The first moment of the period.
    pub from: Timestamp,
    /// The first moment after it.
    pub to: Timestamp,
    /// When it was begun.
    pub started_at: Timestamp,
    /// Who asked for it.
    pub by: Option<String>,
    /// Charges compared.
    pub charges: i64,
    /// Calls to Stripe's API.
    pub calls: i64,
    /// Events that were taken in before comparing, if that was asked for.
    pub taken_in: Option<i64>,
    /// Where the two differ, newest first.
    pub differences: Vec<Difference>,
}

impl Report {
    pub(super) fn new(row: Reconciliation, differences: Vec<Stored>, now: Timestamp) -> Self {
        let is_silent = row.state == "running" && now.since_ms(row.touched_at) > SILENT_MS;
        let silence = "The server stopped in the middle of the comparison. Start it again.";
        Self {
            id: row.id,
            is_running: row.state == "running" && !is_silent,
            shortcoming: if is_silent { Some(silence.to_owned()) } else { row.outcome_text },
            from: row.from_at,
            to: row.to_at,
            started_at: row.started_at,
            by: row.account_name,
            charges: row.charges,
            calls: row.calls,
            taken_in: row.take_in_from.map(|_| row.taken_in),
            differences: differences.into_iter().map(|stored| shown(stored, now)).collect(),
        }
    }

    /// How many differences there are of a kind.
    pub fn count(&self, kind: Kind) -> usize {
        self.differences.iter().filter(|difference| difference.kind == kind).count()
    }

    /// Whether anything of it can be taken in.
    pub fn can_take_in(&self) -> bool {
        !self.is_running && self.differences.iter().any(|difference| difference.can_be_taken_in)
    }
}

fn shown(stored: Stored, now: Timestamp) -> Difference {
    let kind = Kind::ALL.into_iter().find(|kind| kind.as_str() == stored.kind).unwrap_or(Kind::Refunded);
    Difference {
        stripe_id: stored.stripe_id,
        kind,
        at: stored.at,
        currency: stored.currency,
        stripe_amount: stored.stripe_amount,
        stripe_refunded: stored.stripe_refunded,
        our_amount: stored.our_amount,
        our_refunded: stored.our_refunded,
        payment: stored.payment_id,
        can_be_taken_in: kind != Kind::Doubled && stored.at > backfill::oldest(now),
    }
}

//! Counts of rejected deliveries in memory, until they are written to the database.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::clock::Timestamp;
use domain::deliveries::{DeliveryTarget, RejectionReason};
use store::rejected_deliveries::RejectionSample;

/// Deliveries of one target, reason and hour.
#[derive(Default)]
pub(crate) struct Count {
    /// Not written yet.
    pub(crate) deliveries: i64,
    pub(crate) last_at: Timestamp,
    pub(crate) sampled: usize,
    pub(crate) samples: Vec<RejectionSample>,
}

pub(crate) type Counts = BTreeMap<(DeliveryTarget, RejectionReason, i64), Count>;

/// What is counted and not written yet.
#[derive(Default)]
pub(crate) struct RejectionCounter(Mutex<(Counts, Timestamp)>);

impl RejectionCounter {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Counts, &mut Timestamp) -> T) -> T {
        let mut held = self.0.lock().expect("no holder of this lock panics");
        let (counts, written_at) = &mut *held;
        work(counts, written_at)
    }
}

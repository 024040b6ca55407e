//! Counts of rejected deliveries in memory, until they are written down.

use std::collections::BTreeMap;
use std::sync::Mutex;

use domain::clock::Timestamp;
use domain::ids::ConnectionId;
use store::rejected_deliveries::Sample;

/// Where a delivery came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// One connection's own endpoint, or an event that is known to be its.
    Connection(ConnectionId),
    /// The platform's endpoint, of either mode: a wrong signature names none.
    Platform,
    /// An address that no connection has.
    Nowhere,
}

impl Place {
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Connection(id) => id.as_str(),
            Self::Platform => "platform",
            Self::Nowhere => "nowhere",
        }
    }
}

/// Deliveries of one place, reason and hour.
#[derive(Default)]
pub(crate) struct Count {
    /// Not yet written down.
    pub(crate) deliveries: i64,
    pub(crate) last_at: Timestamp,
    pub(crate) sampled: usize,
    pub(crate) samples: Vec<Sample>,
}

pub(crate) type Counts = BTreeMap<(Place, &'static str, i64), Count>;

/// What is counted and not yet written down.
#[derive(Default)]
pub(crate) struct RejectionCounter(Mutex<(Counts, Timestamp)>);

impl RejectionCounter {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Counts, &mut Timestamp) -> T) -> T {
        let mut held = self.0.lock().expect("no holder of this lock panics");
        let (counts, written_at) = &mut *held;
        work(counts, written_at)
    }
}

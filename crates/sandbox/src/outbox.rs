//! Deliveries and their attempts.

use std::collections::{BTreeMap, VecDeque};

use domain::clock::Timestamp;

use crate::ids::Ids;
use crate::model::Event;

/// Deliveries remembered for the dashboard; the oldest is forgotten beyond it. Each holds
/// a shared event and a few attempts, so this is some megabytes.
pub(crate) const MAX_DELIVERIES: usize = 20_000;

/// The state of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    /// Not tried yet.
    Waiting,
    /// Being tried, or waiting for the next try.
    Retrying,
    /// Answered with 2xx.
    Delivered,
    /// Every try failed.
    GaveUp,
    /// The endpoint was disabled or deleted meanwhile.
    Stopped,
}

impl DeliveryState {
    /// Whether nothing more will happen to the delivery.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::GaveUp | Self::Stopped)
    }
}

/// One try.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// How long it took.
    pub milliseconds: i64,
    /// What went wrong when there was no answer.
    pub error: Option<String>,
}

impl Attempt {
    /// Redirects and everything beyond are failures, as with Stripe.
    pub(crate) fn succeeded(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// One event on its way to one endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number.
    pub id: u64,
    /// The event.
    pub event: Event,
    /// The endpoint's id.
    pub endpoint: String,
    /// The connected account that it is about, when the endpoint is a platform's.
    pub account: Option<String>,
    /// Every try so far.
    pub attempts: Vec<Attempt>,
    /// Its state.
    pub state: DeliveryState,
}

/// The order in which waiting deliveries are tried.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// As the events happened.
    #[default]
    AsCreated,
    /// The newest first.
    Reversed,
    /// Any.
    Shuffled,
}

/// What is waiting and what was tried.
#[derive(Default)]
pub(crate) struct Outbox {
    deliveries: BTreeMap<u64, Delivery>,
    queue: VecDeque<u64>,
    in_flight: usize,
    next: u64,
    pub hold: bool,
    pub duplicate: bool,
    pub order: Order,
}

impl Outbox {
    pub(crate) fn add(&mut self, event: &Event, endpoint: String, account: Option<String>) {
        let id = self.next;
        self.next += 1;
        let delivery = Delivery {
            id,
            event: event.clone(),
            endpoint,
            account,
            attempts: Vec::new(),
            state: DeliveryState::Waiting,
        };
        self.deliveries.insert(id, delivery);
        self.queue.push_back(id);
        if self.deliveries.len() > MAX_DELIVERIES {
            self.deliveries.pop_first();
            self.queue.retain(|waiting| self.deliveries.contains_key(waiting));
        }
    }

    /// Everything that may be tried now, in the chosen order.
    pub(crate) fn take(&mut self, ids: &Ids) -> Vec<u64> {
        if self.hold {
            return Vec::new();
        }
        let mut batch: Vec<u64> = self.queue.drain(..).collect();
        match self.order {
            Order::AsCreated => {}
            Order::Reversed => batch.reverse(),
            Order::Shuffled => {
                for last in (1..batch.len()).rev() {
                    let other = ids.below(last as u64 + 1) as usize;
                    batch.swap(last, other);
                }
            }
        }
        if self.duplicate {
            batch = batch.into_iter().flat_map(|id| [id, id]).collect();
        }
        self.in_flight += batch.len();
        batch
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Delivery> {
        self.deliveries.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Delivery> {
        self.deliveries.get_mut(&id)
    }

    /// One taken delivery will not be tried again.
    pub(crate) fn finished(&mut self) {
        self.in_flight = self.in_flight.saturating_sub(1);
    }

    /// Nothing is waiting, being tried, or due for a retry.
    pub(crate) fn is_quiet(&self) -> bool {
        self.queue.is_empty() && self.in_flight == 0
    }

    /// Newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &Delivery> {
        self.deliveries.values().rev()
    }

    /// Something may be taken.
    pub(crate) fn is_ready(&self) -> bool {
        !self.hold && !self.queue.is_empty()
    }
}

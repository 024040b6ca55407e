//! Settings of deliveries, and their results.

use crate::outbox::{Delivery, Order};
use crate::stripe::Stripe;

impl Stripe {
    /// Keeps new deliveries back until it is called with `false`.
    pub fn hold_deliveries(&self, hold: bool) {
        self.with(|state| state.outbox.hold = hold);
    }

    /// Delivers everything twice from now on, or stops doing so.
    pub fn duplicate_deliveries(&self, duplicate: bool) {
        self.with(|state| state.outbox.duplicate = duplicate);
    }

    /// The order in which waiting deliveries are sent.
    pub fn order_deliveries(&self, order: Order) {
        self.with(|state| state.outbox.order = order);
    }

    /// The deliveries of an event, newest first: the account's own, then those to platforms.
    pub fn deliveries_of(&self, event: &str) -> Vec<Delivery> {
        let of = |account: &Self| {
            account.with(|state| {
                let found = state.outbox.newest().filter(|it| it.event.id() == event);
                found.cloned().collect::<Vec<_>>()
            })
        };
        let others = self.all_accounts().into_iter().filter(|it| !it.is(self));
        let elsewhere: Vec<Delivery> = others.flat_map(|account| of(&account)).collect();
        of(self).into_iter().chain(elsewhere).collect()
    }
}

//! Backfill: fetching events that were not delivered, from Stripe's list of events into the
//! same inbox.

use connect::stripe::StripeError;
use connect::stripe::client::Caller;
use connect::stripe::events::{self, DAYS_KEPT, MOST_TYPES};
use connect::stripe::read::EVENT_TYPES;
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use domain::deliveries::EventSource;
use store::connections::Connection;
use tokio::task::JoinSet;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::stripe::delivery::Delivery;
use crate::stripe::webhooks::{self, DeliveryOutcome};

/// Events are fetched from this long before the last that is known to have come: Stripe
/// delivers in no order, and tries again for hours.
const BEFORE_MS: i64 = 3 * HOUR_MS;
/// Stripe's list ends a little early, so that no page fails at its edge.
const EDGE_MS: i64 = 5 * MINUTE_MS;
/// Pages for one run and list of types: 10,000 events, and no more than a hundredth of
/// the reads that Stripe allows an account in a month.
const MOST_PAGES: usize = 100;

/// The oldest moment from which Stripe still has events.
pub(crate) fn oldest(now: Timestamp) -> Timestamp {
    now.plus_days(-DAYS_KEPT).plus_ms(EDGE_MS)
}

/// From when on events are fetched: from before the last delivery or the last complete
/// backfill, whichever is earlier. Where one type of event is missing, others have been
/// delivered all the while.
pub(crate) fn since(connection: &Connection, last_complete: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let known = last_complete.unwrap_or(connection.created_at);
    let delivered = connection.last_event_at.unwrap_or(known);
    known.min(delivered).plus_ms(-BEFORE_MS).max(oldest(now))
}

/// The types that concern an account; those of our application are only delivered.
fn types() -> Vec<&'static str> {
    EVENT_TYPES.into_iter().filter(|kind| !kind.starts_with("account.")).collect()
}

/// The events since a moment, fetched page by page.
pub(crate) struct Backfill<'a> {
    engine: &'a Engine,
    connection: &'a Connection,
    caller: &'a Caller,
    /// From when on events are fetched.
    pub since: Timestamp,
    types: Vec<&'static str>,
    /// Where in `types` the current list begins.
    position: usize,
    after: Option<String>,
    pages: usize,
    /// Events fetched so far.
    pub fetched: i64,
    /// Those of them that had not arrived.
    pub new: i64,
    /// Whether there are more events than one run fetches.
    pub is_cut: bool,
}

impl<'a> Backfill<'a> {
    /// Everything since a moment.
    pub(crate) fn new(
        engine: &'a Engine,
        connection: &'a Connection,
        caller: &'a Caller,
        since: Timestamp,
    ) -> Self {
        let types = types();
        Self {
            engine,
            connection,
            caller,
            since,
            types,
            position: 0,
            after: None,
            pages: 0,
            fetched: 0,
            new: 0,
            is_cut: false,
        }
    }

    /// Fetches the next page into the inbox; `false` when none was left.
    ///
    /// # Errors
    /// The outer one is ours; the inner one is Stripe's, and what came before it is kept.
    pub(crate) async fn next_page(&mut self) -> Result<std::result::Result<bool, StripeError>> {
        let Some(rest) = self.types.get(self.position..).filter(|rest| !rest.is_empty()) else {
            return Ok(Ok(false));
        };
        let types = &rest[..rest.len().min(MOST_TYPES)];
        let page = match events::page(self.caller, types, self.since, self.after.as_deref()).await {
            Ok(page) => page,
            Err(error) => return Ok(Err(error)),
        };
        self.pages += 1;
        self.fetched += page.events.len() as i64;
        self.new += store_all(self.engine, self.connection, page.events).await?;
        self.after = page.last_id;
        self.is_cut |= page.has_more && self.pages == MOST_PAGES;
        if !page.has_more || self.pages == MOST_PAGES {
            (self.position, self.pages, self.after) = (self.position + MOST_TYPES, 0, None);
        }
        Ok(Ok(true))
    }
}

/// Stores a page of events, all at once so that few commits hold them; returns how many
/// had not arrived.
async fn store_all(engine: &Engine, connection: &Connection, events: Vec<Vec<u8>>) -> Result<i64> {
    let mut stored = JoinSet::new();
    for event in events {
        let (engine, connection) = (engine.clone(), connection.clone());
        stored.spawn(async move {
            webhooks::store_event(&engine, &connection, &Delivery::new(&event), EventSource::Backfill).await
        });
    }
    let mut new = 0;
    while let Some(one) = stored.join_next().await {
        if one.map_err(|error| Error::Broken(error.to_string()))?? == DeliveryOutcome::Stored {
            new += 1;
        }
    }
    if new > 0 {
        let mut conn = engine.db().write().await?;
        store::connections::count_recovered(&mut conn, &connection.id, new).await?;
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use domain::clock::Random;
    use domain::ids::{ConnectionId, ProgramId};

    use super::*;

    #[test]
    fn the_backfill_begins_before_anything_that_may_be_missing() {
        const DAY: i64 = 24 * HOUR_MS;
        let now = Timestamp(100 * DAY);
        let random = Random::seeded(1);
        let connected = |last_event: Option<i64>| {
            let program = ProgramId::new(now, &random);
            let row = Connection::manual(ConnectionId::new(now, &random), &program, "t", Timestamp(90 * DAY));
            Connection { last_event_at: last_event.map(Timestamp), ..row }
        };
        let from = |last_event, complete: Option<i64>| {
            since(&connected(last_event), complete.map(Timestamp), now).0 + BEFORE_MS
        };
        assert_eq!(from(None, None), 90 * DAY, "new: since it was connected");
        assert_eq!(from(Some(95 * DAY), None), 90 * DAY, "never checked: a type may have been missing");
        assert_eq!(from(Some(99 * DAY), Some(98 * DAY)), 98 * DAY, "since the last complete replay");
        assert_eq!(from(Some(95 * DAY), Some(98 * DAY)), 95 * DAY, "nothing came for days");
        assert_eq!(
            from(Some(10 * DAY), Some(98 * DAY)) - BEFORE_MS,
            70 * DAY + EDGE_MS,
            "Stripe keeps 30 days"
        );
    }

    #[test]
    fn every_event_type_of_an_account_is_fetched() {
        assert_eq!(types().len(), EVENT_TYPES.len() - 1);
    }
}

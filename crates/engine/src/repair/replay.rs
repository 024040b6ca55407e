//! Fetching what deliveries missed: from Stripe's list of events into the same inbox.

use connect::stripe::client::Caller;
use connect::stripe::events::{self, DAYS_KEPT, MOST_TYPES};
use connect::stripe::read::EVENT_TYPES;
use connect::stripe::{ErrorKind, StripeError};
use domain::clock::{HOUR_MS, MINUTE_MS, Timestamp};
use store::connections::Connection;
use tokio::task::JoinSet;

use super::report::{Line, LineState};
use super::run::{Halt, Run, Step};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::inbox::{self, Received};

/// Events are fetched from this long before the last that is known to have come: Stripe
/// delivers in no order, and tries again for hours.
const BEFORE_MS: i64 = 3 * HOUR_MS;
/// Stripe's list ends a little early, so that no page fails at its edge.
const EDGE_MS: i64 = 5 * MINUTE_MS;
/// Pages for one repair and list of types: 10,000 events, and no more than a hundredth of
/// the reads that Stripe allows an account in a month.
const MOST_PAGES: usize = 100;

const TITLE: &str = "Fetch missed events";

/// From when on events are fetched: from before the last one that a delivery brought or the
/// last time that everything was fetched, whichever is earlier. Where one type of event is
/// missing, others have come all the while.
pub(super) fn since(connection: &Connection, last_complete: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let known = last_complete.unwrap_or(connection.created_at);
    let heard = connection.last_event_at.unwrap_or(known);
    known.min(heard).plus_ms(-BEFORE_MS).max(now.plus_days(-DAYS_KEPT).plus_ms(EDGE_MS))
}

/// The types that concern an account; what concerns our application comes by deliveries.
fn types() -> Vec<&'static str> {
    EVENT_TYPES.into_iter().filter(|kind| !kind.starts_with("account.")).collect()
}

/// How far a replay has come.
#[derive(Default)]
struct Fetched {
    events: i64,
    new: i64,
    pages_left_out: bool,
}

/// Fetches everything since a moment; each event goes through the inbox as if it had been
/// delivered.
pub(super) async fn replay(
    run: &mut Run<'_>,
    connection: &Connection,
    caller: &Caller,
    since: Timestamp,
) -> Step<()> {
    let mut fetched = Fetched::default();
    let outcome = fetch(run, connection, caller, since, &mut fetched).await?;
    let count = count_words(&fetched);
    let line = match outcome {
        Ok(()) if fetched.pages_left_out => Line::new(
            "events_partly_fetched",
            LineState::Notice,
            TITLE,
            &count,
            "There are more events than one repair fetches. Start the repair again for the rest.",
        ),
        Ok(()) => {
            run.is_complete();
            let text = match (fetched.events, fetched.new) {
                (0, _) => "Nothing has happened that Honeyguide needs to know.".to_owned(),
                (_, 0) => "Everything that happened had arrived.".to_owned(),
                (all, new) => format!(
                    "{all} events were looked at; {new} of them had not arrived and are taken in now."
                ),
            };
            let state = if fetched.new > 0 { LineState::Changed } else { LineState::Done };
            Line::new("events_fetched", state, TITLE, &count, text)
        }
        Err(error) => refused(&error, &count),
    };
    run.say(line).await
}

fn count_words(fetched: &Fetched) -> String {
    match fetched.new {
        0 => "none missing".to_owned(),
        new => format!("{new} replayed"),
    }
}

fn refused(error: &StripeError, count: &str) -> Line {
    let (code, text) = match error.kind {
        ErrorKind::Forbidden => (
            "events_forbidden",
            "The key may not read events. Give it Events: Read in Stripe, then repair again.",
        ),
        _ if error.passes() => (
            "events_away",
            "Stripe did not give all events. What came is kept; the rest is fetched by the next repair.",
        ),
        _ => ("events_refused", "Stripe did not give the events."),
    };
    Line::new(code, LineState::Refused, TITLE, count, text).quoting(&error.message)
}

async fn fetch(
    run: &Run<'_>,
    connection: &Connection,
    caller: &Caller,
    since: Timestamp,
    fetched: &mut Fetched,
) -> Step<std::result::Result<(), StripeError>> {
    run.count(since, 0, 0).await?;
    for types in types().chunks(MOST_TYPES) {
        let mut after: Option<String> = None;
        for page in 0.. {
            if page == MOST_PAGES {
                fetched.pages_left_out = true;
                break;
            }
            let page = match events::page(caller, types, since, after.as_deref()).await {
                Ok(page) => page,
                Err(error) => return Ok(Err(error)),
            };
            fetched.events += page.events.len() as i64;
            fetched.new += take_in(run.engine, connection, page.events).await.map_err(Halt::from)?;
            run.count(since, fetched.events, fetched.new).await?;
            after = page.last_id;
            if !page.has_more {
                break;
            }
        }
    }
    Ok(Ok(()))
}

/// Stores a page of events, all at once so that one commit holds them; answers how many
/// are new.
async fn take_in(engine: &Engine, connection: &Connection, events: Vec<Vec<u8>>) -> Result<i64> {
    let mut stored = JoinSet::new();
    for event in events {
        let (engine, connection) = (engine.clone(), connection.clone());
        stored.spawn(async move { inbox::keep(&engine, &connection, &event, "replay").await });
    }
    let mut new = 0;
    while let Some(one) = stored.join_next().await {
        if one.map_err(|error| Error::Broken(error.to_string()))?? == Received::Stored {
            new += 1;
        }
    }
    if new > 0 {
        let mut conn = engine.0.db.write().await?;
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
    fn fetching_begins_before_whatever_may_have_been_missed() {
        const DAY: i64 = 24 * HOUR_MS;
        let now = Timestamp(100 * DAY);
        let random = Random::seeded(1);
        let connected = |last_event: Option<i64>| {
            let program = ProgramId::new(now, &random);
            let row =
                Connection::by_hand(ConnectionId::new(now, &random), &program, "t", Timestamp(90 * DAY));
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
    fn every_type_that_an_account_has_is_fetched() {
        assert_eq!(types().len(), EVENT_TYPES.len() - 1);
        assert!(types().chunks(MOST_TYPES).all(|chunk| chunk.len() <= 20));
    }
}

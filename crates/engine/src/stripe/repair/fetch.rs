//! The last step: what deliveries missed is fetched.

use connect::stripe::client::Caller;
use connect::stripe::{ErrorKind, StripeError};
use domain::clock::Timestamp;
use store::connections::Connection;

use super::report::{Line, LineState};
use super::run::{Run, Step};
use crate::stripe::backfill::Missed;
use crate::stripe::credentials;

const TITLE: &str = "Fetch missed events";

/// Fetches everything since a moment; each event goes through the inbox as if it had been
/// delivered.
pub(super) async fn fetch(
    run: &mut Run<'_>,
    connection: &Connection,
    caller: &Caller,
    since: Timestamp,
) -> Step<()> {
    let mut missed = Missed::new(run.engine, connection, caller, since);
    run.count(since, 0, 0).await?;
    let refusal = loop {
        match missed.page().await? {
            Ok(true) => run.count(since, missed.fetched, missed.new).await?,
            Ok(false) => break None,
            Err(error) => break Some(error),
        }
    };
    let count = match missed.new {
        0 => "none missing".to_owned(),
        new => format!("{new} fetched"),
    };
    let line = match refusal {
        Some(error) => {
            let is_lost = credentials::refused(run.engine, connection, &error).await?;
            let count = if missed.new == 0 { "not finished" } else { &count };
            refused(&error, is_lost, count)
        }
        None if missed.is_cut => Line::new(
            "events_partly_fetched",
            LineState::Notice,
            TITLE,
            &count,
            "There are more events than one repair fetches. What is left is older than what came.",
        ),
        None => {
            run.is_complete();
            fetched(&missed, &count)
        }
    };
    run.append_line(line).await
}

fn fetched(missed: &Missed<'_>, count: &str) -> Line {
    let (state, text) = match (missed.fetched, missed.new) {
        (0, _) => (LineState::Done, "Nothing has happened since.".to_owned()),
        (_, 0) => (LineState::Done, "Every event had arrived already.".to_owned()),
        (all, new) => (
            LineState::Changed,
            format!("{all} events were checked; {new} of them had not arrived and are taken in now."),
        ),
    };
    Line::new("events_fetched", state, TITLE, count, text)
}

fn refused(error: &StripeError, is_lost: bool, count: &str) -> Line {
    let (code, text) = match error.kind {
        _ if is_lost => {
            ("events_access_lost", "Stripe does not let Honeyguide in any more. Reconnect Stripe.")
        }
        ErrorKind::Forbidden => (
            "events_forbidden",
            "The key may not read events. Give it Events: Read in Stripe, then repair again.",
        ),
        _ if error.is_temporary() => (
            "events_away",
            "Stripe did not give all events. What came is kept; the rest is fetched by the next repair.",
        ),
        _ => ("events_refused", "Stripe did not give the events."),
    };
    Line::new(code, LineState::Refused, TITLE, count, text).quoting(&error.message)
}

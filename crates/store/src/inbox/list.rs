//! The list of received events, with filters: the event log.

use domain::clock::Timestamp;
use domain::deliveries::EventSource;
use domain::events::EventStatus;
use domain::ids::ProgramId;

use super::event::{InboxEvent, columns, event};
use crate::db::{Conn, Result, Value, args};

/// What a list of events is narrowed to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// With one status.
    pub status: Option<EventStatus>,
    /// Of one type.
    pub event_type: Option<String>,
    /// With one word of [`EventOutcome`].
    pub outcome: Option<String>,
    /// How it arrived.
    pub source: Option<EventSource>,
    /// Live or test.
    pub livemode: Option<bool>,
    /// Received from then on.
    pub from: Option<Timestamp>,
    /// Received before then.
    pub until: Option<Timestamp>,
    /// About one id of Stripe's: an event's own, a payment under any of its ids, or
    /// everything of a customer or subscription.
    pub stripe_id: Option<String>,
}

/// A list that an index leads: by time alone, or by one filter and time. The other filters are
/// compared row by row.
macro_rules! listed {
    ($leading:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            " FROM inbox WHERE program_id = $1 ",
            $leading,
            " AND ($2 IS NULL OR status = $2) AND ($3 IS NULL OR event_type = $3) \
             AND ($4 IS NULL OR outcome = $4) AND ($5 IS NULL OR source = $5) AND ($6 IS NULL OR livemode = $6) \
             AND received_at >= $7 AND (received_at, id) < ($8, $9) \
             ORDER BY received_at DESC, id DESC LIMIT $10"
        )
    };
}
const LIST: &str = listed!("");
const BY_STATUS: &str = listed!("AND status = $2");
const BY_TYPE: &str = listed!("AND event_type = $3");
const BY_OUTCOME: &str = listed!("AND outcome = $4");
/// Few events are fetched, so that these have an index; nearly all others are deliveries.
const OF_BACKFILLS: &str = listed!("AND source = 'backfill'");
/// Each part of the union is led by an index, so that a search does not read the log.
const SEARCH: &str = listed!(
    "AND id IN (\
       SELECT e.id FROM connections k JOIN inbox e ON e.connection_id = k.id AND e.event_id = $11 WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k JOIN inbox e ON e.connection_id = k.id AND e.object_id = $11 \
         WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k \
         JOIN stripe_ids t ON t.connection_id = k.id AND t.stripe_id = $11 \
         JOIN stripe_ids s ON s.payment_id = t.payment_id \
         JOIN inbox e ON e.connection_id = s.connection_id AND e.object_id = s.stripe_id WHERE k.program_id = $1 \
       UNION ALL SELECT e.id FROM connections k \
         JOIN stripe_ids t ON t.connection_id = k.id AND t.stripe_id = $11 \
         JOIN stripe_ids s ON s.customer_id = t.customer_id \
         JOIN inbox e ON e.connection_id = s.connection_id AND e.object_id = s.stripe_id \
         WHERE k.program_id = $1 AND (t.stripe_id LIKE 'cus@_%' ESCAPE '@' OR t.stripe_id LIKE 'sub@_%' ESCAPE '@'))"
);

/// A program's events, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    filter: &Filter,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<InboxEvent>> {
    // The only bound at its end, so that the index leads to it.
    let before = before.min((filter.until.unwrap_or(Timestamp(i64::MAX)), ""));
    let mut values: Vec<Value> = args![
        program,
        filter.status.map(EventStatus::word),
        filter.event_type.as_deref(),
        filter.outcome.as_deref(),
        filter.source.map(EventSource::word),
        filter.livemode,
        filter.from.unwrap_or(Timestamp(i64::MIN)),
        before.0,
        before.1,
        limit
    ]
    .into();
    let Some(stripe_id) = &filter.stripe_id else {
        let sql = match filter {
            Filter { event_type: Some(_), .. } => BY_TYPE,
            Filter { outcome: Some(_), .. } => BY_OUTCOME,
            Filter { status: Some(_), .. } => BY_STATUS,
            Filter { source: Some(EventSource::Backfill), .. } => OF_BACKFILLS,
            _ => LIST,
        };
        return conn.all(sql, &values, event).await;
    };
    values.push(Value::from(stripe_id));
    conn.all(SEARCH, &values, event).await
}

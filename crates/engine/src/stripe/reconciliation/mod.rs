//! Reconciliation: for a period, Stripe's charges beside our payments.
//!
//! A reconciliation is a job. Stripe's list of charges is read a page at a time, and each
//! charge is looked up here by its own id, its payment intent's and its invoice's.

mod compare;
mod report;
mod run;
mod run_reconciliation_job;

use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::fields::Problems;
use domain::ids::{ProgramId, ReconciliationId};
use domain::jobs::Queue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::connections::Connection;
use store::db::{Conn, again};

pub use self::report::{Difference, ReconciliationReport};
pub(crate) use self::run_reconciliation_job::RunReconciliation;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;
use crate::stripe::backfill;

/// The longest period, days: a quarter, so that a reconciliation stays within the reads that
/// Stripe allows.
pub const MOST_DAYS: i64 = 92;
/// How long a run may show no sign of life before it counts as ended, milliseconds.
const STALLED_MS: i64 = 5 * MINUTE_MS;
/// The events of a charge that is younger, milliseconds, may still be on their way.
const IN_TRANSIT_MS: i64 = 5 * MINUTE_MS;

/// A period as it was entered, in dates of the program's time zone.
#[derive(Debug, Clone, Default)]
pub struct PeriodInput {
    /// The first day, such as `2026-11-01`.
    pub from: String,
    /// The last day.
    pub to: String,
}

impl PeriodInput {
    /// Its first moment and the first after it.
    fn parse(&self, time_zone: &str, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
        let zone = TimeZone::get(time_zone).unwrap_or(TimeZone::UTC);
        let mut problems = Problems::new();
        let mut midnight = |field: &str, text: &str, days: i64| -> Option<Timestamp> {
            let date: Option<Date> = text.trim().parse().ok();
            let date = date.and_then(|date| date.checked_add(jiff::Span::new().days(days)).ok());
            let start = date.and_then(|date| date.to_zoned(zone.clone()).ok());
            if start.is_none() {
                problems.add(field, "Enter a date such as 2026-11-01");
            }
            start.map(|start| Timestamp(start.timestamp().as_millisecond()))
        };
        let (from, to) = (midnight("from", &self.from, 0), midnight("to", &self.to, 1));
        let (Some(from), Some(to)) = (from, to) else { return Err(problems.into()) };
        // Two days more, because days of a time zone are not all of the same length.
        if to <= from || from >= now {
            return Err(Error::field("to", "The first day must not be after the last day or after today"));
        }
        if to.since_ms(from) > (MOST_DAYS + 1) * DAY_MS {
            return Err(Error::field("from", format!("Choose {MOST_DAYS} days at most")));
        }
        Ok((from, to.min(now.plus_ms(-IN_TRANSIT_MS)).max(from.plus_ms(1))))
    }
}

/// Starts a reconciliation of a period and returns it; where one is running already, that
/// one.
pub async fn start(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    period: &PeriodInput,
) -> Result<ReconciliationReport> {
    actor.may_write()?;
    let id = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let connection = comparable(&mut tx, &program.id).await?;
        let period = period.parse(&program.time_zone, engine.now())?;
        let id = begin(engine, &mut tx, actor, &connection, period, None).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    })
    .await?;
    engine.wake(Queue::External);
    report(engine, actor, program, &id).await
}

/// Fetches what a reconciliation found missing, as far as Stripe still has the events, and
/// compares the same period again.
pub async fn backfill(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReconciliationId,
) -> Result<ReconciliationReport> {
    actor.may_write()?;
    let earlier = report(engine, actor, program, id).await?;
    let missing = earlier.differences.iter().filter(|difference| difference.can_be_backfilled);
    let oldest = missing.map(|difference| difference.at).min().ok_or(Error::Forbidden(NOTHING_TO_FETCH))?;
    let id = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let connection = comparable(&mut tx, &program.id).await?;
        let from = oldest.plus_ms(-IN_TRANSIT_MS).max(backfill::oldest(engine.now()));
        let id = begin(engine, &mut tx, actor, &connection, (earlier.from, earlier.to), Some(from)).await?;
        tx.commit().await?;
        Ok::<_, Error>(id)
    })
    .await?;
    engine.wake(Queue::External);
    report(engine, actor, program, &id).await
}

const NOTHING_TO_FETCH: &str = "There is nothing to import: Stripe keeps events for 30 days.";
const NOT_COMPARABLE: &str =
    "This connection can’t read from Stripe. Sign in with Stripe or connect a restricted key first.";

/// The connection of a program, if Stripe can be asked through it.
async fn comparable(conn: &mut Conn, program: &ProgramId) -> Result<Connection> {
    let connection = store::connections::of_program(conn, program).await?;
    connection.filter(|connection| connection.can_call_stripe()).ok_or(Error::Forbidden(NOT_COMPARABLE))
}

async fn begin(
    engine: &Engine,
    tx: &mut Conn,
    actor: &MerchantActor,
    connection: &Connection,
    period: (Timestamp, Timestamp),
    backfill_from: Option<Timestamp>,
) -> Result<ReconciliationId> {
    let now = engine.now();
    store::reconciliations::end_stalled(tx, &connection.id, now.plus_ms(-STALLED_MS), now).await?;
    let id = ReconciliationId::new(now, engine.random());
    let (ids, by) = ((&id, &connection.id), actor.account_id());
    if !store::reconciliations::put(tx, ids, by, period, backfill_from, now).await? {
        let running = store::reconciliations::running(tx, &connection.id).await?;
        return running.map(|running| running.id).ok_or(Error::Unavailable);
    }
    jobs::enqueue(engine, tx, &RunReconciliation(id.clone()), now).await?;
    Ok(id)
}

/// A reconciliation of a program.
pub async fn report(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ReconciliationId,
) -> Result<ReconciliationReport> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let row = store::reconciliations::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    let differences = store::reconciliations::differences(&mut conn, id).await?;
    Ok(ReconciliationReport::new(row, differences, engine.now()))
}

/// The newest reconciliation of a program.
pub async fn latest(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<Option<ReconciliationReport>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let Some(row) = store::reconciliations::latest(&mut conn, &program.id).await? else { return Ok(None) };
    let differences = store::reconciliations::differences(&mut conn, &row.id).await?;
    Ok(Some(ReconciliationReport::new(row, differences, engine.now())))
}

/// Whether Stripe can be asked through a program's connection.
pub async fn is_possible(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<bool> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    match comparable(&mut conn, &program.id).await {
        Ok(_) => Ok(true),
        Err(Error::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

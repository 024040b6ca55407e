//! The daily check of every connection: a repair that runs without being asked for.

use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::ids::{ConnectionId, JobId};
use domain::jobs::Queue;
use domain::repairs::RepairCause;
use store::db::again;

use super::begin as begin_repair;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::stripe::promotion_codes;

/// How often it looks.
const LOOK_EVERY_MS: i64 = 5 * MINUTE_MS;
/// Connections whose check is begun at one look: 5,760 a day, a few at a time so that the
/// server and Stripe are not asked for all of them at once. Each keeps the time of day at
/// which it was connected.
const AT_ONCE: i64 = 20;
/// How often a connection is checked that is well.
const EVERY_MS: i64 = DAY_MS;
/// How often a connection with a problem is checked: missed deliveries are fetched meanwhile.
const IN_TROUBLE_EVERY_MS: i64 = HOUR_MS;

/// Begins the first check of a connection that was just made, which fetches what happened
/// while there was none.
pub(super) async fn after_connecting(engine: &Engine, job: &JobId, connection: &ConnectionId) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        let connection = store::connections::get(&mut tx, connection).await?;
        if let Some(connection) = connection.filter(|it| it.can_call_stripe()) {
            begin_repair(engine, &mut tx, &connection, RepairCause::Daily, None).await?;
            promotion_codes::schedule_check(engine, &mut tx, &connection).await?;
        }
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await?;
    engine.wake(Queue::External);
    Ok(())
}

/// Begins a repair of each connection that is due, and schedules the next look.
pub(super) async fn check(engine: &Engine, job: &JobId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let (daily, hourly) = (now.plus_ms(-EVERY_MS), now.plus_ms(-IN_TROUBLE_EVERY_MS));
        for id in store::repairs::due(&mut tx, daily, hourly, AT_ONCE).await? {
            if let Some(connection) = store::connections::get(&mut tx, &id).await? {
                begin_repair(engine, &mut tx, &connection, RepairCause::Daily, None).await?;
                promotion_codes::schedule_check(engine, &mut tx, &connection).await?;
            }
        }
        store::jobs::reschedule(&mut tx, job, now.plus_ms(LOOK_EVERY_MS)).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await
}

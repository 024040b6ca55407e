//! The daily check of every connection: a repair that runs without being asked for.

use domain::clock::{DAY_MS, HOUR_MS, MINUTE_MS};
use domain::ids::{ConnectionId, JobId};
use domain::repairs::RepairCause;
use store::db::again;

use super::begin as begin_repair;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// The job that looks which connections are due.
pub(crate) const CHECK: &str = "check";

/// How often it looks.
const LOOK_EVERY_MS: i64 = 5 * MINUTE_MS;
/// Connections whose check is begun at one look: 5,760 a day, a few at a time so that the
/// server and Stripe are not asked for all of them at once. Each keeps the time of day at
/// which it was connected.
const AT_ONCE: i64 = 20;
/// How often a connection is checked that is well.
const EVERY_MS: i64 = DAY_MS;
/// How often one is tried that is in trouble: what deliveries miss is fetched meanwhile.
const IN_TROUBLE_EVERY_MS: i64 = HOUR_MS;

/// Has the looking begin, once for all nodes.
pub(crate) async fn begin(engine: &Engine) -> Result<()> {
    let now = engine.now();
    let id = JobId::new(now, engine.random());
    let mut conn = engine.db().write().await?;
    Ok(store::jobs::put(&mut conn, &id, CHECK, "", Some(CHECK), now, now).await?)
}

/// Begins the first check of a connection that was just made, which fetches what happened
/// while there was none: the job `fetch`.
pub(crate) async fn after_connecting(engine: &Engine, job: &JobId, connection: &ConnectionId) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if !store::jobs::done(&mut tx, job).await? {
            return Ok(());
        }
        let connection = store::connections::get(&mut tx, connection).await?;
        if let Some(connection) = connection.filter(|it| it.is_connected() && it.mode != "manual") {
            begin_repair(engine, &mut tx, &connection, RepairCause::Daily, None).await?;
        }
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await?;
    engine.work_outside().notify_one();
    Ok(())
}

/// Begins a repair of each connection that is due, and puts the next look off: the job
/// `check`.
pub(crate) async fn check(engine: &Engine, job: &JobId) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let (daily, hourly) = (now.plus_ms(-EVERY_MS), now.plus_ms(-IN_TROUBLE_EVERY_MS));
        for id in store::repairs::due(&mut tx, daily, hourly, AT_ONCE).await? {
            if let Some(connection) = store::connections::get(&mut tx, &id).await? {
                begin_repair(engine, &mut tx, &connection, RepairCause::Daily, None).await?;
            }
        }
        store::jobs::put_off(&mut tx, job, now.plus_ms(LOOK_EVERY_MS)).await?;
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await
}

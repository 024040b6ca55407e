//! Adds commissions whose hold period has ended to the balances, so that pages have little to add.

use domain::clock::MINUTE_MS;
use domain::ids::JobId;
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::db::again;

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;

/// Commissions of a transaction: other writes wait for some milliseconds.
const BATCH: i64 = 500;
/// How often it runs.
const EVERY_MS: i64 = 5 * MINUTE_MS;

/// Runs again and again; once for all nodes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReleaseCommissions {}

impl Job for ReleaseCommissions {
    const KIND: JobKind = JobKind::ReleaseCommissions;

    fn deduplication_key(&self) -> Option<String> {
        Some("everything".to_owned())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        while again(|| batch(engine)).await? == BATCH as u64 {}
        let next = engine.now().plus_ms(EVERY_MS);
        Ok(store::jobs::reschedule(&mut engine.db().write().await?, job, next).await?)
    }
}

async fn batch(engine: &Engine) -> Result<u64> {
    let mut tx = engine.db().begin().await?;
    let released = store::commissions::release_due(&mut tx, engine.now(), BATCH).await?;
    tx.commit().await?;
    Ok(released)
}

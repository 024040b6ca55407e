//! The job that finds the customers affected by a late lead.

use std::collections::BTreeSet;

use domain::ids::JobId;
use domain::jobs::JobKind;
use store::db::again;

use super::address_lock;
use super::follow_ups::{Reevaluate, ReevaluateAddress};
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{self, Job};

impl Job for ReevaluateAddress {
    const KIND: JobKind = JobKind::ReevaluateAddress;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.program, self.email))
    }

    /// An event that names the address may be on its way to the database, evaluated without the
    /// lead: this waits for its commit, and then sees its customer.
    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        again(|| async {
            let mut tx = engine.db().begin_batch().await?;
            store::jobs::done(&mut tx, job).await?;
            tx.lock(&BTreeSet::from([address_lock(&self.program, &self.email)])).await?;
            for customer in store::customers::with_email(&mut tx, &self.program, &self.email).await? {
                jobs::enqueue(engine, &mut tx, &Reevaluate(customer), engine.now()).await?;
            }
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

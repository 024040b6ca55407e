//! The job that runs a reconciliation.

use domain::ids::{JobId, ReconciliationId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};

use super::run::run;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;

/// Runs a reconciliation.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunReconciliation(pub(super) ReconciliationId);

impl Job for RunReconciliation {
    const KIND: JobKind = JobKind::RunReconciliation;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        run(engine, job, &self.0).await
    }
}

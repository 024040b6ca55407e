//! The job that runs a repair.

use domain::ids::{JobId, RepairId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;

/// Runs a repair.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct RunRepair(pub(super) RepairId);

impl Job for RunRepair {
    const KIND: JobKind = JobKind::RunRepair;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        super::run(engine, job, &self.0).await
    }
}

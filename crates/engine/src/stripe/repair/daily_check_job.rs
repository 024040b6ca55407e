//! The job that starts the checks of connections that are due.

use domain::ids::JobId;
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};

use super::checks::check;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;

/// Starts the checks of connections that are due. Runs again and again; once for all nodes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DailyCheck {}

impl Job for DailyCheck {
    const KIND: JobKind = JobKind::DailyCheck;

    fn deduplication_key(&self) -> Option<String> {
        Some("all connections".to_owned())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        check(engine, job).await
    }
}

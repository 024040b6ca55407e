//! The job that starts the first check of a new connection.

use domain::ids::JobId;
use domain::jobs::JobKind;

use super::checks::after_connecting;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;
use crate::stripe::connections::FirstBackfill;

impl Job for FirstBackfill {
    const KIND: JobKind = JobKind::FirstBackfill;

    fn deduplication_key(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        after_connecting(engine, job, &self.0).await
    }
}

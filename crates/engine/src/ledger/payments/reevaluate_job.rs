//! The job that evaluates a customer again.

use domain::ids::JobId;
use domain::jobs::JobKind;

use super::alone::reevaluate;
use super::follow_ups::Reevaluate;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::Job;

impl Job for Reevaluate {
    const KIND: JobKind = JobKind::Reevaluate;

    fn deduplication_key(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        reevaluate(engine, job, &self.0).await
    }
}

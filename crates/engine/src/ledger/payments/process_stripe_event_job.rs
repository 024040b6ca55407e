//! The job that processes a stored Stripe event.

use domain::events::{AttemptKind, EventOutcome};
use domain::ids::JobId;
use domain::jobs::{JobKind, ProcessStripeEvent};
use store::db::Tx;
use store::inbox::Attempt;

use super::alone::process_event;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{Failure, Job};

impl Job for ProcessStripeEvent {
    const KIND: JobKind = JobKind::ProcessStripeEvent;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        process_event(engine, job, &self.0).await
    }

    /// The event shows that processing it failed.
    async fn on_failure(&self, engine: &Engine, tx: &mut Tx, _job: &JobId, failure: Failure) -> Result<()> {
        let now = engine.now();
        store::inbox::note_failure(tx, &self.0).await?;
        let (kind, outcome) = (AttemptKind::Worker, EventOutcome::Retrying);
        let attempt = Attempt { at: now, kind, outcome, by: None };
        store::inbox::put_attempt(tx, &self.0, &attempt, None).await?;
        if failure == Failure::DeadLettered {
            store::inbox::record_outcome(tx, &self.0, &EventOutcome::GaveUp, None, now).await?;
        }
        Ok(())
    }
}

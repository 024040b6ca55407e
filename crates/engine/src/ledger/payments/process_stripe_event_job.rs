//! The job that processes a stored Stripe event.

use domain::ids::JobId;
use domain::jobs::{JobKind, ProcessStripeEvent};
use store::db::Tx;
use store::inbox::{Attempt, Outcome};

use super::understand;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{Failure, Job};

const RETRYING: &str = "Reading this event failed and will be tried again.";
const GAVE_UP: &str = "Reading this event failed again and again. It is kept and can be replayed.";

impl Job for ProcessStripeEvent {
    const KIND: JobKind = JobKind::ProcessStripeEvent;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        understand(engine, job, &self.0).await
    }

    /// The event shows that processing it failed.
    async fn on_failure(&self, engine: &Engine, tx: &mut Tx, failure: Failure) -> Result<()> {
        let now = engine.now();
        store::inbox::note_failure(tx, &self.0, RETRYING).await?;
        let attempt = Attempt {
            at: now,
            kind: "worker".to_owned(),
            state: "retrying".to_owned(),
            outcome: "retrying".to_owned(),
            text: RETRYING.to_owned(),
            by: None,
        };
        store::inbox::put_attempt(tx, &self.0, &attempt, None).await?;
        if failure == Failure::DeadLettered {
            let outcome = Outcome {
                state: "failed",
                outcome: "gave_up".to_owned(),
                text: GAVE_UP.to_owned(),
                about: None,
            };
            store::inbox::record_outcome(tx, &self.0, &outcome, now).await?;
        }
        Ok(())
    }
}

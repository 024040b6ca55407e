//! The job that processes the events that were kept of an account, once a person has said
//! that it is the right one.

use domain::ids::{ConnectionId, JobId};
use domain::jobs::{JobKind, ProcessStripeEvent, Queue};
use serde::{Deserialize, Serialize};
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};

/// Events that one transaction hands to the workers.
const AT_ONCE: i64 = 100;

/// Hands the events that a connection kept of an account to the workers, as if they had just
/// come.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ProcessKeptEvents {
    pub connection: ConnectionId,
    pub account: String,
}

impl Job for ProcessKeptEvents {
    const KIND: JobKind = JobKind::ProcessKeptEvents;

    fn deduplication_key(&self) -> Option<String> {
        Some(format!("{} {}", self.connection, self.account))
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        again(|| async {
            let now = engine.now();
            let mut tx = engine.db().begin().await?;
            let kept =
                store::inbox::kept_of_account(&mut tx, &self.connection, &self.account, AT_ONCE).await?;
            for event in &kept {
                store::inbox::receive_again(&mut tx, event).await?;
                jobs::enqueue(engine, &mut tx, &ProcessStripeEvent(event.clone()), now).await?;
            }
            if kept.len() as i64 == AT_ONCE {
                store::jobs::reschedule(&mut tx, job, now).await?;
            } else {
                store::jobs::done(&mut tx, job).await?;
            }
            tx.commit().await?;
            Ok::<(), Error>(())
        })
        .await?;
        engine.wake(Queue::Local);
        Ok(())
    }
}

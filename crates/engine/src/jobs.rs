//! Background jobs: what a job is, and how one is added.
//!
//! A job is added in the transaction of the change that needs it, and runs after the
//! commit. A new job is a type with its [`Job`] implementation in a file of the module that
//! does the work, a variant of [`JobKind`], and a line in the list of [`crate::worker`].

use domain::clock::Timestamp;
use domain::ids::JobId;
use domain::jobs::JobKind;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::db::{Conn, Tx};
pub use store::jobs::Counts;
use store::jobs::NewJob;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// What happens to a job that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It will be retried.
    Retrying,
    /// It failed too often and is dead-lettered.
    DeadLettered,
}

/// A background job. Its fields are its payload.
pub(crate) trait Job: Serialize + DeserializeOwned + Send + Sync {
    /// The kind, by which the worker finds this type.
    const KIND: JobKind;

    /// While a job of this kind with the same key waits, adding another one has no effect,
    /// except that it may become due earlier. Without a key, every job added is run.
    fn deduplication_key(&self) -> Option<String> {
        None
    }

    /// Does the work. A crash may run a job twice: the last transaction of the work removes
    /// the job with [`store::jobs::done`] or reschedules it.
    fn run(&self, engine: &Engine, job: &JobId) -> impl Future<Output = Result<()>> + Send;

    /// Records that the job failed, in the transaction that retries or dead-letters it.
    fn on_failure(
        &self,
        _engine: &Engine,
        _tx: &mut Tx,
        _job: &JobId,
        _failure: Failure,
    ) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
}

fn payload<J: Job>(job: &J) -> Result<String> {
    serde_json::to_string(job)
        .map_err(|error| Error::Broken(format!("payload of a {} job: {error}", J::KIND.word())))
}

/// Adds a job that is due at `run_at`. After the commit, [`Engine::wake`] lets it start at
/// once.
pub(crate) async fn enqueue<J: Job>(
    engine: &Engine,
    conn: &mut Conn,
    job: &J,
    run_at: Timestamp,
) -> Result<JobId> {
    let now = engine.now();
    let id = JobId::new(now, engine.random());
    let key = job.deduplication_key().map(|key| format!("{} {key}", J::KIND.word()));
    let new = NewJob {
        id: &id,
        kind: J::KIND,
        payload: &payload(job)?,
        deduplication_key: key.as_deref(),
        run_at,
        created_at: now,
    };
    store::jobs::put(conn, &new).await?;
    Ok(id)
}

/// Deletes a dead-lettered job whose work was done in another way.
pub(crate) async fn delete_dead<J: Job>(conn: &mut Conn, job: &J) -> Result<()> {
    store::jobs::delete_dead(conn, J::KIND, &payload(job)?).await?;
    Ok(())
}

/// How many jobs wait, and how many were dead-lettered.
///
/// Needs no actor: the numbers are of the whole installation, for its health checks.
pub async fn counts(engine: &Engine) -> Result<Counts> {
    Ok(store::jobs::counts(&mut engine.db().read().await?).await?)
}

//! The worker: claims jobs that are due, runs them, and retries what failed.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::clock::{HOUR_MS, SECOND_MS, Timestamp};
use domain::ids::JobId;
use domain::jobs::{JobKind, ProcessStripeEvent, Queue};
use store::db::{Boxed, Tx, again};
use store::jobs::Job as StoredJob;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::email_change::SendEmailChangeLink;
use crate::identity::password_links::SendPasswordLink;
use crate::identity::sign_in_links::SendSignInLink;
use crate::jobs::{self, Failure, Job};
use crate::ledger::payments::{AskStripe, FetchEvent, Reevaluate, ReevaluateAddress, Task, run_together};
use crate::mail::SendMail;
use crate::payouts::{DraftPayoutRuns, PreparePayouts, ReleaseCommissions};
use crate::programs::SendInvitation;
use crate::programs::applications::SendApplicationLink;
use crate::programs::invitations::SendProgramInvitation;
use crate::retention::DeleteExpired;
use crate::stripe::connections::{Deauthorize, FirstBackfill, ProcessKeptEvents};
use crate::stripe::endpoint_checks::CheckEndpoint;
use crate::stripe::promotion_codes::CheckPromotionCodes;
use crate::stripe::reconciliation::RunReconciliation;
use crate::stripe::rejections;
use crate::stripe::repair::{DailyCheck, RunRepair};

/// Calls a generic function with the job type of a kind: the list of all jobs.
macro_rules! for_kind {
    ($kind:expr, $function:ident($($argument:expr),*)) => {
        match $kind {
            JobKind::ProcessStripeEvent => $function::<ProcessStripeEvent>($($argument),*).await,
            JobKind::ProcessKeptEvents => $function::<ProcessKeptEvents>($($argument),*).await,
            JobKind::Reevaluate => $function::<Reevaluate>($($argument),*).await,
            JobKind::ReevaluateAddress => $function::<ReevaluateAddress>($($argument),*).await,
            JobKind::AskStripe => $function::<AskStripe>($($argument),*).await,
            JobKind::FetchEvent => $function::<FetchEvent>($($argument),*).await,
            JobKind::FirstBackfill => $function::<FirstBackfill>($($argument),*).await,
            JobKind::CheckEndpoint => $function::<CheckEndpoint>($($argument),*).await,
            JobKind::CheckPromotionCodes => $function::<CheckPromotionCodes>($($argument),*).await,
            JobKind::RunRepair => $function::<RunRepair>($($argument),*).await,
            JobKind::DailyCheck => $function::<DailyCheck>($($argument),*).await,
            JobKind::RunReconciliation => $function::<RunReconciliation>($($argument),*).await,
            JobKind::Deauthorize => $function::<Deauthorize>($($argument),*).await,
            JobKind::SendMail => $function::<SendMail>($($argument),*).await,
            JobKind::SendPasswordLink => $function::<SendPasswordLink>($($argument),*).await,
            JobKind::SendSignInLink => $function::<SendSignInLink>($($argument),*).await,
            JobKind::SendEmailChangeLink => $function::<SendEmailChangeLink>($($argument),*).await,
            JobKind::SendInvitation => $function::<SendInvitation>($($argument),*).await,
            JobKind::SendProgramInvitation => $function::<SendProgramInvitation>($($argument),*).await,
            JobKind::SendApplicationLink => $function::<SendApplicationLink>($($argument),*).await,
            JobKind::DeleteExpired => $function::<DeleteExpired>($($argument),*).await,
            JobKind::ReleaseCommissions => $function::<ReleaseCommissions>($($argument),*).await,
            JobKind::PreparePayouts => $function::<PreparePayouts>($($argument),*).await,
            JobKind::DraftPayoutRuns => $function::<DraftPayoutRuns>($($argument),*).await,
        }
    };
}

/// How often a worker looks by itself, should a wake-up be lost or another node have
/// added the job.
const POLL: Duration = Duration::from_secs(1);
/// Clicks and deliveries that wait at once in a flood; a busy shop has one or two.
const FLOOD: usize = 16;
/// The pause after work in a flood, as a multiple of what the work took: two workers have a fifth
/// of one core together.
const PAUSE_IN_FLOOD: u32 = 8;
/// The longest of these pauses: a full claim still ends well within its lease.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// How often recording a failure is tried, [`POLL`] apart; after that the job's lease ends.
const MOST_RECORD_ATTEMPTS: u32 = 15;
/// After this many attempts a job is dead-lettered: with growing pauses of up to an hour,
/// about half a day.
const MOST_ATTEMPTS: i64 = 20;

/// How many jobs are claimed at once: as many as run well within their lease. A call to
/// Stripe or a mail server may take most of a lease.
const fn claim_size(queue: Queue) -> i64 {
    match queue {
        Queue::Local => 50,
        Queue::External => 1,
    }
}

/// Releases the claims of a process that was killed, without waiting for their leases to
/// end; only where no other node can be at work.
///
/// Needs no actor: it is part of starting the server.
pub async fn release_leases(engine: &Engine) -> Result<()> {
    if engine.db().is_ours_alone() {
        let released = store::jobs::release_leases(&mut engine.db().write().await?).await?;
        if released > 0 {
            tracing::info!(released, "jobs that an earlier process had claimed will run again");
        }
    }
    Ok(())
}

/// Runs jobs until told to stop; those that are running are finished first.
///
/// Needs no actor: it is a task of the server.
pub async fn work(engine: Engine, stop: watch::Receiver<bool>) {
    if let Err(error) = schedule_checks(&engine).await {
        tracing::error!(%error, "the daily checks could not be scheduled");
    }
    tokio::join!(work_off(&engine, Queue::Local, stop.clone()), work_off(&engine, Queue::External, stop));
}

/// Schedules the daily checks; once for all nodes.
async fn schedule_checks(engine: &Engine) -> Result<()> {
    let mut conn = engine.db().write().await?;
    jobs::enqueue(engine, &mut conn, &DailyCheck {}, engine.now()).await?;
    jobs::enqueue(engine, &mut conn, &DeleteExpired {}, engine.now()).await?;
    jobs::enqueue(engine, &mut conn, &ReleaseCommissions {}, engine.now()).await?;
    jobs::enqueue(engine, &mut conn, &DraftPayoutRuns {}, engine.now()).await?;
    Ok(())
}

async fn work_off(engine: &Engine, queue: Queue, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        match step(engine, queue).await {
            Ok(0) => {
                tokio::select! {
                    () = engine.woken(queue) => {}
                    () = tokio::time::sleep(POLL) => {}
                    _ = stop.changed() => {}
                }
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(%error, "jobs cannot be claimed");
                tokio::time::sleep(POLL).await;
            }
        }
    }
    rejections::write(engine).await;
}

/// Runs one claim of jobs that are due and returns how many there were. In a box, so that the
/// jobs are compiled in this crate only.
fn step(engine: &Engine, queue: Queue) -> Boxed<'_, Result<usize>> {
    Box::pin(async move {
        rejections::write(engine).await;
        let now = engine.now();
        let claimed = again(|| async {
            let mut conn = engine.db().write().await?;
            store::jobs::claim(&mut conn, queue, now, claim_size(queue)).await
        })
        .await?;
        let alone = run_batch(engine, &claimed).await;
        for job in claimed.iter().filter(|job| alone.contains(&job.id)) {
            let began = Instant::now();
            if let Err(error) = run(engine, job).await {
                tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, %error, "job failed");
                record_failure_when_possible(engine, job, &error).await?;
            }
            throttle(engine, began.elapsed()).await;
        }
        Ok(claimed.len())
    })
}

/// Runs those jobs together that can, and returns those that are still to be run.
async fn run_batch(engine: &Engine, claimed: &[StoredJob]) -> BTreeSet<JobId> {
    let mut alone: BTreeSet<JobId> = claimed.iter().map(|job| job.id.clone()).collect();
    let tasks: Vec<(JobId, Task)> =
        claimed.iter().filter_map(|job| Some((job.id.clone(), task(job)?))).collect();
    if tasks.is_empty() {
        return alone;
    }
    let began = Instant::now();
    let outcome = run_together(engine, &tasks).await;
    throttle(engine, began.elapsed()).await;
    match outcome {
        Ok(left) => {
            for (id, _) in &tasks {
                alone.remove(id);
            }
            alone.extend(left);
        }
        // One of them is to blame, and shows when each runs alone.
        Err(error) => tracing::warn!(jobs = tasks.len(), %error, "a batch of jobs failed"),
    }
    alone
}

/// A job that can run together with others.
fn task(job: &StoredJob) -> Option<Task> {
    match kind(job).ok()? {
        JobKind::ProcessStripeEvent => Some(Task::Event(read::<ProcessStripeEvent>(job).ok()?.0)),
        JobKind::Reevaluate => Some(Task::Reevaluate(read::<Reevaluate>(job).ok()?.0)),
        _ => None,
    }
}

/// Answering visitors and deliveries comes before processing events: in a flood of them, jobs run
/// slowly, so that each click and delivery is stored and answered in time.
async fn throttle(engine: &Engine, worked: Duration) {
    if engine.arriving() > FLOOD {
        tokio::time::sleep((worked * PAUSE_IN_FLOOD).min(LONGEST_PAUSE)).await;
    }
}

/// Runs all jobs that are due, and those they add that are due too: for tests and the demo.
///
/// Needs no actor: it does the work of the server's own task.
pub async fn drain(engine: &Engine) -> Result<()> {
    while step(engine, Queue::External).await? + step(engine, Queue::Local).await? > 0 {}
    Ok(())
}

fn kind(job: &StoredJob) -> Result<JobKind> {
    JobKind::from_word(&job.kind)
        .ok_or_else(|| Error::Broken(format!("job {} is of an unknown kind {:?}", job.id, job.kind)))
}

/// Reads a job's payload. The error does not quote it, because it may be a private mail.
fn read<J: Job>(job: &StoredJob) -> Result<J> {
    serde_json::from_str(&job.payload)
        .map_err(|_| Error::Broken(format!("job {} ({}) has an unreadable payload", job.id, job.kind)))
}

async fn run(engine: &Engine, job: &StoredJob) -> Result<()> {
    for_kind!(kind(job)?, run_as(engine, job))
}

async fn run_as<J: Job>(engine: &Engine, job: &StoredJob) -> Result<()> {
    read::<J>(job)?.run(engine, &job.id).await
}

/// The pause before the next attempt: doubling from a second to an hour, with up to a
/// quarter of random time, so that many failures at once do not come back at once.
fn next_attempt(engine: &Engine, attempts: i64, now: Timestamp) -> Timestamp {
    let doubling = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    let pause = (SECOND_MS << doubling).min(HOUR_MS);
    let jitter = engine.random().below(pause.unsigned_abs() / 4).cast_signed();
    now.plus_ms(pause + jitter)
}

/// Records a failure, also when the job failed because the database was away for a moment:
/// otherwise it, and what was claimed with it, would wait for the lease to end.
async fn record_failure_when_possible(engine: &Engine, job: &StoredJob, error: &Error) -> Result<()> {
    for _ in 1..MOST_RECORD_ATTEMPTS {
        match record_failure(engine, job, error).await {
            Ok(()) => return Ok(()),
            Err(error) => tracing::warn!(job = %job.id, %error, "the failure cannot be recorded yet"),
        }
        tokio::time::sleep(POLL).await;
    }
    record_failure(engine, job, error).await
}

/// Schedules the next attempt of a failed job, or dead-letters it.
async fn record_failure(engine: &Engine, job: &StoredJob, error: &Error) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let retry_at = (job.attempts < MOST_ATTEMPTS).then(|| next_attempt(engine, job.attempts, now));
        store::jobs::fail(&mut tx, &job.id, &error.to_string(), retry_at).await?;
        if let Ok(kind) = kind(job) {
            let failure = if retry_at.is_some() { Failure::Retrying } else { Failure::DeadLettered };
            for_kind!(kind, on_failure_as(engine, &mut tx, job, failure))?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

async fn on_failure_as<J: Job>(
    engine: &Engine,
    tx: &mut Tx,
    job: &StoredJob,
    failure: Failure,
) -> Result<()> {
    match read::<J>(job) {
        Ok(payload) => payload.on_failure(engine, tx, &job.id, failure).await,
        // That is the failure, and it is recorded with the job.
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn kind_of<J: Job>() -> JobKind {
        J::KIND
    }

    #[tokio::test]
    async fn every_kind_is_run_by_its_own_type() {
        for kind in JobKind::ALL {
            assert_eq!(for_kind!(kind, kind_of()), kind);
        }
    }

    #[test]
    fn an_unknown_kind_and_an_unreadable_payload_name_the_job() {
        let id = JobId::new(Timestamp(0), &domain::clock::Random::seeded(1));
        let job = |kind: &str, payload: &str| StoredJob {
            id: id.clone(),
            kind: kind.to_owned(),
            payload: payload.to_owned(),
            attempts: 1,
        };
        let error = kind(&job("walk_the_dog", "{}")).unwrap_err().to_string();
        assert_eq!(error, format!("job {id} is of an unknown kind \"walk_the_dog\""));
        let error = read::<SendMail>(&job("send_mail", "{\"secret\": 1}")).err().unwrap().to_string();
        assert_eq!(error, format!("job {id} (send_mail) has an unreadable payload"));
    }
}

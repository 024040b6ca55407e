//! The job dispatcher: claims what is due, does it, tries again what failed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::clock::{HOUR_MS, SECOND_MS, Timestamp};
use domain::events::{AttemptKind, EventOutcome};
use domain::ids::{CustomerId, JobId};
use store::db::{Conn, again};
use store::jobs::Job;
use tokio::sync::watch;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::ledger::payments;
use crate::mail;
use crate::stripe::connections;
use crate::stripe::reconciliation;
use crate::stripe::rejections;
use crate::stripe::repair;

/// A received Stripe event; the payload is its id.
pub(crate) const STRIPE_EVENT: &str = "stripe-event";
/// A buyer to be evaluated again; the payload is their id.
pub(crate) const REEVALUATE: &str = "look-again";

/// Jobs claimed at once: done well within their lease.
const CLAIM: i64 = 50;
/// The same for what waits for somebody outside: each may take most of its lease.
const CLAIM_OUTSIDE: i64 = 1;
/// How often a worker looks by itself, should a wake-up be lost or another node have
/// written the job.
const POLL: Duration = Duration::from_secs(1);
/// Deliveries that wait at once in a flood; a busy shop has one or two.
const FLOOD: usize = 16;
/// The pause before each job in a flood: a full claim still ends well within its lease.
const THROTTLE: Duration = Duration::from_millis(50);
/// How often a failed job is put back, [`POLL`] apart; after that its lease ends.
const MOST_PUT_BACKS: u32 = 15;
/// After this many tries a job is laid aside for a person: with growing pauses of up to an
/// hour, about half a day.
const MOST_ATTEMPTS: i64 = 20;

/// Has a buyer evaluated again at a time; once, however often it is asked for.
pub(crate) async fn reevaluate(
    engine: &Engine,
    conn: &mut Conn,
    customer: &CustomerId,
    at: Timestamp,
) -> Result<()> {
    let now = engine.now();
    let id = JobId::new(now, engine.random());
    let once = format!("{REEVALUATE} {customer}");
    Ok(store::jobs::put(conn, &id, REEVALUATE, customer.as_str(), Some(&once), at, now).await?)
}

/// Takes up the jobs of a process that was killed, without waiting for their leases; only
/// where no other node can be at work.
pub async fn release_leases(engine: &Engine) -> Result<()> {
    if engine.db().is_ours_alone() {
        let taken = store::jobs::end_leases(&mut engine.db().write().await?).await?;
        if taken > 0 {
            tracing::info!(taken, "jobs of an earlier run are taken up again");
        }
    }
    Ok(())
}

/// The two kinds of work. What waits for somebody outside, such as Stripe or a mail server,
/// may take minutes, and must not keep events waiting.
#[derive(Clone, Copy)]
enum Lane {
    Inside,
    Outside,
}

/// Works until told to stop; what is under way is finished first.
pub async fn work(engine: Engine, stop: watch::Receiver<bool>) {
    if let Err(error) = repair::begin_checks(&engine).await {
        tracing::error!(%error, "the daily checks could not be begun");
    }
    tokio::join!(lane(&engine, Lane::Inside, stop.clone()), lane(&engine, Lane::Outside, stop));
}

async fn lane(engine: &Engine, lane: Lane, mut stop: watch::Receiver<bool>) {
    let news = match lane {
        Lane::Inside => &engine.work(),
        Lane::Outside => &engine.work_outside(),
    };
    while !*stop.borrow() {
        match step(engine, lane).await {
            Ok(0) => {
                tokio::select! {
                    () = news.notified() => {}
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
    rejections::write_down(engine).await;
}

/// Does one batch of what is due; answers how many jobs it claimed.
async fn step(engine: &Engine, lane: Lane) -> Result<usize> {
    rejections::write_down(engine).await;
    let now = engine.now();
    let (outside, most) = match lane {
        Lane::Inside => (false, CLAIM),
        Lane::Outside => (true, CLAIM_OUTSIDE),
    };
    let jobs = again(|| async {
        let mut conn = engine.db().write().await?;
        store::jobs::claim(&mut conn, now, outside, most).await
    })
    .await?;
    let claimed = jobs.len();
    for job in jobs {
        throttle(engine).await;
        let outcome = run(engine, &job).await;
        if let Err(error) = outcome {
            tracing::warn!(job = %job.id, kind = job.kind, attempts = job.attempts, %error, "job failed");
            put_back_when_possible(engine, &job, &error).await?;
        }
    }
    Ok(claimed)
}

/// Answering comes before understanding: in a flood of deliveries jobs go slowly, so that
/// each delivery is stored and answered in time. What waits is worked off afterwards.
async fn throttle(engine: &Engine) {
    if engine.arriving().load(Ordering::Relaxed) > FLOOD {
        tokio::time::sleep(THROTTLE).await;
    }
}

/// Does everything that is due by now, and what that leads to: for tests and the demo.
pub async fn drain(engine: &Engine) -> Result<()> {
    while step(engine, Lane::Outside).await? + step(engine, Lane::Inside).await? > 0 {}
    Ok(())
}

async fn run(engine: &Engine, job: &Job) -> Result<()> {
    let unreadable = |_| Error::Broken(format!("unreadable payload {:?}", job.payload));
    match job.kind.as_str() {
        STRIPE_EVENT => {
            payments::process_event(engine, &job.id, &job.payload.parse().map_err(unreadable)?).await
        }
        repair::REPAIR => repair::run(engine, &job.id, &job.payload.parse().map_err(unreadable)?).await,
        reconciliation::RECONCILE => {
            reconciliation::run(engine, &job.id, &job.payload.parse().map_err(unreadable)?).await
        }
        repair::CHECK => repair::check(engine, &job.id).await,
        mail::MAIL => mail::send(engine, &job.id, &job.payload).await,
        connections::FETCH => {
            repair::after_connecting(engine, &job.id, &job.payload.parse().map_err(unreadable)?).await
        }
        connections::DEAUTHORIZE => connections::deauthorize(engine, &job.id, &job.payload).await,
        payments::ASK => payments::ask(engine, &job.id, &job.payload).await,
        REEVALUATE => payments::reevaluate(engine, &job.id, &job.payload.parse().map_err(unreadable)?).await,
        kind => Err(Error::Broken(format!("unknown kind of job {kind:?}"))),
    }
}

/// The pause before the next try: doubling from a second to an hour, with up to a quarter
/// of chance, so that many failures at once do not come back at once.
fn next_try(engine: &Engine, attempts: i64, now: Timestamp) -> Timestamp {
    let doubling = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    let pause = (SECOND_MS << doubling).min(HOUR_MS);
    let jitter = engine.random().below(pause.unsigned_abs() / 4).cast_signed();
    now.plus_ms(pause + jitter)
}

/// Puts a job back, also when it failed because the database was away for a moment: else
/// it, and what was claimed with it, would wait for the lease to end.
async fn put_back_when_possible(engine: &Engine, job: &Job, error: &Error) -> Result<()> {
    for _ in 1..MOST_PUT_BACKS {
        match put_back(engine, job, error).await {
            Ok(()) => return Ok(()),
            Err(error) => tracing::warn!(job = %job.id, %error, "a failed job cannot be put back yet"),
        }
        tokio::time::sleep(POLL).await;
    }
    put_back(engine, job, error).await
}

async fn put_back(engine: &Engine, job: &Job, error: &Error) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let again_at = (job.attempts < MOST_ATTEMPTS).then(|| next_try(engine, job.attempts, now));
        store::jobs::failed(&mut tx, &job.id, &error.to_string(), again_at).await?;
        if job.kind == STRIPE_EVENT
            && let Ok(event) = job.payload.parse()
        {
            store::inbox::note_failure(&mut tx, &event).await?;
            let (kind, outcome) = (AttemptKind::Worker, EventOutcome::Retrying);
            let attempt = store::inbox::Attempt { at: now, kind, outcome, by: None };
            store::inbox::put_attempt(&mut tx, &event, &attempt, None).await?;
            if again_at.is_none() {
                store::inbox::record_outcome(&mut tx, &event, &EventOutcome::GaveUp, None, now).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// How many jobs wait and how many were laid aside.
pub async fn counts(engine: &Engine) -> Result<(i64, i64)> {
    Ok(store::jobs::counts(&mut engine.db().read().await?).await?)
}

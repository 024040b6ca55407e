//! Background jobs: claimed by compare-and-set, leased, and claimed again after a crash.
//! A job may therefore run twice, and every job must be safe to repeat.

use domain::clock::Timestamp;
use domain::ids::JobId;
use domain::jobs::{JobKind, JobStatus, Queue};

use crate::db::{Batch, Conn, Result, Row, args};

/// A job to be added.
#[derive(Debug, Clone)]
pub struct NewJob<'a> {
    /// Its id.
    pub id: &'a JobId,
    /// What it does.
    pub kind: JobKind,
    /// Its data, as JSON.
    pub payload: &'a str,
    /// Jobs with the same key are one job.
    pub deduplication_key: Option<&'a str>,
    /// When it is due.
    pub run_at: Timestamp,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// The word of its [`JobKind`], unchecked: an unknown word fails this job and not the
    /// others that are claimed with it.
    pub kind: String,
    /// Its data, as JSON.
    pub payload: String,
    /// How often it was started, this time included.
    pub attempts: i64,
}

fn job(row: &Row) -> Result<Job> {
    Ok(Job {
        id: row.get("id")?,
        kind: row.get("kind")?,
        payload: row.get("payload")?,
        attempts: row.get("attempts")?,
    })
}

/// How long a claim lasts, milliseconds: longer than the longest time-out inside a job.
pub const LEASE_MS: i64 = 60_000;

/// Adds a job. Where one with the same deduplication key is waiting, that one stays and is
/// moved forward if the new one is due earlier; a dead-lettered one starts again.
pub async fn put(conn: &mut Conn, new: &NewJob<'_>) -> Result<()> {
    let sql = "INSERT INTO jobs (id, kind, queue, payload, deduplication_key, run_at, leased_until, attempts, status, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 'waiting', $7) ON CONFLICT (deduplication_key) DO UPDATE SET \
               run_at = CASE WHEN jobs.status = 'waiting' AND jobs.run_at < excluded.run_at THEN jobs.run_at ELSE excluded.run_at END, \
               attempts = CASE WHEN jobs.status = 'waiting' THEN jobs.attempts ELSE 0 END, status = 'waiting'";
    let args = args![
        new.id,
        new.kind.word(),
        new.kind.queue().word(),
        new.payload,
        new.deduplication_key,
        new.run_at,
        new.created_at
    ];
    conn.run(sql, &args).await.map(drop)
}

/// Claims up to `limit` jobs of a queue that are due. An empty result on Postgres may mean
/// that the race for them was lost: ask again before sleeping.
pub async fn claim(conn: &mut Conn, queue: Queue, now: Timestamp, limit: i64) -> Result<Vec<Job>> {
    let sql = "UPDATE jobs SET leased_until = $1 + $3, attempts = attempts + 1 \
               WHERE id IN (SELECT id FROM jobs WHERE status = 'waiting' AND queue = $4 \
                            AND run_at <= $1 AND leased_until <= $1 ORDER BY run_at, id LIMIT $2) \
               AND leased_until <= $1 RETURNING id, kind, payload, attempts";
    let mut jobs = conn.all(sql, &args![now, limit, LEASE_MS, queue.word()], job).await?;
    jobs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(jobs)
}

/// Starts a job's lease again: for a job that takes long and is still running.
pub async fn extend(conn: &mut Conn, id: &JobId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE jobs SET leased_until = $2 + $3 WHERE id = $1";
    conn.run(sql, &args![id, now, LEASE_MS]).await.map(drop)
}

/// Schedules a finished job to run again, with its attempts counted from zero.
pub async fn reschedule(conn: &mut Conn, id: &JobId, run_at: Timestamp) -> Result<()> {
    let sql = "UPDATE jobs SET run_at = $2, leased_until = 0, attempts = 0 WHERE id = $1";
    conn.run(sql, &args![id, run_at]).await.map(drop)
}

/// Removes a finished job, in the transaction that did its work. `false` when another
/// worker finished it first.
pub async fn done(conn: &mut Conn, id: &JobId) -> Result<bool> {
    Ok(conn.run("DELETE FROM jobs WHERE id = $1", &args![id]).await? == 1)
}

const DONE: Batch<1> = Batch { into: "DELETE FROM jobs WHERE id IN (", then: ")" };

/// Removes finished jobs, in the transaction that did their work.
pub async fn all_done(conn: &mut Conn, ids: impl IntoIterator<Item = &JobId>) -> Result<()> {
    conn.run_batch(DONE, ids.into_iter().map(|id| args![id]).collect()).await.map(drop)
}

/// Records a failure. The job runs again at `retry_at`, or is dead-lettered without one.
pub async fn fail(conn: &mut Conn, id: &JobId, error: &str, retry_at: Option<Timestamp>) -> Result<()> {
    let sql = "UPDATE jobs SET last_error = $2, leased_until = 0, run_at = coalesce($3, run_at), \
               status = $4 WHERE id = $1";
    let status = if retry_at.is_some() { JobStatus::Waiting } else { JobStatus::Dead };
    conn.run(sql, &args![id, error, retry_at, status.word()]).await.map(drop)
}

/// Deletes a dead-lettered job whose work was done in another way.
pub async fn delete_dead(conn: &mut Conn, kind: JobKind, payload: &str) -> Result<u64> {
    let sql = "DELETE FROM jobs WHERE kind = $1 AND payload = $2 AND status = 'dead'";
    conn.run(sql, &args![kind.word(), payload]).await
}

/// Ends every lease: for the start of a server that has the database to itself, where all
/// claims are those of a process that was killed.
pub async fn release_leases(conn: &mut Conn) -> Result<u64> {
    conn.run("UPDATE jobs SET leased_until = 0 WHERE leased_until > 0", &[]).await
}

/// How many jobs there are by status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Jobs that wait or run.
    pub waiting: i64,
    /// Dead letters.
    pub dead: i64,
}

/// How many jobs there are by status.
pub async fn counts(conn: &mut Conn) -> Result<Counts> {
    let sql = "SELECT status, count(*) AS jobs FROM jobs GROUP BY status";
    let rows = conn.all(sql, &[], |row| Ok((row.word("status")?, row.get("jobs")?))).await?;
    let mut counts = Counts::default();
    for (status, jobs) in rows {
        match status {
            JobStatus::Waiting => counts.waiting = jobs,
            JobStatus::Dead => counts.dead = jobs,
        }
    }
    Ok(counts)
}

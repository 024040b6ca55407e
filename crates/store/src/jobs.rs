//! Work to be done after a commit: claimed by compare-and-set, leased, done again after a
//! crash. So every job is safe to do twice.

use domain::clock::Timestamp;
use domain::ids::JobId;

use crate::db::{Batch, Conn, Result, Row, args};

/// A claimed job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Which function does it.
    pub kind: String,
    /// What about.
    pub payload: String,
    /// How often it was begun, this time included.
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

/// Many jobs at once that wait for nobody outside: id, kind, payload, time to run, lease,
/// attempts, status, time made.
pub(crate) const INSERT: Batch<8> = Batch {
    into: "INSERT INTO jobs (id, kind, payload, run_at, leased_until, attempts, status, created_at)",
    then: "",
};

/// Longer than the longest time-out inside a job, milliseconds.
pub const LEASE_MS: i64 = 60_000;

/// Adds a job. One with a `dedupe_key` that waits already is not added twice, only moved
/// forward when the new one is due earlier; one that was laid aside begins anew.
pub async fn put(
    conn: &mut Conn,
    id: &JobId,
    kind: &str,
    payload: &str,
    dedupe_key: Option<&str>,
    run_at: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO jobs (id, kind, payload, dedupe_key, run_at, leased_until, attempts, status, created_at, outside) \
               VALUES ($1, $2, $3, $4, $5, 0, 0, 'waiting', $6, \
                       $2 IN ('mail', 'deauthorize', 'repair', 'reconcile', 'check', 'ask')) ON CONFLICT (dedupe_key) DO UPDATE SET \
               run_at = CASE WHEN jobs.status = 'waiting' AND jobs.run_at < excluded.run_at THEN jobs.run_at ELSE excluded.run_at END, \
               attempts = CASE WHEN jobs.status = 'waiting' THEN jobs.attempts ELSE 0 END, status = 'waiting'";
    conn.run(sql, &args![id, kind, payload, dedupe_key, run_at, now]).await.map(drop)
}

/// Claims up to `limit` jobs that are due: those that wait for somebody outside, or the
/// others. An empty answer on Postgres may mean that the race for them was lost: ask again
/// before sleeping.
pub async fn claim(conn: &mut Conn, now: Timestamp, outside: bool, limit: i64) -> Result<Vec<Job>> {
    let sql = "UPDATE jobs SET leased_until = $1 + $3, attempts = attempts + 1 \
               WHERE id IN (SELECT id FROM jobs WHERE status = 'waiting' AND outside = $4 \
                            AND run_at <= $1 AND leased_until <= $1 ORDER BY run_at, id LIMIT $2) \
               AND leased_until <= $1 RETURNING id, kind, payload, attempts";
    let mut jobs = conn.all(sql, &args![now, limit, LEASE_MS, outside], job).await?;
    jobs.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(jobs)
}

/// Begins a job's lease anew: for one that takes long and shows that it is alive.
pub async fn extend(conn: &mut Conn, id: &JobId, now: Timestamp) -> Result<()> {
    let sql = "UPDATE jobs SET leased_until = $2 + $3 WHERE id = $1";
    conn.run(sql, &args![id, now, LEASE_MS]).await.map(drop)
}

/// Puts a job that is done off to be done again, as a new one.
pub async fn put_off(conn: &mut Conn, id: &JobId, until: Timestamp) -> Result<()> {
    let sql = "UPDATE jobs SET run_at = $2, leased_until = 0, attempts = 0 WHERE id = $1";
    conn.run(sql, &args![id, until]).await.map(drop)
}

/// Removes a job that is done; part of the transaction that did it. `false` when another
/// worker finished it first.
pub async fn done(conn: &mut Conn, id: &JobId) -> Result<bool> {
    Ok(conn.run("DELETE FROM jobs WHERE id = $1", &args![id]).await? == 1)
}

/// Gives a job back to be tried again later, or lays it aside for good.
pub async fn failed(conn: &mut Conn, id: &JobId, error: &str, again_at: Option<Timestamp>) -> Result<()> {
    let sql = "UPDATE jobs SET last_error = $2, leased_until = 0, run_at = coalesce($3, run_at), \
               status = CASE WHEN $3 IS NULL THEN 'dead' ELSE 'waiting' END WHERE id = $1";
    conn.run(sql, &args![id, error, again_at]).await.map(drop)
}

/// Forgets a job that was laid aside, since what it was for has been done otherwise.
pub async fn forget_dead(conn: &mut Conn, kind: &str, payload: &str) -> Result<u64> {
    let sql = "DELETE FROM jobs WHERE kind = $1 AND payload = $2 AND status = 'dead'";
    conn.run(sql, &args![kind, payload]).await
}

/// Ends every lease: for the start of a server that has the database to itself, whose
/// claimed jobs are those of a process that was killed.
pub async fn end_leases(conn: &mut Conn) -> Result<u64> {
    conn.run("UPDATE jobs SET leased_until = 0 WHERE leased_until > 0", &[]).await
}

/// How many jobs wait and how many were laid aside.
pub async fn counts(conn: &mut Conn) -> Result<(i64, i64)> {
    let sql = "SELECT count(*) FILTER (WHERE status = 'waiting') AS waiting, \
               count(*) FILTER (WHERE status = 'dead') AS dead FROM jobs";
    conn.one(sql, &[], |row| Ok((row.get("waiting")?, row.get("dead")?))).await
}

//! Repairs of a connection: one runs at a time, and its lines are stored as it goes.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, ProgramId, RepairId};
use domain::money::Money;
use domain::repairs::{RepairCause, RepairLine, RepairOutcome, RepairStatus};

use crate::db::{Conn, Result, Row, args, json};

/// A repair.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Repair {
    pub id: RepairId,
    pub connection_id: ConnectionId,
    pub cause: RepairCause,
    pub account_id: Option<AccountId>,
    /// The name of the person who pressed the button.
    pub account_name: Option<String>,
    pub status: RepairStatus,
    /// `None` while it runs.
    pub outcome: Option<RepairOutcome>,
    pub started_at: Timestamp,
    /// When its last line was written.
    pub touched_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// From when on events were fetched.
    pub events_from: Option<Timestamp>,
    /// Events fetched.
    pub fetched: i64,
    /// Those of them that were new.
    pub recovered: i64,
    /// Whether everything since `events_from` was fetched.
    pub complete: bool,
}

fn repair(row: &Row) -> Result<Repair> {
    Ok(Repair {
        id: row.get("id")?,
        connection_id: row.get("connection_id")?,
        cause: row.word("cause")?,
        account_id: row.get("account_id")?,
        account_name: row.get("account_name")?,
        status: row.word("status")?,
        outcome: row.optional_word("outcome")?,
        started_at: row.get("started_at")?,
        touched_at: row.get("touched_at")?,
        finished_at: row.get("finished_at")?,
        events_from: row.get("events_from")?,
        fetched: row.get("fetched")?,
        recovered: row.get("recovered")?,
        complete: row.get("complete")?,
    })
}

/// Starts a repair; `false` when one is running already.
pub async fn put(
    conn: &mut Conn,
    id: &RepairId,
    connection: &ConnectionId,
    cause: RepairCause,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO repairs (id, connection_id, cause, account_id, status, attempt, started_at, touched_at, \
               fetched, recovered, complete) VALUES ($1, $2, $3, $4, 'running', 0, $5, $5, 0, 0, FALSE) \
               ON CONFLICT DO NOTHING";
    Ok(conn.run(sql, &args![id, connection, cause.word(), by, now]).await? == 1)
}

/// The repair of a connection that is running.
pub async fn running(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Repair>> {
    let sql = "SELECT r.*, a.name AS account_name FROM repairs r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.connection_id = $1 AND r.status = 'running'";
    conn.first(sql, &args![connection], repair).await
}

/// A repair, for the job that runs it.
pub async fn get_unscoped(conn: &mut Conn, id: &RepairId) -> Result<Option<Repair>> {
    let sql = "SELECT r.*, a.name AS account_name FROM repairs r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.id = $1";
    conn.first(sql, &args![id], repair).await
}

/// A repair of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &RepairId) -> Result<Option<Repair>> {
    let sql = "SELECT r.*, a.name AS account_name FROM repairs r JOIN connections c ON c.id = r.connection_id \
               LEFT JOIN accounts a ON a.id = r.account_id WHERE c.program_id = $1 AND r.id = $2";
    conn.first(sql, &args![program, id], repair).await
}

/// The newest repair of a connection.
pub async fn latest(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Repair>> {
    let sql = "SELECT r.*, a.name AS account_name FROM repairs r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.connection_id = $1 ORDER BY r.started_at DESC, r.id DESC LIMIT 1";
    conn.first(sql, &args![connection], repair).await
}

/// The lines of a report, in order.
pub async fn lines(conn: &mut Conn, id: &RepairId) -> Result<Vec<RepairLine>> {
    let sql = "SELECT line FROM repair_lines WHERE repair_id = $1 ORDER BY position LIMIT 200";
    conn.all(sql, &args![id], |row| row.json("line")).await
}

/// Begins a run and removes the lines of an earlier one that was cut off. Returns the run's
/// number, or `None` when the repair has ended.
pub async fn claim(conn: &mut Conn, id: &RepairId, now: Timestamp) -> Result<Option<i64>> {
    let sql = "UPDATE repairs SET attempt = attempt + 1, touched_at = $2, fetched = 0, recovered = 0 \
               WHERE id = $1 AND status = 'running' RETURNING attempt";
    let attempt = conn.first(sql, &args![id, now], |row| row.get("attempt")).await?;
    if attempt.is_some() {
        conn.run("DELETE FROM repair_lines WHERE repair_id = $1", &args![id]).await?;
    }
    Ok(attempt)
}

/// Shows that a run is alive; `false` when another run has taken over or it has ended.
pub async fn touch(conn: &mut Conn, id: &RepairId, attempt: i64, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE repairs SET touched_at = $3 WHERE id = $1 AND attempt = $2 AND status = 'running'";
    Ok(conn.run(sql, &args![id, attempt, now]).await? == 1)
}

/// Writes the line at a position, replacing the one that is there.
pub async fn write_line(conn: &mut Conn, id: &RepairId, position: i64, line: &RepairLine) -> Result<()> {
    let sql = "INSERT INTO repair_lines (repair_id, position, line) VALUES ($1, $2, $3) \
               ON CONFLICT (repair_id, position) DO UPDATE SET line = excluded.line";
    conn.run_one(sql, &args![id, position, json("repair_lines.line", line)?]).await
}

/// Records what the backfill has fetched so far.
pub async fn record_fetched(
    conn: &mut Conn,
    id: &RepairId,
    events_from: Timestamp,
    fetched: i64,
    recovered: i64,
) -> Result<()> {
    let sql = "UPDATE repairs SET events_from = $2, fetched = $3, recovered = $4 WHERE id = $1";
    conn.run_one(sql, &args![id, events_from, fetched, recovered]).await
}

/// By how much the events that a repair fetched have changed commissions so far, by currency.
/// The events are processed one after the other, also after the repair has ended.
pub async fn recovered_commissions(conn: &mut Conn, id: &RepairId, now: Timestamp) -> Result<Vec<Money>> {
    let sql = "SELECT n.currency, CAST(sum(n.amount) AS BIGINT) AS amount FROM repairs r \
               JOIN inbox i ON i.connection_id = r.connection_id AND i.source = 'backfill' \
               AND i.received_at BETWEEN r.started_at AND coalesce(r.finished_at, $2) \
               JOIN connections c ON c.id = r.connection_id \
               JOIN entries n ON n.cause = i.event_id AND n.program_id = c.program_id \
               WHERE r.id = $1 GROUP BY n.currency ORDER BY n.currency";
    conn.all(sql, &args![id, now], |row| Ok(Money::new(row.get("amount")?, row.get("currency")?))).await
}

/// Ends a repair; `false` when it had ended.
pub async fn finish(
    conn: &mut Conn,
    id: &RepairId,
    outcome: RepairOutcome,
    complete: bool,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE repairs SET status = 'done', outcome = $2, complete = $3, finished_at = $4 \
               WHERE id = $1 AND status = 'running'";
    Ok(conn.run(sql, &args![id, outcome.word(), complete, now]).await? == 1)
}

/// Ends a connection's repair whose run has shown no sign of life since a moment.
pub async fn end_stalled(
    conn: &mut Conn,
    connection: &ConnectionId,
    alive_since: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE repairs SET status = 'done', outcome = $4, finished_at = $3 \
               WHERE connection_id = $1 AND status = 'running' AND touched_at < $2";
    conn.run(sql, &args![connection, alive_since, now, RepairOutcome::Interrupted.word()]).await.map(drop)
}

/// When the last repair started that fetched everything.
pub async fn last_complete(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Timestamp>> {
    let sql = "SELECT max(started_at) AS at FROM repairs WHERE connection_id = $1 AND complete";
    conn.one(sql, &args![connection], |row| row.get("at")).await
}

/// Connections that can be repaired and have not been since a moment, and connections with
/// a problem that have not been since a later one. The longest waiting first.
pub async fn due(
    conn: &mut Conn,
    not_since: Timestamp,
    with_problem_not_since: Timestamp,
    limit: i64,
) -> Result<Vec<ConnectionId>> {
    let sql = "SELECT c.id FROM connections c LEFT JOIN repairs r ON r.connection_id = c.id \
               WHERE c.status = 'connected' AND c.kind IN ('oauth', 'key') GROUP BY c.id \
               HAVING coalesce(max(r.started_at), max(c.connected_at)) < $1 \
               OR (max(r.started_at) < $2 AND max(c.problem) IS NOT NULL) ORDER BY coalesce(max(r.started_at), 0), c.id LIMIT $3";
    conn.all(sql, &args![not_since, with_problem_not_since, limit], |row| row.get("id")).await
}

//! Repairs of a connection: one runs at a time, and its lines are on disk as it goes.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, ProgramId, RepairId};
use domain::money::Money;

use crate::db::{Conn, Result, Row, args};

/// A repair.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Repair {
    pub id: RepairId,
    pub connection_id: ConnectionId,
    /// `button`, `api` or `daily`.
    pub cause: String,
    pub account_id: Option<AccountId>,
    /// The name of who pressed the button.
    pub account_name: Option<String>,
    /// `running` or `done`.
    pub state: String,
    /// `well`, `mended`, `trouble` or `stopped`; `None` while it runs.
    pub outcome: Option<String>,
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
        cause: row.get("cause")?,
        account_id: row.get("account_id")?,
        account_name: row.get("account_name")?,
        state: row.get("state")?,
        outcome: row.get("outcome")?,
        started_at: row.get("started_at")?,
        touched_at: row.get("touched_at")?,
        finished_at: row.get("finished_at")?,
        events_from: row.get("events_from")?,
        fetched: row.get("fetched")?,
        recovered: row.get("recovered")?,
        complete: row.get("complete")?,
    })
}

/// A line of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// A stable word for programs.
    pub code: String,
    /// `done`, `changed`, `refused`, `not_tried` or `notice`.
    pub state: String,
    /// What was looked at or tried.
    pub title: String,
    /// What came of it, in a word or two.
    pub word: String,
    /// The same in a sentence.
    pub text: String,
    /// What Stripe said to it.
    pub quote: Option<String>,
}

/// Begins a repair; `false` when one is running already.
pub async fn put(
    conn: &mut Conn,
    id: &RepairId,
    connection: &ConnectionId,
    cause: &str,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO repairs (id, connection_id, cause, account_id, state, attempt, started_at, touched_at, \
               fetched, recovered, complete) VALUES ($1, $2, $3, $4, 'running', 0, $5, $5, 0, 0, FALSE) \
               ON CONFLICT DO NOTHING";
    Ok(conn.run(sql, &args![id, connection, cause, by, now]).await? == 1)
}

/// The repair of a connection that is running.
pub async fn running(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Repair>> {
    let sql = "SELECT r.*, a.name AS account_name FROM repairs r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.connection_id = $1 AND r.state = 'running'";
    conn.first(sql, &args![connection], repair).await
}

/// A repair, for the one who runs it.
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
pub async fn lines(conn: &mut Conn, id: &RepairId) -> Result<Vec<Line>> {
    let sql = "SELECT * FROM repair_lines WHERE repair_id = $1 ORDER BY place LIMIT 200";
    conn.all(sql, &args![id], |row| {
        Ok(Line {
            code: row.get("code")?,
            state: row.get("state")?,
            title: row.get("title")?,
            word: row.get("word")?,
            text: row.get("detail")?,
            quote: row.get("quote")?,
        })
    })
    .await
}

/// Begins a run: the lines of an earlier one that was cut off go. Gives the run's number;
/// `None` when the repair has ended.
pub async fn take_up(conn: &mut Conn, id: &RepairId, now: Timestamp) -> Result<Option<i64>> {
    let sql = "UPDATE repairs SET attempt = attempt + 1, touched_at = $2, fetched = 0, recovered = 0 \
               WHERE id = $1 AND state = 'running' RETURNING attempt";
    let attempt = conn.first(sql, &args![id, now], |row| row.get("attempt")).await?;
    if attempt.is_some() {
        conn.run("DELETE FROM repair_lines WHERE repair_id = $1", &args![id]).await?;
    }
    Ok(attempt)
}

/// Shows that a run is alive; `false` when another run has taken over or it has ended.
pub async fn touch(conn: &mut Conn, id: &RepairId, attempt: i64, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE repairs SET touched_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'running'";
    Ok(conn.run(sql, &args![id, attempt, now]).await? == 1)
}

/// Writes a line, or writes it anew.
pub async fn append_line(conn: &mut Conn, id: &RepairId, place: i64, line: &Line) -> Result<()> {
    let sql = "INSERT INTO repair_lines (repair_id, place, code, state, title, word, detail, quote) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (repair_id, place) DO UPDATE SET \
               code = excluded.code, state = excluded.state, title = excluded.title, word = excluded.word, \
               detail = excluded.detail, quote = excluded.quote";
    let args =
        args![id, place, &line.code, &line.state, &line.title, &line.word, &line.text, line.quote.as_deref()];
    conn.run_one(sql, &args).await
}

/// What a replay has fetched so far.
pub async fn count(
    conn: &mut Conn,
    id: &RepairId,
    events_from: Timestamp,
    fetched: i64,
    recovered: i64,
) -> Result<()> {
    let sql = "UPDATE repairs SET events_from = $2, fetched = $3, recovered = $4 WHERE id = $1";
    conn.run_one(sql, &args![id, events_from, fetched, recovered]).await
}

/// What the events that a repair fetched have changed in the ledger so far, by currency.
/// They are understood one after the other, also after it has ended.
pub async fn brought(conn: &mut Conn, id: &RepairId, now: Timestamp) -> Result<Vec<Money>> {
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
    outcome: &str,
    complete: bool,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE repairs SET state = 'done', outcome = $2, complete = $3, finished_at = $4 \
               WHERE id = $1 AND state = 'running'";
    Ok(conn.run(sql, &args![id, outcome, complete, now]).await? == 1)
}

/// Ends a repair of a connection whose run has said nothing since a moment.
pub async fn end_silent(
    conn: &mut Conn,
    connection: &ConnectionId,
    silent_since: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE repairs SET state = 'done', outcome = 'stopped', finished_at = $3 \
               WHERE connection_id = $1 AND state = 'running' AND touched_at < $2";
    conn.run(sql, &args![connection, silent_since, now]).await.map(drop)
}

/// When the last replay began that fetched everything.
pub async fn last_complete(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Timestamp>> {
    let sql = "SELECT max(started_at) AS at FROM repairs WHERE connection_id = $1 AND complete";
    conn.one(sql, &args![connection], |row| row.get("at")).await
}

/// Connections that can be repaired and have not been since a moment; those that are in
/// trouble since a later one. The longest waiting first.
pub async fn due(
    conn: &mut Conn,
    not_since: Timestamp,
    in_trouble_not_since: Timestamp,
    limit: i64,
) -> Result<Vec<ConnectionId>> {
    let sql = "SELECT c.id FROM connections c LEFT JOIN repairs r ON r.connection_id = c.id \
               WHERE c.status = 'connected' AND c.kind IN ('oauth', 'key') GROUP BY c.id \
               HAVING coalesce(max(r.started_at), max(c.connected_at)) < $1 \
               OR (max(r.started_at) < $2 AND max(c.problem) IS NOT NULL) ORDER BY coalesce(max(r.started_at), 0), c.id LIMIT $3";
    conn.all(sql, &args![not_since, in_trouble_not_since, limit], |row| row.get("id")).await
}

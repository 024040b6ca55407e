//! Payout runs: stored, listed, and their status.

use domain::clock::Timestamp;
use domain::ids::{AccountId, PayoutRunId, ProgramId};
use domain::payouts::RunStatus;

use crate::db::{Conn, Result, Row, args};

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Who; `None` where it was automatic.
    pub by: Option<AccountId>,
    /// Their name.
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its id.
    pub id: PayoutRunId,
    /// The program.
    pub program_id: ProgramId,
    /// 1, 2, 3, … in the program.
    pub number: i64,
    /// Its status.
    pub status: RunStatus,
    /// Commissions that become payable later are left out.
    pub until: Timestamp,
    /// Who drafted it.
    pub drafted: Step,
    /// Who approved it.
    pub approved: Option<Step>,
    /// Who sent the money.
    pub sent: Option<Step>,
    /// When it was completed or discarded.
    pub ended_at: Option<Timestamp>,
}

fn step(row: &Row, name: &str) -> Result<Option<Step>> {
    let at: Option<Timestamp> = row.get(&format!("{name}_at"))?;
    let Some(at) = at else { return Ok(None) };
    Ok(Some(Step { by: row.get(&format!("{name}_by"))?, name: row.get(&format!("{name}_name"))?, at }))
}

fn read_run(row: &Row) -> Result<Run> {
    Ok(Run {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        number: row.get("number")?,
        status: row.word("status")?,
        until: row.get("until")?,
        drafted: step(row, "created")?.ok_or_else(|| row.inconsistent("created_at", "no time"))?,
        approved: step(row, "approved")?,
        sent: step(row, "sent")?,
        ended_at: row.get("ended_at")?,
    })
}

/// Adds a run.
pub async fn put_run(conn: &mut Conn, new: &Run) -> Result<()> {
    let sql = "INSERT INTO payout_runs (id, program_id, number, status, until, created_by, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let by = new.drafted.by.as_ref();
    let args = args![&new.id, &new.program_id, new.number, new.status.word(), new.until, by, new.drafted.at];
    conn.run_one(sql, &args).await
}

macro_rules! run {
    ($where:literal) => {
        concat!(
            "SELECT r.*, c.name AS created_name, a.name AS approved_name, s.name AS sent_name FROM payout_runs r \
             LEFT JOIN accounts c ON c.id = r.created_by LEFT JOIN accounts a ON a.id = r.approved_by \
             LEFT JOIN accounts s ON s.id = r.sent_by WHERE ",
            $where
        )
    };
}

/// A run of a program.
pub async fn run(conn: &mut Conn, program: &ProgramId, id: &PayoutRunId) -> Result<Option<Run>> {
    conn.first(run!("r.program_id = $1 AND r.id = $2"), &args![program, id], read_run).await
}

/// A program's runs, newest first, before one of them.
pub async fn runs(conn: &mut Conn, program: &ProgramId, before: &str, limit: i64) -> Result<Vec<Run>> {
    let sql = run!("r.program_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3");
    conn.all(sql, &args![program, before, limit], read_run).await
}

/// The number of a program's next run.
pub async fn next_number(conn: &mut Conn, program: &ProgramId) -> Result<i64> {
    conn.scalar("SELECT coalesce(max(number), 0) + 1 FROM payout_runs WHERE program_id = $1", &args![program])
        .await
}

/// Sets the status of a run.
pub async fn set_status(conn: &mut Conn, id: &PayoutRunId, status: RunStatus) -> Result<()> {
    conn.run_one("UPDATE payout_runs SET status = $2 WHERE id = $1", &args![id, status.word()]).await
}

/// Records that a run was approved or sent, by whom.
pub async fn mark(
    conn: &mut Conn,
    id: &PayoutRunId,
    status: RunStatus,
    by: &AccountId,
    now: Timestamp,
) -> Result<()> {
    let sql = match status {
        RunStatus::Approved => {
            "UPDATE payout_runs SET status = $2, approved_by = $3, approved_at = $4 WHERE id = $1"
        }
        _ => "UPDATE payout_runs SET status = $2, sent_by = $3, sent_at = $4 WHERE id = $1",
    };
    conn.run_one(sql, &args![id, status.word(), by, now]).await
}

/// Records that a run was completed or discarded.
pub async fn end(conn: &mut Conn, id: &PayoutRunId, status: RunStatus, now: Timestamp) -> Result<()> {
    let sql = "UPDATE payout_runs SET status = $2, ended_at = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, status.word(), now]).await
}

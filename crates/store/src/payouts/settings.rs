//! The payout settings of programs.

use domain::ids::ProgramId;

use crate::db::{Conn, Result, args};

/// The settings of a program as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Runs above this sum need a second person.
    pub second_approval: Option<i64>,
    /// Days for which a payout waits after its method was changed.
    pub method_hold_days: i64,
    /// The day of the month on which a run is drafted.
    pub draft_day: Option<i64>,
    /// The account that pays by SEPA transfer, encrypted JSON.
    pub payer: Option<String>,
}

/// How a program pays; `None` before anybody has changed the defaults.
pub async fn settings(conn: &mut Conn, program: &ProgramId) -> Result<Option<Stored>> {
    let sql = "SELECT * FROM payout_settings WHERE program_id = $1";
    let read = |row: &crate::db::Row| {
        Ok(Stored {
            second_approval: row.get("second_approval")?,
            method_hold_days: row.get("method_hold_days")?,
            draft_day: row.get("draft_day")?,
            payer: row.get("payer")?,
        })
    };
    conn.first(sql, &args![program], read).await
}

/// Sets how a program pays.
pub async fn put_settings(conn: &mut Conn, program: &ProgramId, new: &Stored) -> Result<()> {
    let sql = "INSERT INTO payout_settings (program_id, second_approval, method_hold_days, draft_day, payer) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (program_id) DO UPDATE SET second_approval = $2, \
               method_hold_days = $3, draft_day = $4, payer = $5";
    let args = args![program, new.second_approval, new.method_hold_days, new.draft_day, new.payer.as_deref()];
    conn.run_one(sql, &args).await
}

/// Notes that the run of a month is drafted; `false` when it was before.
pub async fn begin_month(conn: &mut Conn, program: &ProgramId, month: &str) -> Result<bool> {
    let sql = "UPDATE payout_settings SET drafted_month = $2 WHERE program_id = $1 \
               AND (drafted_month IS NULL OR drafted_month < $2)";
    Ok(conn.run(sql, &args![program, month]).await? > 0)
}

/// Programs that have runs drafted by themselves, after one of them, with the day of the month.
pub async fn drafting_on(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<(ProgramId, i64)>> {
    let sql = "SELECT program_id, draft_day FROM payout_settings WHERE draft_day IS NOT NULL AND program_id > $1 \
               ORDER BY program_id LIMIT $2";
    conn.all(sql, &args![after, limit], |row| Ok((row.get("program_id")?, row.get("draft_day")?))).await
}

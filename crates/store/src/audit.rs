//! The audit trail: who changed what, when. Lines are added and read, never changed.

use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::ids::{AccountId, AuditEventId, MerchantId, ProgramId};

use crate::db::{Conn, Result, args, json};

/// A line of the audit trail.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Line {
    pub id: AuditEventId,
    pub merchant_id: Option<MerchantId>,
    pub program_id: Option<ProgramId>,
    pub account_id: Option<AccountId>,
    pub at: Timestamp,
    /// The id of what was changed.
    pub subject: String,
    pub action: AuditAction,
}

/// Adds a line.
pub async fn put(conn: &mut Conn, line: &Line) -> Result<()> {
    let sql = "INSERT INTO audit (id, merchant_id, program_id, account_id, at, subject, action) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        &line.id,
        line.merchant_id.as_ref(),
        line.program_id.as_ref(),
        line.account_id.as_ref(),
        line.at,
        &line.subject,
        json("audit.action", &line.action)?,
    ];
    conn.run_one(sql, &args).await
}

/// The lines about one thing of a program, newest first, with the name of who did it.
pub async fn about(
    conn: &mut Conn,
    program: &ProgramId,
    subject: &str,
) -> Result<Vec<(Line, Option<String>)>> {
    let sql = "SELECT l.*, a.name AS account_name FROM audit l LEFT JOIN accounts a ON a.id = l.account_id \
               WHERE l.program_id = $1 AND l.subject = $2 ORDER BY l.id DESC LIMIT 50";
    conn.all(sql, &args![program, subject], |row| {
        let line = Line {
            id: row.get("id")?,
            merchant_id: row.get("merchant_id")?,
            program_id: row.get("program_id")?,
            account_id: row.get("account_id")?,
            at: row.get("at")?,
            subject: row.get("subject")?,
            action: row.json("action")?,
        };
        Ok((line, row.get("account_name")?))
    })
    .await
}

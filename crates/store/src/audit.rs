//! Who changed what, when. Lines are added and read, nothing else.

use domain::clock::Timestamp;
use domain::ids::{AccountId, AuditEventId, MerchantId, ProgramId};

use crate::db::{Conn, Result, args};

/// A line of the audit trail.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Line {
    pub id: AuditEventId,
    pub merchant_id: Option<MerchantId>,
    pub program_id: Option<ProgramId>,
    pub account_id: Option<AccountId>,
    pub at: Timestamp,
    /// A stable word such as `program.created`.
    pub action: String,
    /// The id of what was changed.
    pub subject: String,
    /// A sentence; never a secret.
    pub detail: String,
}

/// Adds a line.
pub async fn put(conn: &mut Conn, line: &Line) -> Result<()> {
    let sql = "INSERT INTO audit (id, merchant_id, program_id, account_id, at, action, subject, detail) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![
        &line.id,
        line.merchant_id.as_ref(),
        line.program_id.as_ref(),
        line.account_id.as_ref(),
        line.at,
        &line.action,
        &line.subject,
        &line.detail
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
            action: row.get("action")?,
            subject: row.get("subject")?,
            detail: row.get("detail")?,
        };
        Ok((line, row.get("account_name")?))
    })
    .await
}

//! Applications of people who want to join a program.

use std::collections::BTreeSet;

use domain::applications::ApplicationStatus;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AccountId, AffiliateId, ApplicationId, InvitationLinkId, ProgramId, TermsId};
use domain::questions::Answer;

use crate::db::{Batch, Conn, Result, Row, args, json};

/// An application to join a program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Application {
    pub id: ApplicationId,
    pub program_id: ProgramId,
    pub email: Email,
    pub name: String,
    pub website: Option<String>,
    pub promotion: String,
    pub answers: Vec<Answer>,
    pub terms_id: TermsId,
    pub accepted_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub status: ApplicationStatus,
    pub reason: Option<String>,
    pub decided_at: Option<Timestamp>,
    pub decided_by: Option<AccountId>,
    pub affiliate_id: Option<AffiliateId>,
    pub invitation_link_id: Option<InvitationLinkId>,
}

fn application(row: &Row) -> Result<Application> {
    Ok(Application {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        website: row.get("website")?,
        promotion: row.get("promotion")?,
        answers: row.json("answers")?,
        terms_id: row.get("terms_id")?,
        accepted_at: row.get("accepted_at")?,
        confirmed_at: row.get("confirmed_at")?,
        status: row.word("status")?,
        reason: row.get("reason")?,
        decided_at: row.get("decided_at")?,
        decided_by: row.get("decided_by")?,
        affiliate_id: row.get("affiliate_id")?,
        invitation_link_id: row.get("invitation_link_id")?,
    })
}

/// Adds an application as it was sent.
pub async fn put(conn: &mut Conn, new: &Application) -> Result<()> {
    let sql = "INSERT INTO applications (id, program_id, email, name, website, promotion, answers, terms_id, \
               accepted_at, status, invitation_link_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let args = args![
        &new.id,
        &new.program_id,
        &new.email,
        &new.name,
        new.website.as_ref(),
        &new.promotion,
        json("applications.answers", &new.answers)?,
        &new.terms_id,
        new.accepted_at,
        new.status.word(),
        new.invitation_link_id.as_ref()
    ];
    conn.run_one(sql, &args).await
}

/// An application to a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &ApplicationId) -> Result<Option<Application>> {
    let sql = "SELECT * FROM applications WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], application).await
}

/// An application to any program.
pub async fn get_unscoped(conn: &mut Conn, id: &ApplicationId) -> Result<Option<Application>> {
    conn.first("SELECT * FROM applications WHERE id = $1", &args![id], application).await
}

/// A program's applications of a status, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    status: ApplicationStatus,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Application>> {
    let sql = "SELECT * FROM applications \
               WHERE program_id = $1 AND status = $2 AND (accepted_at, id) < ($3, $4) \
               ORDER BY accepted_at DESC, id DESC LIMIT $5";
    conn.all(sql, &args![program, status.word(), before.0, before.1, limit], application).await
}

/// How many applications of a status a program has.
pub async fn count(conn: &mut Conn, program: &ProgramId, status: ApplicationStatus) -> Result<i64> {
    let sql = "SELECT count(*) FROM applications WHERE program_id = $1 AND status = $2";
    conn.scalar(sql, &args![program, status.word()]).await
}

/// The newest applications of an address to a program.
pub async fn of_email(
    conn: &mut Conn,
    program: &ProgramId,
    email: &Email,
    limit: i64,
) -> Result<Vec<Application>> {
    let sql = "SELECT * FROM applications WHERE program_id = $1 AND email = $2 \
               ORDER BY accepted_at DESC LIMIT $3";
    conn.all(sql, &args![program, email, limit], application).await
}

const APPLIED_BEFORE: Batch<4> = Batch {
    into: "WITH wanted (program_id, email, accepted_at, id) AS (",
    then: ") SELECT DISTINCT w.id FROM wanted w CROSS JOIN applications a \
           WHERE a.program_id = w.program_id AND a.email = w.email AND a.accepted_at < w.accepted_at \
           AND a.status <> 'unconfirmed'",
};

/// Those of some applications before which the same address applied to the same program.
pub async fn applied_before(conn: &mut Conn, of: &[Application]) -> Result<BTreeSet<ApplicationId>> {
    let keys = of.iter().map(|one| args![&one.program_id, &one.email, one.accepted_at, &one.id]).collect();
    let found = conn.all_batch(APPLIED_BEFORE, keys, |row| row.get("id")).await?;
    Ok(found.into_iter().collect())
}

/// Notes that the address was confirmed; `false` when it was before.
pub async fn confirm(conn: &mut Conn, id: &ApplicationId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE applications SET status = 'pending', confirmed_at = $2 \
               WHERE id = $1 AND status = 'unconfirmed'";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

/// Deletes the applications of an address to a program that were not confirmed.
pub async fn delete_unconfirmed_of(conn: &mut Conn, program: &ProgramId, email: &Email) -> Result<u64> {
    let sql = "DELETE FROM applications WHERE program_id = $1 AND email = $2 AND status = 'unconfirmed'";
    conn.run(sql, &args![program, email]).await
}

/// Deletes applications that were sent before a time and not confirmed.
pub async fn delete_unconfirmed(conn: &mut Conn, before: Timestamp) -> Result<u64> {
    let sql = "DELETE FROM applications WHERE status = 'unconfirmed' AND accepted_at < $1";
    conn.run(sql, &args![before]).await
}

/// Notes that an application was approved, and who the applicant became; `false` when it does
/// not wait for a decision.
pub async fn approve(
    conn: &mut Conn,
    id: &ApplicationId,
    affiliate: &AffiliateId,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE applications SET status = 'approved', affiliate_id = $2, decided_by = $3, decided_at = $4 \
               WHERE id = $1 AND status = 'pending'";
    Ok(conn.run(sql, &args![id, affiliate, by, now]).await? == 1)
}

/// Notes that an application was declined and why; `false` when it does not wait for a
/// decision.
pub async fn decline(
    conn: &mut Conn,
    id: &ApplicationId,
    reason: &str,
    by: &AccountId,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE applications SET status = 'declined', reason = $2, decided_by = $3, decided_at = $4 \
               WHERE id = $1 AND status = 'pending'";
    Ok(conn.run(sql, &args![id, reason, by, now]).await? == 1)
}

//! People who were invited to a program by mail.

use std::collections::BTreeSet;

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AccountId, AffiliateId, InvitationId, ProgramId, TermsId};
use domain::invitations::InvitationStatus;
use domain::links::LinkCode;

use crate::db::{Batch, Conn, Result, Row, args};

/// An invitation of a person.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Invitation {
    pub id: InvitationId,
    pub program_id: ProgramId,
    pub email: Email,
    pub name: Option<String>,
    pub code: Option<LinkCode>,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub terms_id: Option<TermsId>,
    pub affiliate_id: Option<AffiliateId>,
}

impl Invitation {
    /// What became of it until a time.
    pub fn status(&self, now: Timestamp) -> InvitationStatus {
        InvitationStatus::at(now, self.accepted_at, self.revoked_at, self.expires_at)
    }
}

fn invitation(row: &Row) -> Result<Invitation> {
    Ok(Invitation {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        code: row.get("code")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        sent_at: row.get("sent_at")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        accepted_at: row.get("accepted_at")?,
        terms_id: row.get("terms_id")?,
        affiliate_id: row.get("affiliate_id")?,
    })
}

const PUT: Batch<9> = Batch {
    into: "INSERT INTO invitations \
           (id, program_id, email, name, code, created_at, created_by, sent_at, expires_at)",
    then: "",
};

/// Adds invitations that are sent for the first time.
pub async fn put(conn: &mut Conn, new: &[Invitation]) -> Result<()> {
    let row = |new: &Invitation| {
        args![
            &new.id,
            &new.program_id,
            &new.email,
            new.name.as_ref(),
            new.code.as_ref(),
            new.created_at,
            new.created_by.as_ref(),
            new.sent_at,
            new.expires_at
        ]
    };
    conn.run_batch(PUT, new.iter().map(row).collect()).await?;
    Ok(())
}

/// An invitation to a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &InvitationId) -> Result<Option<Invitation>> {
    let sql = "SELECT * FROM invitations WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], invitation).await
}

/// An invitation to any program.
pub async fn get_unscoped(conn: &mut Conn, id: &InvitationId) -> Result<Option<Invitation>> {
    conn.first("SELECT * FROM invitations WHERE id = $1", &args![id], invitation).await
}

/// A program's invitations, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Invitation>> {
    let sql = "SELECT * FROM invitations WHERE program_id = $1 AND (created_at, id) < ($2, $3) \
               ORDER BY created_at DESC, id DESC LIMIT $4";
    conn.all(sql, &args![program, before.0, before.1, limit], invitation).await
}

/// How many people were invited to a program since a time.
pub async fn count_since(conn: &mut Conn, program: &ProgramId, since: Timestamp) -> Result<i64> {
    let sql = "SELECT count(*) FROM invitations WHERE program_id = $1 AND created_at > $2";
    conn.scalar(sql, &args![program, since]).await
}

const OPEN: Batch<3> = Batch {
    into: "WITH wanted (program_id, email, now) AS (",
    then: ") SELECT i.email FROM wanted w CROSS JOIN invitations i \
           WHERE i.program_id = w.program_id AND i.email = w.email AND i.expires_at > w.now \
           AND i.accepted_at IS NULL AND i.revoked_at IS NULL",
};

/// Those of some addresses that have an open invitation to a program.
pub async fn open_for(
    conn: &mut Conn,
    program: &ProgramId,
    emails: &[Email],
    now: Timestamp,
) -> Result<BTreeSet<Email>> {
    let keys = emails.iter().map(|email| args![program, email, now]).collect();
    let found = conn.all_batch(OPEN, keys, |row| row.get("email")).await?;
    Ok(found.into_iter().collect())
}

/// Notes that an invitation was sent again, and until when it works since; `false` when it was
/// accepted or taken back.
pub async fn resend(conn: &mut Conn, id: &InvitationId, now: Timestamp, until: Timestamp) -> Result<bool> {
    let sql = "UPDATE invitations SET sent_at = $2, expires_at = $3 \
               WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL";
    Ok(conn.run(sql, &args![id, now, until]).await? == 1)
}

/// Takes an invitation back; `false` when it was accepted, or taken back before.
pub async fn revoke(conn: &mut Conn, id: &InvitationId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE invitations SET revoked_at = $2 \
               WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

/// Notes that an invitation was accepted; `false` when it does not work.
pub async fn accept(
    conn: &mut Conn,
    id: &InvitationId,
    affiliate: &AffiliateId,
    terms: &TermsId,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE invitations SET accepted_at = $4, affiliate_id = $2, terms_id = $3 \
               WHERE id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $4";
    Ok(conn.run(sql, &args![id, affiliate, terms, now]).await? == 1)
}

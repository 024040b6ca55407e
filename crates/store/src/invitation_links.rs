//! Links by which people join a program, as many as the link allows.

use domain::clock::Timestamp;
use domain::ids::{AccountId, InvitationLinkId, ProgramId};
use domain::invitations::InvitationLinkStatus;

use crate::db::{Conn, Result, Row, args};

/// A link by which people join.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct InvitationLink {
    pub id: InvitationLinkId,
    pub program_id: ProgramId,
    pub label: String,
    pub most_uses: i64,
    pub uses: i64,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
    pub expires_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

impl InvitationLink {
    /// Whether it can be used at a time, and why not.
    pub fn status(&self, now: Timestamp) -> InvitationLinkStatus {
        if self.revoked_at.is_some() {
            InvitationLinkStatus::Revoked
        } else if self.uses >= self.most_uses {
            InvitationLinkStatus::UsedUp
        } else if self.expires_at <= now {
            InvitationLinkStatus::Expired
        } else {
            InvitationLinkStatus::Open
        }
    }
}

fn link(row: &Row) -> Result<InvitationLink> {
    Ok(InvitationLink {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        label: row.get("label")?,
        most_uses: row.get("most_uses")?,
        uses: row.get("uses")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}

/// Adds a link that was not used yet.
pub async fn put(conn: &mut Conn, new: &InvitationLink) -> Result<()> {
    let sql = "INSERT INTO invitation_links \
               (id, program_id, label, most_uses, uses, created_at, created_by, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let args = args![
        &new.id,
        &new.program_id,
        &new.label,
        new.most_uses,
        new.uses,
        new.created_at,
        new.created_by.as_ref(),
        new.expires_at
    ];
    conn.run_one(sql, &args).await
}

/// A link of a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &InvitationLinkId,
) -> Result<Option<InvitationLink>> {
    let sql = "SELECT * FROM invitation_links WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], link).await
}

/// A link of any program.
pub async fn get_unscoped(conn: &mut Conn, id: &InvitationLinkId) -> Result<Option<InvitationLink>> {
    conn.first("SELECT * FROM invitation_links WHERE id = $1", &args![id], link).await
}

/// A program's links, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<InvitationLink>> {
    let sql = "SELECT * FROM invitation_links WHERE program_id = $1 AND (created_at, id) < ($2, $3) \
               ORDER BY created_at DESC, id DESC LIMIT $4";
    conn.all(sql, &args![program, before.0, before.1, limit], link).await
}

/// How many links of a program can still end by themselves.
pub async fn count_running(conn: &mut Conn, program: &ProgramId, now: Timestamp) -> Result<i64> {
    let sql = "SELECT count(*) FROM invitation_links \
               WHERE program_id = $1 AND revoked_at IS NULL AND expires_at > $2 AND uses < most_uses";
    conn.scalar(sql, &args![program, now]).await
}

/// Counts a person who joins by a link; `false` when it can no longer be used.
pub async fn use_once(conn: &mut Conn, id: &InvitationLinkId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE invitation_links SET uses = uses + 1 \
               WHERE id = $1 AND uses < most_uses AND revoked_at IS NULL AND expires_at > $2";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

/// Takes a link back; `false` when it was before.
pub async fn revoke(conn: &mut Conn, id: &InvitationLinkId, now: Timestamp) -> Result<bool> {
    let sql = "UPDATE invitation_links SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    Ok(conn.run(sql, &args![id, now]).await? == 1)
}

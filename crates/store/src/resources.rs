//! What companies give their affiliates: files to download and texts to copy.

use domain::clock::Timestamp;
use domain::ids::{AccountId, FileId, ProgramId, ResourceId};
use domain::resources::ResourceKind;

use crate::db::{Conn, Result, Row, args};

/// A file or a text for affiliates.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Resource {
    pub id: ResourceId,
    pub program_id: ProgramId,
    pub kind: ResourceKind,
    pub title: String,
    pub text: Option<String>,
    pub file_id: Option<FileId>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub created_by: Option<AccountId>,
}

fn resource(row: &Row) -> Result<Resource> {
    Ok(Resource {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        kind: row.word("kind")?,
        title: row.get("title")?,
        text: row.get("text")?,
        file_id: row.get("file_id")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        created_by: row.get("created_by")?,
    })
}

/// Adds a resource; `false` when the program has another one of this kind and title.
pub async fn put(conn: &mut Conn, new: &Resource) -> Result<bool> {
    let sql = "INSERT INTO resources \
               (id, program_id, kind, title, text, file_id, created_at, updated_at, created_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (program_id, kind, title) DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        new.kind.word(),
        &new.title,
        new.text.as_ref(),
        new.file_id.as_ref(),
        new.created_at,
        new.updated_at,
        new.created_by.as_ref()
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// Changes what a resource is called and has; `false` when the program has another one of its kind
/// and title.
pub async fn update(conn: &mut Conn, changed: &Resource) -> Result<bool> {
    let sql = "UPDATE resources SET title = $2, text = $3, file_id = $4, updated_at = $5 WHERE id = $1 \
               AND NOT EXISTS (SELECT 1 FROM resources o WHERE o.program_id = $6 AND o.kind = $7 \
               AND o.title = $2 AND o.id <> $1)";
    let args = args![
        &changed.id,
        &changed.title,
        changed.text.as_ref(),
        changed.file_id.as_ref(),
        changed.updated_at,
        &changed.program_id,
        changed.kind.word()
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// A resource of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &ResourceId) -> Result<Option<Resource>> {
    let sql = "SELECT * FROM resources WHERE program_id = $1 AND id = $2";
    conn.first(sql, &args![program, id], resource).await
}

/// The resource of a kind and title.
pub async fn by_title(
    conn: &mut Conn,
    program: &ProgramId,
    kind: ResourceKind,
    title: &str,
) -> Result<Option<Resource>> {
    let sql = "SELECT * FROM resources WHERE program_id = $1 AND kind = $2 AND title = $3";
    conn.first(sql, &args![program, kind.word(), title], resource).await
}

/// A program's resources by age, after one of them.
pub async fn list(conn: &mut Conn, program: &ProgramId, after: &str, limit: i64) -> Result<Vec<Resource>> {
    let sql = "SELECT * FROM resources WHERE program_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    conn.all(sql, &args![program, after, limit], resource).await
}

/// How many resources a program has.
pub async fn count(conn: &mut Conn, program: &ProgramId) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM resources WHERE program_id = $1", &args![program]).await
}

/// Deletes a resource; its file stays.
pub async fn delete(conn: &mut Conn, id: &ResourceId) -> Result<()> {
    conn.run_one("DELETE FROM resources WHERE id = $1", &args![id]).await
}

//! Files that companies uploaded, in pieces. A file is there for others once it is complete.

use domain::clock::Timestamp;
use domain::files::{FilePurpose, FileType};
use domain::ids::{AccountId, FileId, ProgramId};

use crate::db::{Conn, Result, Row, args};

/// A file, without its content.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct File {
    pub id: FileId,
    pub program_id: ProgramId,
    pub purpose: FilePurpose,
    pub name: String,
    pub file_type: FileType,
    pub size: i64,
    pub sha256: String,
    pub created_at: Timestamp,
    pub created_by: Option<AccountId>,
}

fn file(row: &Row) -> Result<File> {
    Ok(File {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        purpose: row.word("purpose")?,
        name: row.get("name")?,
        file_type: row.word("file_type")?,
        size: row.get("size")?,
        sha256: row.get("sha256")?,
        created_at: row.get("created_at")?,
        created_by: row.get("created_by")?,
    })
}

/// Adds a file whose pieces follow. Its size and hash are known at the end.
pub async fn begin(conn: &mut Conn, new: &File) -> Result<()> {
    let sql = "INSERT INTO files (id, program_id, purpose, name, file_type, size, sha256, created_at, created_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let args = args![
        &new.id,
        &new.program_id,
        new.purpose.word(),
        &new.name,
        new.file_type.word(),
        new.size,
        &new.sha256,
        new.created_at,
        new.created_by.as_ref()
    ];
    conn.run_one(sql, &args).await
}

/// Adds a piece of a file.
pub async fn put_piece(conn: &mut Conn, file: &FileId, number: i64, bytes: &[u8]) -> Result<()> {
    let sql = "INSERT INTO file_pieces (file_id, number, bytes) VALUES ($1, $2, $3)";
    conn.run_one(sql, &args![file, number, bytes]).await
}

/// Notes that a file is complete; `false` when it was deleted meanwhile.
pub async fn complete(conn: &mut Conn, id: &FileId, size: i64, sha256: &str, now: Timestamp) -> Result<bool> {
    let sql =
        "UPDATE files SET size = $2, sha256 = $3, completed_at = $4 WHERE id = $1 AND completed_at IS NULL";
    Ok(conn.run(sql, &args![id, size, sha256, now]).await? == 1)
}

/// A complete file.
pub async fn get_unscoped(conn: &mut Conn, id: &FileId) -> Result<Option<File>> {
    let sql = "SELECT * FROM files WHERE id = $1 AND completed_at IS NOT NULL";
    conn.first(sql, &args![id], file).await
}

/// A piece of a file.
pub async fn piece(conn: &mut Conn, file: &FileId, number: i64) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT bytes FROM file_pieces WHERE file_id = $1 AND number = $2";
    conn.first(sql, &args![file, number], |row| row.get("bytes")).await
}

/// What the files of a program have together, bytes.
pub async fn bytes_of(conn: &mut Conn, program: &ProgramId) -> Result<i64> {
    let sql = "SELECT CAST(coalesce(sum(size), 0) AS BIGINT) FROM files \
               WHERE program_id = $1 AND completed_at IS NOT NULL";
    conn.scalar(sql, &args![program]).await
}

/// Deletes a file with its pieces.
pub async fn delete(conn: &mut Conn, id: &FileId) -> Result<()> {
    conn.run("DELETE FROM file_pieces WHERE file_id = $1", &args![id]).await?;
    conn.run("DELETE FROM files WHERE id = $1", &args![id]).await?;
    Ok(())
}

/// Files that were begun before a time and never completed.
pub async fn abandoned(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<Vec<FileId>> {
    let sql =
        "SELECT id FROM files WHERE completed_at IS NULL AND created_at < $1 ORDER BY created_at LIMIT $2";
    conn.all(sql, &args![before, limit], |row| row.get("id")).await
}

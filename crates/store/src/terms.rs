//! Versions of a program's terms.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ProgramId};
use domain::terms::{Terms, TermsVersion};

use crate::db::{Conn, DbError, Result, Row, args};

fn terms(row: &Row) -> Result<TermsVersion> {
    let text: String = row.get("terms")?;
    Ok(TermsVersion {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        version: row.get("version")?,
        terms: serde_json::from_str(&text).map_err(|error| DbError::inconsistent("terms.terms", error))?,
        starts_at: row.get("starts_at")?,
    })
}

/// Adds a version.
pub async fn put(
    conn: &mut Conn,
    version: &TermsVersion,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<()> {
    let text = serde_json::to_string(&version.terms).map_err(|e| DbError::inconsistent("terms.terms", e))?;
    let sql = "INSERT INTO terms (id, program_id, version, terms, starts_at, created_at, account_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![&version.id, &version.program_id, version.version, text, version.starts_at, now, by];
    conn.run_one(sql, &args).await
}

/// All versions of a program, oldest first.
pub async fn list(conn: &mut Conn, program: &ProgramId) -> Result<Vec<TermsVersion>> {
    conn.all("SELECT * FROM terms WHERE program_id = $1 ORDER BY version", &args![program], terms).await
}

/// The version that is in force at a time, chosen like [`domain::terms::in_force`]: the one
/// that started last, or else the first.
pub async fn in_force(conn: &mut Conn, program: &ProgramId, at: Timestamp) -> Result<Option<TermsVersion>> {
    let sql = "SELECT * FROM terms WHERE program_id = $1 AND starts_at <= $2 \
               ORDER BY starts_at DESC, version DESC LIMIT 1";
    if let Some(version) = conn.first(sql, &args![program, at], terms).await? {
        return Ok(Some(version));
    }
    let first = "SELECT * FROM terms WHERE program_id = $1 ORDER BY version LIMIT 1";
    conn.first(first, &args![program], terms).await
}

/// The longest window of any terms, days. There are a few versions of terms a program.
pub async fn longest_window_days(conn: &mut Conn) -> Result<i64> {
    let all: Vec<Terms> = conn.all("SELECT terms FROM terms", &[], |row| row.json("terms")).await?;
    Ok(all.iter().map(|terms| terms.window_days).max().unwrap_or(0))
}

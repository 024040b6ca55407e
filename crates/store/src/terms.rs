//! Versions of a program's rules.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ProgramId};
use domain::terms::TermsVersion;

use crate::db::{Conn, DbError, Result, Row, args};

fn terms(row: &Row) -> Result<TermsVersion> {
    let rules: String = row.get("rules")?;
    Ok(TermsVersion {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        version: row.get("version")?,
        rules: serde_json::from_str(&rules).map_err(|error| DbError::inconsistent("terms.rules", error))?,
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
    let rules = serde_json::to_string(&version.rules).map_err(|e| DbError::inconsistent("terms.rules", e))?;
    let sql = "INSERT INTO terms (id, program_id, version, rules, starts_at, created_at, account_id) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![&version.id, &version.program_id, version.version, rules, version.starts_at, now, by];
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

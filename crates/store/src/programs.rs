//! Programs and what they were when.

use domain::clock::Timestamp;
use domain::ids::{AccountId, MerchantId, ProgramId};
use domain::money::Currency;
use domain::programs::{History, LandingHosts, ProgramDraft, ProgramStatus};

use crate::db::{Conn, Result, Row, args};

/// An affiliate program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Program {
    pub id: ProgramId,
    pub merchant_id: MerchantId,
    pub slug: String,
    pub name: String,
    pub website: String,
    pub landing_hosts: LandingHosts,
    pub currency: Currency,
    pub time_zone: String,
    pub status: ProgramStatus,
    pub auto_approve: bool,
    pub require_consent: bool,
    pub script_seen_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

fn program(row: &Row) -> Result<Program> {
    Ok(Program {
        id: row.get("id")?,
        merchant_id: row.get("merchant_id")?,
        slug: row.get("slug")?,
        name: row.get("name")?,
        website: row.get("website")?,
        landing_hosts: LandingHosts::from_stored(&row.get::<String>("landing_hosts")?),
        currency: row.get("currency")?,
        time_zone: row.get("time_zone")?,
        status: row.word("status")?,
        auto_approve: row.get("auto_approve")?,
        require_consent: row.get("require_consent")?,
        script_seen_at: row.get("script_seen_at")?,
        created_at: row.get("created_at")?,
    })
}

/// Adds a program; `false` when the slug is taken.
pub async fn put(
    conn: &mut Conn,
    id: &ProgramId,
    merchant: &MerchantId,
    slug: &str,
    draft: &ProgramDraft,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO programs (id, merchant_id, slug, name, website, landing_hosts, currency, time_zone, \
               status, auto_approve, require_consent, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10, $11) ON CONFLICT (slug) DO NOTHING";
    let args = args![
        id,
        merchant,
        slug,
        &draft.name,
        &draft.website,
        draft.landing_hosts.stored(),
        draft.currency,
        &draft.time_zone,
        draft.auto_approve,
        draft.require_consent,
        now
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// Changes what can be changed; the currency stays, as money was counted in it.
pub async fn update(
    conn: &mut Conn,
    merchant: &MerchantId,
    id: &ProgramId,
    draft: &ProgramDraft,
) -> Result<()> {
    let sql = "UPDATE programs SET name = $3, website = $4, landing_hosts = $5, time_zone = $6, \
               auto_approve = $7, require_consent = $8 WHERE merchant_id = $1 AND id = $2";
    let args = args![
        merchant,
        id,
        &draft.name,
        &draft.website,
        draft.landing_hosts.stored(),
        &draft.time_zone,
        draft.auto_approve,
        draft.require_consent
    ];
    conn.run_one(sql, &args).await
}

/// Sets the status and remembers since when.
pub async fn set_status(
    conn: &mut Conn,
    id: &ProgramId,
    status: ProgramStatus,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<()> {
    conn.run_one("UPDATE programs SET status = $2 WHERE id = $1", &args![id, status.word()]).await?;
    let sql = "INSERT INTO program_changes (program_id, at, status, account_id) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (program_id, at) DO UPDATE SET status = $3, account_id = $4";
    conn.run_one(sql, &args![id, now, status.word(), by]).await
}

/// What a program was when.
pub async fn history(conn: &mut Conn, id: &ProgramId) -> Result<History<ProgramStatus>> {
    let sql = "SELECT at, status FROM program_changes WHERE program_id = $1 ORDER BY at";
    let changes = conn.all(sql, &args![id], |row| Ok((row.get("at")?, row.word("status")?))).await?;
    Ok(History::new(changes))
}

/// A merchant's program.
pub async fn get(conn: &mut Conn, merchant: &MerchantId, id: &ProgramId) -> Result<Option<Program>> {
    conn.first("SELECT * FROM programs WHERE merchant_id = $1 AND id = $2", &args![merchant, id], program)
        .await
}

/// A program, whoever it belongs to: for the parts that work without a person.
pub async fn get_unscoped(conn: &mut Conn, id: &ProgramId) -> Result<Option<Program>> {
    conn.first("SELECT * FROM programs WHERE id = $1", &args![id], program).await
}

/// A merchant's programs in order of their making, after one of them.
pub async fn list(conn: &mut Conn, merchant: &MerchantId, after: &str, limit: i64) -> Result<Vec<Program>> {
    let sql = "SELECT * FROM programs WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    conn.all(sql, &args![merchant, after, limit], program).await
}

/// Notes that the tracking script was loaded by a page of a host, for the programs that
/// name the host or its parent; at most once an hour each, to spare the write. The host
/// has only letters, digits, dots and dashes.
pub async fn script_seen(conn: &mut Conn, host: &str, now: Timestamp) -> Result<()> {
    let parent = host.split_once('.').map_or(host, |(_, parent)| parent);
    let sql = "UPDATE programs SET script_seen_at = $3 \
               WHERE (script_seen_at IS NULL OR script_seen_at < $3 - 3600000) \
               AND (',' || landing_hosts || ',' LIKE '%,' || $1 || ',%' OR ',' || landing_hosts || ',' LIKE '%,' || $2 || ',%')";
    conn.run(sql, &args![host, parent, now]).await.map(drop)
}

//! Programs and the history of their status.

use domain::clock::Timestamp;
use domain::ids::{AccountId, MerchantId, ProgramId};
use domain::leads::BrowserLeads;
use domain::money::Currency;
use domain::programs::{AllowedDomains, History, ProgramDraft, ProgramStatus};

use crate::db::{Conn, Result, Row, args, json};

/// An affiliate program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Program {
    pub id: ProgramId,
    pub merchant_id: MerchantId,
    pub slug: String,
    pub name: String,
    pub website: String,
    pub allowed_domains: AllowedDomains,
    pub currency: Currency,
    pub time_zone: String,
    pub status: ProgramStatus,
    pub auto_approve: bool,
    pub require_consent: bool,
    pub respect_gpc: bool,
    pub browser_leads: BrowserLeads,
    pub lead_secret_version: i64,
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
        allowed_domains: row.json("allowed_domains")?,
        currency: row.get("currency")?,
        time_zone: row.get("time_zone")?,
        status: row.word("status")?,
        auto_approve: row.get("auto_approve")?,
        require_consent: row.get("require_consent")?,
        respect_gpc: row.get("respect_gpc")?,
        browser_leads: row.word("browser_leads")?,
        lead_secret_version: row.get("lead_secret_version")?,
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
    let sql = "INSERT INTO programs (id, merchant_id, slug, name, website, allowed_domains, currency, time_zone, \
               status, auto_approve, require_consent, respect_gpc, browser_leads, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $10, $11, $12, $13) ON CONFLICT (slug) DO NOTHING";
    let args = args![
        id,
        merchant,
        slug,
        draft.name.as_str(),
        draft.website.as_str(),
        json("programs.allowed_domains", &draft.allowed_domains)?,
        draft.currency,
        draft.time_zone.as_str(),
        draft.auto_approve,
        draft.require_consent,
        draft.respect_gpc,
        draft.browser_leads.word(),
        now
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// Writes a program's settings; its currency stays, as money was counted in it.
pub async fn update(conn: &mut Conn, program: &Program) -> Result<()> {
    let sql = "UPDATE programs SET name = $3, website = $4, allowed_domains = $5, time_zone = $6, \
               auto_approve = $7, require_consent = $8, respect_gpc = $9, browser_leads = $10 \
               WHERE merchant_id = $1 AND id = $2";
    let args = args![
        &program.merchant_id,
        &program.id,
        &program.name,
        &program.website,
        json("programs.allowed_domains", &program.allowed_domains)?,
        &program.time_zone,
        program.auto_approve,
        program.require_consent,
        program.respect_gpc,
        program.browser_leads.word()
    ];
    conn.run_one(sql, &args).await
}

/// Makes the secret that signs leads a new one.
pub async fn renew_lead_secret(conn: &mut Conn, id: &ProgramId) -> Result<()> {
    let sql = "UPDATE programs SET lead_secret_version = lead_secret_version + 1 WHERE id = $1";
    conn.run_one(sql, &args![id]).await
}

/// Sets the status and records since when.
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

/// The history of a program's status.
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

/// A program of any company: for work that no person asked for.
pub async fn get_unscoped(conn: &mut Conn, id: &ProgramId) -> Result<Option<Program>> {
    conn.first("SELECT * FROM programs WHERE id = $1", &args![id], program).await
}

/// The program of a slug, whichever company's: slugs are in public addresses.
pub async fn by_slug(conn: &mut Conn, slug: &str) -> Result<Option<Program>> {
    conn.first("SELECT * FROM programs WHERE slug = $1", &args![slug], program).await
}

/// A merchant's programs by age, after one of them.
pub async fn list(conn: &mut Conn, merchant: &MerchantId, after: &str, limit: i64) -> Result<Vec<Program>> {
    let sql = "SELECT * FROM programs WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    conn.all(sql, &args![merchant, after, limit], program).await
}

/// Programs of the whole installation, a page at a time, for `verify`.
pub async fn ids_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<ProgramId>> {
    let sql = "SELECT id FROM programs WHERE id > $1 ORDER BY id LIMIT $2";
    conn.all(sql, &args![after, limit], |row| row.get("id")).await
}

/// Notes when a page of the program last ran the tracking script.
pub async fn script_seen(conn: &mut Conn, id: &ProgramId, now: Timestamp) -> Result<()> {
    conn.run_one("UPDATE programs SET script_seen_at = $2 WHERE id = $1", &args![id, now]).await
}

/// The newest of what a program's pages show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newest {
    /// The id of its last entry in the ledger.
    pub entry: Option<String>,
    /// The id of its last payment.
    pub payment: Option<String>,
    /// The id of its last application.
    pub application: Option<String>,
}

/// The newest of what a program's pages show: the end of three indexes.
pub async fn newest(conn: &mut Conn, program: &ProgramId) -> Result<Newest> {
    let sql = "SELECT (SELECT id FROM entries WHERE program_id = $1 ORDER BY id DESC LIMIT 1) AS entry, \
               (SELECT id FROM payments WHERE program_id = $1 ORDER BY paid_at DESC, id DESC LIMIT 1) AS payment, \
               (SELECT id FROM applications WHERE program_id = $1 AND status = 'pending' \
               ORDER BY accepted_at DESC, id DESC LIMIT 1) AS application";
    conn.one(sql, &args![program], |row| {
        Ok(Newest {
            entry: row.get("entry")?,
            payment: row.get("payment")?,
            application: row.get("application")?,
        })
    })
    .await
}

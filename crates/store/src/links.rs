//! The `links` table: tracking links of affiliates.

use std::collections::BTreeSet;

use domain::affiliates::AffiliateStatus;
use domain::clock::Timestamp;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::links::LinkCode;
use domain::programs::{AllowedDomains, ProgramStatus};

use crate::db::{Batch, Conn, Result, Row, args};

/// A tracking link.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Link {
    pub id: LinkId,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    pub code: LinkCode,
    pub destination_url: String,
    pub placement: Option<String>,
    pub created_at: Timestamp,
    pub archived_at: Option<Timestamp>,
}

fn link(row: &Row) -> Result<Link> {
    Ok(Link {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        affiliate_id: row.get("affiliate_id")?,
        code: row.get("code")?,
        destination_url: row.get("destination_url")?,
        placement: row.get("placement")?,
        created_at: row.get("created_at")?,
        archived_at: row.get("archived_at")?,
    })
}

/// A link and how often it was used.
#[derive(Debug, Clone)]
pub struct LinkWithClicks {
    /// The link.
    pub link: Link,
    /// The affiliate's name.
    pub affiliate_name: String,
    /// Clicks, without those of bots.
    pub clicks: i64,
}

/// What a redirect needs.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Target {
    pub link: Link,
    pub affiliate_status: AffiliateStatus,
    pub program_status: ProgramStatus,
    pub program_id: ProgramId,
    pub website: String,
    pub allowed_domains: AllowedDomains,
    pub require_consent: bool,
    pub respect_gpc: bool,
}

/// Adds a link; `false` when the code is taken.
pub async fn put(conn: &mut Conn, new: &Link) -> Result<bool> {
    let sql = "INSERT INTO links (id, program_id, affiliate_id, code, destination_url, placement, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (code) DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        &new.affiliate_id,
        &new.code,
        &new.destination_url,
        new.placement.as_deref(),
        new.created_at
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

const TAKEN: Batch<1> = Batch {
    into: "WITH wanted (code) AS (",
    then: ") SELECT l.code FROM wanted w CROSS JOIN links l WHERE l.code = w.code",
};

/// Those of some codes that links have.
pub async fn taken(conn: &mut Conn, codes: &[LinkCode]) -> Result<BTreeSet<LinkCode>> {
    let keys = codes.iter().map(|code| args![code]).collect();
    let found = conn.all_batch(TAKEN, keys, |row| row.get("code")).await?;
    Ok(found.into_iter().collect())
}

/// Archives a link, or restores it.
pub async fn set_archived(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    id: &LinkId,
    at: Option<Timestamp>,
) -> Result<bool> {
    let sql = "UPDATE links SET archived_at = $3 WHERE id = $2 AND affiliate_id = $1";
    Ok(conn.run(sql, &args![affiliate, id, at]).await? == 1)
}

/// Everything that a click on a code needs.
pub async fn target(conn: &mut Conn, code: &LinkCode) -> Result<Option<Target>> {
    let sql = "SELECT l.*, a.status AS affiliate_status, p.status AS program_status, p.website, \
               p.allowed_domains, p.require_consent, p.respect_gpc \
               FROM links l JOIN affiliates a ON a.id = l.affiliate_id JOIN programs p ON p.id = l.program_id \
               WHERE l.code = $1";
    conn.first(sql, &args![code], |row| {
        Ok(Target {
            link: link(row)?,
            affiliate_status: row.word("affiliate_status")?,
            program_status: row.word("program_status")?,
            program_id: row.get("program_id")?,
            website: row.get("website")?,
            allowed_domains: row.json("allowed_domains")?,
            require_consent: row.get("require_consent")?,
            respect_gpc: row.get("respect_gpc")?,
        })
    })
    .await
}

macro_rules! listed {
    ($owner:literal) => {
        concat!(
            "SELECT l.*, a.name AS affiliate_name, \
             coalesce((SELECT s.clicks FROM click_sums s WHERE s.owner_id = l.id AND s.size = 0), 0) AS clicks \
             FROM links l JOIN affiliates a ON a.id = l.affiliate_id WHERE l.",
            $owner,
            " = $2 AND l.program_id = $1 AND l.id < $3 ORDER BY l.id DESC LIMIT $4"
        )
    };
}

const OF_IDS: Batch<2> = Batch {
    into: "WITH wanted (program_id, id) AS (",
    then: ") SELECT l.*, a.name AS affiliate_name, \
           coalesce((SELECT s.clicks FROM click_sums s WHERE s.owner_id = l.id AND s.size = 0), 0) AS clicks \
           FROM wanted w CROSS JOIN links l JOIN affiliates a ON a.id = l.affiliate_id \
           WHERE l.id = w.id AND l.program_id = w.program_id",
};

/// Links of a program by their ids, in no order.
pub async fn of_ids(conn: &mut Conn, program: &ProgramId, ids: &[LinkId]) -> Result<Vec<LinkWithClicks>> {
    conn.all_batch(OF_IDS, ids.iter().map(|id| args![program, id]).collect(), link_with_clicks).await
}

fn link_with_clicks(row: &Row) -> Result<LinkWithClicks> {
    Ok(LinkWithClicks {
        link: link(row)?,
        affiliate_name: row.get("affiliate_name")?,
        clicks: row.get("clicks")?,
    })
}

/// A program's links, newest first, before one of them; all of them or those of one
/// affiliate.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: &str,
    limit: i64,
) -> Result<Vec<LinkWithClicks>> {
    const OF_PROGRAM: &str = listed!("program_id");
    const OF_AFFILIATE: &str = listed!("affiliate_id");
    let (sql, owner) = match affiliate {
        None => (OF_PROGRAM, program.as_str()),
        Some(affiliate) => (OF_AFFILIATE, affiliate.as_str()),
    };
    conn.all(sql, &args![program, owner, before, limit], link_with_clicks).await
}

/// A link of an affiliate.
pub async fn get(conn: &mut Conn, affiliate: &AffiliateId, id: &LinkId) -> Result<Option<Link>> {
    conn.first("SELECT * FROM links WHERE id = $2 AND affiliate_id = $1", &args![affiliate, id], link).await
}

/// An affiliate's first link.
pub async fn first_of(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Option<Link>> {
    conn.first("SELECT * FROM links WHERE affiliate_id = $1 ORDER BY id LIMIT 1", &args![affiliate], link)
        .await
}

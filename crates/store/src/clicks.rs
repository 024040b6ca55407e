//! Clicks and their sums.

use domain::attribution::ClickSeen;
use domain::clicks::{ClickToken, Device, Visitor};
use domain::clock::Timestamp;
use domain::ids::{AffiliateId, LinkId, ProgramId};

use crate::db::{Batch, Conn, Db, Result, args};
use crate::sums::clicks::Added;

/// A click to be stored.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct NewClick {
    pub token: ClickToken,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    pub link_id: LinkId,
    pub at: Timestamp,
    pub landing_url: String,
    pub referrer_host: Option<String>,
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub placement: Option<String>,
    pub device: Device,
    pub bot: bool,
    /// ISO code, if the proxy in front sends it.
    pub country: Option<String>,
    /// Whose it was, as far as that is known.
    pub visitor: Option<Visitor>,
}

impl NewClick {
    /// A click of a person on a desktop computer of whom nothing else is known.
    pub fn plain(
        token: ClickToken,
        program: &ProgramId,
        (affiliate, link): (&AffiliateId, &LinkId),
        at: Timestamp,
        landing_url: &str,
    ) -> Self {
        Self {
            token,
            program_id: program.clone(),
            affiliate_id: affiliate.clone(),
            link_id: link.clone(),
            at,
            landing_url: landing_url.to_owned(),
            referrer_host: None,
            utm_source: None,
            utm_medium: None,
            utm_campaign: None,
            placement: None,
            device: Device::Desktop,
            bot: false,
            country: None,
            visitor: None,
        }
    }
}

/// What a click says about the leads that name it.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct ClickEvidence {
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    pub at: Timestamp,
    pub visitor: Option<Visitor>,
}

/// A click as listed.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Click {
    pub token: ClickToken,
    pub link_id: LinkId,
    pub link_code: String,
    pub affiliate_id: AffiliateId,
    pub affiliate_name: String,
    pub at: Timestamp,
    pub landing_url: String,
    pub referrer_host: Option<String>,
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    pub placement: Option<String>,
    pub device: String,
    pub bot: bool,
    pub country: Option<String>,
}

const INSERT: Batch<16> = Batch {
    into: "INSERT INTO clicks (token, program_id, affiliate_id, link_id, at, landing_url, referrer_host, utm_source, utm_medium, utm_campaign, \
           placement, device, bot, country, visitor, network)",
    then: "",
};

/// Stores clicks and adds them to their sums, in one transaction.
pub async fn put_all(db: &Db, clicks: &[NewClick]) -> Result<()> {
    let mut sums = Added::default();
    for click in clicks.iter().filter(|click| !click.bot) {
        sums.add(&click.program_id, &click.affiliate_id, &click.link_id, click.at);
    }
    let mut tx = db.begin_batch().await?;
    put_rows(&mut tx, clicks).await?;
    sums.write(&mut tx).await?;
    tx.commit().await
}

/// Stores clicks without their sums, which the caller adds.
pub async fn put_rows(conn: &mut Conn, clicks: &[NewClick]) -> Result<()> {
    let rows = clicks
        .iter()
        .map(|c| {
            args![
                &c.token,
                &c.program_id,
                &c.affiliate_id,
                &c.link_id,
                c.at,
                &c.landing_url,
                c.referrer_host.as_deref(),
                c.utm_source.as_deref(),
                c.utm_medium.as_deref(),
                c.utm_campaign.as_deref(),
                c.placement.as_deref(),
                c.device.word(),
                c.bot,
                c.country.as_deref(),
                c.visitor.as_ref().map(|v| v.visitor.as_str()),
                c.visitor.as_ref().map(|v| v.network.as_str())
            ]
        })
        .collect();
    conn.run_batch(INSERT, rows).await.map(drop)
}

const SEEN: Batch<1> = Batch {
    into: "WITH wanted (token) AS (",
    then: ") SELECT c.token, c.at, l.id, c.affiliate_id, c.program_id, l.code FROM wanted w \
           CROSS JOIN clicks c JOIN links l ON l.id = c.link_id WHERE c.token = w.token",
};

/// Those clicks that exist, as far as attribution asks.
pub async fn seen(
    conn: &mut Conn,
    tokens: impl IntoIterator<Item = &ClickToken>,
) -> Result<Vec<(ClickToken, ClickSeen)>> {
    let keys = tokens.into_iter().map(|token| args![token]).collect();
    conn.all_batch(SEEN, keys, |row| {
        let seen = ClickSeen {
            at: row.get("at")?,
            affiliate_id: row.get("affiliate_id")?,
            program_id: row.get("program_id")?,
            link_id: row.get("id")?,
            link_code: row.get("code")?,
        };
        Ok((row.get("token")?, seen))
    })
    .await
}

/// A click, as far as its leads ask.
pub async fn evidence(conn: &mut Conn, token: &ClickToken) -> Result<Option<ClickEvidence>> {
    let sql = "SELECT at, visitor, network, affiliate_id, program_id FROM clicks WHERE token = $1";
    conn.first(sql, &args![token], |row| {
        let (visitor, network): (Option<String>, Option<String>) = (row.get("visitor")?, row.get("network")?);
        Ok(ClickEvidence {
            program_id: row.get("program_id")?,
            affiliate_id: row.get("affiliate_id")?,
            at: row.get("at")?,
            visitor: visitor.zip(network).map(|(visitor, network)| Visitor { visitor, network }),
        })
    })
    .await
}

fn click(row: &crate::db::Row) -> Result<Click> {
    Ok(Click {
        token: row.get("token")?,
        link_id: row.get("link_id")?,
        link_code: row.get("code")?,
        affiliate_id: row.get("affiliate_id")?,
        affiliate_name: row.get("affiliate_name")?,
        at: row.get("at")?,
        landing_url: row.get("landing_url")?,
        referrer_host: row.get("referrer_host")?,
        utm_source: row.get("utm_source")?,
        utm_medium: row.get("utm_medium")?,
        utm_campaign: row.get("utm_campaign")?,
        placement: row.get("placement")?,
        device: row.get("device")?,
        bot: row.get("bot")?,
        country: row.get("country")?,
    })
}

/// The newest clicks of an owner, which the index has, and then what is shown beside them.
macro_rules! listed {
    ($owner:literal) => {
        concat!(
            "SELECT c.*, l.code, a.name AS affiliate_name FROM (SELECT * FROM clicks WHERE ",
            $owner,
            " = $2 AND program_id = $1 AND token < $3 ORDER BY token DESC LIMIT $4) AS c \
             JOIN links l ON l.id = c.link_id JOIN affiliates a ON a.id = c.affiliate_id ORDER BY c.token DESC"
        )
    };
}

/// A program's clicks, newest first, before a token; all of them or those of one affiliate.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: &str,
    limit: i64,
) -> Result<Vec<Click>> {
    const OF_PROGRAM: &str = listed!("program_id");
    const OF_AFFILIATE: &str = listed!("affiliate_id");
    match affiliate {
        None => conn.all(OF_PROGRAM, &args![program, program, before, limit], click).await,
        Some(affiliate) => conn.all(OF_AFFILIATE, &args![program, affiliate, before, limit], click).await,
    }
}

/// One click of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, token: &ClickToken) -> Result<Option<Click>> {
    let sql = "SELECT c.*, l.code, a.name AS affiliate_name \
               FROM clicks c JOIN links l ON l.id = c.link_id JOIN affiliates a ON a.id = l.affiliate_id \
               WHERE c.program_id = $1 AND c.token = $2";
    conn.first(sql, &args![program, token], click).await
}

/// The end of a batch of clicks that begins after one token and ends before another.
pub async fn end_of_batch(
    conn: &mut Conn,
    after: &str,
    before: &str,
    size: i64,
) -> Result<Option<ClickToken>> {
    let sql = "SELECT max(token) AS token FROM \
               (SELECT token FROM clicks WHERE token > $1 AND token < $2 ORDER BY token LIMIT $3) AS batch";
    conn.scalar(sql, &args![after, before, size]).await
}

/// Deletes the clicks of a batch, except those that a credit or a lead rests on: these lose
/// what they say about their visitor. Returns how many were deleted.
pub async fn delete_batch(conn: &mut Conn, after: &str, last: &ClickToken) -> Result<u64> {
    let sql = "DELETE FROM clicks WHERE token > $1 AND token <= $2 \
               AND NOT EXISTS (SELECT 1 FROM conversions v WHERE v.click_token = clicks.token) \
               AND NOT EXISTS (SELECT 1 FROM customers c WHERE c.attributed_click = clicks.token) \
               AND NOT EXISTS (SELECT 1 FROM leads d WHERE d.click_token = clicks.token)";
    let deleted = conn.run(sql, &args![after, last]).await?;
    let sql = "UPDATE clicks SET visitor = NULL, network = NULL, placement = NULL, country = NULL \
               WHERE token > $1 AND token <= $2";
    conn.run(sql, &args![after, last]).await?;
    Ok(deleted)
}

/// How many clicks are stored at all.
pub async fn count(conn: &mut Conn) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM clicks", &[]).await
}

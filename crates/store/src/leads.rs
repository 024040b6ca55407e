//! Leads: addresses that a site reported for a click.

use domain::attribution::LeadSeen;
use domain::clicks::{ClickToken, Visitor};
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AffiliateId, LeadId, ProgramId};
use domain::leads::{LeadDoubt, LeadProof};

use crate::db::{Batch, Conn, Result, Row, args};

/// A lead.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Lead {
    pub id: LeadId,
    pub program_id: ProgramId,
    pub email: Email,
    pub affiliate_id: AffiliateId,
    pub click: ClickToken,
    pub at: Timestamp,
    pub proof: LeadProof,
    pub doubt: Option<LeadDoubt>,
    /// Whose click it was.
    pub visitor: Option<Visitor>,
    /// The network that sent it.
    pub sender: Option<String>,
}

fn lead(row: &Row) -> Result<Lead> {
    let (visitor, network): (Option<String>, Option<String>) = (row.get("visitor")?, row.get("network")?);
    Ok(Lead {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        email: row.get("email")?,
        affiliate_id: row.get("affiliate_id")?,
        click: row.get("click_token")?,
        at: row.get("at")?,
        proof: row.word("proof")?,
        doubt: row.optional_word("doubt")?,
        visitor: visitor.zip(network).map(|(visitor, network)| Visitor { visitor, network }),
        sender: row.get("sender")?,
    })
}

/// Adds a lead; `false` when it is there: for pages one of the address and affiliate, for
/// servers one of the address and click.
pub async fn put(conn: &mut Conn, lead: &Lead) -> Result<bool> {
    let sql = "INSERT INTO leads (id, program_id, email, affiliate_id, click_token, at, proof, doubt, visitor, \
               network, sender) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    let args = args![
        &lead.id,
        &lead.program_id,
        &lead.email,
        &lead.affiliate_id,
        &lead.click,
        lead.at,
        lead.proof.word(),
        lead.doubt.map(LeadDoubt::word),
        lead.visitor.as_ref().map(|v| v.visitor.as_str()),
        lead.visitor.as_ref().map(|v| v.network.as_str()),
        lead.sender.as_deref()
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// Puts a page's lead in the place of an earlier one.
pub async fn replace(conn: &mut Conn, earlier: &LeadId, lead: &Lead) -> Result<()> {
    conn.run_one("DELETE FROM leads WHERE id = $1 AND proof = 'browser'", &args![earlier]).await?;
    put(conn, lead).await.map(drop)
}

/// What pages reported of an address for an affiliate.
pub async fn by_page(
    conn: &mut Conn,
    program: &ProgramId,
    email: &Email,
    affiliate: &AffiliateId,
) -> Result<Option<Lead>> {
    let sql = "SELECT * FROM leads \
               WHERE program_id = $1 AND email = $2 AND affiliate_id = $3 AND proof = 'browser'";
    conn.first(sql, &args![program, email, affiliate], lead).await
}

/// What a server reported of an address for a click.
pub async fn proved(
    conn: &mut Conn,
    program: &ProgramId,
    email: &Email,
    click: &ClickToken,
) -> Result<Option<Lead>> {
    let sql = "SELECT * FROM leads \
               WHERE program_id = $1 AND email = $2 AND click_token = $3 AND proof <> 'browser'";
    conn.first(sql, &args![program, email, click], lead).await
}

/// The most leads of an address that are looked at: the writers stop before.
pub const MOST_OF_ADDRESS: i64 = 200;

const OF_ADDRESSES: Batch<2> = Batch {
    into: "WITH wanted (program_id, email) AS (",
    then: ") SELECT l.program_id, l.email, l.click_token, l.at, l.proof, l.doubt FROM wanted w \
           CROSS JOIN leads l WHERE l.program_id = w.program_id AND l.email = w.email \
           ORDER BY CASE WHEN l.doubt IS NULL THEN 0 ELSE 1 END, l.at, l.id",
};

/// The leads with an address of a program: of each address first those that count, the oldest of
/// each first.
pub async fn of_addresses(
    conn: &mut Conn,
    addresses: impl IntoIterator<Item = (&ProgramId, &Email)>,
) -> Result<Vec<(ProgramId, LeadSeen)>> {
    let keys = addresses.into_iter().map(|(program, email)| args![program, email]).collect();
    conn.all_batch(OF_ADDRESSES, keys, |row| {
        let seen = LeadSeen {
            email: row.get("email")?,
            click: row.get("click_token")?,
            at: row.get("at")?,
            proof: row.word("proof")?,
            doubt: row.optional_word("doubt")?,
        };
        Ok((row.get("program_id")?, seen))
    })
    .await
}

/// How many leads of an address there are: those that count, and those that are doubted.
pub async fn count_of_address(conn: &mut Conn, program: &ProgramId, email: &Email) -> Result<(i64, i64)> {
    let sql =
        "SELECT count(*) AS leads, count(doubt) AS doubted FROM leads WHERE program_id = $1 AND email = $2";
    let (all, doubted): (i64, i64) = conn
        .first(sql, &args![program, email], |row| Ok((row.get("leads")?, row.get("doubted")?)))
        .await?
        .unwrap_or_default();
    Ok((all - doubted, doubted))
}

/// How many leads name a click.
pub async fn count_of_click(conn: &mut Conn, click: &ClickToken) -> Result<i64> {
    conn.scalar("SELECT count(*) FROM leads WHERE click_token = $1", &args![click]).await
}

/// Whether a click counts for another address already.
pub async fn is_click_used(conn: &mut Conn, click: &ClickToken, email: &Email) -> Result<bool> {
    let sql = "SELECT count(*) FROM (SELECT 1 AS one FROM leads \
               WHERE click_token = $1 AND email <> $2 AND doubt IS NULL LIMIT 1) AS found";
    Ok(conn.scalar::<i64>(sql, &args![click, email]).await? > 0)
}

/// Whether a visitor counts for another address of the program already, or a network of a
/// day for another one of the affiliate.
pub async fn is_visitor_used(conn: &mut Conn, lead: &Lead) -> Result<bool> {
    let visitor = "SELECT count(*) FROM (SELECT 1 AS one FROM leads WHERE program_id = $1 AND visitor = $2 \
                   AND email <> $3 AND doubt IS NULL AND proof = 'browser' LIMIT 1) AS found";
    let network = "SELECT count(*) FROM (SELECT 1 AS one FROM leads WHERE affiliate_id = $1 AND network = $2 \
                   AND email <> $3 AND doubt IS NULL AND proof = 'browser' LIMIT 1) AS found";
    let sender = "SELECT count(*) FROM (SELECT 1 AS one FROM leads WHERE affiliate_id = $1 AND sender = $2 \
                  AND email <> $3 AND doubt IS NULL AND proof = 'browser' LIMIT 1) AS found";
    let of = lead.visitor.as_ref();
    for (sql, owner, hash) in [
        (visitor, lead.program_id.as_str(), of.map(|v| v.visitor.as_str())),
        (network, lead.affiliate_id.as_str(), of.map(|v| v.network.as_str())),
        (sender, lead.affiliate_id.as_str(), lead.sender.as_deref()),
    ] {
        if let Some(hash) = hash
            && conn.scalar::<i64>(sql, &args![owner, hash, &lead.email]).await? > 0
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A program's leads, newest first, before one of them.
pub async fn list(conn: &mut Conn, program: &ProgramId, before: &str, limit: i64) -> Result<Vec<Lead>> {
    let sql = "SELECT * FROM leads WHERE program_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
    conn.all(sql, &args![program, before, limit], lead).await
}

/// How many leads that count came by an affiliate's links in a time.
pub async fn count_of_affiliate(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    from: Timestamp,
    until: Timestamp,
) -> Result<i64> {
    let sql = "SELECT count(*) FROM leads WHERE affiliate_id = $1 AND at >= $2 AND at < $3 AND doubt IS NULL";
    conn.scalar(sql, &args![affiliate, from, until]).await
}

/// How many leads that count came in a time.
pub async fn count(conn: &mut Conn, program: &ProgramId, from: Timestamp, until: Timestamp) -> Result<i64> {
    let sql = "SELECT count(*) FROM leads WHERE program_id = $1 AND at >= $2 AND at < $3 AND doubt IS NULL";
    conn.scalar(sql, &args![program, from, until]).await
}

/// How many leads came by an affiliate's links in a time, doubtful ones included.
pub async fn count_with_doubtful(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    from: Timestamp,
    until: Timestamp,
) -> Result<i64> {
    let sql = "SELECT count(*) FROM leads WHERE affiliate_id = $1 AND at >= $2 AND at < $3";
    conn.scalar(sql, &args![affiliate, from, until]).await
}

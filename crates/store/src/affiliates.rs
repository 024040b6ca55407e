//! Affiliates of a program, and the history of their status.

use std::collections::{BTreeMap, BTreeSet};

use domain::affiliates::AffiliateStatus;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{AccountId, AffiliateId, ProgramId};
use domain::programs::History;

use crate::db::{Batch, Conn, LIST, Result, Row, args, list, list_of};

/// An affiliate of a program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Affiliate {
    pub id: AffiliateId,
    pub program_id: ProgramId,
    pub account_id: Option<AccountId>,
    pub name: String,
    pub email: Email,
    pub status: AffiliateStatus,
    pub status_reason: Option<String>,
    pub created_at: Timestamp,
}

fn affiliate(row: &Row) -> Result<Affiliate> {
    Ok(Affiliate {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        account_id: row.get("account_id")?,
        name: row.get("name")?,
        email: row.get("email")?,
        status: row.word("status")?,
        status_reason: row.get("status_reason")?,
        created_at: row.get("created_at")?,
    })
}

/// Adds an affiliate; `false` when the address is in the program already.
pub async fn put(conn: &mut Conn, new: &Affiliate) -> Result<bool> {
    let sql = "INSERT INTO affiliates (id, program_id, account_id, name, email, status, created_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (program_id, email) DO NOTHING";
    let args = args![
        &new.id,
        &new.program_id,
        new.account_id.as_ref(),
        &new.name,
        &new.email,
        new.status.word(),
        new.created_at
    ];
    Ok(conn.run(sql, &args).await? == 1)
}

/// One affiliate of any program.
pub async fn get_unscoped(conn: &mut Conn, id: &AffiliateId) -> Result<Option<Affiliate>> {
    conn.first("SELECT * FROM affiliates WHERE id = $1", &args![id], affiliate).await
}

/// An affiliate of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &AffiliateId) -> Result<Option<Affiliate>> {
    conn.first("SELECT * FROM affiliates WHERE program_id = $1 AND id = $2", &args![program, id], affiliate)
        .await
}

/// The affiliate of an address in a program.
pub async fn by_email(conn: &mut Conn, program: &ProgramId, email: &Email) -> Result<Option<Affiliate>> {
    let sql = "SELECT * FROM affiliates WHERE program_id = $1 AND email = $2";
    conn.first(sql, &args![program, email], affiliate).await
}

const PRESENT: Batch<2> = Batch {
    into: "WITH wanted (program_id, email) AS (",
    then: ") SELECT a.email FROM wanted w CROSS JOIN affiliates a \
           WHERE a.program_id = w.program_id AND a.email = w.email",
};

/// Those of some addresses that are in a program, whatever their status.
pub async fn present(conn: &mut Conn, program: &ProgramId, emails: &[Email]) -> Result<BTreeSet<Email>> {
    let keys = emails.iter().map(|email| args![program, email]).collect();
    let found = conn.all_batch(PRESENT, keys, |row| row.get("email")).await?;
    Ok(found.into_iter().collect())
}

/// The affiliate that an account is in a program.
pub async fn of_account(
    conn: &mut Conn,
    account: &AccountId,
    program: &ProgramId,
) -> Result<Option<Affiliate>> {
    let sql = "SELECT * FROM affiliates WHERE account_id = $1 AND program_id = $2 LIMIT 1";
    conn.first(sql, &args![account, program], affiliate).await
}

/// All programs' affiliates that an account is.
pub async fn all_of_account(conn: &mut Conn, account: &AccountId) -> Result<Vec<Affiliate>> {
    let sql = "SELECT * FROM affiliates WHERE account_id = $1 ORDER BY id LIMIT 100";
    conn.all(sql, &args![account], affiliate).await
}

/// A program's affiliates in the order they joined, after one of them; all of them or
/// those of one status.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    status: Option<AffiliateStatus>,
    after: &str,
    limit: i64,
) -> Result<Vec<Affiliate>> {
    match status {
        None => {
            let sql = "SELECT * FROM affiliates WHERE program_id = $1 AND id > $2 ORDER BY id LIMIT $3";
            conn.all(sql, &args![program, after, limit], affiliate).await
        }
        Some(status) => {
            let sql = "SELECT * FROM affiliates WHERE program_id = $1 AND status = $2 AND id > $3 ORDER BY id LIMIT $4";
            conn.all(sql, &args![program, status.word(), after, limit], affiliate).await
        }
    }
}

/// Affiliates of the whole installation, a page at a time, for `verify`.
pub async fn ids_after(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<AffiliateId>> {
    let sql = "SELECT id FROM affiliates WHERE id > $1 ORDER BY id LIMIT $2";
    conn.all(sql, &args![after, limit], |row| row.get("id")).await
}

/// The names of some affiliates, in no order.
pub async fn names(conn: &mut Conn, ids: &[AffiliateId]) -> Result<Vec<(AffiliateId, String)>> {
    let sql = concat!("SELECT id, name FROM affiliates WHERE id IN ", list!());
    let mut found = Vec::new();
    for some in ids.chunks(LIST) {
        let some: Vec<&str> = some.iter().map(AffiliateId::as_str).collect();
        found.extend(conn.all(sql, &list_of(&some), |row| Ok((row.get("id")?, row.get("name")?))).await?);
    }
    Ok(found)
}

/// How many affiliates of a status a program has.
pub async fn count(conn: &mut Conn, program: &ProgramId, status: AffiliateStatus) -> Result<i64> {
    let sql = "SELECT count(*) FROM affiliates WHERE program_id = $1 AND status = $2";
    conn.scalar(sql, &args![program, status.word()]).await
}

/// Sets the status and records since when, who set it and why.
pub async fn set_status(
    conn: &mut Conn,
    id: &AffiliateId,
    status: AffiliateStatus,
    reason: Option<&str>,
    by: Option<&AccountId>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE affiliates SET status = $2, status_reason = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, status.word(), reason]).await?;
    let sql = "INSERT INTO affiliate_changes (affiliate_id, at, status, reason, account_id) \
               VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (affiliate_id, at) DO UPDATE SET status = $3, reason = $4, account_id = $5";
    conn.run_one(sql, &args![id, now, status.word(), reason, by]).await
}

const OF_IDS: Batch<2> = Batch {
    into: "WITH wanted (program_id, id) AS (",
    then: ") SELECT a.* FROM wanted w CROSS JOIN affiliates a WHERE a.id = w.id AND a.program_id = w.program_id",
};

/// Affiliates by their ids; those of another program than the one named with them are left out.
pub async fn of_ids(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = (&ProgramId, &AffiliateId)>,
) -> Result<Vec<Affiliate>> {
    let keys = ids.into_iter().map(|(program, id)| args![program, id]).collect();
    conn.all_batch(OF_IDS, keys, affiliate).await
}

const ACCOUNT_EMAILS: Batch<1> = Batch {
    into: "WITH wanted (id) AS (",
    then: ") SELECT a.id, c.email FROM wanted w CROSS JOIN affiliates a JOIN accounts c ON c.id = a.account_id \
           WHERE a.id = w.id",
};

/// The addresses that affiliates sign in with; without those who have no account.
pub async fn account_emails(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &AffiliateId>,
) -> Result<BTreeMap<AffiliateId, Email>> {
    let keys = ids.into_iter().map(|id| args![id]).collect();
    let found = conn.all_batch(ACCOUNT_EMAILS, keys, |row| Ok((row.get("id")?, row.get("email")?)));
    Ok(found.await?.into_iter().collect())
}

const HISTORIES: Batch<1> = Batch {
    into: "WITH wanted (id) AS (",
    then: ") SELECT c.affiliate_id, c.at, c.status FROM wanted w CROSS JOIN affiliate_changes c \
           WHERE c.affiliate_id = w.id ORDER BY c.at",
};

/// The histories of affiliates' status.
pub async fn histories(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = &AffiliateId>,
) -> Result<BTreeMap<AffiliateId, History<AffiliateStatus>>> {
    let keys = ids.into_iter().map(|id| args![id]).collect();
    let changes = conn.all_batch(HISTORIES, keys, |row| {
        Ok((row.get::<AffiliateId>("affiliate_id")?, (row.get("at")?, row.word("status")?)))
    });
    let mut of: BTreeMap<AffiliateId, Vec<(Timestamp, AffiliateStatus)>> = BTreeMap::new();
    for (id, change) in changes.await? {
        of.entry(id).or_default().push(change);
    }
    Ok(of.into_iter().map(|(id, changes)| (id, History::new(changes))).collect())
}

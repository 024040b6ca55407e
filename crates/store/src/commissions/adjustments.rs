//! Bonuses and corrections that a person added.

use domain::clock::Timestamp;
use domain::commissions::{Entry, EntryKind};
use domain::ids::{AccountId, AffiliateId, EntryId, ProgramId};
use domain::money::Money;

use crate::db::{Conn, Result, Row, args};

/// A bonus or a correction.
#[derive(Debug, Clone)]
pub struct Adjustment {
    /// Its entry.
    pub id: EntryId,
    /// A bonus or a correction.
    pub kind: EntryKind,
    /// The change.
    pub amount: Money,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Notes why a person added an entry, and that it can be paid. Nothing holds it.
pub async fn put_adjustment(
    conn: &mut Conn,
    program: &ProgramId,
    entry: &Entry,
    reason: &str,
    by: &AccountId,
) -> Result<()> {
    let sql = "INSERT INTO adjustments (entry_id, reason, account_id) VALUES ($1, $2, $3)";
    conn.run_one(sql, &args![&entry.id, reason, by]).await?;
    let sql = "INSERT INTO unpaid_commissions (source_id, affiliate_id, currency, program_id, amount, payable_from, released) \
               VALUES ($1, $2, $3, $4, $5, 0, FALSE)";
    conn.run_one(sql, &args![&entry.id, &entry.affiliate_id, entry.currency, program, entry.amount]).await
}

/// The bonuses and corrections of an affiliate, newest first.
pub async fn adjustments(conn: &mut Conn, affiliate: &AffiliateId, limit: i64) -> Result<Vec<Adjustment>> {
    let sql = "SELECT e.id, e.kind, e.amount, e.currency, e.at, j.reason FROM entries e JOIN adjustments j ON j.entry_id = e.id \
               WHERE e.affiliate_id = $1 AND e.conversion_id IS NULL ORDER BY e.id DESC LIMIT $2";
    let read = |row: &Row| {
        Ok(Adjustment {
            id: row.get("id")?,
            kind: row.word("kind")?,
            amount: Money::new(row.get("amount")?, row.get("currency")?),
            at: row.get("at")?,
            reason: row.get("reason")?,
        })
    };
    conn.all(sql, &args![affiliate, limit], read).await
}

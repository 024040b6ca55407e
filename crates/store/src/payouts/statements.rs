//! The entries that a payout pays.

use domain::clock::Timestamp;
use domain::commissions::EntryKind;
use domain::ids::{ConversionId, EntryId, PayoutId};
use domain::money::Currency;

use crate::db::{Conn, Result, Row, args};

/// An entry that a payout pays.
#[derive(Debug, Clone)]
pub struct StatementLine {
    /// The entry.
    pub id: EntryId,
    /// What it does.
    pub kind: EntryKind,
    /// Minor units of the payout's currency.
    pub amount: i64,
    /// When it was written.
    pub at: Timestamp,
    /// The sale, unless a person added the entry.
    pub sale: Option<Sale>,
    /// Why a person added it.
    pub reason: Option<String>,
}

/// The sale of an entry.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The conversion.
    pub conversion_id: ConversionId,
    /// When the buyer paid.
    pub paid_at: Timestamp,
    /// What was bought, if Stripe said so.
    pub label: Option<String>,
    /// What the commission is computed from, in minor units of `currency`.
    pub base: i64,
    /// The currency of the sale.
    pub currency: Currency,
}

fn line(row: &Row) -> Result<StatementLine> {
    let conversion_id: Option<ConversionId> = row.get("conversion_id")?;
    let sale = match conversion_id {
        None => None,
        Some(conversion_id) => Some(Sale {
            conversion_id,
            paid_at: row.get("paid_at")?,
            label: row.get("label")?,
            base: row.get("base")?,
            currency: row.get("sale_currency")?,
        }),
    };
    Ok(StatementLine {
        id: row.get("id")?,
        kind: row.word("kind")?,
        amount: row.get("amount")?,
        at: row.get("at")?,
        sale,
        reason: row.get("reason")?,
    })
}

/// The entries that a payout pays, oldest first.
pub async fn statement_lines(conn: &mut Conn, payout: &PayoutId, limit: i64) -> Result<Vec<StatementLine>> {
    let sql = "SELECT e.id, e.kind, e.amount, e.at, e.conversion_id, c.paid_at, c.base, c.currency AS sale_currency, p.label, \
               j.reason FROM entries e LEFT JOIN conversions c ON c.id = e.conversion_id \
               LEFT JOIN payments p ON p.id = c.payment_id LEFT JOIN adjustments j ON j.entry_id = e.id \
               WHERE e.payout_id = $1 ORDER BY e.id LIMIT $2";
    conn.all(sql, &args![payout, limit], line).await
}

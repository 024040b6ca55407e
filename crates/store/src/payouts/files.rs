//! The stored files of payout runs.

use domain::ids::PayoutRunId;
use domain::money::Currency;
use domain::payouts::Rail;

use crate::db::{Conn, Result, Row, args};

/// A file of a run.
#[derive(Debug, Clone)]
pub struct PayoutFile {
    /// How it is sent.
    pub rail: Rail,
    /// The currency of its payouts.
    pub currency: Currency,
    /// How many.
    pub payouts: i64,
    /// Their sum, in minor units.
    pub amount: i64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
}

/// Adds a file; `sealed` is its content, encrypted.
pub async fn put_file(conn: &mut Conn, run: &PayoutRunId, new: &PayoutFile, sealed: &str) -> Result<()> {
    let sql = "INSERT INTO payout_files (run_id, rail, currency, payouts, amount, sha256, content) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![run, new.rail.word(), new.currency, new.payouts, new.amount, &new.sha256, sealed];
    conn.run_one(sql, &args).await
}

/// The files of a run.
pub async fn files(conn: &mut Conn, run: &PayoutRunId) -> Result<Vec<PayoutFile>> {
    let sql = "SELECT rail, currency, payouts, amount, sha256 FROM payout_files WHERE run_id = $1 ORDER BY rail, currency";
    let read = |row: &Row| {
        Ok(PayoutFile {
            rail: row.word("rail")?,
            currency: row.get("currency")?,
            payouts: row.get("payouts")?,
            amount: row.get("amount")?,
            sha256: row.get("sha256")?,
        })
    };
    conn.all(sql, &args![run], read).await
}

/// The encrypted content of a file.
pub async fn file(
    conn: &mut Conn,
    run: &PayoutRunId,
    rail: Rail,
    currency: Currency,
) -> Result<Option<String>> {
    let sql = "SELECT content FROM payout_files WHERE run_id = $1 AND rail = $2 AND currency = $3";
    conn.first(sql, &args![run, rail.word(), currency], |row| row.get("content")).await
}

//! Commissions that are in no payout: what can be paid, and what leaves its hold when.
//!
//! Who changes them holds the affiliates' chains (see [`lock`](super::lock)), so that what is read
//! here does not change before it is written.

use std::collections::BTreeMap;

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, ConversionId, ProgramId};
use domain::money::Currency;

use super::balances::{Changes, Part};
use crate::db::{Batch, Conn, Result, Row, Tx, args};

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unpaid {
    source_id: String,
    affiliate_id: AffiliateId,
    currency: Currency,
    program_id: ProgramId,
    amount: i64,
    payable_from: Timestamp,
    released: bool,
}

/// When the commission of an entry `e` can be paid, given its conversion `c`: nothing holds what
/// was taken from an affiliate who has lost the conversion, nor what belongs to none.
macro_rules! payable_from {
    () => {
        "CASE WHEN c.id IS NULL OR c.canceled OR c.affiliate_id <> e.affiliate_id OR c.commission_currency <> e.currency \
         THEN CAST(0 AS BIGINT) WHEN c.held THEN 9223372036854775807 ELSE c.hold_until END"
    };
}
pub(super) use payable_from;

const FACTS: Batch<1> = Batch {
    into: "WITH wanted (conversion_id) AS (",
    then: concat!(
        ") SELECT c.id AS source_id, e.affiliate_id, e.currency, e.program_id, \
         CAST(sum(e.amount) AS BIGINT) AS amount, ",
        payable_from!(),
        " AS payable_from, FALSE AS released FROM wanted w CROSS JOIN entries e JOIN conversions c ON c.id = e.conversion_id \
         WHERE e.conversion_id = w.conversion_id AND e.payout_id IS NULL \
         GROUP BY c.id, e.affiliate_id, e.currency, e.program_id HAVING sum(e.amount) <> 0"
    ),
};

const STORED: Batch<1> = Batch {
    into: "WITH wanted (source_id) AS (",
    then: ") SELECT u.* FROM wanted w CROSS JOIN unpaid_commissions u WHERE u.source_id = w.source_id",
};

const PUT: Batch<7> = Batch {
    into: "INSERT INTO unpaid_commissions (source_id, affiliate_id, currency, program_id, amount, payable_from, released)",
    then: "ON CONFLICT (source_id, affiliate_id, currency) DO UPDATE SET amount = excluded.amount, \
           payable_from = excluded.payable_from, released = excluded.released",
};

const DELETE: Batch<3> = Batch {
    into: "WITH wanted (source_id, affiliate_id, currency) AS (",
    then: ") DELETE FROM unpaid_commissions WHERE (source_id, affiliate_id, currency) IN (SELECT * FROM wanted)",
};

fn unpaid(row: &Row) -> Result<Unpaid> {
    Ok(Unpaid {
        source_id: row.get("source_id")?,
        affiliate_id: row.get("affiliate_id")?,
        currency: row.get("currency")?,
        program_id: row.get("program_id")?,
        amount: row.get("amount")?,
        payable_from: row.get("payable_from")?,
        released: row.get("released")?,
    })
}

type Key = (String, AffiliateId, Currency);

fn by_key(rows: Vec<Unpaid>) -> BTreeMap<Key, Unpaid> {
    let key = |row: &Unpaid| (row.source_id.clone(), row.affiliate_id.clone(), row.currency);
    rows.into_iter().map(|row| (key(&row), row)).collect()
}

/// Brings what is unpaid of some conversions in line with their entries, and the balances with
/// that. The affiliates' chains must be held.
pub async fn refresh(
    tx: &mut Tx,
    conversions: impl IntoIterator<Item = &ConversionId>,
    now: Timestamp,
) -> Result<()> {
    let keys: Vec<_> = conversions.into_iter().map(|id| args![id]).collect();
    let mut new = by_key(tx.all_batch(FACTS, keys.clone(), unpaid).await?);
    for row in new.values_mut() {
        row.released = row.payable_from <= now;
    }
    let old = by_key(tx.all_batch(STORED, keys, unpaid).await?);
    let mut balances = Changes::default();
    for (rows, sign) in [(&old, -1), (&new, 1)] {
        for row in rows.values().filter(|row| row.released) {
            balances.add(Part::Released, &row.program_id, &row.affiliate_id, row.currency, sign * row.amount);
        }
    }
    let gone = old.keys().filter(|key| !new.contains_key(*key));
    let gone = gone.map(|(source, affiliate, currency)| args![source, affiliate, *currency]).collect();
    tx.run_batch(DELETE, gone).await?;
    let changed =
        new.iter().filter(|(key, row)| old.get(*key) != Some(*row)).map(|(_, row)| put(row)).collect();
    tx.run_batch(PUT, changed).await?;
    balances.write(tx).await
}

fn put(row: &Unpaid) -> [crate::db::Value; 7] {
    args![
        &row.source_id,
        &row.affiliate_id,
        row.currency,
        &row.program_id,
        row.amount,
        row.payable_from,
        row.released
    ]
}

/// Adds what has left its hold to the balances, at most `limit` commissions. Returns how many.
///
/// Balances are right without it, too: they add what was not noted yet. This keeps that short.
pub async fn release_due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<u64> {
    let sql = "SELECT * FROM unpaid_commissions WHERE NOT released AND payable_from <= $1 \
               ORDER BY payable_from, source_id LIMIT $2";
    let affiliates: Vec<AffiliateId> = tx.all(sql, &args![now, limit], |row| row.get("affiliate_id")).await?;
    super::lock(tx, &affiliates).await?;
    let due = tx.all(sql, &args![now, limit], unpaid).await?;
    let mut balances = Changes::default();
    for row in &due {
        balances.add(Part::Released, &row.program_id, &row.affiliate_id, row.currency, row.amount);
    }
    let released = due.iter().map(|row| put(&Unpaid { released: true, ..row.clone() })).collect();
    tx.run_batch(PUT, released).await?;
    balances.write(tx).await?;
    Ok(due.len() as u64)
}

/// What leaves its hold at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// When.
    pub at: Timestamp,
    /// How much, in minor units.
    pub amount: i64,
}

/// When the next commission of an affiliate leaves its hold, and how much that is.
pub async fn next_release(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    currency: Currency,
    now: Timestamp,
) -> Result<Option<Release>> {
    Ok(calendar(conn, affiliate, currency, now, Timestamp(i64::MAX), 1).await?.into_iter().next())
}

/// What leaves its hold between two times, earliest first, by time; at most `limit` times.
pub async fn calendar(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    currency: Currency,
    after: Timestamp,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Release>> {
    let sql = "SELECT payable_from, CAST(sum(amount) AS BIGINT) AS amount FROM unpaid_commissions \
               WHERE affiliate_id = $1 AND currency = $2 AND released = FALSE AND payable_from > $3 \
               AND payable_from < $4 GROUP BY payable_from ORDER BY payable_from LIMIT $5";
    let args = args![affiliate, currency, after, before, limit];
    conn.all(sql, &args, |row| Ok(Release { at: row.get("payable_from")?, amount: row.get("amount")? })).await
}

//! The ledger. Entries are added and read, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use domain::clock::Timestamp;
use domain::commissions::{CHAIN_START, Cause, Entry, LedgerBalance};
use domain::ids::{AffiliateId, ConversionId, CustomerId, ProgramId};
use domain::money::Currency;

use crate::db::{Batch, Conn, DbError, Result, Row, Tx, args};
use crate::sums;
use crate::sums::Totals;

/// An entry in its chain.
#[derive(Debug, Clone)]
pub struct StoredEntry {
    /// The entry.
    pub entry: Entry,
    /// The program.
    pub program_id: ProgramId,
    /// Its place among the affiliate's entries: 1, 2, 3, …
    pub sequence: i64,
    /// The hash of the entry before.
    pub previous_hash: String,
    /// Its own.
    pub hash: String,
}

fn entry(row: &Row) -> Result<StoredEntry> {
    Ok(StoredEntry {
        entry: Entry {
            id: row.get("id")?,
            affiliate_id: row.get("affiliate_id")?,
            conversion_id: row.get("conversion_id")?,
            kind: row.word("kind")?,
            amount: row.get("amount")?,
            currency: row.get("currency")?,
            cause: Cause {
                kind: row.word("cause_kind")?,
                id: row.get("cause")?,
                event_type: row.get("event_type")?,
            },
            at: row.get("at")?,
        },
        program_id: row.get("program_id")?,
        sequence: row.get("sequence")?,
        previous_hash: row.get("previous_hash")?,
        hash: row.get("hash")?,
    })
}

/// What the ledger says of a conversion for one affiliate and currency.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ConversionBalance {
    pub conversion_id: ConversionId,
    pub affiliate_id: AffiliateId,
    pub currency: Currency,
    pub balance: LedgerBalance,
}

fn conversion_balance(row: &Row) -> Result<ConversionBalance> {
    Ok(ConversionBalance {
        conversion_id: row.get("conversion_id")?,
        affiliate_id: row.get("affiliate_id")?,
        currency: row.get("currency")?,
        balance: LedgerBalance { earned: row.get("earned")?, taken_back: row.get("taken_back")? },
    })
}

macro_rules! balances {
    ($from:literal) => {
        concat!(
            ") SELECT e.conversion_id, e.affiliate_id, e.currency, ",
            "CAST(coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('earn', 'adjust')), 0) AS BIGINT) AS earned, ",
            "CAST(coalesce(sum(e.amount) FILTER (WHERE e.kind IN ('reverse', 'restore')), 0) AS BIGINT) AS taken_back ",
            $from,
            " GROUP BY e.conversion_id, e.affiliate_id, e.currency"
        )
    };
}

const BALANCES: Batch<1> = Batch {
    into: "WITH wanted (conversion_id) AS (",
    then: balances!("FROM wanted w CROSS JOIN entries e WHERE e.conversion_id = w.conversion_id"),
};

/// What the ledger says of conversions, by affiliate and currency.
pub async fn balances_of(conn: &mut Conn, conversions: &[&ConversionId]) -> Result<Vec<ConversionBalance>> {
    let keys = conversions.iter().map(|id| args![*id]).collect();
    conn.all_batch(BALANCES, keys, conversion_balance).await
}

const BALANCES_OF_CUSTOMERS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: balances!(
        "FROM wanted w CROSS JOIN conversions c JOIN entries e ON e.conversion_id = c.id \
         WHERE c.customer_id = w.customer_id"
    ),
};

/// What the ledger says of all conversions of customers, by affiliate and currency.
pub async fn balances_of_customers(
    conn: &mut Conn,
    customers: &[CustomerId],
) -> Result<Vec<ConversionBalance>> {
    let keys = customers.iter().map(|id| args![id]).collect();
    conn.all_batch(BALANCES_OF_CUSTOMERS, keys, conversion_balance).await
}

/// The ends of the chains before the new entries. Who changes a row holds it, so that writers on
/// several nodes take turns.
const LENGTHEN: Batch<3> = Batch {
    into: "INSERT INTO chains (affiliate_id, entries, hash)",
    then: "ON CONFLICT (affiliate_id) DO UPDATE SET entries = chains.entries + excluded.entries \
           RETURNING affiliate_id, entries, hash",
};

const SET_END: Batch<3> = Batch {
    into: "INSERT INTO chains (affiliate_id, entries, hash)",
    then: "ON CONFLICT (affiliate_id) DO UPDATE SET hash = excluded.hash",
};

const INSERT: Batch<14> = Batch {
    into: "INSERT INTO entries (id, program_id, affiliate_id, conversion_id, sequence, kind, amount, currency, \
           cause, cause_kind, event_type, at, previous_hash, hash)",
    then: "",
};

/// Appends entries to their affiliates' chains, in their order.
pub async fn append<'a>(
    tx: &mut Tx,
    entries: impl IntoIterator<Item = (&'a ProgramId, &'a Entry)>,
) -> Result<()> {
    let mut by_affiliate: BTreeMap<&AffiliateId, Vec<(&ProgramId, &Entry)>> = BTreeMap::new();
    for (program, entry) in entries {
        by_affiliate.entry(&entry.affiliate_id).or_default().push((program, entry));
    }
    let added = |entries: &[_]| i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let rows = by_affiliate.iter().map(|(id, new)| args![*id, added(new), CHAIN_START]).collect();
    let ends = tx.all_batch(LENGTHEN, rows, |row| {
        Ok((row.get::<AffiliateId>("affiliate_id")?, (row.get("entries")?, row.get("hash")?)))
    });
    let ends: BTreeMap<AffiliateId, (i64, String)> = ends.await?.into_iter().collect();
    let (mut rows, mut new_ends) = (Vec::new(), Vec::new());
    for (id, new) in by_affiliate {
        let (length, mut previous) =
            ends.get(id).cloned().ok_or_else(|| DbError::inconsistent("chains", id))?;
        let mut sequence = length - added(&new);
        for (program, entry) in new {
            sequence += 1;
            let hash = entry.hash(sequence, &previous);
            rows.push(args![
                &entry.id,
                program,
                &entry.affiliate_id,
                &entry.conversion_id,
                sequence,
                entry.kind.word(),
                entry.amount,
                entry.currency,
                &entry.cause.id,
                entry.cause.kind.word(),
                entry.cause.event_type.as_deref(),
                entry.at,
                previous,
                &hash
            ]);
            previous = hash;
        }
        new_ends.push(args![id, length, previous]);
    }
    tx.run_batch(INSERT, rows).await?;
    tx.run_batch(SET_END, new_ends).await.map(drop)
}

/// How many entries an affiliate's chain has, and the hash of the last one.
pub async fn end_of_chain(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Option<(i64, String)>> {
    let sql = "SELECT entries, hash FROM chains WHERE affiliate_id = $1";
    conn.first(sql, &args![affiliate], |row| Ok((row.get("entries")?, row.get("hash")?))).await
}

/// The entries of a conversion, oldest first.
pub async fn of_conversion(conn: &mut Conn, conversion: &ConversionId) -> Result<Vec<StoredEntry>> {
    let sql = "SELECT * FROM entries WHERE conversion_id = $1 ORDER BY at, id LIMIT 500";
    conn.all(sql, &args![conversion], entry).await
}

/// The entries of a program that one event or decision led to.
pub async fn of_cause(conn: &mut Conn, program: &ProgramId, cause: &str) -> Result<Vec<StoredEntry>> {
    let sql = "SELECT * FROM entries WHERE cause = $2 AND program_id = $1 ORDER BY at, id LIMIT 100";
    conn.all(sql, &args![program, cause], entry).await
}

/// A program's entries, newest first, before one of them; all or those of one affiliate.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: &str,
    limit: i64,
) -> Result<Vec<StoredEntry>> {
    match affiliate {
        None => {
            let sql = "SELECT * FROM entries WHERE program_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
            conn.all(sql, &args![program, before, limit], entry).await
        }
        Some(affiliate) => {
            let sql = "SELECT * FROM entries WHERE affiliate_id = $2 AND program_id = $1 AND id < $3 \
                       ORDER BY id DESC LIMIT $4";
            conn.all(sql, &args![program, affiliate, before, limit], entry).await
        }
    }
}

/// Part of one affiliate's chain in order, for `verify`.
pub async fn chain(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredEntry>> {
    let sql = "SELECT * FROM entries WHERE affiliate_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3";
    conn.all(sql, &args![affiliate, after, limit], entry).await
}

/// Conversions of an affiliate whose entries do not add up to commission minus what was taken
/// back: none, unless something is broken.
pub async fn unbalanced(conn: &mut Conn, affiliate: &AffiliateId) -> Result<Vec<(ConversionId, i64, i64)>> {
    let sql = "SELECT * FROM (SELECT c.id, CASE WHEN c.canceled THEN 0 ELSE c.commission - c.reversed END AS expected, \
               CAST(coalesce((SELECT sum(e.amount) FROM entries e WHERE e.conversion_id = c.id), 0) AS BIGINT) AS actual \
               FROM conversions c WHERE c.affiliate_id = $1) AS sums WHERE expected <> actual LIMIT 100";
    conn.all(sql, &args![affiliate], |row| Ok((row.get("id")?, row.get("expected")?, row.get("actual")?)))
        .await
}

/// What an affiliate has: one line a currency.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "minor units of `currency`")]
pub struct Balance {
    pub currency: Currency,
    pub earned: i64,
    pub on_hold: i64,
    pub payable: i64,
}

/// The balances of an affiliate by what is held back and what is not. What is held
/// for a reason is on hold, whatever the date.
pub async fn balances(conn: &mut Conn, affiliate: &AffiliateId, now: Timestamp) -> Result<Vec<Balance>> {
    let earned = sums::conversions::of_all_time(conn, affiliate.as_str()).await?;
    let on_hold = sums::releases::on_hold_of_affiliate(conn, affiliate, now).await?;
    Ok(split(&earned, &on_hold))
}

/// What a program owes, by currency: everything, and the part that is payable now.
pub async fn owed(conn: &mut Conn, program: &ProgramId, now: Timestamp) -> Result<Vec<Balance>> {
    let earned = sums::conversions::of_all_time(conn, program.as_str()).await?;
    let on_hold = sums::releases::on_hold_in_program(conn, program, now).await?;
    Ok(split(&earned, &on_hold))
}

fn split(earned: &Totals, on_hold: &BTreeMap<Currency, i64>) -> Vec<Balance> {
    let currencies: BTreeSet<Currency> = earned.money.keys().chain(on_hold.keys()).copied().collect();
    let balance = |currency| {
        let (earned, on_hold) =
            (earned.in_currency(currency).commission, on_hold.get(&currency).copied().unwrap_or(0));
        Balance { currency, earned, on_hold, payable: earned.saturating_sub(on_hold) }
    };
    let has_any = |balance: &Balance| balance.earned != 0 || balance.on_hold != 0;
    currencies.into_iter().map(balance).filter(has_any).collect()
}

/// When the next commission of an affiliate leaves its hold, and how much that is.
pub async fn next_release(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    currency: Currency,
    now: Timestamp,
) -> Result<Option<(Timestamp, i64)>> {
    let sql = "SELECT hold_until, commission - reversed AS amount FROM conversions \
               WHERE affiliate_id = $1 AND commission_currency = $2 AND hold_until > $3 AND NOT canceled \
               AND NOT held AND commission > reversed ORDER BY hold_until, id LIMIT 1";
    conn.first(sql, &args![affiliate, currency, now], |row| Ok((row.get("hold_until")?, row.get("amount")?)))
        .await
}

//! The ledger. Entries are added and read, nothing else.

use std::collections::{BTreeMap, BTreeSet};

use domain::clock::Timestamp;
use domain::commissions::{CHAIN_START, Cause, Entry, LedgerBalance};
use domain::ids::{AffiliateId, ConversionId, ProgramId};
use domain::money::Currency;

use crate::db::{Batch, Conn, Result, Row, Value, args};
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

/// What the ledger says of a conversion, by affiliate and currency.
pub async fn balances_of_conversion(
    conn: &mut Conn,
    conversion: &ConversionId,
) -> Result<Vec<(AffiliateId, Currency, LedgerBalance)>> {
    let sql = "SELECT affiliate_id, currency, \
               CAST(coalesce(sum(amount) FILTER (WHERE kind IN ('earn', 'adjust')), 0) AS BIGINT) AS earned, \
               CAST(coalesce(sum(amount) FILTER (WHERE kind IN ('reverse', 'restore')), 0) AS BIGINT) AS taken_back \
               FROM entries WHERE conversion_id = $1 GROUP BY affiliate_id, currency";
    conn.all(sql, &args![conversion], |row| {
        let balance = LedgerBalance { earned: row.get("earned")?, taken_back: row.get("taken_back")? };
        Ok((row.get("affiliate_id")?, row.get("currency")?, balance))
    })
    .await
}

/// Appends an entry to its affiliate's chain.
pub async fn append(conn: &mut Conn, program: &ProgramId, new: &Entry) -> Result<()> {
    let sql = "SELECT sequence, hash FROM entries WHERE affiliate_id = $1 ORDER BY sequence DESC LIMIT 1";
    let last: Option<(i64, String)> = conn
        .first(sql, &args![&new.affiliate_id], |row| Ok((row.get("sequence")?, row.get("hash")?)))
        .await?;
    let (sequence, previous) =
        last.map_or((1, CHAIN_START.to_owned()), |(sequence, hash)| (sequence + 1, hash));
    let hash = new.hash(sequence, &previous);
    let stored = StoredEntry {
        entry: new.clone(),
        program_id: program.clone(),
        sequence,
        previous_hash: previous,
        hash,
    };
    conn.run_batch(INSERT, vec![values(&stored)]).await.map(drop)
}

/// Adds many entries with their places in their chains to a new installation.
pub async fn put_many(conn: &mut Conn, entries: &[StoredEntry]) -> Result<()> {
    conn.run_batch(INSERT, entries.iter().map(values).collect()).await.map(drop)
}

const INSERT: Batch<14> = Batch {
    into: "INSERT INTO entries (id, program_id, affiliate_id, conversion_id, sequence, kind, amount, currency, \
           cause, cause_kind, event_type, at, previous_hash, hash)",
    then: "",
};

fn values(stored: &StoredEntry) -> [Value; 14] {
    let e = &stored.entry;
    args![
        &e.id,
        &stored.program_id,
        &e.affiliate_id,
        &e.conversion_id,
        stored.sequence,
        e.kind.word(),
        e.amount,
        e.currency,
        &e.cause.id,
        e.cause.kind.word(),
        e.cause.event_type.as_deref(),
        e.at,
        &stored.previous_hash,
        &stored.hash
    ]
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

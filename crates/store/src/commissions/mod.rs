//! The ledger: entries, which are added and read; what of them is in no payout; and balances.

mod adjustments;
mod balances;
pub mod check;
mod claims;
mod unpaid;

use std::collections::BTreeMap;

use domain::commissions::{CHAIN_START, Cause, Entry, LedgerBalance};
use domain::ids::{AffiliateId, ConversionId, CustomerId, ProgramId};
use domain::money::Currency;

pub use self::adjustments::{Adjustment, adjustments, put_adjustment};
pub use self::balances::{Balance, of_affiliate, of_program};
pub(crate) use self::balances::{Changes, Part};
pub use self::claims::{Claimant, Claimed, claim, free, settle, unsettle};
pub use self::unpaid::{Release, calendar, next_release, refresh, release_due};
use crate::db::{Batch, Conn, DbError, Result, Row, Tx, args};

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

/// The ends of the chains after the new entries. Who changes a row holds it, so that writers on
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

/// Has all others who change the commissions of these affiliates wait until the end of the
/// transaction.
pub async fn lock(tx: &mut Tx, affiliates: impl IntoIterator<Item = &AffiliateId>) -> Result<()> {
    append(tx, [], affiliates).await
}

/// Appends entries to their affiliates' chains, in their order, and adds them to the balances.
/// Has others who change the commissions of these affiliates, or of the ones in `also`, wait.
pub async fn append<'a>(
    tx: &mut Tx,
    entries: impl IntoIterator<Item = (&'a ProgramId, &'a Entry)>,
    also: impl IntoIterator<Item = &'a AffiliateId>,
) -> Result<()> {
    let mut by_affiliate: BTreeMap<&AffiliateId, Vec<(&ProgramId, &Entry)>> =
        also.into_iter().map(|id| (id, Vec::new())).collect();
    let mut balances = Changes::default();
    for (program, entry) in entries {
        balances.add(Part::Earned, program, &entry.affiliate_id, entry.currency, entry.amount);
        by_affiliate.entry(&entry.affiliate_id).or_default().push((program, entry));
    }
    let added = |entries: &[_]| i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let rows = by_affiliate.iter().map(|(id, new)| args![*id, added(new), CHAIN_START]).collect();
    let ends = tx.all_batch(LENGTHEN, rows, |row| {
        Ok((row.get::<AffiliateId>("affiliate_id")?, (row.get("entries")?, row.get("hash")?)))
    });
    let ends: BTreeMap<AffiliateId, (i64, String)> = ends.await?.into_iter().collect();
    let (mut rows, mut new_ends) = (Vec::new(), Vec::new());
    for (id, new) in by_affiliate.into_iter().filter(|(_, new)| !new.is_empty()) {
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
                entry.conversion_id.as_ref(),
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
    tx.run_batch(SET_END, new_ends).await?;
    balances.write(tx).await
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

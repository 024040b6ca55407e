//! What a payout claims: the one change that entries ever see is their payout.

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, ConversionId, PayoutId, ProgramId};
use domain::money::Currency;

use super::balances::{Changes, Part};
use super::{lock, refresh};
use crate::db::{Batch, Result, Tx, args};

/// Commissions of one payout at most: their entries are claimed in one transaction, in which
/// others wait. What is left stays payable.
const MOST_COMMISSIONS: i64 = 20_000;

/// A payout, as far as what it claims goes.
#[derive(Debug, Clone, Copy)]
pub struct Claimant<'a> {
    /// The payout.
    pub payout: &'a PayoutId,
    /// Its program.
    pub program: &'a ProgramId,
    /// Whom it pays.
    pub affiliate: &'a AffiliateId,
    /// In which currency.
    pub currency: Currency,
}

/// What a payout has claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Claimed {
    /// Entries.
    pub entries: i64,
    /// Their sum, in minor units.
    pub amount: i64,
}

/// Claims everything of an affiliate that is payable until a time, in one currency. Others who
/// change the affiliate's commissions wait until the end of the transaction.
pub async fn claim(tx: &mut Tx, of: Claimant<'_>, until: Timestamp) -> Result<Claimed> {
    let Claimant { payout, program, affiliate, currency } = of;
    lock(tx, [affiliate]).await?;
    let until = last_release(tx, affiliate, currency, until).await?;
    let released = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) FROM unpaid_commissions WHERE affiliate_id = $1 \
                    AND currency = $2 AND released = TRUE AND payable_from <= $3";
    let released: i64 = tx.scalar(released, &args![affiliate, currency, until]).await?;
    let of_conversions = "UPDATE entries SET payout_id = $1 WHERE payout_id IS NULL AND affiliate_id = $2 AND currency = $3 \
                          AND conversion_id IN (SELECT source_id FROM unpaid_commissions WHERE affiliate_id = $2 \
                          AND currency = $3 AND released IN (TRUE, FALSE) AND payable_from <= $4)";
    tx.run(of_conversions, &args![payout, affiliate, currency, until]).await?;
    let of_none = "UPDATE entries SET payout_id = $1 WHERE payout_id IS NULL AND affiliate_id = $2 AND currency = $3 \
                   AND id IN (SELECT source_id FROM unpaid_commissions WHERE affiliate_id = $2 AND currency = $3 \
                   AND released IN (TRUE, FALSE) AND payable_from <= $4)";
    tx.run(of_none, &args![payout, affiliate, currency, until]).await?;
    let delete = "DELETE FROM unpaid_commissions WHERE affiliate_id = $1 AND currency = $2 \
                  AND released IN (TRUE, FALSE) AND payable_from <= $3";
    tx.run(delete, &args![affiliate, currency, until]).await?;
    let claimed = "SELECT count(*) AS entries, CAST(coalesce(sum(amount), 0) AS BIGINT) AS amount FROM entries \
                   WHERE payout_id = $1";
    let claimed = tx
        .one(claimed, &args![of.payout], |row| {
            Ok(Claimed { entries: row.get("entries")?, amount: row.get("amount")? })
        })
        .await?;
    let mut balances = Changes::default();
    for (part, amount) in [(Part::Released, -released), (Part::InPayout, claimed.amount)] {
        balances.add(part, program, affiliate, currency, amount);
    }
    balances.write(tx).await?;
    show(tx, of, "in_payout").await?;
    Ok(claimed)
}

/// The time until which no more is claimed than may be at once.
async fn last_release(
    tx: &mut Tx,
    affiliate: &AffiliateId,
    currency: Currency,
    until: Timestamp,
) -> Result<Timestamp> {
    let sql = "SELECT payable_from FROM unpaid_commissions WHERE affiliate_id = $1 AND currency = $2 \
               AND released IN (TRUE, FALSE) AND payable_from <= $3 ORDER BY payable_from LIMIT 1 OFFSET $4";
    let next: Option<Timestamp> = tx
        .first(sql, &args![affiliate, currency, until, MOST_COMMISSIONS], |row| row.get("payable_from"))
        .await?;
    Ok(next.map_or(until, |next| next.plus_ms(-1)))
}

/// Frees what a payout claims: it is payable again.
pub async fn free(tx: &mut Tx, of: Claimant<'_>, amount: i64, now: Timestamp) -> Result<()> {
    lock(tx, [of.affiliate]).await?;
    let sql = "SELECT DISTINCT conversion_id FROM entries WHERE payout_id = $1 AND conversion_id IS NOT NULL";
    let conversions: Vec<ConversionId> =
        tx.all(sql, &args![of.payout], |row| row.get("conversion_id")).await?;
    let adjustments = "INSERT INTO unpaid_commissions (source_id, affiliate_id, currency, program_id, amount, payable_from, \
                       released) SELECT id, affiliate_id, currency, program_id, amount, CAST(0 AS BIGINT), FALSE \
                       FROM entries WHERE payout_id = $1 AND conversion_id IS NULL";
    tx.run(adjustments, &args![of.payout]).await?;
    tx.run("UPDATE entries SET payout_id = NULL WHERE payout_id = $1", &args![of.payout]).await?;
    refresh(tx, &conversions, now).await?;
    let mut balances = Changes::default();
    balances.add(Part::InPayout, of.program, of.affiliate, of.currency, -amount);
    balances.write(tx).await?;
    let keys = conversions.iter().map(|id| args![id]).collect();
    tx.run_batch(SHOW_AS_BEFORE, keys).await.map(drop)
}

/// Takes [`settle`] back: the payout did not arrive after all.
pub async fn unsettle(tx: &mut Tx, of: Claimant<'_>, amount: i64) -> Result<()> {
    let mut balances = Changes::default();
    for (part, amount) in [(Part::InPayout, amount), (Part::Paid, -amount)] {
        balances.add(part, of.program, of.affiliate, of.currency, amount);
    }
    balances.write(tx).await
}

/// Moves what a payout has claimed from what is in payouts to what is paid.
pub async fn settle(tx: &mut Tx, of: Claimant<'_>, amount: i64) -> Result<()> {
    let mut balances = Changes::default();
    for (part, amount) in [(Part::InPayout, -amount), (Part::Paid, amount)] {
        balances.add(part, of.program, of.affiliate, of.currency, amount);
    }
    balances.write(tx).await?;
    show(tx, of, "paid").await
}

/// Marks the conversions of a payout as claimed, paid or unclaimed.
async fn show(tx: &mut Tx, of: Claimant<'_>, word: &'static str) -> Result<()> {
    let sql = "UPDATE conversions SET payout = $2, \
               standing = CASE WHEN standing IN ('earned', 'in_payout', 'paid') THEN $2 ELSE standing END \
               WHERE id IN (SELECT conversion_id FROM entries WHERE payout_id = $1)";
    tx.run(sql, &args![of.payout, word]).await.map(drop)
}

/// The conversions whose commission was freed: paid if another payout has paid them.
const SHOW_AS_BEFORE: Batch<1> = Batch {
    into: "WITH wanted (id) AS (",
    then: "), paid (id) AS (SELECT DISTINCT e.conversion_id FROM wanted w CROSS JOIN entries e \
           JOIN payouts p ON p.id = e.payout_id WHERE e.conversion_id = w.id AND p.status = 'paid') \
           UPDATE conversions SET payout = CASE WHEN id IN (SELECT id FROM paid) THEN 'paid' END, \
           standing = CASE WHEN standing NOT IN ('earned', 'in_payout', 'paid') THEN standing \
           WHEN id IN (SELECT id FROM paid) THEN 'paid' ELSE 'earned' END WHERE id IN (SELECT id FROM wanted)",
};

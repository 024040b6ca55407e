//! The payouts of payout runs: stored, listed, added up, paid or failed.

use domain::clock::Timestamp;
use domain::ids::{AccountId, AffiliateId, PayoutId, PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::{MethodKind, PayoutStatus, RunStatus};

use super::runs::Run;
use crate::db::{Batch, Conn, Result, Row, args};

/// A payout.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Payout {
    pub id: PayoutId,
    pub run_id: PayoutRunId,
    pub program_id: ProgramId,
    pub affiliate_id: AffiliateId,
    pub currency: Currency,
    pub status: PayoutStatus,
    /// Minor units.
    pub amount: i64,
    pub entries: i64,
    /// How it is paid, once its run is approved.
    pub method: Option<MethodKind>,
    pub method_hint: Option<String>,
    /// Why it failed.
    pub failure: Option<String>,
    pub settled_at: Option<Timestamp>,
}

/// A payout as listed.
#[derive(Debug, Clone)]
pub struct PayoutRow {
    /// The payout.
    pub payout: Payout,
    /// The affiliate's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their account, if they have one.
    pub account_id: Option<AccountId>,
    /// The number of its run.
    pub run_number: i64,
    /// The status of its run.
    pub run_status: RunStatus,
    /// When its run was approved.
    pub approved_at: Option<Timestamp>,
    /// How it is paid: as it was when the run was approved, and before that as it is now.
    pub method: Option<(MethodKind, String)>,
}

fn payout(row: &Row) -> Result<Payout> {
    Ok(Payout {
        id: row.get("id")?,
        run_id: row.get("run_id")?,
        program_id: row.get("program_id")?,
        affiliate_id: row.get("affiliate_id")?,
        currency: row.get("currency")?,
        status: row.word("status")?,
        amount: row.get("amount")?,
        entries: row.get("entries")?,
        method: row.optional_word("method")?,
        method_hint: row.get("method_hint")?,
        failure: row.get("failure")?,
        settled_at: row.get("settled_at")?,
    })
}

fn payout_row(row: &Row) -> Result<PayoutRow> {
    Ok(PayoutRow {
        payout: payout(row)?,
        name: row.get("name")?,
        email: row.get("email")?,
        account_id: row.get("account_id")?,
        run_number: row.get("run_number")?,
        run_status: row.word("run_status")?,
        approved_at: row.get("approved_at")?,
        method: match row.optional_word("shown_method")? {
            Some(kind) => Some((kind, row.get("shown_hint")?)),
            None => None,
        },
    })
}

macro_rules! payouts {
    ($where:literal) => {
        concat!(
            "SELECT p.*, a.name, a.email, a.account_id, r.number AS run_number, r.status AS run_status, r.approved_at, \
             CASE WHEN r.approved_at IS NULL THEN m.method ELSE p.method END AS shown_method, \
             CASE WHEN r.approved_at IS NULL THEN m.hint ELSE p.method_hint END AS shown_hint \
             FROM payouts p JOIN affiliates a ON a.id = p.affiliate_id JOIN payout_runs r ON r.id = p.run_id \
             LEFT JOIN payout_methods m ON m.account_id = a.account_id WHERE ",
            $where
        )
    };
}

/// A payout that is to be prepared.
#[derive(Debug, Clone)]
pub struct NewPayout {
    /// Its id.
    pub id: PayoutId,
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// The currency.
    pub currency: Currency,
}

/// Adds payouts to a run; their entries are claimed afterwards.
pub async fn add_payouts(conn: &mut Conn, run: &Run, new: &[NewPayout]) -> Result<()> {
    const ADD: Batch<9> = Batch {
        into: "INSERT INTO payouts (id, run_id, program_id, affiliate_id, currency, status, amount, entries, created_at)",
        then: "ON CONFLICT DO NOTHING",
    };
    let row = |new: &NewPayout| {
        let status = PayoutStatus::Preparing.word();
        args![
            &new.id,
            &run.id,
            &run.program_id,
            &new.affiliate_id,
            new.currency,
            status,
            0,
            0,
            run.drafted.at
        ]
    };
    conn.run_batch(ADD, new.iter().map(row).collect()).await.map(drop)
}

/// A payout of a run whose entries are not claimed yet.
pub async fn next_preparing(conn: &mut Conn, run: &PayoutRunId) -> Result<Option<Payout>> {
    let sql =
        "SELECT * FROM payouts WHERE run_id = $1 AND status = 'preparing' ORDER BY affiliate_id LIMIT 1";
    conn.first(sql, &args![run], payout).await
}

/// A payout of a run that is neither paid nor failed.
pub async fn next_open(conn: &mut Conn, run: &PayoutRunId) -> Result<Option<Payout>> {
    let sql = "SELECT * FROM payouts WHERE run_id = $1 AND status = 'open' ORDER BY affiliate_id LIMIT 1";
    conn.first(sql, &args![run], payout).await
}

/// Records what a payout has claimed.
pub async fn open(conn: &mut Conn, id: &PayoutId, entries: i64, amount: i64) -> Result<()> {
    let sql = "UPDATE payouts SET status = 'open', amount = $2, entries = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, amount, entries]).await
}

/// Records how a payout is paid.
pub async fn set_method(conn: &mut Conn, id: &PayoutId, kind: MethodKind, hint: &str) -> Result<()> {
    let sql = "UPDATE payouts SET method = $2, method_hint = $3 WHERE id = $1";
    conn.run_one(sql, &args![id, kind.word(), hint]).await
}

/// Records that a payout was paid or failed.
pub async fn settle(
    conn: &mut Conn,
    id: &PayoutId,
    status: PayoutStatus,
    failure: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE payouts SET status = $2, failure = $3, settled_at = $4 WHERE id = $1";
    conn.run_one(sql, &args![id, status.word(), failure, now]).await
}

/// A payout of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &PayoutId) -> Result<Option<PayoutRow>> {
    conn.first(payouts!("p.program_id = $1 AND p.id = $2"), &args![program, id], payout_row).await
}

/// The payouts of a run in the order of their affiliates, after one of them, without removed ones.
pub async fn of_run(
    conn: &mut Conn,
    run: &PayoutRunId,
    after: (&str, &str),
    limit: i64,
) -> Result<Vec<PayoutRow>> {
    let sql = payouts!(
        "p.run_id = $1 AND (p.affiliate_id, p.currency) > ($2, $3) AND p.status <> 'removed' \
         ORDER BY p.affiliate_id, p.currency LIMIT $4"
    );
    conn.all(sql, &args![run, after.0, after.1, limit], payout_row).await
}

/// The payouts of an affiliate, newest first, before one of them, without those of drafts.
pub async fn of_affiliate(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    before: &str,
    limit: i64,
) -> Result<Vec<PayoutRow>> {
    let sql = payouts!(
        "p.affiliate_id = $1 AND p.id < $2 AND p.status IN ('open', 'paid', 'failed') AND r.approved_at IS NOT NULL \
         ORDER BY p.id DESC LIMIT $3"
    );
    conn.all(sql, &args![affiliate, before, limit], payout_row).await
}

/// The paid payouts of a program, newest first, before one of them.
pub async fn paid(
    conn: &mut Conn,
    program: &ProgramId,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<PayoutRow>> {
    let sql = payouts!(
        "p.program_id = $1 AND p.status = 'paid' AND (p.settled_at, p.id) < ($2, $3) \
         ORDER BY p.settled_at DESC, p.id DESC LIMIT $4"
    );
    conn.all(sql, &args![program, before.0, before.1, limit], payout_row).await
}

/// The sum of a run's payouts of one status and currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    /// The status.
    pub status: PayoutStatus,
    /// The currency.
    pub currency: Currency,
    /// Payouts.
    pub payouts: i64,
    /// Entries.
    pub entries: i64,
    /// Minor units.
    pub amount: i64,
}

/// The sums of the payouts of some runs, by run, status and currency.
pub async fn sums(conn: &mut Conn, runs: &[&PayoutRunId]) -> Result<Vec<(PayoutRunId, Sum)>> {
    const SUMS: Batch<1> = Batch {
        into: "WITH wanted (id) AS (",
        then: ") SELECT p.run_id, p.status, p.currency, count(*) AS payouts, CAST(sum(p.entries) AS BIGINT) AS entries, \
               CAST(sum(p.amount) AS BIGINT) AS amount FROM wanted w CROSS JOIN payouts p WHERE p.run_id = w.id \
               GROUP BY p.run_id, p.status, p.currency ORDER BY p.run_id, p.currency, p.status",
    };
    conn.all_batch(SUMS, runs.iter().map(|id| args![*id]).collect(), |row| {
        let sum = Sum {
            status: row.word("status")?,
            currency: row.get("currency")?,
            payouts: row.get("payouts")?,
            entries: row.get("entries")?,
            amount: row.get("amount")?,
        };
        Ok((row.get("run_id")?, sum))
    })
    .await
}

/// How many payouts of a run are neither paid nor failed.
pub async fn unsettled(conn: &mut Conn, run: &PayoutRunId) -> Result<i64> {
    let sql = "SELECT count(*) FROM payouts WHERE run_id = $1 AND status IN ('preparing', 'open')";
    conn.scalar(sql, &args![run]).await
}

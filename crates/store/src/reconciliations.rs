//! Reconciliations: comparisons of Stripe's charges with the payments here.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, PaymentId, ProgramId, ReconciliationId};
use domain::money::Currency;
use domain::reconciliations::{DifferenceKind, ReconciliationOutcome, ReconciliationStatus};

use crate::db::{Conn, Result, Row, args, json};

/// A reconciliation.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Reconciliation {
    pub id: ReconciliationId,
    pub connection_id: ConnectionId,
    /// The name of the person who asked for it.
    pub account_name: Option<String>,
    pub status: ReconciliationStatus,
    /// `None` while it runs.
    pub outcome: Option<ReconciliationOutcome>,
    pub from_at: Timestamp,
    pub to_at: Timestamp,
    pub started_at: Timestamp,
    pub touched_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Charges compared.
    pub charges: i64,
    /// Calls to Stripe's API.
    pub calls: i64,
    /// From when on missed events are fetched before comparing, if that was asked for.
    pub backfill_from: Option<Timestamp>,
    /// Events that were missing and have been fetched.
    pub backfilled: i64,
    /// Whether all of them have been fetched.
    pub backfill_done: bool,
}

fn reconciliation(row: &Row) -> Result<Reconciliation> {
    Ok(Reconciliation {
        id: row.get("id")?,
        connection_id: row.get("connection_id")?,
        account_name: row.get("account_name")?,
        status: row.word("status")?,
        outcome: row.optional_json("outcome")?,
        from_at: row.get("from_at")?,
        to_at: row.get("to_at")?,
        started_at: row.get("started_at")?,
        touched_at: row.get("touched_at")?,
        finished_at: row.get("finished_at")?,
        charges: row.get("charges")?,
        calls: row.get("calls")?,
        backfill_from: row.get("backfill_from")?,
        backfilled: row.get("backfilled")?,
        backfill_done: row.get("backfill_done")?,
    })
}

/// Where the two differ. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Difference {
    /// Stripe's id of the charge.
    pub stripe_id: String,
    pub kind: DifferenceKind,
    pub at: Timestamp,
    pub currency: Currency,
    pub stripe_amount: i64,
    pub stripe_refunded: i64,
    pub our_amount: i64,
    pub our_refunded: i64,
    pub payment_id: Option<PaymentId>,
}

/// Starts a reconciliation of a period; `false` when one is running already.
pub async fn put(
    conn: &mut Conn,
    (id, connection): (&ReconciliationId, &ConnectionId),
    by: &AccountId,
    (from, to): (Timestamp, Timestamp),
    backfill_from: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO reconciliations (id, connection_id, account_id, status, attempt, from_at, to_at, started_at, \
               touched_at, charges, calls, backfill_from, backfilled, backfill_done) \
               VALUES ($1, $2, $3, 'running', 0, $4, $5, $6, $6, 0, 0, $7, 0, FALSE) ON CONFLICT DO NOTHING";
    Ok(conn.run(sql, &args![id, connection, by, from, to, now, backfill_from]).await? == 1)
}

const SELECT_RUNNING: &str = "SELECT r.*, a.name AS account_name FROM reconciliations r \
    LEFT JOIN accounts a ON a.id = r.account_id WHERE r.connection_id = $1 AND r.status = 'running'";

/// The reconciliation of a connection that is running.
pub async fn running(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Reconciliation>> {
    conn.first(SELECT_RUNNING, &args![connection], reconciliation).await
}

/// A reconciliation, for the job that runs it.
pub async fn get_unscoped(conn: &mut Conn, id: &ReconciliationId) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.id = $1";
    conn.first(sql, &args![id], reconciliation).await
}

/// A reconciliation of a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &ReconciliationId,
) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r JOIN connections c ON c.id = r.connection_id \
               LEFT JOIN accounts a ON a.id = r.account_id WHERE c.program_id = $1 AND r.id = $2";
    conn.first(sql, &args![program, id], reconciliation).await
}

/// The newest reconciliation of a program.
pub async fn latest(conn: &mut Conn, program: &ProgramId) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r JOIN connections c ON c.id = r.connection_id \
               LEFT JOIN accounts a ON a.id = r.account_id WHERE c.program_id = $1 \
               ORDER BY r.started_at DESC, r.id DESC LIMIT 1";
    conn.first(sql, &args![program], reconciliation).await
}

/// Begins a run. Returns its number, or `None` when the reconciliation has ended.
pub async fn claim(conn: &mut Conn, id: &ReconciliationId, now: Timestamp) -> Result<Option<i64>> {
    let sql = "UPDATE reconciliations SET attempt = attempt + 1, touched_at = $2 \
               WHERE id = $1 AND status = 'running' RETURNING attempt";
    conn.first(sql, &args![id, now], |row| row.get("attempt")).await
}

/// Shows that a run is alive; `false` when another run has taken over or it has ended.
pub async fn touch(
    conn: &mut Conn,
    id: &ReconciliationId,
    attempt: i64,
    charges: i64,
    calls: i64,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE reconciliations SET touched_at = $5, charges = $3, calls = $4 \
               WHERE id = $1 AND attempt = $2 AND status = 'running'";
    Ok(conn.run(sql, &args![id, attempt, charges, calls, now]).await? == 1)
}

/// Records that the missed events have been fetched.
pub async fn record_backfill(conn: &mut Conn, id: &ReconciliationId, events: i64) -> Result<()> {
    let sql = "UPDATE reconciliations SET backfill_done = TRUE, backfilled = $2 WHERE id = $1";
    conn.run_one(sql, &args![id, events]).await
}

/// Ends a reconciliation; `false` when it had ended.
pub async fn finish(
    conn: &mut Conn,
    id: &ReconciliationId,
    outcome: &ReconciliationOutcome,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE reconciliations SET status = 'done', outcome = $2, finished_at = $3 \
               WHERE id = $1 AND status = 'running'";
    Ok(conn.run(sql, &args![id, json("reconciliations.outcome", outcome)?, now]).await? == 1)
}

/// Ends a connection's reconciliation whose run has shown no sign of life since a moment.
pub async fn end_stalled(
    conn: &mut Conn,
    connection: &ConnectionId,
    alive_since: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE reconciliations SET status = 'done', outcome = $4, finished_at = $3 \
               WHERE connection_id = $1 AND status = 'running' AND touched_at < $2";
    let outcome = json("reconciliations.outcome", &ReconciliationOutcome::Interrupted)?;
    conn.run(sql, &args![connection, alive_since, now, outcome]).await.map(drop)
}

/// Adds a difference.
pub async fn put_difference(conn: &mut Conn, id: &ReconciliationId, new: &Difference) -> Result<()> {
    let sql = "INSERT INTO differences (reconciliation_id, stripe_id, kind, at, currency, stripe_amount, \
               stripe_refunded, our_amount, our_refunded, payment_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT DO NOTHING";
    let args = args![
        id,
        &new.stripe_id,
        new.kind.word(),
        new.at,
        new.currency,
        new.stripe_amount,
        new.stripe_refunded,
        new.our_amount,
        new.our_refunded,
        new.payment_id.as_ref()
    ];
    conn.run(sql, &args).await.map(drop)
}

/// The differences that a reconciliation found, newest first.
pub async fn differences(conn: &mut Conn, id: &ReconciliationId) -> Result<Vec<Difference>> {
    let sql = "SELECT * FROM differences WHERE reconciliation_id = $1 ORDER BY at DESC, stripe_id LIMIT 2000";
    conn.all(sql, &args![id], |row| {
        Ok(Difference {
            stripe_id: row.get("stripe_id")?,
            kind: row.word("kind")?,
            at: row.get("at")?,
            currency: row.get("currency")?,
            stripe_amount: row.get("stripe_amount")?,
            stripe_refunded: row.get("stripe_refunded")?,
            our_amount: row.get("our_amount")?,
            our_refunded: row.get("our_refunded")?,
            payment_id: row.get("payment_id")?,
        })
    })
    .await
}

/// A payment here, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: PaymentId,
    /// What was paid, minor units.
    pub gross: i64,
    /// What was refunded, minor units.
    pub refunded: i64,
}

/// The payments of a connection that go by any of a charge's ids.
pub async fn known(
    conn: &mut Conn,
    connection: &ConnectionId,
    charge: &str,
    intent: Option<&str>,
    invoice: Option<&str>,
) -> Result<Vec<Known>> {
    let sql = "SELECT DISTINCT p.id, p.gross, p.refunded FROM stripe_ids s JOIN payments p ON p.id = s.payment_id \
               WHERE s.connection_id = $1 AND s.stripe_id IN ($2, $3, $4) AND p.status <> 'merged' ORDER BY p.id LIMIT 10";
    let args = args![connection, charge, intent.unwrap_or(charge), invoice.unwrap_or(charge)];
    conn.all(sql, &args, |row| {
        Ok(Known { id: row.get("id")?, gross: row.get("gross")?, refunded: row.get("refunded")? })
    })
    .await
}

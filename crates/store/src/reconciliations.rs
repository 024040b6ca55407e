//! Comparisons of what Stripe charged with what is known here.

use domain::clock::Timestamp;
use domain::ids::{AccountId, ConnectionId, PaymentId, ProgramId, ReconciliationId};
use domain::money::Currency;

use crate::db::{Conn, Result, Row, args};

/// A comparison.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Reconciliation {
    pub id: ReconciliationId,
    pub connection_id: ConnectionId,
    /// The name of who asked for it.
    pub account_name: Option<String>,
    /// `running` or `done`.
    pub state: String,
    /// `complete`, `partial` or `failed`; `None` while it runs.
    pub outcome: Option<String>,
    /// What is left out, or why it failed.
    pub outcome_text: Option<String>,
    pub from_at: Timestamp,
    pub to_at: Timestamp,
    pub started_at: Timestamp,
    pub touched_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Charges compared.
    pub charges: i64,
    /// Calls to Stripe's API.
    pub calls: i64,
    /// From when on events are fetched before the comparison, if they are.
    pub take_in_from: Option<Timestamp>,
    /// Events that came in by that.
    pub taken_in: i64,
    /// Whether they have been fetched.
    pub has_taken_in: bool,
}

fn reconciliation(row: &Row) -> Result<Reconciliation> {
    Ok(Reconciliation {
        id: row.get("id")?,
        connection_id: row.get("connection_id")?,
        account_name: row.get("account_name")?,
        state: row.get("state")?,
        outcome: row.get("outcome")?,
        outcome_text: row.get("outcome_text")?,
        from_at: row.get("from_at")?,
        to_at: row.get("to_at")?,
        started_at: row.get("started_at")?,
        touched_at: row.get("touched_at")?,
        finished_at: row.get("finished_at")?,
        charges: row.get("charges")?,
        calls: row.get("calls")?,
        take_in_from: row.get("take_in_from")?,
        taken_in: row.get("taken_in")?,
        has_taken_in: row.get("has_taken_in")?,
    })
}

/// Where the two differ. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Difference {
    /// Stripe's id of the charge.
    pub stripe_id: String,
    /// `missed`, `doubled` or `refunded`.
    pub kind: String,
    pub at: Timestamp,
    pub currency: Currency,
    pub stripe_amount: i64,
    pub stripe_refunded: i64,
    pub our_amount: i64,
    pub our_refunded: i64,
    pub payment_id: Option<PaymentId>,
}

/// Begins a comparison of a period; `false` when one is running already.
pub async fn put(
    conn: &mut Conn,
    (id, connection): (&ReconciliationId, &ConnectionId),
    by: &AccountId,
    (from, to): (Timestamp, Timestamp),
    take_in_from: Option<Timestamp>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO reconciliations (id, connection_id, account_id, state, attempt, from_at, to_at, started_at, \
               touched_at, charges, calls, take_in_from, taken_in, has_taken_in) \
               VALUES ($1, $2, $3, 'running', 0, $4, $5, $6, $6, 0, 0, $7, 0, FALSE) ON CONFLICT DO NOTHING";
    Ok(conn.run(sql, &args![id, connection, by, from, to, now, take_in_from]).await? == 1)
}

const SELECT_RUNNING: &str = "SELECT r.*, a.name AS account_name FROM reconciliations r \
    LEFT JOIN accounts a ON a.id = r.account_id WHERE r.connection_id = $1 AND r.state = 'running'";

/// The comparison of a connection that is running.
pub async fn running(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<Reconciliation>> {
    conn.first(SELECT_RUNNING, &args![connection], reconciliation).await
}

/// A comparison, for the one who runs it.
pub async fn get_unscoped(conn: &mut Conn, id: &ReconciliationId) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r LEFT JOIN accounts a ON a.id = r.account_id \
               WHERE r.id = $1";
    conn.first(sql, &args![id], reconciliation).await
}

/// A comparison of a program.
pub async fn get(
    conn: &mut Conn,
    program: &ProgramId,
    id: &ReconciliationId,
) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r JOIN connections c ON c.id = r.connection_id \
               LEFT JOIN accounts a ON a.id = r.account_id WHERE c.program_id = $1 AND r.id = $2";
    conn.first(sql, &args![program, id], reconciliation).await
}

/// The newest comparison of a program.
pub async fn latest(conn: &mut Conn, program: &ProgramId) -> Result<Option<Reconciliation>> {
    let sql = "SELECT r.*, a.name AS account_name FROM reconciliations r JOIN connections c ON c.id = r.connection_id \
               LEFT JOIN accounts a ON a.id = r.account_id WHERE c.program_id = $1 \
               ORDER BY r.started_at DESC, r.id DESC LIMIT 1";
    conn.first(sql, &args![program], reconciliation).await
}

/// Begins a run. Gives its number; `None` when the comparison has ended.
pub async fn take_up(conn: &mut Conn, id: &ReconciliationId, now: Timestamp) -> Result<Option<i64>> {
    let sql = "UPDATE reconciliations SET attempt = attempt + 1, touched_at = $2 \
               WHERE id = $1 AND state = 'running' RETURNING attempt";
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
               WHERE id = $1 AND attempt = $2 AND state = 'running'";
    Ok(conn.run(sql, &args![id, attempt, charges, calls, now]).await? == 1)
}

/// Notes that events have been fetched.
pub async fn note_taken_in(conn: &mut Conn, id: &ReconciliationId, events: i64) -> Result<()> {
    let sql = "UPDATE reconciliations SET has_taken_in = TRUE, taken_in = $2 WHERE id = $1";
    conn.run_one(sql, &args![id, events]).await
}

/// Ends a comparison; `false` when it had ended.
pub async fn finish(
    conn: &mut Conn,
    id: &ReconciliationId,
    outcome: &str,
    text: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    let sql = "UPDATE reconciliations SET state = 'done', outcome = $2, outcome_text = $3, finished_at = $4 \
               WHERE id = $1 AND state = 'running'";
    Ok(conn.run(sql, &args![id, outcome, text, now]).await? == 1)
}

/// Ends a comparison of a connection whose run has said nothing since a moment.
pub async fn end_silent(
    conn: &mut Conn,
    connection: &ConnectionId,
    silent_since: Timestamp,
    now: Timestamp,
) -> Result<()> {
    let sql = "UPDATE reconciliations SET state = 'done', outcome = 'failed', outcome_text = $4, finished_at = $3 \
               WHERE connection_id = $1 AND state = 'running' AND touched_at < $2";
    let text = "The server stopped in the middle of the comparison. Start it again.";
    conn.run(sql, &args![connection, silent_since, now, text]).await.map(drop)
}

/// Adds a difference.
pub async fn put_difference(conn: &mut Conn, id: &ReconciliationId, new: &Difference) -> Result<()> {
    let sql = "INSERT INTO differences (reconciliation_id, stripe_id, kind, at, currency, stripe_amount, \
               stripe_refunded, our_amount, our_refunded, payment_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
               ON CONFLICT DO NOTHING";
    let args = args![
        id,
        &new.stripe_id,
        &new.kind,
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

/// The differences that a comparison found, newest first.
pub async fn differences(conn: &mut Conn, id: &ReconciliationId) -> Result<Vec<Difference>> {
    let sql = "SELECT * FROM differences WHERE reconciliation_id = $1 ORDER BY at DESC, stripe_id LIMIT 2000";
    conn.all(sql, &args![id], |row| {
        Ok(Difference {
            stripe_id: row.get("stripe_id")?,
            kind: row.get("kind")?,
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

/// A payment of ours, as far as it is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub id: PaymentId,
    /// What was paid, minor units.
    pub gross: i64,
    /// What was given back, minor units.
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

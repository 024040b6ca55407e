//! Manual assignments of payments.

use domain::attribution::Decision;
use domain::clock::Timestamp;
use domain::ids::{AccountId, AffiliateId, ConnectionId, CustomerId, PaymentId, ProgramId};

use crate::db::{Batch, Conn, Result, Row, args};

/// A decision to be stored.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns of the table")]
pub struct NewDecision {
    pub connection_id: ConnectionId,
    pub stripe_id: String,
    pub program_id: ProgramId,
    pub affiliate_id: Option<AffiliateId>,
    pub later_payments: bool,
    pub account_id: AccountId,
    pub at: Timestamp,
}

/// Stores a decision.
pub async fn put(conn: &mut Conn, new: &NewDecision) -> Result<()> {
    let sql = "INSERT INTO decisions (connection_id, stripe_id, program_id, affiliate_id, later_payments, account_id, at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let args = args![
        &new.connection_id,
        &new.stripe_id,
        &new.program_id,
        new.affiliate_id.as_ref(),
        new.later_payments,
        &new.account_id,
        new.at
    ];
    conn.run_one(sql, &args).await
}

/// Deletes what was decided about a payment, under any of its ids.
pub async fn delete(conn: &mut Conn, connection: &ConnectionId, payment: &PaymentId) -> Result<u64> {
    let sql = "DELETE FROM decisions WHERE connection_id = $1 AND stripe_id IN \
               (SELECT stripe_id FROM stripe_ids WHERE connection_id = $1 AND payment_id = $2)";
    conn.run(sql, &args![connection, payment]).await
}

fn decision(row: &Row) -> Result<Decision> {
    Ok(Decision {
        stripe_id: row.get("stripe_id")?,
        affiliate_id: row.get("affiliate_id")?,
        later_payments: row.get("later_payments")?,
        by: row.get("name")?,
        at: row.get("at")?,
    })
}

const OF_CUSTOMERS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: ") SELECT s.customer_id, d.stripe_id, d.affiliate_id, d.later_payments, d.at, a.name FROM wanted w \
           CROSS JOIN stripe_ids s JOIN decisions d ON d.connection_id = s.connection_id AND d.stripe_id = s.stripe_id \
           JOIN accounts a ON a.id = d.account_id WHERE s.customer_id = w.customer_id ORDER BY d.stripe_id",
};

/// What was decided about customers' payments.
pub async fn of_customers(conn: &mut Conn, customers: &[CustomerId]) -> Result<Vec<(CustomerId, Decision)>> {
    let keys = customers.iter().map(|id| args![id]).collect();
    conn.all_batch(OF_CUSTOMERS, keys, |row| Ok((row.get("customer_id")?, decision(row)?))).await
}

/// What holds for a payment: the latest decision under any of its ids.
pub async fn of_payment(conn: &mut Conn, payment: &PaymentId) -> Result<Option<Decision>> {
    let sql = "SELECT d.stripe_id, d.affiliate_id, d.later_payments, d.at, a.name FROM stripe_ids s \
               JOIN decisions d ON d.connection_id = s.connection_id AND d.stripe_id = s.stripe_id \
               JOIN accounts a ON a.id = d.account_id WHERE s.payment_id = $1 \
               ORDER BY d.at DESC, d.stripe_id DESC LIMIT 1";
    conn.first(sql, &args![payment], decision).await
}

/// The payment at which a person decided for all later payments of a customer.
pub async fn of_later_payments(conn: &mut Conn, customer: &CustomerId) -> Result<Option<PaymentId>> {
    let sql = "SELECT s.payment_id FROM stripe_ids s \
               JOIN decisions d ON d.connection_id = s.connection_id AND d.stripe_id = s.stripe_id \
               WHERE s.customer_id = $1 AND d.later_payments AND s.payment_id IS NOT NULL \
               ORDER BY d.at DESC, d.stripe_id DESC LIMIT 1";
    conn.first(sql, &args![customer], |row| row.get("payment_id")).await
}

//! Payments, each known under several Stripe ids.

use domain::attribution::{EvaluatedPayment, PaymentKind, PaymentStatus};
use domain::checks::Check;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{ConnectionId, CustomerId, PaymentId, ProgramId};
use domain::items::Item;
use domain::money::Currency;
use domain::no_commission::{NoCommission, NoCommissionClass};

use crate::db::{Batch, Conn, Result, Row, Value, args, json};

/// A payment as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the columns say it, see migrations/0001_initial.sql; amounts are minor units of `currency`"
)]
pub struct Payment {
    pub id: PaymentId,
    pub program_id: ProgramId,
    pub connection_id: ConnectionId,
    pub customer_id: CustomerId,
    pub kind: PaymentKind,
    pub stripe_id: String,
    pub status: PaymentStatus,
    pub currency: Option<Currency>,
    pub gross: i64,
    pub base: i64,
    pub captured: i64,
    pub refunded: i64,
    pub disputed: i64,
    pub dispute_open: bool,
    pub paid_at: Timestamp,
    pub subscription: Option<String>,
    pub billing_reason: Option<String>,
    pub label: Option<String>,
    pub email: Option<Email>,
    /// The lines of its invoice.
    pub items: Vec<Item>,
    pub payment_number: i64,
    /// The checks, in order; none before the money is there.
    pub checks: Vec<Check>,
    /// Why it earns no commission; absent when it does.
    pub no_commission: Option<NoCommission>,
    pub reevaluate_at: Option<Timestamp>,
}

/// The program, connection and customer of a payment.
pub type Owner<'a> = (&'a ProgramId, &'a ConnectionId, &'a CustomerId);

impl Payment {
    /// A payment as the rules see it, under its id.
    pub fn new(id: &PaymentId, owner: Owner<'_>, evaluated: &EvaluatedPayment) -> Self {
        Self {
            id: id.clone(),
            program_id: owner.0.clone(),
            connection_id: owner.1.clone(),
            customer_id: owner.2.clone(),
            kind: evaluated.kind,
            stripe_id: evaluated.canonical_id.clone(),
            status: evaluated.status.status(),
            currency: evaluated.currency,
            gross: evaluated.gross,
            base: evaluated.base,
            captured: evaluated.captured,
            refunded: evaluated.refunded,
            disputed: evaluated.disputed,
            dispute_open: evaluated.dispute_open,
            paid_at: evaluated.paid_at,
            subscription: evaluated.subscription.clone(),
            billing_reason: evaluated.billing_reason.clone(),
            label: evaluated.label.clone(),
            email: evaluated.email.clone(),
            items: evaluated.items.clone(),
            payment_number: evaluated.payment_number,
            checks: evaluated.checks.clone(),
            no_commission: evaluated.no_commission.clone(),
            reevaluate_at: evaluated.status.reevaluate_at(),
        }
    }

    /// A payment that turned out to be another one.
    #[must_use]
    pub fn merged(self) -> Self {
        Self {
            status: PaymentStatus::Merged,
            no_commission: Some(NoCommission::SamePayment),
            reevaluate_at: None,
            ..self
        }
    }
}

pub(crate) fn payment(row: &Row) -> Result<Payment> {
    Ok(Payment {
        id: row.get("id")?,
        program_id: row.get("program_id")?,
        connection_id: row.get("connection_id")?,
        customer_id: row.get("customer_id")?,
        kind: row.word("kind")?,
        stripe_id: row.get("stripe_id")?,
        status: row.word("status")?,
        currency: row.get("currency")?,
        gross: row.get("gross")?,
        base: row.get("base")?,
        captured: row.get("captured")?,
        refunded: row.get("refunded")?,
        disputed: row.get("disputed")?,
        dispute_open: row.get("dispute_open")?,
        paid_at: row.get("paid_at")?,
        subscription: row.get("subscription")?,
        billing_reason: row.get("billing_reason")?,
        label: row.get("label")?,
        email: row.get("email")?,
        items: row.json("items")?,
        payment_number: row.get("payment_number")?,
        checks: row.json("checks")?,
        no_commission: row.optional_json("no_commission")?,
        reevaluate_at: row.get("reevaluate_at")?,
    })
}

/// The payment that a Stripe id is known to mean.
pub async fn of_stripe_id(
    conn: &mut Conn,
    connection: &ConnectionId,
    stripe_id: &str,
) -> Result<Option<PaymentId>> {
    let sql = "SELECT payment_id FROM stripe_ids WHERE connection_id = $1 AND stripe_id = $2 AND payment_id IS NOT NULL";
    conn.first(sql, &args![connection, stripe_id], |row| row.get("payment_id")).await
}

/// The payment whose commission an event changed.
pub async fn changed_by(
    conn: &mut Conn,
    connection: &ConnectionId,
    event_id: &str,
) -> Result<Option<PaymentId>> {
    let sql = "SELECT p.id FROM entries e JOIN conversions c ON c.id = e.conversion_id \
               JOIN payments p ON p.id = c.payment_id \
               WHERE e.program_id = (SELECT program_id FROM connections WHERE id = $1) \
               AND e.cause = $2 AND p.connection_id = $1 ORDER BY e.id LIMIT 1";
    conn.first(sql, &args![connection, event_id], |row| row.get("id")).await
}

const OF_CUSTOMERS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: ") SELECT p.* FROM wanted w CROSS JOIN payments p WHERE p.customer_id = w.customer_id",
};

/// All payments of customers; in no order.
pub async fn of_customers(conn: &mut Conn, customers: &[CustomerId]) -> Result<Vec<Payment>> {
    conn.all_batch(OF_CUSTOMERS, customers.iter().map(|id| args![id]).collect(), payment).await
}

/// The newest payments of a program that a Stripe id belongs to: the payment itself, those of a
/// customer, or those of a subscription.
pub async fn of_any_stripe_id(
    conn: &mut Conn,
    program: &ProgramId,
    stripe_id: &str,
    limit: i64,
) -> Result<Vec<Payment>> {
    let sql = "SELECT p.* FROM connections k \
               JOIN stripe_ids s ON s.connection_id = k.id AND s.stripe_id = $2 \
               JOIN payments p ON p.id = s.payment_id WHERE k.program_id = $1 AND p.status <> 'merged' \
               UNION ALL SELECT * FROM (SELECT p.* FROM connections k \
               JOIN stripe_ids s ON s.connection_id = k.id AND s.stripe_id = $2 AND s.payment_id IS NULL \
               JOIN payments p ON p.customer_id = s.customer_id WHERE k.program_id = $1 AND p.status <> 'merged' \
               ORDER BY p.paid_at DESC, p.id DESC LIMIT $3) AS of_customer";
    conn.all(sql, &args![program, stripe_id, limit], payment).await
}

/// The newest payments of the customers of a program who ever had an address.
pub async fn of_email(
    conn: &mut Conn,
    program: &ProgramId,
    email: &Email,
    limit: i64,
) -> Result<Vec<Payment>> {
    let sql = "SELECT p.* FROM customer_emails e JOIN payments p ON p.customer_id = e.customer_id \
               WHERE e.program_id = $1 AND e.email = $2 AND p.status <> 'merged' \
               ORDER BY p.paid_at DESC, p.id DESC LIMIT $3";
    conn.all(sql, &args![program, email, limit], payment).await
}

/// The Stripe ids of a payment.
pub async fn aliases(conn: &mut Conn, id: &PaymentId) -> Result<Vec<String>> {
    let sql = "SELECT stripe_id FROM stripe_ids WHERE payment_id = $1 ORDER BY stripe_id";
    conn.all(sql, &args![id], |row| row.get("stripe_id")).await
}

const SAVE: Batch<27> = Batch {
    into: "INSERT INTO payments (id, program_id, connection_id, customer_id, kind, stripe_id, status, currency, \
           gross, base, captured, refunded, disputed, dispute_open, paid_at, subscription, billing_reason, label, \
           email, payment_number, checks, no_commission, no_commission_class, reevaluate_at, created_at, updated_at, items)",
    then: "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, stripe_id = excluded.stripe_id, \
           status = excluded.status, currency = excluded.currency, gross = excluded.gross, base = excluded.base, \
           captured = excluded.captured, refunded = excluded.refunded, disputed = excluded.disputed, \
           dispute_open = excluded.dispute_open, paid_at = excluded.paid_at, \
           subscription = excluded.subscription, billing_reason = excluded.billing_reason, \
           label = excluded.label, email = excluded.email, payment_number = excluded.payment_number, checks = excluded.checks, \
           no_commission = excluded.no_commission, no_commission_class = excluded.no_commission_class, \
           reevaluate_at = excluded.reevaluate_at, updated_at = excluded.updated_at, items = excluded.items",
};

/// Adds payments or updates them to what is known of them now.
pub async fn save(
    conn: &mut Conn,
    payments: impl IntoIterator<Item = &Payment>,
    now: Timestamp,
) -> Result<()> {
    let rows: Result<Vec<_>> = payments.into_iter().map(|payment| saved(payment, now)).collect();
    conn.run_batch(SAVE, rows?).await.map(drop)
}

fn saved(payment: &Payment, now: Timestamp) -> Result<[Value; 27]> {
    let no_commission = payment.no_commission.as_ref();
    Ok(args![
        &payment.id,
        &payment.program_id,
        &payment.connection_id,
        &payment.customer_id,
        payment.kind.word(),
        &payment.stripe_id,
        payment.status.word(),
        payment.currency,
        payment.gross,
        payment.base,
        payment.captured,
        payment.refunded,
        payment.disputed,
        payment.dispute_open,
        payment.paid_at,
        payment.subscription.as_deref(),
        payment.billing_reason.as_deref(),
        payment.label.as_deref(),
        payment.email.as_ref().map(Email::as_str),
        payment.payment_number,
        json("payments.checks", &payment.checks)?,
        no_commission.map(|reason| json("payments.no_commission", reason)).transpose()?,
        no_commission.map(|reason| reason.class().word()),
        payment.reevaluate_at,
        now,
        now,
        json("payments.items", &payment.items)?,
    ])
}

/// A payment of a program.
pub async fn get(conn: &mut Conn, program: &ProgramId, id: &PaymentId) -> Result<Option<Payment>> {
    conn.first("SELECT * FROM payments WHERE program_id = $1 AND id = $2", &args![program, id], payment).await
}

/// A program's newest payments since a moment that were paid.
pub async fn recent(
    conn: &mut Conn,
    program: &ProgramId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Payment>> {
    let sql = "SELECT * FROM payments WHERE program_id = $1 AND paid_at >= $2 AND status = 'paid' \
               ORDER BY paid_at DESC, id DESC LIMIT $3";
    conn.all(sql, &args![program, since, limit], payment).await
}

/// The customers and connections of a program's newest paid payments since a moment, with the time
/// of each payment.
pub async fn newest_payers(
    conn: &mut Conn,
    program: &ProgramId,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<(CustomerId, ConnectionId, Timestamp)>> {
    let sql = "SELECT customer_id, connection_id, paid_at FROM payments WHERE program_id = $1 AND paid_at >= $2 \
               AND status = 'paid' ORDER BY paid_at DESC, id DESC LIMIT $3";
    let read = |row: &Row| Ok((row.get("customer_id")?, row.get("connection_id")?, row.get("paid_at")?));
    conn.all(sql, &args![program, since, limit], read).await
}

domain::word_enum! {
    /// Which payments a list holds.
    #[derive(Default)]
    pub enum PaymentFilter {
        /// Every payment but those that turned out to be another one.
        #[default]
        All = "all",
        /// Paid, and no check led to an affiliate.
        Unattributed = "unattributed",
        /// Paid and attributed, but the terms pay nothing for it.
        NotDue = "not_due",
        /// A person decided about it.
        Decided = "decided",
        /// Something is missing.
        Waiting = "waiting",
    }
}

/// The list of one filter. `$5` is a word of [`NoCommissionClass`] or, where a list has no
/// such word, of [`PaymentStatus`].
macro_rules! listed {
    ($condition:literal) => {
        concat!(
            "SELECT * FROM payments WHERE program_id = $1 AND ",
            $condition,
            " AND (paid_at, id) < ($2, $3) ORDER BY paid_at DESC, id DESC LIMIT $4"
        )
    };
}
const ALL: &str = listed!("status <> $5");
const WAITING: &str = listed!("status = 'waiting' AND status = $5");
const BY_CLASS: &str = listed!("status = 'paid' AND no_commission_class = $5");
/// Led by the decisions: people made them, so that they are few.
const DECIDED: &str = "SELECT * FROM payments WHERE id IN (SELECT s.payment_id FROM decisions d \
     JOIN stripe_ids s ON s.connection_id = d.connection_id AND s.stripe_id = d.stripe_id \
     WHERE d.program_id = $1 AND s.payment_id IS NOT NULL UNION ALL SELECT n.id FROM payments n \
     WHERE n.program_id = $1 AND n.status = 'paid' AND n.no_commission_class = $5) \
     AND status <> 'merged' AND (paid_at < $2 OR (paid_at = $2 AND id < $3)) \
     ORDER BY paid_at DESC, id DESC LIMIT $4";

/// A program's payments, newest first, before one of them.
pub async fn list(
    conn: &mut Conn,
    program: &ProgramId,
    filter: PaymentFilter,
    before: (Timestamp, &str),
    limit: i64,
) -> Result<Vec<Payment>> {
    let (sql, word) = match filter {
        PaymentFilter::All => (ALL, PaymentStatus::Merged.word()),
        PaymentFilter::Unattributed => (BY_CLASS, NoCommissionClass::Unattributed.word()),
        PaymentFilter::NotDue => (BY_CLASS, NoCommissionClass::NotDue.word()),
        PaymentFilter::Decided => (DECIDED, NoCommissionClass::NotAffiliateSale.word()),
        PaymentFilter::Waiting => (WAITING, PaymentStatus::Waiting.word()),
    };
    conn.all(sql, &args![program, before.0, before.1, limit, word], payment).await
}

/// The number of a program's payments that no check led to an affiliate, counted to a limit.
pub async fn count_unattributed(conn: &mut Conn, program: &ProgramId, most: i64) -> Result<i64> {
    let sql = "SELECT count(*) FROM (SELECT 1 AS one FROM payments WHERE program_id = $1 AND status = 'paid' \
               AND no_commission_class = $2 LIMIT $3) AS found";
    conn.scalar(sql, &args![program, NoCommissionClass::Unattributed.word(), most]).await
}

/// Payments that a Stripe id means in any connection of a program; those of the buyer when it is
/// the id of a customer or a subscription.
pub async fn of_program_stripe_id(
    conn: &mut Conn,
    program: &ProgramId,
    stripe_id: &str,
) -> Result<Vec<Payment>> {
    let sql = "SELECT p.* FROM connections c \
               JOIN stripe_ids s ON s.connection_id = c.id AND s.stripe_id = $2 \
               JOIN payments p ON p.customer_id = s.customer_id \
               WHERE c.program_id = $1 AND (s.payment_id IS NULL OR p.id = s.payment_id) LIMIT 50";
    conn.all(sql, &args![program, stripe_id], payment).await
}

/// Payments of a program by their ids, some tens in one statement; in no order.
pub async fn of_ids(conn: &mut Conn, program: &ProgramId, ids: &[PaymentId]) -> Result<Vec<Payment>> {
    const AT_ONCE: usize = 25;
    let sql = "SELECT * FROM payments WHERE program_id = $1 AND id IN \
               ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, \
               $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)";
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(AT_ONCE) {
        let mut args = vec![Value::from(program)];
        args.extend(some.iter().map(Value::from));
        // The rest of the placeholders match no payment.
        args.resize(1 + AT_ONCE, Value::Text(None));
        found.extend(conn.all(sql, &args, payment).await?);
    }
    Ok(found)
}

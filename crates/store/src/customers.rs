//! Customers: the Stripe ids that belong to them, and what events said about them.

use domain::attribution::Evaluation;
use domain::checks::CheckKind;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::facts::EventFacts;
use domain::ids::{AffiliateId, ConnectionId, CustomerId, PaymentId, ProgramId};

use crate::db::{Batch, Conn, Result, Row, args, json};

/// A customer.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct Customer {
    pub id: CustomerId,
    pub connection_id: ConnectionId,
    pub program_id: ProgramId,
    pub stripe_customer: Option<String>,
    pub email: Option<Email>,
    pub affiliate_id: Option<AffiliateId>,
    pub attributed_at: Option<Timestamp>,
    pub attributed_by: Option<CheckKind>,
    pub created_at: Timestamp,
}

fn customer(row: &Row) -> Result<Customer> {
    Ok(Customer {
        id: row.get("id")?,
        connection_id: row.get("connection_id")?,
        program_id: row.get("program_id")?,
        stripe_customer: row.get("stripe_customer")?,
        email: row.get("email")?,
        affiliate_id: row.get("affiliate_id")?,
        attributed_at: row.get("attributed_at")?,
        attributed_by: row.optional_word("attributed_by")?,
        created_at: row.get("created_at")?,
    })
}

/// Adds a customer about whom nothing is known yet.
pub async fn put(
    conn: &mut Conn,
    id: &CustomerId,
    connection: &ConnectionId,
    program: &ProgramId,
    now: Timestamp,
) -> Result<()> {
    let sql = "INSERT INTO customers (id, connection_id, program_id, created_at) VALUES ($1, $2, $3, $4)";
    conn.run_one(sql, &args![id, connection, program, now]).await
}

/// Adds many customers to a new installation.
pub async fn put_many(
    conn: &mut Conn,
    ids: &[CustomerId],
    connection: &ConnectionId,
    program: &ProgramId,
    now: Timestamp,
) -> Result<()> {
    const INSERT: Batch<4> =
        Batch { into: "INSERT INTO customers (id, connection_id, program_id, created_at)", then: "" };
    let rows = ids.iter().map(|id| args![id, connection, program, now]).collect();
    conn.run_batch(INSERT, rows).await.map(drop)
}

/// Adds many Stripe ids that mean payments to a new installation.
pub async fn put_stripe_ids(
    conn: &mut Conn,
    connection: &ConnectionId,
    ids: &[(String, CustomerId, PaymentId)],
) -> Result<()> {
    const INSERT: Batch<4> = Batch {
        into: "INSERT INTO stripe_ids (connection_id, stripe_id, customer_id, payment_id)",
        then: "",
    };
    let rows = ids.iter().map(|(id, customer, payment)| args![connection, id, customer, payment]).collect();
    conn.run_batch(INSERT, rows).await.map(drop)
}

/// A customer.
pub async fn get(conn: &mut Conn, id: &CustomerId) -> Result<Option<Customer>> {
    conn.first("SELECT * FROM customers WHERE id = $1", &args![id], customer).await
}

/// The customer that a Stripe id belongs to.
pub async fn of_stripe_id(
    conn: &mut Conn,
    connection: &ConnectionId,
    stripe_id: &str,
) -> Result<Option<CustomerId>> {
    let sql = "SELECT customer_id FROM stripe_ids WHERE connection_id = $1 AND stripe_id = $2";
    conn.first(sql, &args![connection, stripe_id], |row| row.get("customer_id")).await
}

/// Records that a Stripe id belongs to a customer.
pub async fn put_stripe_id(
    conn: &mut Conn,
    connection: &ConnectionId,
    stripe_id: &str,
    customer: &CustomerId,
) -> Result<()> {
    let sql = "INSERT INTO stripe_ids (connection_id, stripe_id, customer_id) VALUES ($1, $2, $3) \
               ON CONFLICT (connection_id, stripe_id) DO UPDATE SET customer_id = $3";
    conn.run(sql, &args![connection, stripe_id, customer]).await.map(drop)
}

/// Stores what an event said; `false` when it is stored already.
pub async fn put_facts(
    conn: &mut Conn,
    connection: &ConnectionId,
    customer: &CustomerId,
    facts: &EventFacts,
) -> Result<bool> {
    let json = json("facts.facts", facts)?;
    let sql = "INSERT INTO facts (connection_id, event_id, customer_id, facts) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (connection_id, event_id) DO NOTHING";
    Ok(conn.run(sql, &args![connection, &facts.event, customer, json]).await? == 1)
}

/// Whether facts are stored under the id of an event.
pub async fn has_facts(conn: &mut Conn, connection: &ConnectionId, event: &str) -> Result<bool> {
    let sql = "SELECT count(*) FROM facts WHERE connection_id = $1 AND event_id = $2";
    Ok(conn.scalar::<i64>(sql, &args![connection, event]).await? > 0)
}

/// Replaces what an event said when it was read before.
pub async fn replace_facts(
    conn: &mut Conn,
    connection: &ConnectionId,
    customer: &CustomerId,
    facts: &EventFacts,
) -> Result<()> {
    let json = json("facts.facts", facts)?;
    let sql = "UPDATE facts SET customer_id = $3, facts = $4 WHERE connection_id = $1 AND event_id = $2";
    conn.run_one(sql, &args![connection, &facts.event, customer, json]).await
}

/// Forgets what one event said, so that a test can have it read anew.
#[cfg(feature = "testing")]
pub async fn forget_facts(conn: &mut Conn, connection: &ConnectionId, event_id: &str) -> Result<()> {
    let sql = "DELETE FROM facts WHERE connection_id = $1 AND event_id = $2";
    conn.run_one(sql, &args![connection, event_id]).await
}

/// What one event said, if it said something.
pub async fn facts_of_event(
    conn: &mut Conn,
    connection: &ConnectionId,
    event_id: &str,
) -> Result<Option<EventFacts>> {
    let sql = "SELECT facts FROM facts WHERE connection_id = $1 AND event_id = $2";
    conn.first(sql, &args![connection, event_id], |row| row.json("facts")).await
}

/// Records an address of a customer.
pub async fn put_email(
    conn: &mut Conn,
    customer: &CustomerId,
    program: &ProgramId,
    email: &Email,
) -> Result<()> {
    let sql = "INSERT INTO customer_emails (customer_id, program_id, email) VALUES ($1, $2, $3) \
               ON CONFLICT (customer_id, email) DO NOTHING";
    conn.run(sql, &args![customer, program, email]).await.map(drop)
}

/// All facts about a customer.
pub async fn facts(conn: &mut Conn, customer: &CustomerId) -> Result<Vec<EventFacts>> {
    conn.all("SELECT facts FROM facts WHERE customer_id = $1", &args![customer], |row| row.json("facts"))
        .await
}

/// Two customers turn out to be one: everything of `from` becomes `into`'s.
pub async fn merge(conn: &mut Conn, from: &CustomerId, into: &CustomerId) -> Result<()> {
    for sql in [
        "UPDATE stripe_ids SET customer_id = $2 WHERE customer_id = $1",
        "UPDATE facts SET customer_id = $2 WHERE customer_id = $1",
        "UPDATE payments SET customer_id = $2 WHERE customer_id = $1",
        "UPDATE conversions SET customer_id = $2 WHERE customer_id = $1",
        "INSERT INTO customer_emails (customer_id, program_id, email) \
         SELECT $2, program_id, email FROM customer_emails WHERE customer_id = $1 \
         ON CONFLICT (customer_id, email) DO NOTHING",
    ] {
        conn.run(sql, &args![from, into]).await?;
    }
    conn.run("DELETE FROM customer_emails WHERE customer_id = $1", &args![from]).await?;
    conn.run_one("DELETE FROM customers WHERE id = $1", &args![from]).await
}

/// Updates a customer to what is known now.
pub async fn save(conn: &mut Conn, id: &CustomerId, evaluated: &Evaluation) -> Result<()> {
    let sql = "UPDATE customers SET stripe_customer = $2, email = $3, affiliate_id = $4, attributed_at = $5, \
               attributed_by = $6, attributed_click = $7 WHERE id = $1";
    let attribution = evaluated.attribution.as_ref();
    let args = args![
        id,
        evaluated.stripe_customer.as_deref(),
        evaluated.email.as_ref().map(Email::as_str),
        attribution.map(|a| &a.affiliate_id),
        attribution.map(|a| a.since),
        attribution.map(|a| a.check.word()),
        attribution.and_then(|a| a.click.as_ref()).map(|token| token.as_str()),
    ];
    conn.run_one(sql, &args).await
}

/// The customers who ever had an address in a program, for a lead that came late. At most
/// 50, far more than one person has.
pub async fn with_email(conn: &mut Conn, program: &ProgramId, email: &Email) -> Result<Vec<CustomerId>> {
    let sql = "SELECT customer_id FROM customer_emails WHERE program_id = $1 AND email = $2 \
               ORDER BY customer_id LIMIT 50";
    conn.all(sql, &args![program, email], |row| row.get("customer_id")).await
}

/// Some charge that a connection has received.
pub async fn any_charge(conn: &mut Conn, connection: &ConnectionId) -> Result<Option<String>> {
    let sql = "SELECT stripe_id FROM stripe_ids WHERE connection_id = $1 AND stripe_id LIKE 'ch_%' \
               ORDER BY stripe_id DESC LIMIT 1";
    conn.first(sql, &args![connection], |row| row.get("stripe_id")).await
}

//! Customers: the Stripe ids that belong to them, and what events said about them.

use domain::attribution::Attribution;
use domain::checks::CheckKind;
use domain::clicks::ClickToken;
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
    pub version: i64,
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
        version: row.get("version")?,
        created_at: row.get("created_at")?,
    })
}

/// A customer.
pub async fn get(conn: &mut Conn, id: &CustomerId) -> Result<Option<Customer>> {
    conn.first("SELECT * FROM customers WHERE id = $1", &args![id], customer).await
}

const OF_STRIPE_IDS: Batch<2> = Batch {
    into: "WITH wanted (connection_id, stripe_id) AS (",
    then: ") SELECT s.connection_id, s.stripe_id, s.customer_id FROM wanted w CROSS JOIN stripe_ids s \
           WHERE s.connection_id = w.connection_id AND s.stripe_id = w.stripe_id",
};

/// The customers that Stripe ids belong to; ids that are new are left out.
pub async fn of_stripe_ids(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = (&ConnectionId, &str)>,
) -> Result<Vec<(ConnectionId, String, CustomerId)>> {
    let keys = ids.into_iter().map(|(connection, id)| args![connection, id]).collect();
    conn.all_batch(OF_STRIPE_IDS, keys, |row| {
        Ok((row.get("connection_id")?, row.get("stripe_id")?, row.get("customer_id")?))
    })
    .await
}

const OF_IDS: Batch<1> = Batch {
    into: "WITH wanted (id) AS (",
    then: ") SELECT c.* FROM wanted w CROSS JOIN customers c WHERE c.id = w.id",
};

/// Customers by their ids.
pub async fn of_ids(conn: &mut Conn, ids: &[CustomerId]) -> Result<Vec<Customer>> {
    conn.all_batch(OF_IDS, ids.iter().map(|id| args![id]).collect(), customer).await
}

const STRIPE_IDS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: ") SELECT s.customer_id, s.stripe_id, s.payment_id FROM wanted w \
           CROSS JOIN stripe_ids s WHERE s.customer_id = w.customer_id",
};

/// All Stripe ids of customers, and the payments that they mean.
pub async fn stripe_ids(
    conn: &mut Conn,
    customers: &[CustomerId],
) -> Result<Vec<(CustomerId, String, Option<PaymentId>)>> {
    conn.all_batch(STRIPE_IDS, customers.iter().map(|id| args![id]).collect(), |row| {
        Ok((row.get("customer_id")?, row.get("stripe_id")?, row.get("payment_id")?))
    })
    .await
}

const PUT_STRIPE_IDS: Batch<4> = Batch {
    into: "INSERT INTO stripe_ids (connection_id, stripe_id, customer_id, payment_id)",
    then: "ON CONFLICT (connection_id, stripe_id) DO UPDATE SET payment_id = excluded.payment_id \
           WHERE stripe_ids.customer_id = excluded.customer_id",
};

/// A Stripe id of a connection, the customer it belongs to and the payment it means.
pub type StripeId<'a> = (&'a ConnectionId, &'a str, &'a CustomerId, Option<&'a PaymentId>);

/// Records whose Stripe ids are and what they mean. Returns how many it recorded: fewer than
/// asked for where an id belongs to another customer.
pub async fn put_stripe_ids<'a>(conn: &mut Conn, ids: impl IntoIterator<Item = StripeId<'a>>) -> Result<u64> {
    let rows =
        ids.into_iter().map(|(connection, id, customer, payment)| args![connection, id, customer, payment]);
    conn.run_batch(PUT_STRIPE_IDS, rows.collect()).await
}

const PUT_FACTS: Batch<4> = Batch {
    into: "INSERT INTO facts (connection_id, event_id, customer_id, facts)",
    then: "ON CONFLICT (connection_id, event_id) DO NOTHING",
};

/// Stores what events said. Returns how many of them are new.
pub async fn put_facts<'a>(
    conn: &mut Conn,
    facts: impl IntoIterator<Item = (&'a ConnectionId, &'a CustomerId, &'a EventFacts)>,
) -> Result<u64> {
    let rows: Result<Vec<_>> = facts
        .into_iter()
        .map(|(connection, customer, facts)| {
            Ok(args![connection, &facts.event, customer, json("facts.facts", facts)?])
        })
        .collect();
    conn.run_batch(PUT_FACTS, rows?).await
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

/// Deletes the facts of one event, so that a test can have it read again.
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

const PUT_EMAILS: Batch<3> = Batch {
    into: "INSERT INTO customer_emails (customer_id, program_id, email)",
    then: "ON CONFLICT (customer_id, email) DO NOTHING",
};

/// Records addresses of customers.
pub async fn put_emails<'a>(
    conn: &mut Conn,
    emails: impl IntoIterator<Item = (&'a CustomerId, &'a ProgramId, &'a Email)>,
) -> Result<()> {
    let rows = emails.into_iter().map(|(customer, program, email)| args![customer, program, email]);
    conn.run_batch(PUT_EMAILS, rows.collect()).await.map(drop)
}

/// All facts about a customer.
pub async fn facts(conn: &mut Conn, customer: &CustomerId) -> Result<Vec<EventFacts>> {
    conn.all("SELECT facts FROM facts WHERE customer_id = $1", &args![customer], |row| row.json("facts"))
        .await
}

const FACTS: Batch<1> = Batch {
    into: "WITH wanted (customer_id) AS (",
    then: ") SELECT f.customer_id, f.facts FROM wanted w CROSS JOIN facts f WHERE f.customer_id = w.customer_id",
};

/// All facts about customers.
pub async fn facts_of(conn: &mut Conn, customers: &[CustomerId]) -> Result<Vec<(CustomerId, EventFacts)>> {
    let keys = customers.iter().map(|id| args![id]).collect();
    conn.all_batch(FACTS, keys, |row| Ok((row.get("customer_id")?, row.json("facts")?))).await
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

/// What a customer's row is to say.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the columns say it, see migrations/0001_initial.sql")]
pub struct NewState<'a> {
    pub id: &'a CustomerId,
    pub connection_id: &'a ConnectionId,
    pub program_id: &'a ProgramId,
    /// The version that was read; absent for a customer who is new.
    pub version: Option<i64>,
    pub stripe_customer: Option<&'a str>,
    pub email: Option<&'a Email>,
    pub attribution: Option<&'a Attribution>,
}

impl<'a> NewState<'a> {
    /// A customer without stored data.
    pub const fn unknown(
        id: &'a CustomerId,
        connection_id: &'a ConnectionId,
        program_id: &'a ProgramId,
    ) -> Self {
        Self {
            id,
            connection_id,
            program_id,
            version: None,
            stripe_customer: None,
            email: None,
            attribution: None,
        }
    }
}

const PUT: Batch<11> = Batch {
    into: "INSERT INTO customers (id, connection_id, program_id, stripe_customer, email, affiliate_id, \
           attributed_at, attributed_by, attributed_click, version, created_at)",
    then: "",
};

const UPDATE: Batch<8> = Batch {
    into: "WITH new (id, version, stripe_customer, email, affiliate_id, attributed_at, attributed_by, \
           attributed_click) AS (",
    then: ") UPDATE customers SET stripe_customer = new.stripe_customer, email = new.email, \
           affiliate_id = new.affiliate_id, attributed_at = new.attributed_at, \
           attributed_by = new.attributed_by, attributed_click = new.attributed_click, \
           version = customers.version + 1 \
           FROM new WHERE customers.id = new.id AND customers.version = new.version",
};

/// Adds and updates customers. Returns how many: fewer than asked for where one was changed
/// since it was read.
pub async fn save(conn: &mut Conn, states: &[NewState<'_>], now: Timestamp) -> Result<u64> {
    let (mut new, mut known) = (Vec::new(), Vec::new());
    for state in states {
        let attribution = state.attribution;
        let affiliate = attribution.map(|a| &a.affiliate_id);
        let at = attribution.map(|a| a.since);
        let by = attribution.map(|a| a.check.word());
        let click = attribution.and_then(|a| a.click.as_ref()).map(ClickToken::as_str);
        let (stripe_customer, email) = (state.stripe_customer, state.email.map(Email::as_str));
        match state.version {
            None => new.push(args![
                state.id,
                state.connection_id,
                state.program_id,
                stripe_customer,
                email,
                affiliate,
                at,
                by,
                click,
                0_i64,
                now
            ]),
            Some(version) => {
                known.push(args![state.id, version, stripe_customer, email, affiliate, at, by, click]);
            }
        }
    }
    Ok(conn.run_batch(PUT, new).await? + conn.run_batch(UPDATE, known).await?)
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

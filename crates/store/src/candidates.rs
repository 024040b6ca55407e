//! What suggests an affiliate for a payment that no check attributed.

use domain::candidates::{Clue, Indication, NEAR_MS};
use domain::clicks::ClickToken;
use domain::clock::{SECOND_MS, Timestamp};
use domain::ids::{CustomerId, PaymentId, ProgramId};

use crate::db::{Conn, Result, Row, args};

/// Rows of each kind that are looked at.
const LIMIT: i64 = 20;

fn indication(row: &Row, clue: fn(Timestamp, String) -> Clue) -> Result<Indication> {
    Ok(Indication {
        affiliate_id: row.get("affiliate_id")?,
        name: row.get("name")?,
        clue: clue(row.get("at")?, row.get("code")?),
    })
}

/// Payments of the same customer, or under the same address, that are credited. SQLite keeps the
/// order of a cross join: it would walk all affiliates of the program first.
pub async fn other_payments(
    conn: &mut Conn,
    program: &ProgramId,
    customer: &CustomerId,
    except: &PaymentId,
) -> Result<Vec<Indication>> {
    let sql = "SELECT c.affiliate_id, a.name, c.paid_at AS at FROM conversions c CROSS JOIN affiliates a \
               WHERE a.id = c.affiliate_id AND a.program_id = $1 AND NOT c.canceled AND c.payment_id <> $3 \
               AND a.status IN ('active', 'suspended') AND c.customer_id IN (SELECT $2 UNION \
                 SELECT o.customer_id FROM customer_emails m JOIN customer_emails o \
                 ON o.program_id = m.program_id AND o.email = m.email WHERE m.customer_id = $2) \
               ORDER BY c.paid_at DESC, c.id DESC LIMIT $4";
    conn.all(sql, &args![program, customer, except, LIMIT], |row| {
        let clue = Clue::OtherPayment { at: row.get("at")? };
        Ok(Indication { affiliate_id: row.get("affiliate_id")?, name: row.get("name")?, clue })
    })
    .await
}

/// Leads with one of the customer's addresses.
pub async fn leads(conn: &mut Conn, program: &ProgramId, customer: &CustomerId) -> Result<Vec<Indication>> {
    let sql = "SELECT l.affiliate_id, a.name, c.at, l.code FROM customer_emails e \
               JOIN leads d ON d.program_id = e.program_id AND d.email = e.email \
               JOIN clicks c ON c.token = d.click_token JOIN links l ON l.id = c.link_id \
               JOIN affiliates a ON a.id = l.affiliate_id \
               WHERE e.customer_id = $2 AND l.program_id = $1 AND a.status IN ('active', 'suspended') \
               ORDER BY c.at DESC, c.token DESC LIMIT $3";
    conn.all(sql, &args![program, customer, LIMIT], |row| {
        indication(row, |at, link_code| Clue::Lead { at, link_code })
    })
    .await
}

/// A click that the payment carried.
pub async fn carried(conn: &mut Conn, program: &ProgramId, token: &ClickToken) -> Result<Option<Indication>> {
    let sql = "SELECT l.affiliate_id, a.name, c.at, l.code FROM clicks c JOIN links l ON l.id = c.link_id \
               JOIN affiliates a ON a.id = l.affiliate_id \
               WHERE c.token = $2 AND l.program_id = $1 AND a.status IN ('active', 'suspended')";
    conn.first(sql, &args![program, token], |row| {
        indication(row, |at, link_code| Clue::Carried { at, link_code })
    })
    .await
}

/// The last clicks shortly before a payment, and whether they came from the buyer's
/// country, where both are known. Tokens begin with the time, so this reads the
/// end of a short stretch of their index.
pub async fn near(
    conn: &mut Conn,
    program: &ProgramId,
    paid_at: Timestamp,
    country: Option<&str>,
) -> Result<Vec<Indication>> {
    let sql = "SELECT l.affiliate_id, a.name, c.at, l.code, CASE WHEN c.country = $5 THEN c.country END AS country FROM clicks c JOIN links l ON l.id = c.link_id \
               JOIN affiliates a ON a.id = l.affiliate_id \
               WHERE c.program_id = $1 AND c.token >= $2 AND c.token < $3 AND NOT c.bot \
               AND a.status IN ('active', 'suspended') ORDER BY c.token DESC LIMIT $4";
    let from = ClickToken::beginning(paid_at.plus_ms(-NEAR_MS));
    let until = ClickToken::beginning(paid_at.plus_ms(SECOND_MS));
    conn.all(sql, &args![program, from, until, LIMIT, country], |row| {
        let clue =
            Clue::Near { at: row.get("at")?, link_code: row.get("code")?, country: row.get("country")? };
        Ok(Indication { affiliate_id: row.get("affiliate_id")?, name: row.get("name")?, clue })
    })
    .await
}

//! What affiliates are due, read from balances.

use std::cmp::Reverse;

use domain::affiliates::AffiliateStatus;
use domain::clock::Timestamp;
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;
use domain::payouts::{DueStatus, MethodKind};

use crate::db::{Conn, Result, Row, Value, args};

/// What an affiliate is due in one currency.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Due {
    pub affiliate_id: AffiliateId,
    pub name: String,
    pub affiliate_status: AffiliateStatus,
    pub currency: Currency,
    /// Minor units; below zero when more was reversed than earned.
    pub amount: i64,
    pub method: Option<MethodKind>,
    pub method_hint: Option<String>,
    pub method_changed_at: Option<Timestamp>,
    pub status: DueStatus,
}

/// How many are due in one status and currency, and how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueTotal {
    /// The status.
    pub status: DueStatus,
    /// The currency.
    pub currency: Currency,
    /// Affiliates.
    pub affiliates: i64,
    /// Minor units.
    pub amount: i64,
}

/// What the status of what is due follows from, apart from the balance.
#[derive(Debug, Clone, Copy)]
pub struct DueKey<'a> {
    /// The program.
    pub program: &'a ProgramId,
    /// The time.
    pub now: Timestamp,
    /// The least that is paid, in minor units of the program's currency. Other currencies have
    /// no minimum: amounts in two currencies cannot be compared.
    pub minimum: i64,
    /// The program's currency.
    pub currency: Currency,
    /// Methods that were changed after this cannot be used yet.
    pub changed_before: Timestamp,
}

impl DueKey<'_> {
    fn values(&self) -> Vec<Value> {
        args![self.program, self.now, self.minimum, self.currency, self.changed_before].into()
    }
}

/// What is due, with its status; from `$1` to `$5` the values of [`DueKey`]. What has become payable
/// but is not noted as released yet is added up for all affiliates at once: it is little, because
/// it is noted soon.
macro_rules! due {
    ($balances:literal, $unpaid:literal) => {
        concat!(
            "(WITH not_noted AS MATERIALIZED (SELECT u.affiliate_id, u.currency, sum(u.amount) AS amount \
             FROM unpaid_commissions u WHERE ",
            $unpaid,
            " AND u.payable_from <= $2 GROUP BY u.affiliate_id, u.currency), \
             d AS MATERIALIZED (SELECT b.owner_id AS affiliate_id, b.currency, \
             CAST(b.released + coalesce(n.amount, 0) AS BIGINT) AS amount \
             FROM balances b LEFT JOIN not_noted n ON n.affiliate_id = b.owner_id AND n.currency = b.currency WHERE ",
            $balances,
            ") SELECT d.*, a.name, a.status AS affiliate_status, m.method, m.hint, m.changed_at, \
             CASE WHEN d.amount < 0 THEN 'negative' WHEN a.status <> 'active' THEN 'not_active' \
             WHEN d.amount < $3 AND d.currency = $4 THEN 'below_minimum' WHEN m.account_id IS NULL THEN 'no_method' \
             WHEN m.changed_at > $5 THEN 'method_changed' ELSE 'payable' END AS status \
             FROM d CROSS JOIN affiliates a LEFT JOIN payout_methods m ON m.account_id = a.account_id \
             WHERE a.id = d.affiliate_id AND d.amount <> 0) AS found"
        )
    };
}
macro_rules! due_in_program {
    () => {
        due!("b.program_id = $1", "u.program_id = $1 AND NOT u.released")
    };
}

fn one(row: &Row) -> Result<Due> {
    Ok(Due {
        affiliate_id: row.get("affiliate_id")?,
        name: row.get("name")?,
        affiliate_status: row.word("affiliate_status")?,
        currency: row.get("currency")?,
        amount: row.get("amount")?,
        method: row.optional_word("method")?,
        method_hint: row.get("hint")?,
        method_changed_at: row.get("changed_at")?,
        status: row.word("status")?,
    })
}

/// A page of what is due in a program, the most first, all or of one status; and the totals of all
/// by status and currency. Both are of one reading of the balances of the program's affiliates.
pub async fn due(
    conn: &mut Conn,
    key: &DueKey<'_>,
    status: Option<DueStatus>,
    offset: i64,
    limit: i64,
) -> Result<(Vec<Due>, Vec<DueTotal>)> {
    const ALL: &str = concat!(
        "WITH found AS MATERIALIZED (SELECT * FROM ",
        due_in_program!(),
        "), page AS (SELECT * FROM found WHERE CAST($6 AS TEXT) IS NULL OR status = $6 \
         ORDER BY amount DESC, affiliate_id, currency LIMIT $7 OFFSET $8) \
         SELECT page.*, CAST(NULL AS BIGINT) AS affiliates FROM page UNION ALL \
         SELECT NULL, currency, CAST(sum(amount) AS BIGINT), NULL, NULL, NULL, NULL, NULL, status, count(*) \
         FROM found GROUP BY status, currency"
    );
    let mut values = key.values();
    values.extend(args![status.map(DueStatus::word), limit, offset]);
    let rows = conn.all(ALL, &values, |row| {
        Ok(match row.get::<Option<i64>>("affiliates")? {
            None => (Some(one(row)?), None),
            Some(affiliates) => {
                let (status, currency) = (row.word("status")?, row.get("currency")?);
                (None, Some(DueTotal { status, currency, affiliates, amount: row.get("amount")? }))
            }
        })
    });
    let (rows, totals): (Vec<_>, Vec<_>) = rows.await?.into_iter().unzip();
    let mut totals: Vec<DueTotal> = totals.into_iter().flatten().collect();
    let mut rows: Vec<Due> = rows.into_iter().flatten().collect();
    // A union has no order of its own.
    rows.sort_by(|a, b| {
        let order = |due: &Due| (Reverse(due.amount), due.affiliate_id.clone(), due.currency);
        order(a).cmp(&order(b))
    });
    totals.sort_by_key(|total| (total.currency, total.status));
    Ok((rows, totals))
}

/// What one affiliate is due.
pub async fn due_of(conn: &mut Conn, key: &DueKey<'_>, affiliate: &AffiliateId) -> Result<Vec<Due>> {
    const OF: &str = concat!(
        "SELECT * FROM ",
        due!("b.program_id = $1 AND b.owner_id = $6", "u.affiliate_id = $6 AND u.released = FALSE"),
        " ORDER BY currency"
    );
    let mut values = key.values();
    values.extend(args![affiliate]);
    conn.all(OF, &values, one).await
}

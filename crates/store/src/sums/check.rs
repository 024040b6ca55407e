//! Compares the sums with the facts. Each text adds the sums and takes the facts off, so that
//! one statement sees one state of both; a program and an affiliate at a time, so that none is
//! held for long.

use domain::clicks::ClickToken;
use domain::clock::{DAY_MS, Timestamp};
use domain::ids::{AffiliateId, ProgramId};

use crate::db::{Conn, Result, Row, Value, args};

/// Days of a program that are compared at once.
const DAYS: i64 = 8;

fn place(row: &Row) -> Result<String> {
    let (size, day, part): (i64, i64, i64) = (row.get("size")?, row.get("day")?, row.get("part")?);
    Ok(match size {
        0 => "of all time".to_owned(),
        96 => format!("on day {day}"),
        4 => format!("on day {day} in hour {part}"),
        1 => format!("on day {day} in quarter {part}"),
        _ => format!("in a bucket of size {size}"),
    })
}

async fn differences(
    conn: &mut Conn,
    what: &str,
    owner: &str,
    sql: &'static str,
    values: &[Value],
) -> Result<Vec<String>> {
    let places = conn.all(sql, values, place).await?;
    Ok(places.into_iter().map(|place| format!("{what} of {owner} {place}")).collect())
}

/// Sums of an affiliate that are wrong or not there. Clicks are compared from a day on: older
/// ones are deleted, and their sums are the record.
pub async fn affiliate(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    clicks_from_day: i64,
) -> Result<Vec<String>> {
    let clicks = "SELECT CAST(1 AS BIGINT) AS size, day, part FROM (\
         SELECT day, part, clicks FROM click_sums WHERE owner_id = $1 AND size = 1 AND day >= $2 UNION ALL \
         SELECT at / 86400000, at % 86400000 / 900000, -1 FROM clicks \
         WHERE affiliate_id = $1 AND token >= $3 AND NOT bot) AS compared \
         GROUP BY day, part HAVING sum(clicks) <> 0 ORDER BY 2, 3 LIMIT 20";
    let links = "SELECT CAST(0 AS BIGINT) AS size, CAST(0 AS BIGINT) AS day, CAST(0 AS BIGINT) AS part FROM (SELECT sum(clicks) AS clicks FROM (\
         SELECT clicks FROM click_sums WHERE owner_id = $1 AND size = 96 UNION ALL \
         SELECT -s.clicks FROM links l JOIN click_sums s ON s.owner_id = l.id AND s.size = 0 \
         WHERE l.affiliate_id = $1) AS compared) AS sums WHERE clicks <> 0";
    let conversions = "SELECT CAST(1 AS BIGINT) AS size, day, part FROM (\
         SELECT day, part, currency, conversions, first_payments, revenue, refunded, commission \
         FROM conversion_sums WHERE owner_id = $1 AND size = 1 UNION ALL \
         SELECT paid_at / 86400000, paid_at % 86400000 / 900000, currency, -1, CASE WHEN payment_number = 1 THEN -1 ELSE 0 END, \
         -amount, -(refunded + disputed), 0 FROM conversions WHERE affiliate_id = $1 AND NOT canceled UNION ALL \
         SELECT paid_at / 86400000, paid_at % 86400000 / 900000, commission_currency, 0, 0, 0, 0, reversed - commission \
         FROM conversions WHERE affiliate_id = $1 AND NOT canceled) AS compared \
         GROUP BY day, part, currency HAVING sum(conversions) <> 0 OR sum(first_payments) <> 0 \
         OR sum(revenue) <> 0 OR sum(refunded) <> 0 OR sum(commission) <> 0 ORDER BY 2, 3 LIMIT 20";
    let of_links = "SELECT CAST(0 AS BIGINT) AS size, CAST(0 AS BIGINT) AS day, CAST(0 AS BIGINT) AS part FROM (\
         SELECT l.id, s.currency, s.conversions, s.revenue, s.commission \
         FROM links l JOIN conversion_sums s ON s.owner_id = l.id AND s.size = 0 WHERE l.affiliate_id = $1 UNION ALL \
         SELECT l.id, c.currency, -1, -c.amount, 0 FROM conversions c JOIN links l ON l.id = c.link_id \
         WHERE c.affiliate_id = $1 AND l.affiliate_id = $1 AND NOT c.canceled UNION ALL \
         SELECT l.id, c.commission_currency, 0, 0, c.reversed - c.commission FROM conversions c JOIN links l ON l.id = c.link_id \
         WHERE c.affiliate_id = $1 AND l.affiliate_id = $1 AND NOT c.canceled) AS compared GROUP BY id, currency \
         HAVING sum(conversions) <> 0 OR sum(revenue) <> 0 OR sum(commission) <> 0 ORDER BY id LIMIT 20";
    let owner = affiliate.as_str();
    let first = ClickToken::beginning(Timestamp(clicks_from_day.saturating_mul(DAY_MS)));
    let mut wrong =
        differences(conn, "clicks", owner, clicks, &args![affiliate, clicks_from_day, &first]).await?;
    wrong.extend(differences(conn, "clicks", owner, links, &args![affiliate]).await?);
    wrong.extend(differences(conn, "conversions", owner, conversions, &args![affiliate]).await?);
    wrong.extend(differences(conn, "conversions by link", owner, of_links, &args![affiliate]).await?);
    wrong.extend(coarser(conn, owner, false).await?);
    Ok(wrong)
}

/// Sums of a program that are not the sum of its affiliates' sums.
pub async fn program(conn: &mut Conn, program: &ProgramId) -> Result<Vec<String>> {
    let owner = program.as_str();
    let mut wrong = coarser(conn, owner, true).await?;
    let days = "SELECT min(day) AS first, max(day) AS last FROM (\
                SELECT day FROM click_sums WHERE owner_id = $1 AND size = 96 UNION ALL \
                SELECT day FROM conversion_sums WHERE owner_id = $1 AND size = 96) AS days";
    let (first, last): (Option<i64>, Option<i64>) =
        conn.one(days, &args![program], |row| Ok((row.get("first")?, row.get("last")?))).await?;
    let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
    let clicks = "SELECT CAST(1 AS BIGINT) AS size, day, part FROM (\
         SELECT day, part, clicks FROM click_sums WHERE owner_id = $1 AND size = 1 AND day >= $2 AND day < $3 UNION ALL \
         SELECT s.day, s.part, -s.clicks FROM affiliates a JOIN click_sums s ON s.owner_id = a.id AND s.size = 1 \
         AND s.day >= $2 AND s.day < $3 WHERE a.program_id = $1) AS compared \
         GROUP BY day, part HAVING sum(clicks) <> 0 ORDER BY 2, 3 LIMIT 20";
    let conversions = "SELECT CAST(1 AS BIGINT) AS size, day, part FROM (\
         SELECT day, part, currency, conversions, first_payments, revenue, refunded, commission \
         FROM conversion_sums WHERE owner_id = $1 AND size = 1 AND day >= $2 AND day < $3 UNION ALL \
         SELECT s.day, s.part, s.currency, -s.conversions, -s.first_payments, -s.revenue, -s.refunded, -s.commission \
         FROM affiliates a JOIN conversion_sums s ON s.owner_id = a.id AND s.size = 1 \
         AND s.day >= $2 AND s.day < $3 WHERE a.program_id = $1) AS compared \
         GROUP BY day, part, currency HAVING sum(conversions) <> 0 OR sum(first_payments) <> 0 \
         OR sum(revenue) <> 0 OR sum(refunded) <> 0 OR sum(commission) <> 0 ORDER BY 2, 3 LIMIT 20";
    let mut from = i64::MIN;
    while from <= last {
        let until = if from == i64::MIN { first } else { from + DAYS };
        let until = if until > last { i64::MAX } else { until };
        wrong.extend(differences(conn, "clicks", owner, clicks, &args![program, from, until]).await?);
        wrong.extend(
            differences(conn, "conversions", owner, conversions, &args![program, from, until]).await?,
        );
        from = until;
    }
    Ok(wrong)
}

/// Sums of longer buckets that are not the sum of their quarters of an hour.
async fn coarser(conn: &mut Conn, owner: &str, has_hours: bool) -> Result<Vec<String>> {
    let clicks = "SELECT size, day, part FROM (\
         SELECT size, day, part, clicks FROM click_sums WHERE owner_id = $1 AND size <> 1 UNION ALL \
         SELECT 96, day, 0, -clicks FROM click_sums WHERE owner_id = $1 AND size = 1 UNION ALL \
         SELECT 4, day, part / 4, -clicks FROM click_sums WHERE owner_id = $1 AND size = 1 AND $2) AS compared \
         GROUP BY size, day, part HAVING sum(clicks) <> 0 ORDER BY 1, 2, 3 LIMIT 20";
    let conversions = "SELECT size, day, part FROM (\
         SELECT size, day, part, currency, conversions, first_payments, revenue, refunded, commission \
         FROM conversion_sums WHERE owner_id = $1 AND size <> 1 UNION ALL \
         SELECT 0, 0, 0, currency, -conversions, -first_payments, -revenue, -refunded, -commission \
         FROM conversion_sums WHERE owner_id = $1 AND size = 1 UNION ALL \
         SELECT 96, day, 0, currency, -conversions, -first_payments, -revenue, -refunded, -commission \
         FROM conversion_sums WHERE owner_id = $1 AND size = 1 UNION ALL \
         SELECT 4, day, part / 4, currency, -conversions, -first_payments, -revenue, -refunded, -commission \
         FROM conversion_sums WHERE owner_id = $1 AND size = 1 AND $2) AS compared \
         GROUP BY size, day, part, currency HAVING sum(conversions) <> 0 OR sum(first_payments) <> 0 \
         OR sum(revenue) <> 0 OR sum(refunded) <> 0 OR sum(commission) <> 0 ORDER BY 1, 2, 3 LIMIT 20";
    let mut wrong = differences(conn, "clicks", owner, clicks, &args![owner, has_hours]).await?;
    wrong.extend(differences(conn, "conversions", owner, conversions, &args![owner, has_hours]).await?);
    Ok(wrong)
}

//! What dashboards show, from the sums and never from raw clicks.

use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;

use crate::db::{Conn, Result, Row, args};

/// One hour's clicks.
#[derive(Debug, Clone, Copy)]
pub struct ClickHour {
    /// Hours since 1970.
    pub hour: i64,
    /// Clicks that count.
    pub clicks: i64,
}

/// Clicks of a program by hour.
pub async fn click_hours(
    conn: &mut Conn,
    program: &ProgramId,
    from: i64,
    until: i64,
) -> Result<Vec<ClickHour>> {
    let sql = "SELECT hour, clicks FROM click_hours WHERE program_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour";
    conn.all(sql, &args![program, from, until], |row| {
        Ok(ClickHour { hour: row.get("hour")?, clicks: row.get("clicks")? })
    })
    .await
}

/// One hour's conversions in one currency.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the columns of the rollup table")]
pub struct ConversionHour {
    pub hour: i64,
    pub currency: Currency,
    pub conversions: i64,
    pub first_payments: i64,
    pub revenue: i64,
    pub refunded: i64,
    pub commission: i64,
}

/// Conversions of a program by hour.
pub async fn conversion_hours(
    conn: &mut Conn,
    program: &ProgramId,
    from: i64,
    until: i64,
) -> Result<Vec<ConversionHour>> {
    let sql = "SELECT * FROM conversion_hours WHERE program_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour, currency";
    conn.all(sql, &args![program, from, until], |row| {
        Ok(ConversionHour {
            hour: row.get("hour")?,
            currency: row.get("currency")?,
            conversions: row.get("conversions")?,
            first_payments: row.get("first_payments")?,
            revenue: row.get("revenue")?,
            refunded: row.get("refunded")?,
            commission: row.get("commission")?,
        })
    })
    .await
}

/// What one affiliate brought in some days.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "sums over days; money in minor units of the asked currency")]
pub struct AffiliateSums {
    pub affiliate_id: AffiliateId,
    pub name: String,
    pub clicks: i64,
    pub conversions: i64,
    pub first_payments: i64,
    pub revenue: i64,
    pub commission: i64,
}

fn affiliate_sums(row: &Row) -> Result<AffiliateSums> {
    Ok(AffiliateSums {
        affiliate_id: row.get("id")?,
        name: row.get("name")?,
        clicks: row.get("clicks")?,
        conversions: row.get("conversions")?,
        first_payments: row.get("first_payments")?,
        revenue: row.get("revenue")?,
        commission: row.get("commission")?,
    })
}

macro_rules! sums_of_affiliates {
    ($where:literal, $tail:literal) => {
        concat!(
            "SELECT a.id, a.name, coalesce(k.clicks, 0) AS clicks, coalesce(v.conversions, 0) AS conversions, ",
            "coalesce(v.first_payments, 0) AS first_payments, coalesce(v.revenue, 0) AS revenue, ",
            "coalesce(v.commission, 0) AS commission FROM affiliates a ",
            "LEFT JOIN (SELECT affiliate_id, CAST(sum(clicks) AS BIGINT) AS clicks FROM click_days ",
            "WHERE program_id = $1 AND day >= $2 AND day < $3 GROUP BY affiliate_id) k ON k.affiliate_id = a.id ",
            "LEFT JOIN (SELECT affiliate_id, CAST(sum(conversions) AS BIGINT) AS conversions, ",
            "CAST(sum(first_payments) AS BIGINT) AS first_payments, ",
            "CAST(sum(revenue) AS BIGINT) AS revenue, CAST(sum(commission) AS BIGINT) AS commission ",
            "FROM conversion_days WHERE program_id = $1 AND day >= $2 AND day < $3 AND currency = $4 ",
            "GROUP BY affiliate_id) v ON v.affiliate_id = a.id WHERE a.program_id = $1 ",
            $where,
            $tail
        )
    };
}

/// The affiliates of a program that brought the most in some days and one currency.
pub async fn top_affiliates(
    conn: &mut Conn,
    program: &ProgramId,
    days: (i64, i64),
    currency: Currency,
    limit: i64,
) -> Result<Vec<AffiliateSums>> {
    let sql = sums_of_affiliates!(
        "AND (k.clicks > 0 OR v.conversions <> 0) ",
        "ORDER BY coalesce(v.revenue, 0) DESC, coalesce(k.clicks, 0) DESC, a.id LIMIT $5"
    );
    conn.all(sql, &args![program, days.0, days.1, currency, limit], affiliate_sums).await
}

/// What one affiliate brought in some days and one currency.
pub async fn of_affiliate(
    conn: &mut Conn,
    program: &ProgramId,
    affiliate: &AffiliateId,
    days: (i64, i64),
    currency: Currency,
) -> Result<Option<AffiliateSums>> {
    let sql = sums_of_affiliates!("AND a.id = $5", "");
    conn.first(sql, &args![program, days.0, days.1, currency, affiliate], affiliate_sums).await
}

/// Sums of hours and days that do not equal what the facts say, or are not there: none,
/// unless something is broken. Each text adds the sums and takes the facts off. Clicks are
/// compared from a day on: older ones are deleted, and their sums are the record.
pub async fn wrong_sums(conn: &mut Conn, clicks_from_day: i64) -> Result<Vec<String>> {
    let click_hours = "SELECT program_id, slot FROM (\
         SELECT program_id, hour AS slot, clicks, bots FROM click_hours WHERE hour >= $1 * 24 UNION ALL \
         SELECT l.program_id, c.at / 3600000, CASE WHEN c.bot THEN 0 ELSE -1 END, CASE WHEN c.bot THEN -1 ELSE 0 END \
         FROM clicks c JOIN links l ON l.id = c.link_id WHERE c.at >= $1 * 86400000) AS compared \
         GROUP BY program_id, slot HAVING sum(clicks) <> 0 OR sum(bots) <> 0 ORDER BY 1, 2 LIMIT 20";
    let click_days = "SELECT program_id, slot FROM (\
         SELECT program_id, day AS slot, affiliate_id, link_id, clicks, bots FROM click_days WHERE day >= $1 UNION ALL \
         SELECT l.program_id, c.at / 86400000, l.affiliate_id, l.id, CASE WHEN c.bot THEN 0 ELSE -1 END, \
         CASE WHEN c.bot THEN -1 ELSE 0 END FROM clicks c JOIN links l ON l.id = c.link_id WHERE c.at >= $1 * 86400000) AS compared \
         GROUP BY program_id, slot, affiliate_id, link_id HAVING sum(clicks) <> 0 OR sum(bots) <> 0 ORDER BY 1, 2 LIMIT 20";
    let conversion_hours = "SELECT program_id, slot FROM (\
         SELECT program_id, hour AS slot, currency, conversions, first_payments, revenue, refunded, commission \
         FROM conversion_hours UNION ALL \
         SELECT program_id, paid_at / 3600000, currency, -1, CASE WHEN number = 1 THEN -1 ELSE 0 END, -amount, \
         -(refunded + disputed), 0 FROM conversions WHERE NOT canceled UNION ALL \
         SELECT program_id, paid_at / 3600000, commission_currency, 0, 0, 0, 0, reversed - commission \
         FROM conversions WHERE NOT canceled) AS compared \
         GROUP BY program_id, slot, currency HAVING sum(conversions) <> 0 OR sum(first_payments) <> 0 \
         OR sum(revenue) <> 0 OR sum(refunded) <> 0 OR sum(commission) <> 0 ORDER BY 1, 2 LIMIT 20";
    let conversion_days = "SELECT program_id, slot FROM (\
         SELECT program_id, day AS slot, affiliate_id, link_id, currency, conversions, first_payments, revenue, \
         refunded, commission FROM conversion_days UNION ALL \
         SELECT program_id, paid_at / 86400000, affiliate_id, coalesce(link_id, ''), currency, -1, \
         CASE WHEN number = 1 THEN -1 ELSE 0 END, -amount, -(refunded + disputed), 0 \
         FROM conversions WHERE NOT canceled UNION ALL \
         SELECT program_id, paid_at / 86400000, affiliate_id, coalesce(link_id, ''), commission_currency, 0, 0, 0, 0, \
         reversed - commission FROM conversions WHERE NOT canceled) AS compared \
         GROUP BY program_id, slot, affiliate_id, link_id, currency HAVING sum(conversions) <> 0 \
         OR sum(first_payments) <> 0 OR sum(revenue) <> 0 OR sum(refunded) <> 0 OR sum(commission) <> 0 \
         ORDER BY 1, 2 LIMIT 20";
    let mut wrong = Vec::new();
    let from = || args![clicks_from_day].to_vec();
    for (what, slot, sql, values) in [
        ("clicks", "hour", click_hours, from()),
        ("clicks", "day", click_days, from()),
        ("conversions", "hour", conversion_hours, Vec::new()),
        ("conversions", "day", conversion_days, Vec::new()),
    ] {
        let found = conn
            .all(sql, &values, |row| Ok((row.get::<String>("program_id")?, row.get::<i64>("slot")?)))
            .await?;
        wrong.extend(found.into_iter().map(|(program, at)| format!("{what} of {program} in {slot} {at}")));
    }
    Ok(wrong)
}

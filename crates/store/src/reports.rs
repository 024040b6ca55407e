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

/// Clicks by day of one affiliate.
pub async fn click_days_of(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    from: i64,
    until: i64,
) -> Result<Vec<(i64, i64)>> {
    let sql = "SELECT day, CAST(sum(clicks) AS BIGINT) AS clicks FROM click_days \
               WHERE affiliate_id = $1 AND day >= $2 AND day < $3 GROUP BY day ORDER BY day";
    conn.all(sql, &args![affiliate, from, until], |row| Ok((row.get("day")?, row.get("clicks")?))).await
}

/// Hours whose sums do not equal what the facts say: none, unless something is broken.
/// Clicks are compared as long as they are kept.
pub async fn wrong_sums(conn: &mut Conn) -> Result<Vec<String>> {
    let clicks = "SELECT program_id, hour FROM (\
                    SELECT h.program_id, h.hour, h.clicks + h.bots AS summed, \
                    (SELECT count(*) FROM clicks c JOIN links l ON l.id = c.link_id \
                     WHERE l.program_id = h.program_id AND c.at >= h.hour * 3600000 AND c.at < (h.hour + 1) * 3600000) AS counted \
                    FROM click_hours h) AS compared WHERE summed <> counted ORDER BY 1, 2 LIMIT 20";
    let conversions = "SELECT program_id, hour FROM (\
                    SELECT h.program_id, h.hour, h.conversions AS summed, h.revenue, \
                    (SELECT count(*) FROM conversions c WHERE c.program_id = h.program_id AND NOT c.canceled \
                     AND c.currency = h.currency AND c.paid_at >= h.hour * 3600000 AND c.paid_at < (h.hour + 1) * 3600000) AS counted, \
                    (SELECT CAST(coalesce(sum(c.amount), 0) AS BIGINT) FROM conversions c WHERE c.program_id = h.program_id AND NOT c.canceled \
                     AND c.currency = h.currency AND c.paid_at >= h.hour * 3600000 AND c.paid_at < (h.hour + 1) * 3600000) AS paid \
                    FROM conversion_hours h) AS compared WHERE summed <> counted OR revenue <> paid ORDER BY 1, 2 LIMIT 20";
    let mut wrong = Vec::new();
    for (what, sql) in [("clicks", clicks), ("conversions", conversions)] {
        let found =
            conn.all(sql, &[], |row| Ok((row.get::<String>("program_id")?, row.get::<i64>("hour")?))).await?;
        wrong.extend(found.into_iter().map(|(program, hour)| format!("{what} of {program} in hour {hour}")));
    }
    Ok(wrong)
}

//! Sums of conversions, by affiliate, program, currency and bucket of time.

use std::collections::BTreeMap;

use domain::ids::{AffiliateId, Id, LinkId, Noun, ProgramId};
use domain::money::Currency;

use super::bucket::{ALL_TIME, Cut, DAY, HOUR, Key, QUARTER, Range, alike, bucket, ends, ranges};
use crate::conversions::Conversion;
use crate::db::{Batch, Conn, LIST, Result, Row, args, list, list_of};

/// Sums in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amounts {
    /// What buyers paid.
    pub revenue: i64,
    /// What of it was refunded or disputed.
    pub refunded: i64,
    /// Commission, less what was reversed.
    pub commission: i64,
}

impl Amounts {
    const fn plus(self, other: Self, sign: i64) -> Self {
        Self {
            revenue: self.revenue.saturating_add(sign * other.revenue),
            refunded: self.refunded.saturating_add(sign * other.refunded),
            commission: self.commission.saturating_add(sign * other.commission),
        }
    }
}

/// Sums of conversions: counts over all currencies, money by currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// Conversions.
    pub conversions: i64,
    /// Those that were a customer's first payment.
    pub first_payments: i64,
    /// Money by currency; without currencies in which everything is zero.
    pub money: BTreeMap<Currency, Amounts>,
}

impl Totals {
    /// The sums in one currency.
    pub fn in_currency(&self, currency: Currency) -> Amounts {
        self.money.get(&currency).copied().unwrap_or_default()
    }

    /// Adds other totals.
    pub fn add(&mut self, other: &Self) {
        self.add_signed(other, 1);
    }

    fn add_signed(&mut self, other: &Self, sign: i64) {
        self.conversions += sign * other.conversions;
        self.first_payments += sign * other.first_payments;
        for (currency, amounts) in &other.money {
            let sum = self.in_currency(*currency).plus(*amounts, sign);
            if sum == Amounts::default() {
                self.money.remove(currency);
            } else {
                self.money.insert(*currency, sum);
            }
        }
    }

    fn minus(mut self, other: &Self) -> Self {
        self.add_signed(other, -1);
        self
    }
}

/// The totals of a row in one currency.
fn totals(row: &Row) -> Result<Totals> {
    let (currency, amounts) = (
        row.get("currency")?,
        Amounts {
            revenue: row.get("revenue")?,
            refunded: row.get("refunded")?,
            commission: row.get("commission")?,
        },
    );
    let money = (amounts != Amounts::default()).then_some((currency, amounts));
    Ok(Totals {
        conversions: row.get("conversions")?,
        first_payments: row.get("first_payments")?,
        money: money.into_iter().collect(),
    })
}

/// What conversions that change add to the sums. Nothing is written before [`Changes::write`].
#[derive(Debug, Default)]
pub struct Changes {
    sums: BTreeMap<(String, Key, Currency), [i64; 5]>,
}

impl Changes {
    /// Replaces the amounts of a conversion: subtracts the old ones and adds the new ones.
    pub fn replace(&mut self, old: Option<&Conversion>, new: Option<&Conversion>) {
        for (conversion, sign) in [(old, -1), (new, 1)] {
            if let Some(c) = conversion.filter(|c| !c.canceled) {
                self.add(c, sign);
            }
        }
    }

    fn add(&mut self, c: &Conversion, sign: i64) {
        let first = if c.payment_number == 1 { sign } else { 0 };
        let payment = [sign, first, sign * c.amount, sign * c.refunded.saturating_add(c.disputed), 0];
        let commission = sign * (c.commission - c.reversed);
        const OF_PROGRAM: [i64; 4] = [ALL_TIME, QUARTER, HOUR, DAY];
        const OF_AFFILIATE: [i64; 3] = [ALL_TIME, QUARTER, DAY];
        const OF_LINK: [i64; 1] = [ALL_TIME];
        let owners = [(c.program_id.as_str(), &OF_PROGRAM[..]), (c.affiliate_id.as_str(), &OF_AFFILIATE)];
        let link = c.link_id.as_ref().map(|link| (link.as_str(), &OF_LINK[..]));
        for (owner, sizes) in owners.into_iter().chain(link) {
            for size in sizes {
                let key = bucket(*size, c.paid_at);
                for (currency, parts) in
                    [(c.currency, payment), (c.commission_currency, [0, 0, 0, 0, commission])]
                {
                    let sums = self.sums.entry((owner.to_owned(), key, currency)).or_default();
                    sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                }
            }
        }
    }

    /// Writes what was added, in the order of the keys, so that two transactions that write the
    /// same sums cannot wait for each other in a circle.
    pub async fn write(self, conn: &mut Conn) -> Result<()> {
        const ADD: Batch<10> = Batch {
            into: "INSERT INTO conversion_sums (owner_id, size, day, part, currency, conversions, first_payments, \
                   revenue, refunded, commission)",
            then: "ON CONFLICT (owner_id, size, day, part, currency) DO UPDATE SET \
                   conversions = conversion_sums.conversions + excluded.conversions, \
                   first_payments = conversion_sums.first_payments + excluded.first_payments, \
                   revenue = conversion_sums.revenue + excluded.revenue, \
                   refunded = conversion_sums.refunded + excluded.refunded, \
                   commission = conversion_sums.commission + excluded.commission",
        };
        let changed = self.sums.iter().filter(|(_, sums)| **sums != [0; 5]);
        let rows = changed
            .map(
                |(
                    (owner, (size, day, part), currency),
                    [conversions, first, revenue, refunded, commission],
                )| {
                    args![
                        owner,
                        *size,
                        *day,
                        *part,
                        *currency,
                        *conversions,
                        *first,
                        *revenue,
                        *refunded,
                        *commission
                    ]
                },
            )
            .collect();
        conn.run_batch(ADD, rows).await.map(drop)
    }
}

/// Writes what one conversion changes: its old amounts are taken off, its new ones added.
pub async fn replace(conn: &mut Conn, old: Option<&Conversion>, new: Option<&Conversion>) -> Result<()> {
    let mut changes = Changes::default();
    changes.replace(old, new);
    changes.write(conn).await
}

/// The sums between each cut and the next, of a program or an affiliate.
pub async fn series<T: Noun>(conn: &mut Conn, owner: &Id<T>, cuts: &[Cut]) -> Result<Vec<Totals>> {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT * FROM conversion_sums WHERE owner_id = $1 AND size = 96 AND day >= $2 AND day < $3 ORDER BY day";
    let days = conn
        .all(sql, &args![owner, first.day, last.day], |row| Ok((row.get::<i64>("day")?, totals(row)?)))
        .await?;
    let parts = parts(conn, owner.as_str(), cuts).await?;
    let mut steps = vec![Totals::default(); cuts.len() - 1];
    for (day, sums) in &days {
        let step = cuts.partition_point(|cut| cut.day <= *day);
        if let Some(step) = step.checked_sub(1).and_then(|step| steps.get_mut(step)) {
            step.add(sums);
        }
    }
    for (index, step) in steps.iter_mut().enumerate() {
        if let Some(part) = parts.get(&index) {
            *step = std::mem::take(step).minus(part);
        }
        if let Some(part) = parts.get(&(index + 1)) {
            step.add(part);
        }
    }
    Ok(steps)
}

/// Kinds of parts of days, beyond which the quarters of these days are read one by one: a chart
/// by hour has 24, and few days.
const MOST_KINDS: usize = 6;

/// What the parts of some cuts add, with their signs, by the cut's place.
async fn parts(conn: &mut Conn, owner: &str, cuts: &[Cut]) -> Result<BTreeMap<usize, Totals>> {
    let kinds = alike(cuts);
    if kinds.len() > MOST_KINDS {
        return quarters(conn, owner, cuts).await;
    }
    let sql = concat!(
        "SELECT day, currency, CAST(sum(conversions) AS BIGINT) AS conversions, \
         CAST(sum(first_payments) AS BIGINT) AS first_payments, CAST(sum(revenue) AS BIGINT) AS revenue, \
         CAST(sum(refunded) AS BIGINT) AS refunded, CAST(sum(commission) AS BIGINT) AS commission \
         FROM conversion_sums WHERE owner_id = $65 AND size = $66 AND part >= $67 AND part < $68 AND day IN ",
        list!(),
        " GROUP BY day, currency"
    );
    let mut sums: BTreeMap<usize, Totals> = BTreeMap::new();
    for (quarters, days) in kinds {
        for (size, from, until) in quarters.buckets() {
            for some in days.chunks(LIST) {
                let mut values = list_of(&some.iter().map(|(day, _)| *day).collect::<Vec<_>>());
                values.extend(args![owner, size, from, until]);
                let rows = conn.all(sql, &values, |row| Ok((row.get::<i64>("day")?, totals(row)?))).await?;
                for (day, found) in rows {
                    for (_, place) in some.iter().filter(|(of, _)| *of == day) {
                        sums.entry(*place).or_default().add_signed(&found, quarters.sign);
                    }
                }
            }
        }
    }
    Ok(sums)
}

/// The same from the single quarters of few days.
async fn quarters(conn: &mut Conn, owner: &str, cuts: &[Cut]) -> Result<BTreeMap<usize, Totals>> {
    let (Some(first), Some(last)) = ends(cuts) else { return Ok(BTreeMap::new()) };
    let sql = "SELECT * FROM conversion_sums WHERE owner_id = $1 AND size = 1 AND day >= $2 AND day <= $3";
    let rows = conn
        .all(sql, &args![owner, first, last], |row| {
            Ok((row.get::<i64>("day")?, row.get::<i64>("part")?, totals(row)?))
        })
        .await?;
    let mut sums: BTreeMap<usize, Totals> = BTreeMap::new();
    for (place, part) in cuts.iter().enumerate().filter_map(|(place, cut)| Some((place, cut.part?))) {
        for (_, _, found) in rows.iter().filter(|(day, quarter, _)| part.has(*day, *quarter)) {
            sums.entry(place).or_default().add_signed(found, part.quarters.sign);
        }
    }
    Ok(sums)
}

/// Sums of some affiliates between two cuts; those without any are left out.
pub async fn of_affiliates(
    conn: &mut Conn,
    affiliates: &[AffiliateId],
    from: Cut,
    until: Cut,
) -> Result<BTreeMap<AffiliateId, Totals>> {
    of_ranges(conn, affiliates, &ranges(from, until)).await
}

/// Sums of some affiliates over all time; those without any are left out.
pub async fn of_affiliates_all_time(
    conn: &mut Conn,
    affiliates: &[AffiliateId],
) -> Result<BTreeMap<AffiliateId, Totals>> {
    of_ranges(conn, affiliates, &[Range::ALL_TIME]).await
}

/// What some links ever came to; those that came to nothing are left out.
pub async fn of_links(conn: &mut Conn, links: &[LinkId]) -> Result<BTreeMap<LinkId, Totals>> {
    of_ranges(conn, links, &[Range::ALL_TIME]).await
}

async fn of_ranges<T: Noun>(
    conn: &mut Conn,
    owners: &[Id<T>],
    ranges: &[Range],
) -> Result<BTreeMap<Id<T>, Totals>> {
    let sql = concat!(
        "SELECT owner_id, currency, CAST(sum(conversions) AS BIGINT) AS conversions, \
         CAST(sum(first_payments) AS BIGINT) AS first_payments, CAST(sum(revenue) AS BIGINT) AS revenue, \
         CAST(sum(refunded) AS BIGINT) AS refunded, CAST(sum(commission) AS BIGINT) AS commission \
         FROM conversion_sums WHERE size = $65 AND day >= $66 AND day < $67 AND part >= $68 AND part < $69 \
         AND owner_id IN ",
        list!(),
        " GROUP BY owner_id, currency"
    );
    let mut sums: BTreeMap<Id<T>, Totals> = BTreeMap::new();
    for some in owners.chunks(LIST) {
        let names: Vec<&str> = some.iter().map(Id::as_str).collect();
        for range in ranges {
            let mut values = list_of(&names);
            values.extend(args![range.size, range.days.0, range.days.1, range.parts.0, range.parts.1]);
            let rows = conn.all(sql, &values, |row| Ok((row.get("owner_id")?, totals(row)?))).await?;
            for (owner, found) in rows {
                sums.entry(owner).or_default().add_signed(&found, range.sign);
            }
        }
    }
    sums.retain(|_, totals| *totals != Totals::default());
    Ok(sums)
}

/// The sums of a program or an affiliate over all time.
pub async fn of_all_time(conn: &mut Conn, owner: &str) -> Result<Totals> {
    let sql = "SELECT * FROM conversion_sums WHERE owner_id = $1 AND size = 0";
    let mut sum = Totals::default();
    for found in conn.all(sql, &args![owner], totals).await? {
        sum.add(&found);
    }
    Ok(sum)
}

/// The affiliates of a program with the most revenue in a currency since a cut, of those with
/// conversions; the most first.
pub async fn top(
    conn: &mut Conn,
    program: &ProgramId,
    since: Cut,
    currency: Currency,
    limit: i64,
) -> Result<Vec<AffiliateId>> {
    let sql = "SELECT owner_id, sum(CASE WHEN currency = $8 THEN revenue ELSE 0 END) AS revenue, \
               sum(conversions) AS conversions FROM (\
                 SELECT s.owner_id, s.currency, s.revenue, s.conversions FROM affiliates a \
                 JOIN conversion_sums s ON s.owner_id = a.id AND s.size = 96 AND s.day >= $2 WHERE a.program_id = $1 \
                 UNION ALL SELECT s.owner_id, s.currency, $6 * s.revenue, $6 * s.conversions FROM affiliates a \
                 JOIN conversion_sums s ON s.owner_id = a.id AND s.size = 1 AND s.day = $3 AND s.part >= $4 AND s.part < $5 \
                 WHERE a.program_id = $1) AS parts \
               GROUP BY owner_id HAVING sum(conversions) <> 0 ORDER BY 2 DESC, 3 DESC, 1 LIMIT $7";
    let (day, quarters) = since.taken_off();
    // A span since a cut lacks what was before it.
    let values =
        args![program, since.day, day, quarters.from, quarters.until, -quarters.sign, limit, currency];
    conn.all(sql, &values, |row| row.get("owner_id")).await
}

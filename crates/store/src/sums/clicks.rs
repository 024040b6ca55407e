//! Sums of counted clicks, by affiliate, program and bucket of time.

use std::collections::BTreeMap;

use domain::clock::Timestamp;
use domain::ids::{AffiliateId, LinkId, ProgramId};

use super::bucket::{ALL_TIME, Cut, DAY, HOUR, Key, QUARTER, alike, bucket, ends, ranges};
use crate::db::{Batch, Conn, LIST, Result, args, list, list_of};

/// What clicks add to the sums. Nothing is written before [`Added::write`].
#[derive(Debug, Default)]
pub struct Added(BTreeMap<(String, Key), i64>);

impl Added {
    /// Adds a click that counts.
    pub fn add(&mut self, program: &ProgramId, affiliate: &AffiliateId, link: &LinkId, at: Timestamp) {
        let buckets = [
            (program.as_str(), QUARTER),
            (program.as_str(), HOUR),
            (program.as_str(), DAY),
            (affiliate.as_str(), QUARTER),
            (affiliate.as_str(), DAY),
            (link.as_str(), ALL_TIME),
        ];
        for (owner, size) in buckets {
            *self.0.entry((owner.to_owned(), bucket(size, at))).or_default() += 1;
        }
    }

    /// How many sums there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes what was added, in the order of the keys, so that two nodes that write the same
    /// sums can never wait for each other in a circle.
    pub async fn write(self, conn: &mut Conn) -> Result<()> {
        const ADD: Batch<5> = Batch {
            into: "INSERT INTO click_sums (owner_id, size, day, part, clicks)",
            then: "ON CONFLICT (owner_id, size, day, part) DO UPDATE SET clicks = click_sums.clicks + excluded.clicks",
        };
        let row = |((owner, (size, day, part)), clicks): (&(String, Key), &i64)| {
            args![owner, *size, *day, *part, *clicks]
        };
        conn.run_batch(ADD, self.0.iter().map(row).collect()).await.map(drop)
    }
}

/// The clicks between each cut and the next of a program.
pub async fn series(conn: &mut Conn, program: &ProgramId, cuts: &[Cut]) -> Result<Vec<i64>> {
    let (Some(first), Some(last)) = (cuts.first(), cuts.last()) else { return Ok(Vec::new()) };
    let sql = "SELECT day, clicks FROM click_sums WHERE owner_id = $1 AND size = 96 AND day >= $2 AND day < $3 ORDER BY day";
    let days: Vec<(i64, i64)> = conn
        .all(sql, &args![program, first.day, last.day], |row| Ok((row.get("day")?, row.get("clicks")?)))
        .await?;
    let parts = parts(conn, program, cuts).await?;
    let mut steps = vec![0; cuts.len() - 1];
    for (day, clicks) in days {
        let step = cuts.partition_point(|cut| cut.day <= day);
        if let Some(step) = step.checked_sub(1).and_then(|step| steps.get_mut(step)) {
            *step += clicks;
        }
    }
    for (index, step) in steps.iter_mut().enumerate() {
        let part = |place: usize| parts.get(&place).copied().unwrap_or(0);
        *step += part(index + 1) - part(index);
    }
    Ok(steps)
}

/// Kinds of parts of days, beyond which the quarters of these days are read one by one.
const MOST_KINDS: usize = 6;

/// What the parts of some cuts add, with their signs, by the cut's place.
async fn parts(conn: &mut Conn, owner: &ProgramId, cuts: &[Cut]) -> Result<BTreeMap<usize, i64>> {
    let kinds = alike(cuts);
    if kinds.len() > MOST_KINDS {
        return quarters(conn, owner, cuts).await;
    }
    let sql = concat!(
        "SELECT day, CAST(sum(clicks) AS BIGINT) AS clicks FROM click_sums \
         WHERE owner_id = $65 AND size = $66 AND part >= $67 AND part < $68 AND day IN ",
        list!(),
        " GROUP BY day"
    );
    let mut sums: BTreeMap<usize, i64> = BTreeMap::new();
    for (quarters, days) in kinds {
        for (size, from, until) in quarters.buckets() {
            for some in days.chunks(LIST) {
                let mut values = list_of(&some.iter().map(|(day, _)| *day).collect::<Vec<_>>());
                values.extend(args![owner, size, from, until]);
                let rows: Vec<(i64, i64)> =
                    conn.all(sql, &values, |row| Ok((row.get("day")?, row.get("clicks")?))).await?;
                for (day, clicks) in rows {
                    for (_, place) in some.iter().filter(|(of, _)| *of == day) {
                        *sums.entry(*place).or_default() += quarters.sign * clicks;
                    }
                }
            }
        }
    }
    Ok(sums)
}

/// The same from the single quarters of few days.
async fn quarters(conn: &mut Conn, owner: &ProgramId, cuts: &[Cut]) -> Result<BTreeMap<usize, i64>> {
    let (Some(first), Some(last)) = ends(cuts) else { return Ok(BTreeMap::new()) };
    let sql = "SELECT day, part, clicks FROM click_sums WHERE owner_id = $1 AND size = 1 AND day >= $2 AND day <= $3";
    let rows: Vec<(i64, i64, i64)> = conn
        .all(sql, &args![owner, first, last], |row| {
            Ok((row.get("day")?, row.get("part")?, row.get("clicks")?))
        })
        .await?;
    let mut sums = BTreeMap::new();
    for (place, part) in cuts.iter().enumerate().filter_map(|(place, cut)| Some((place, cut.part?))) {
        let found = rows.iter().filter(|(day, quarter, _)| part.has(*day, *quarter));
        sums.insert(place, part.quarters.sign * found.map(|(.., clicks)| clicks).sum::<i64>());
    }
    Ok(sums)
}

/// The clicks of some affiliates between two cuts; those without any are left out.
pub async fn of_affiliates(
    conn: &mut Conn,
    affiliates: &[AffiliateId],
    from: Cut,
    until: Cut,
) -> Result<BTreeMap<AffiliateId, i64>> {
    let sql = concat!(
        "SELECT owner_id, CAST(sum(clicks) AS BIGINT) AS clicks FROM click_sums \
         WHERE size = $65 AND day >= $66 AND day < $67 AND part >= $68 AND part < $69 AND owner_id IN ",
        list!(),
        " GROUP BY owner_id"
    );
    let mut sums: BTreeMap<AffiliateId, i64> = BTreeMap::new();
    for some in affiliates.chunks(LIST) {
        let names: Vec<&str> = some.iter().map(AffiliateId::as_str).collect();
        for range in ranges(from, until) {
            let mut values = list_of(&names);
            values.extend(args![range.size, range.days.0, range.days.1, range.parts.0, range.parts.1]);
            let rows: Vec<(AffiliateId, i64)> =
                conn.all(sql, &values, |row| Ok((row.get("owner_id")?, row.get("clicks")?))).await?;
            for (affiliate, clicks) in rows {
                *sums.entry(affiliate).or_default() += range.sign * clicks;
            }
        }
    }
    sums.retain(|_, clicks| *clicks != 0);
    Ok(sums)
}

/// All clicks that some affiliates' links ever had.
pub async fn of_all_time(conn: &mut Conn, affiliates: &[AffiliateId]) -> Result<BTreeMap<AffiliateId, i64>> {
    let sql = concat!(
        "SELECT l.affiliate_id, CAST(sum(s.clicks) AS BIGINT) AS clicks FROM links l \
         JOIN click_sums s ON s.owner_id = l.id AND s.size = 0 WHERE l.affiliate_id IN ",
        list!(),
        " GROUP BY l.affiliate_id"
    );
    let mut sums = BTreeMap::new();
    for some in affiliates.chunks(LIST) {
        let names: Vec<&str> = some.iter().map(AffiliateId::as_str).collect();
        let rows: Vec<(AffiliateId, i64)> =
            conn.all(sql, &list_of(&names), |row| Ok((row.get("affiliate_id")?, row.get("clicks")?))).await?;
        sums.extend(rows);
    }
    Ok(sums)
}

/// The affiliates of a program with the most clicks since a cut, the most first.
pub async fn top(conn: &mut Conn, program: &ProgramId, since: Cut, limit: i64) -> Result<Vec<AffiliateId>> {
    let sql = "SELECT owner_id, sum(clicks) AS clicks FROM (\
                 SELECT s.owner_id, s.clicks FROM affiliates a \
                 JOIN click_sums s ON s.owner_id = a.id AND s.size = 96 AND s.day >= $2 WHERE a.program_id = $1 \
                 UNION ALL SELECT s.owner_id, $6 * s.clicks FROM affiliates a \
                 JOIN click_sums s ON s.owner_id = a.id AND s.size = 1 AND s.day = $3 AND s.part >= $4 AND s.part < $5 \
                 WHERE a.program_id = $1) AS parts \
               GROUP BY owner_id HAVING sum(clicks) <> 0 ORDER BY 2 DESC, 1 LIMIT $7";
    let (day, quarters) = since.taken_off();
    // A span since a cut lacks what was before it.
    let values = args![program, since.day, day, quarters.from, quarters.until, -quarters.sign, limit];
    conn.all(sql, &values, |row| row.get("owner_id")).await
}

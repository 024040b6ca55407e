//! Sums of commissions by the hour their hold period ends.

use std::collections::BTreeMap;

use domain::clock::{HOUR_MS, Timestamp};
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;

use crate::conversions::Conversion;
use crate::db::{Batch, Conn, Result, Value, args};

/// The hour of what an event or a person must release.
const NEVER: i64 = i64::MAX;

/// What is added to the sums.
#[derive(Debug, Default)]
pub(super) struct Releases(BTreeMap<(String, i64, Currency), i64>);

impl Releases {
    /// Adds a conversion's commission.
    pub(super) fn add(&mut self, c: &Conversion, amount: i64) {
        let hour = if c.is_held() { NEVER } else { c.hold_until.utc_hour() };
        for owner in [c.program_id.as_str(), c.affiliate_id.as_str()] {
            *self.0.entry((owner.to_owned(), hour, c.commission_currency)).or_default() += amount;
        }
    }

    pub(super) async fn write(self, conn: &mut Conn) -> Result<()> {
        const ADD: Batch<4> = Batch {
            into: "INSERT INTO release_sums (owner_id, hour, currency, amount)",
            then: "ON CONFLICT (owner_id, hour, currency) DO UPDATE SET amount = release_sums.amount + excluded.amount",
        };
        let changed = self.0.iter().filter(|(_, amount)| **amount != 0);
        let rows = changed.map(|((owner, hour, currency), amount)| args![owner, *hour, *currency, *amount]);
        conn.run_batch(ADD, rows.collect()).await.map(drop)
    }
}

/// What is on hold in a program, by currency.
pub async fn on_hold_in_program(
    conn: &mut Conn,
    program: &ProgramId,
    now: Timestamp,
) -> Result<BTreeMap<Currency, i64>> {
    let this_hour = "SELECT commission_currency AS currency, CAST(sum(commission - reversed) AS BIGINT) AS amount \
                     FROM conversions WHERE program_id = $1 AND hold_until > $2 AND hold_until < $3 \
                     AND NOT held AND NOT canceled GROUP BY commission_currency";
    on_hold(conn, program.into(), this_hour, now).await
}

/// What an affiliate has on hold, by currency.
pub async fn on_hold_of_affiliate(
    conn: &mut Conn,
    affiliate: &AffiliateId,
    now: Timestamp,
) -> Result<BTreeMap<Currency, i64>> {
    let this_hour = "SELECT commission_currency AS currency, CAST(sum(commission - reversed) AS BIGINT) AS amount \
                     FROM conversions WHERE affiliate_id = $1 AND hold_until > $2 AND hold_until < $3 \
                     AND NOT held AND NOT canceled GROUP BY commission_currency";
    on_hold(conn, affiliate.into(), this_hour, now).await
}

/// The hours to come by their sums, and the rest of this one by its conversions.
async fn on_hold(
    conn: &mut Conn,
    owner: Value,
    this_hour: &'static str,
    now: Timestamp,
) -> Result<BTreeMap<Currency, i64>> {
    let hour = now.utc_hour();
    let later = "SELECT currency, CAST(sum(amount) AS BIGINT) AS amount FROM release_sums \
                 WHERE owner_id = $1 AND hour > $2 GROUP BY currency";
    let read = |row: &crate::db::Row| Ok((row.get::<Currency>("currency")?, row.get::<i64>("amount")?));
    let mut sums: BTreeMap<Currency, i64> =
        conn.all(later, &[owner.clone(), hour.into()], read).await?.into_iter().collect();
    let ends = hour.saturating_add(1).saturating_mul(HOUR_MS);
    for (currency, amount) in conn.all(this_hour, &[owner, now.into(), ends.into()], read).await? {
        *sums.entry(currency).or_default() += amount;
    }
    Ok(sums)
}

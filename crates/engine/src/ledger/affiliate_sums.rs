//! Sums of affiliates over a period: clicks, conversions, money.

use std::collections::BTreeMap;

use domain::ids::AffiliateId;
use store::db::Conn;
use store::sums::{self, Cut, Totals};

use crate::error::Result;

/// An affiliate's performance in a period.
#[derive(Debug, Clone)]
pub struct AffiliateSums {
    /// The affiliate.
    pub affiliate_id: AffiliateId,
    /// Their name.
    pub name: String,
    /// Clicks by their links.
    pub clicks: i64,
    /// Conversions, and money by currency.
    pub totals: Totals,
}

/// The performance of some affiliates since a time, in their order.
pub(crate) async fn of_affiliates(
    conn: &mut Conn,
    affiliates: &[AffiliateId],
    since: Cut,
) -> Result<Vec<AffiliateSums>> {
    let mut names: BTreeMap<AffiliateId, String> =
        store::affiliates::names(conn, affiliates).await?.into_iter().collect();
    let mut clicks = sums::clicks::of_affiliates(conn, affiliates, since, Cut::END).await?;
    let mut totals = sums::conversions::of_affiliates(conn, affiliates, since, Cut::END).await?;
    let sums = affiliates.iter().map(|id| AffiliateSums {
        affiliate_id: id.clone(),
        name: names.remove(id).unwrap_or_default(),
        clicks: clicks.remove(id).unwrap_or_default(),
        totals: totals.remove(id).unwrap_or_default(),
    });
    Ok(sums.collect())
}

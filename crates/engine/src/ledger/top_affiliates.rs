//! The affiliates at the top of a program's overview.
//!
//! Ranking adds up a period over all affiliates of a program. With a few of them it is done at each
//! view. With many, whom it chose is kept for a minute and chosen again in the background; what
//! they come to is read at each view, so that it agrees with the rest of the page.

use std::cmp::Reverse;
use std::sync::Arc;

use domain::clock::{MINUTE_MS, Timestamp};
use domain::ids::AffiliateId;
use store::db::Conn;
use store::programs::Program;
use store::sums::{self, Cut};

use super::affiliate_sums::{AffiliateSums, of_affiliates};
use crate::engine::Engine;
use crate::error::Result;

/// So many affiliates are ranked at each view.
const FEW: i64 = 200;
/// How long a ranking of more is used before it is made again, milliseconds.
const LIFETIME_MS: i64 = MINUTE_MS;
/// How many are chosen for each that is shown: one of them may have come first since.
const CHOSEN: i64 = 2;

/// The affiliates with the most revenue since the beginning of a period, then those with the most
/// clicks. `period` is its word;
/// `count` says how many affiliates the program has.
pub(super) async fn top(
    engine: &Engine,
    conn: &mut Conn,
    program: &Program,
    (period, since): (&'static str, Timestamp),
    count: i64,
    limit: i64,
) -> Result<Vec<AffiliateSums>> {
    let cut = Cut::at(since);
    let chosen = if count <= FEW {
        Arc::new(choose(conn, program, cut, limit).await?)
    } else {
        kept(engine, conn, program, (period, cut), limit * CHOSEN).await?
    };
    let mut top = of_affiliates(conn, &chosen, cut).await?;
    top.sort_by_key(|sums| {
        let revenue = sums.totals.in_currency(program.currency).revenue;
        let clicks = if sums.totals.conversions == 0 { sums.clicks } else { 0 };
        let place = (sums.totals.conversions != 0, revenue, sums.totals.conversions, clicks);
        (Reverse(place), sums.affiliate_id.clone())
    });
    top.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(top)
}

/// Whom the last ranking chose; the first one is waited for.
async fn kept(
    engine: &Engine,
    conn: &mut Conn,
    program: &Program,
    (period, since): (&'static str, Cut),
    limit: i64,
) -> Result<Arc<Vec<AffiliateId>>> {
    let (now, rankings) = (engine.now(), &engine.caches().rankings);
    let key = (program.id.clone(), period);
    if let Some(Some(fresh)) = rankings.younger_than(LIFETIME_MS, &key, now) {
        return Ok(fresh);
    }
    let Some(Some(old)) = rankings.get_stale(&key, now) else {
        let chosen = Arc::new(choose(conn, program, since, limit).await?);
        rankings.put(key, Some(Arc::clone(&chosen)), now);
        return Ok(chosen);
    };
    // Views in the meantime use the old one, and start no ranking of their own.
    rankings.put(key.clone(), Some(Arc::clone(&old)), now);
    let (engine, program) = (engine.clone(), program.clone());
    tokio::spawn(async move {
        match choose_apart(&engine, &program, since, limit).await {
            Ok(chosen) => engine.caches().rankings.put(key, Some(Arc::new(chosen)), now),
            Err(error) => tracing::warn!(program = %program.id, %error, "affiliates could not be ranked"),
        }
    });
    Ok(old)
}

async fn choose_apart(
    engine: &Engine,
    program: &Program,
    since: Cut,
    limit: i64,
) -> Result<Vec<AffiliateId>> {
    choose(&mut engine.db().read().await?, program, since, limit).await
}

/// Ranks all affiliates of a program.
async fn choose(conn: &mut Conn, program: &Program, since: Cut, limit: i64) -> Result<Vec<AffiliateId>> {
    let mut ids = sums::conversions::top(conn, &program.id, since, program.currency, limit).await?;
    if (ids.len() as i64) < limit {
        let by_clicks = sums::clicks::top(conn, &program.id, since, limit).await?;
        let others: Vec<AffiliateId> = by_clicks.into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(others);
        ids.truncate(limit as usize);
    }
    Ok(ids)
}

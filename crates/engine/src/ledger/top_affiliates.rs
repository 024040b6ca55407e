//! The top affiliates on a program's overview.
//!
//! Ranking adds up a period over all affiliates of a program. A small program is ranked on each
//! view. For a large one, a few candidates are cached for a minute and refreshed in the background.
//! Their amounts are read on each view, so that they agree with the rest of the page.

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

/// Programs with at most this many affiliates are ranked on each view.
const FEW: i64 = 200;
/// How long candidates are used before they are refreshed, milliseconds.
const LIFETIME_MS: i64 = MINUTE_MS;
/// Candidates per affiliate shown, because the order may have changed since the ranking.
const CANDIDATES: i64 = 2;

/// The affiliates with the most revenue since the beginning of a period, then those with the most
/// clicks. `period` is the word of the period; `count` is the program's number of affiliates.
pub(super) async fn top(
    engine: &Engine,
    conn: &mut Conn,
    program: &Program,
    (period, since): (&'static str, Timestamp),
    count: i64,
    limit: i64,
) -> Result<Vec<AffiliateSums>> {
    let cut = Cut::at(since);
    let candidates = if count <= FEW {
        Arc::new(rank(conn, program, cut, limit).await?)
    } else {
        cached(engine, conn, program, (period, cut), limit * CANDIDATES).await?
    };
    let mut top = of_affiliates(conn, &candidates, cut).await?;
    top.sort_by_key(|sums| {
        let revenue = sums.totals.in_currency(program.currency).revenue;
        let clicks = if sums.totals.conversions == 0 { sums.clicks } else { 0 };
        let place = (sums.totals.conversions != 0, revenue, sums.totals.conversions, clicks);
        (Reverse(place), sums.affiliate_id.clone())
    });
    top.truncate(usize::try_from(limit).unwrap_or_default());
    Ok(top)
}

/// The candidates of the last ranking. Only the first view waits for one.
async fn cached(
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
        let candidates = Arc::new(rank(conn, program, since, limit).await?);
        rankings.put(key, Some(Arc::clone(&candidates)), now);
        return Ok(candidates);
    };
    // Other views use the old candidates meanwhile and start no ranking of their own.
    rankings.put(key.clone(), Some(Arc::clone(&old)), now);
    let (engine, program) = (engine.clone(), program.clone());
    tokio::spawn(async move {
        match rank_again(&engine, &program, since, limit).await {
            Ok(candidates) => engine.caches().rankings.put(key, Some(Arc::new(candidates)), now),
            Err(error) => tracing::warn!(program = %program.id, %error, "affiliates could not be ranked"),
        }
    });
    Ok(old)
}

async fn rank_again(engine: &Engine, program: &Program, since: Cut, limit: i64) -> Result<Vec<AffiliateId>> {
    rank(&mut engine.db().read().await?, program, since, limit).await
}

/// Ranks all affiliates of a program.
async fn rank(conn: &mut Conn, program: &Program, since: Cut, limit: i64) -> Result<Vec<AffiliateId>> {
    let mut ids = sums::conversions::top(conn, &program.id, since, program.currency, limit).await?;
    if (ids.len() as i64) < limit {
        let by_clicks = sums::clicks::top(conn, &program.id, since, limit).await?;
        let others: Vec<AffiliateId> = by_clicks.into_iter().filter(|id| !ids.contains(id)).collect();
        ids.extend(others);
        ids.truncate(limit as usize);
    }
    Ok(ids)
}

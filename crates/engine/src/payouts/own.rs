//! An affiliate's own payouts, for their pages.

use domain::clock::{DAY_MS, Timestamp};
use domain::ids::{PayoutId, ProgramId};
use domain::payouts::PayoutSettings;
use domain::terms::in_force;
use store::commissions::{Adjustment, Balance, Release};
use store::db::AFTER_ALL_IDS;
use store::payouts::{PayoutRow, StoredMethod};

use super::settings;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::AffiliateActor;

/// Times in the calendar of what leaves its hold: a busy affiliate sees the next ones.
const MOST_RELEASES: i64 = 1_000;
/// Days that the calendar shows.
const CALENDAR_DAYS: i64 = 35;
/// Bonuses and corrections that are shown.
const MOST_ADJUSTMENTS: i64 = 20;

/// What an affiliate sees of being paid by a program.
#[derive(Debug, Clone)]
pub struct OwnPayouts {
    /// Balances, by currency.
    pub balances: Vec<Balance>,
    /// What leaves its hold when, in the program's currency, in the coming weeks.
    pub releases: Vec<Release>,
    /// A page of payouts, newest first.
    pub payouts: Vec<PayoutRow>,
    /// Bonuses and corrections, newest first.
    pub adjustments: Vec<Adjustment>,
    /// How they are paid.
    pub method: Option<StoredMethod>,
    /// The least that is paid, in minor units of the program's currency.
    pub minimum: i64,
    /// Days for which payouts wait after the method was changed.
    pub method_hold_days: i64,
    /// The day of the month on which the merchant drafts payouts.
    pub draft_day: Option<i64>,
}

/// What the actor sees of being paid by a program; payouts before one of them.
pub async fn own_payouts(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    before: Option<&PayoutId>,
    limit: i64,
) -> Result<OwnPayouts> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    let now = engine.now();
    let versions = store::terms::list(&mut conn, &program.id).await?;
    let PayoutSettings { method_hold_days, draft_day, .. } =
        settings::load(engine, &mut conn, &program.id).await?;
    let before = before.map_or(AFTER_ALL_IDS, |id| id.as_str());
    let until = Timestamp(now.0 + CALENDAR_DAYS * DAY_MS);
    Ok(OwnPayouts {
        balances: store::commissions::of_affiliate(&mut conn, &affiliate.id, now).await?,
        releases: store::commissions::calendar(
            &mut conn,
            &affiliate.id,
            program.currency,
            now,
            until,
            MOST_RELEASES,
        )
        .await?,
        payouts: store::payouts::of_affiliate(&mut conn, &affiliate.id, before, limit).await?,
        adjustments: store::commissions::adjustments(&mut conn, &affiliate.id, MOST_ADJUSTMENTS).await?,
        method: store::payouts::method(&mut conn, actor.account_id()).await?,
        minimum: in_force(&versions, now).map_or(0, |version| version.terms.minimum_payout_minor),
        method_hold_days,
        draft_day,
    })
}

//! What looks wrong about an affiliate's clicks and leads. A flag asks a person to look and
//! changes no money.

use domain::clicks::ClickToken;
use domain::ids::{AffiliateId, ProgramId};

use store::sums::{self, Cut};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// The days that are looked at.
pub const DAYS: i64 = 30;
/// Buyers of one click: a household has one or two.
pub const MANY_BUYERS: i64 = 3;
/// Leads fewer than this may exceed clicks by chance, as those of clicks before the period.
const FEW_LEADS: i64 = 5;

/// Something that a person should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flag {
    /// More addresses were reported for the affiliate than people clicked on their links.
    MoreLeadsThanClicks {
        /// Leads, doubtful ones included.
        leads: i64,
        /// Clicks, without those of bots.
        clicks: i64,
    },
    /// One click is credited for several buyers.
    SharedClick {
        /// The click.
        click: ClickToken,
        /// Its buyers.
        buyers: i64,
    },
}

/// The flags of an affiliate in the last [`DAYS`].
pub async fn of_affiliate(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
) -> Result<Vec<Flag>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let affiliate =
        store::affiliates::get(&mut conn, &program.id, affiliate).await?.ok_or(Error::NotFound)?.id;
    let now = engine.now();
    let since = now.plus_days(-DAYS);
    let leads = store::leads::count_with_doubtful(&mut conn, &affiliate, since, now.plus_ms(1)).await?;
    let clicks =
        sums::clicks::of_affiliates(&mut conn, std::slice::from_ref(&affiliate), Cut::at(since), Cut::END)
            .await?;
    let clicks = clicks.get(&affiliate).copied().unwrap_or(0);
    let mut flags = Vec::new();
    if leads >= FEW_LEADS && leads > clicks {
        flags.push(Flag::MoreLeadsThanClicks { leads, clicks });
    }
    let shared = store::conversions::shared_clicks(&mut conn, &affiliate, since, MANY_BUYERS).await?;
    flags.extend(shared.into_iter().map(|(click, buyers)| Flag::SharedClick { click, buyers }));
    Ok(flags)
}

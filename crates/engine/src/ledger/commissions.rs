//! Lists the entries of the commission ledger.

use domain::ids::{AffiliateId, EntryId, ProgramId};
pub use store::commissions::{Balance, StoredEntry};
use store::db::AFTER_ALL_IDS;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// A page of a program's entries, newest first; all or those of one affiliate.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: Option<&AffiliateId>,
    before: Option<&EntryId>,
    limit: i64,
) -> Result<Vec<StoredEntry>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, |id| id.as_str());
    Ok(store::commissions::list(&mut conn, &program.id, affiliate, before, limit).await?)
}

/// A page of one's own entries, newest first.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    before: Option<&EntryId>,
    limit: i64,
) -> Result<Vec<StoredEntry>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, |id| id.as_str());
    Ok(store::commissions::list(&mut conn, program, Some(&affiliate.id), before, limit).await?)
}

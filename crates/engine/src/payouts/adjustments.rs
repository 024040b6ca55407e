//! Bonuses and corrections that a merchant adds to an affiliate's balance.

use domain::audit::AuditAction;
use domain::commissions::{Cause, CauseKind, Entry, EntryKind};
use domain::ids::{AffiliateId, EntryId, ProgramId};
use domain::money::Money;
use domain::payouts::Reason;
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::MerchantActor;
use crate::identity::{audit, scope};

pub use store::commissions::Adjustment;

/// The largest adjustment, in minor units: a slip of the finger should not be payable.
const LARGEST: i64 = 100_000_000;

/// Adds a bonus, or corrects a balance, and returns what was added. It can be paid at once; the
/// affiliate sees it with its reason.
///
/// # Errors
/// [`Error::Invalid`] for an amount of zero, a bonus below zero, or one that is too large.
pub async fn adjust(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
    kind: EntryKind,
    amount: Money,
    reason: &Reason,
) -> Result<Adjustment> {
    actor.may_write()?;
    if !matches!(kind, EntryKind::Bonus | EntryKind::Correction) {
        return Err(Error::field("kind", "Choose a bonus or a correction"));
    }
    if amount.minor == 0 || (kind == EntryKind::Bonus && amount.minor < 0) {
        return Err(Error::field("amount", "Enter an amount above zero"));
    }
    if amount.minor.abs() > LARGEST {
        return Err(Error::field("amount", "Enter a smaller amount"));
    }
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        store::affiliates::get(&mut tx, &program.id, affiliate).await?.ok_or(Error::NotFound)?;
        let action = AuditAction::BalanceAdjusted { amount, reason: reason.as_str().to_owned() };
        let line = audit::line(affiliate.as_str(), action).by_actor(actor).of_program(&program.id);
        let cause = audit::put_cause(engine, &mut tx, line).await?;
        let entry = Entry {
            id: EntryId::new(now, engine.random()),
            affiliate_id: affiliate.clone(),
            conversion_id: None,
            kind,
            amount: amount.minor,
            currency: amount.currency,
            cause: Cause::own(CauseKind::Adjustment, cause.to_string()),
            at: now,
        };
        store::commissions::append(&mut tx, [(&program.id, &entry)], []).await?;
        store::commissions::put_adjustment(&mut tx, &program.id, &entry, reason.as_str(), actor.account_id())
            .await?;
        tx.commit().await?;
        Ok(Adjustment { id: entry.id, kind, amount, at: now, reason: reason.as_str().to_owned() })
    })
    .await
}

/// The bonuses and corrections of an affiliate, newest first.
pub async fn adjustments(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
    limit: i64,
) -> Result<Vec<Adjustment>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::affiliates::get(&mut conn, &program.id, affiliate).await?.ok_or(Error::NotFound)?;
    Ok(store::commissions::adjustments(&mut conn, affiliate, limit).await?)
}

//! Marking payouts as paid or failed.

use domain::audit::AuditAction;
use domain::checks::NamedAffiliate;
use domain::ids::{PayoutId, PayoutRunId, ProgramId};
use domain::payouts::{PayoutStatus, Reason, RunStatus};
use store::db::{Tx, again};
use store::payouts::PayoutRow;

use super::runs::changing;
use super::{claimant, mails};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::MerchantActor;
use crate::identity::{audit, scope};

/// Ends a run whose payouts are all paid or failed.
async fn end_if_settled(engine: &Engine, tx: &mut Tx, run: &PayoutRunId) -> Result<()> {
    if store::payouts::unsettled(tx, run).await? == 0 {
        store::payouts::end(tx, run, RunStatus::Completed, engine.now()).await?;
    }
    Ok(())
}

/// Records that payouts arrived: one, or all of a run that are open.
///
/// # Errors
/// [`Error::Forbidden`] before the run is approved.
pub async fn mark_paid(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
    payout: Option<&PayoutId>,
) -> Result<()> {
    actor.may_write()?;
    // One payout a transaction, as when they were claimed.
    loop {
        let next = again(|| async {
            let mut tx = engine.db().begin().await?;
            let (program, run) = changing(&mut tx, actor, program, run).await?;
            if run.status == RunStatus::Completed {
                return Ok(false);
            }
            if !run.status.can_settle() {
                return Err(Error::Forbidden("Approve this run first."));
            }
            let next = match payout {
                Some(id) => Some(id.clone()),
                None => store::payouts::next_open(&mut tx, &run.id).await?.map(|payout| payout.id),
            };
            let Some(next) = next else { return Ok(false) };
            let row = store::payouts::get(&mut tx, &program.id, &next).await?;
            let is_open =
                |row: &PayoutRow| row.payout.run_id == run.id && row.payout.status == PayoutStatus::Open;
            let Some(row) = row.filter(is_open) else { return Ok(false) };
            store::commissions::settle(&mut tx, claimant::of(&row.payout), row.payout.amount).await?;
            store::payouts::settle(&mut tx, &next, PayoutStatus::Paid, None, engine.now()).await?;
            mails::paid(engine, &mut tx, &program, &row).await?;
            end_if_settled(engine, &mut tx, &run.id).await?;
            let affiliate = NamedAffiliate { id: row.payout.affiliate_id, name: row.name };
            let line = audit::line(run.id.as_str(), AuditAction::PayoutPaid { affiliate });
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await?;
        if !next || payout.is_some() {
            return Ok(());
        }
    }
}

/// Records that a payout did not arrive, also after it was thought to have: what it paid is
/// payable again.
///
/// # Errors
/// [`Error::Forbidden`] before its run is approved.
pub async fn mark_failed(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payout: &PayoutId,
    reason: &Reason,
) -> Result<PayoutRunId> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let row = store::payouts::get(&mut tx, &program.id, payout).await?.ok_or(Error::NotFound)?;
        let run = row.payout.run_id.clone();
        match row.payout.status {
            PayoutStatus::Failed => return Ok(run),
            PayoutStatus::Open if row.run_status.can_settle() => {}
            PayoutStatus::Paid => {
                store::commissions::unsettle(&mut tx, claimant::of(&row.payout), row.payout.amount).await?;
            }
            _ => return Err(Error::Forbidden("Approve this run first.")),
        }
        store::commissions::free(&mut tx, claimant::of(&row.payout), row.payout.amount, now).await?;
        let why = Some(reason.as_str());
        store::payouts::settle(&mut tx, payout, PayoutStatus::Failed, why, now).await?;
        mails::failed(engine, &mut tx, &program, &row, reason).await?;
        if row.run_status.can_settle() {
            end_if_settled(engine, &mut tx, &run).await?;
        }
        let affiliate = NamedAffiliate { id: row.payout.affiliate_id, name: row.name };
        let action = AuditAction::PayoutFailed { affiliate, reason: reason.as_str().to_owned() };
        let line = audit::line(run.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(run)
    })
    .await
}

//! Claims the ledger entries of a run's payouts, one transaction each, so that clicks and events
//! do not wait for a whole run. After a crash, it continues where it stopped.

use domain::ids::{JobId, PayoutId, PayoutRunId, ProgramId};
use domain::jobs::JobKind;
use domain::payouts::{PayoutStatus, RunStatus};
use serde::{Deserialize, Serialize};
use store::db::again;

use super::claimant;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;

/// Finishes the preparation of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PreparePayouts {
    /// The program.
    pub(super) program: ProgramId,
    /// The run.
    pub(super) run: PayoutRunId,
}

impl Job for PreparePayouts {
    const KIND: JobKind = JobKind::PreparePayouts;

    fn deduplication_key(&self) -> Option<String> {
        Some(self.run.to_string())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        prepare(engine, &self.program, &self.run).await?;
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// The result of one step.
enum Outcome {
    /// Something was claimed, or nothing was payable any more.
    Claimed,
    /// A payout would have been of nothing or less.
    Empty(PayoutId),
    /// No payout is left to prepare.
    Ready,
}

/// Claims what the payouts of a run pay, until none is left; then the run is a draft.
///
/// Needs no actor: [`draft`](super::draft) has checked who may, and this only finishes it.
pub async fn prepare(engine: &Engine, program: &ProgramId, run: &PayoutRunId) -> Result<()> {
    loop {
        match again(|| step(engine, program, run)).await? {
            Outcome::Claimed => {}
            Outcome::Empty(payout) => again(|| leave_out(engine, &payout)).await?,
            Outcome::Ready => return Ok(()),
        }
    }
}

async fn step(engine: &Engine, program: &ProgramId, run: &PayoutRunId) -> Result<Outcome> {
    let mut tx = engine.db().begin().await?;
    let run = store::payouts::run(&mut tx, program, run).await?.ok_or(Error::NotFound)?;
    if run.status != RunStatus::Preparing {
        return Ok(Outcome::Ready);
    }
    let Some(payout) = store::payouts::next_preparing(&mut tx, &run.id).await? else {
        store::payouts::set_status(&mut tx, &run.id, RunStatus::Draft).await?;
        tx.commit().await?;
        return Ok(Outcome::Ready);
    };
    let claimed = store::commissions::claim(&mut tx, claimant::of(&payout), run.until).await?;
    if claimed.amount <= 0 {
        // The claim is undone with the transaction. What was payable when the run was drafted
        // went into another run, or was reversed.
        return Ok(Outcome::Empty(payout.id));
    }
    store::payouts::open(&mut tx, &payout.id, claimed.entries, claimed.amount).await?;
    tx.commit().await?;
    Ok(Outcome::Claimed)
}

async fn leave_out(engine: &Engine, payout: &PayoutId) -> Result<()> {
    let mut tx = engine.db().begin().await?;
    store::payouts::settle(&mut tx, payout, PayoutStatus::Removed, None, engine.now()).await?;
    Ok(tx.commit().await?)
}

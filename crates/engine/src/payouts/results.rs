//! A result file of a bank or a payment service, applied to a run.

use domain::ids::{PayoutId, PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::files::end_to_end_id;
use domain::payouts::results::{PaymentResult, Results};
use domain::payouts::{PayoutStatus, Rail};
use store::payouts::{PayoutRow, Run};

use super::files::{download, message_id};
use super::runs::payouts_of;
use super::settle::{mark_failed, mark_paid};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// Payouts read at once.
const PAGE: i64 = 100;

/// What a result file did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppliedResults {
    /// Payouts marked as paid.
    pub paid: usize,
    /// Payouts marked as failed.
    pub failed: usize,
    /// Payouts that the file says the same of as was known.
    pub unchanged: usize,
    /// Payouts that are not decided yet.
    pub pending: usize,
    /// Ids that are not payouts of this run.
    pub not_in_run: usize,
    /// Words for a status that are not known; nothing was done for their lines.
    pub unknown_statuses: Vec<String>,
}

/// Reads a result file and marks each payout of the run that it names as paid or failed. The
/// same file again changes nothing.
///
/// # Errors
/// [`Error::Invalid`] at `file` for a file that cannot be read or answers another run;
/// [`Error::Forbidden`] before the run is approved.
pub async fn apply_results(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
    file: &[u8],
) -> Result<AppliedResults> {
    actor.may_write()?;
    let mut results = Results::read(file).map_err(|error| Error::field("file", error.to_string()))?;
    let run = settleable(engine, actor, program, run).await?;
    if results.message_id.as_ref().is_some_and(|of| !of.eq_ignore_ascii_case(&message_id(&run.id))) {
        return Err(Error::field("file", "This report answers the file of another run"));
    }
    let mut applied = AppliedResults {
        unknown_statuses: std::mem::take(&mut results.unknown_statuses),
        ..Default::default()
    };
    let sepa_file = match results.of_all {
        Some(_) => sepa_file(engine, actor, program, &run.id).await?,
        None => String::new(),
    };
    let mut after = None;
    loop {
        let from = after.as_ref().map(|(affiliate, currency)| (affiliate, *currency));
        let rows = payouts_of(engine, actor, program, &run.id, from, PAGE).await?;
        for row in &rows {
            if let Some(result) = result_of(&mut results, &sepa_file, row) {
                apply(engine, actor, program, row, result, &mut applied).await?;
            }
        }
        let Some(last) = rows.last().filter(|_| rows.len() as i64 == PAGE) else { break };
        after = Some((last.payout.affiliate_id.clone(), last.payout.currency));
    }
    applied.not_in_run = results.of_payouts.len();
    Ok(applied)
}

async fn settleable(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
) -> Result<Run> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let run = store::payouts::run(&mut conn, &program.id, run).await?.ok_or(Error::NotFound)?;
    if run.approved.is_none() {
        return Err(Error::Forbidden("Approve this run first."));
    }
    Ok(run)
}

/// The SEPA file of a run, which a report that says one thing of all payments answers; empty if
/// there is none.
async fn sepa_file(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
) -> Result<String> {
    match download(engine, actor, program, run, Rail::Sepa, Currency::EUR).await {
        Ok(file) => Ok(file.content),
        Err(Error::NotFound) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// What the file says of a payout: by its id, or of all payments of the bank's file.
fn result_of(results: &mut Results, sepa_file: &str, row: &PayoutRow) -> Option<PaymentResult> {
    let own = results.of_payouts.remove(&row.payout.id);
    let is_in_file = || sepa_file.contains(&end_to_end_id(&row.payout.id));
    own.or_else(|| results.of_all.clone().filter(|_| is_in_file()))
}

async fn apply(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    row: &PayoutRow,
    result: PaymentResult,
    applied: &mut AppliedResults,
) -> Result<()> {
    let (id, run): (&PayoutId, &PayoutRunId) = (&row.payout.id, &row.payout.run_id);
    match (result, row.payout.status) {
        (PaymentResult::Pending, _) => applied.pending += 1,
        (PaymentResult::Paid, PayoutStatus::Open) => {
            mark_paid(engine, actor, program, run, Some(id)).await?;
            applied.paid += 1;
        }
        (PaymentResult::Failed(reason), PayoutStatus::Open | PayoutStatus::Paid) => {
            mark_failed(engine, actor, program, id, &reason).await?;
            applied.failed += 1;
        }
        (PaymentResult::Paid | PaymentResult::Failed(_), _) => applied.unchanged += 1,
    }
    Ok(())
}

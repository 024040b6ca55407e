//! Drafts the runs of programs that have one drafted each month, and mails their owners.

use domain::clock::{HOUR_MS, Timestamp};
use domain::ids::{JobId, ProgramId};
use domain::jobs::{JobKind, Queue};
use domain::mails::MailKind;
use serde::{Deserialize, Serialize};
use store::db::again;
use store::payouts::Step;

use super::runs::{Chosen, put_draft};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::mail::{self, Letter};

/// Programs that are read at once.
const PAGE: i64 = 100;

/// Runs every hour; once for all nodes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DraftPayoutRuns {}

impl Job for DraftPayoutRuns {
    const KIND: JobKind = JobKind::DraftPayoutRuns;

    fn deduplication_key(&self) -> Option<String> {
        Some("everything".to_owned())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let now = engine.now();
        let mut after = String::new();
        loop {
            let programs = store::payouts::drafting_on(&mut engine.db().read().await?, &after, PAGE).await?;
            let Some((last, _)) = programs.last() else { break };
            after = last.to_string();
            for (program, day) in &programs {
                again(|| draft(engine, program, *day)).await?;
            }
        }
        engine.wake(Queue::Local);
        let next = Timestamp((now.utc_hour() + 1) * HOUR_MS);
        Ok(store::jobs::reschedule(&mut engine.db().write().await?, job, next).await?)
    }
}

/// Drafts the run of this month from its day on, unless that was done.
async fn draft(engine: &Engine, program: &ProgramId, day: i64) -> Result<()> {
    let now = engine.now();
    let mut tx = engine.db().begin().await?;
    let program = store::programs::get_unscoped(&mut tx, program).await?.ok_or(Error::NotFound)?;
    let Some(month) = domain::payouts::month_of_draft(now, &program.time_zone, day) else { return Ok(()) };
    if !store::payouts::begin_month(&mut tx, &program.id, &month).await? {
        return Ok(());
    }
    let by = Step { by: None, name: None, at: now };
    match put_draft(engine, &mut tx, &program, &Chosen::AllPayable, None, by).await {
        Ok((run, payouts)) => {
            let subject = format!("Payouts of {} are ready for your approval", program.name);
            let letter = Letter::new(MailKind::RunDrafted, subject)
                .of(&program.id)
                .text(format!(
                    "Run {} with {payouts} {} was drafted.",
                    run.number,
                    if payouts == 1 { "payout" } else { "payouts" },
                ))
                .link("Review and approve", engine.url(&(engine.pages().payout_run)(&program.id, &run.id)))
                .note("Honeyguide prepares the files. You send the money.");
            mail::put_to_owners(engine, &mut tx, &program.merchant_id, &letter).await?;
        }
        // No one can be paid this month.
        Err(Error::Invalid(_)) => {}
        Err(error) => return Err(error),
    }
    Ok(tx.commit().await?)
}

//! The job: fetches missed events, if that was asked for, then compares.

use connect::stripe::StripeError;
use connect::stripe::charges;
use connect::stripe::client::Caller;
use domain::clock::{MINUTE_MS, SECOND_MS};
use domain::ids::{JobId, ReconciliationId};
use domain::reconciliations::{DifferenceKind, ReconciliationOutcome, ReconciliationStep};
use store::connections::Connection;
use store::db::again;
use store::reconciliations::Reconciliation;

use super::compare::Comparison;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::stripe::backfill::Backfill;
use crate::stripe::credentials;
use crate::stripe::endpoint_checks::{self, CheckReason};
use crate::stripe::failure;

/// Pages of charges for one reconciliation: 20,000 charges, and a fiftieth of the reads that
/// Stripe allows an account in a month.
const MOST_PAGES: i64 = 200;
/// Differences that are kept; where there are more, they have one cause.
const MOST_DIFFERENCES: usize = 2_000;
/// How long fetched events may take to be processed before the comparison begins anyway,
/// milliseconds.
const WAIT_MS: i64 = 2 * MINUTE_MS;

/// How one run of the job ended.
enum RunEnd {
    /// The reconciliation has ended.
    Done(ReconciliationOutcome, Comparison),
    /// Another run has taken over.
    Overtaken,
    /// Fetched events are still being processed.
    NotYet,
}

/// Runs a reconciliation. Does nothing when it has ended.
pub(super) async fn run(engine: &Engine, job: &JobId, id: &ReconciliationId) -> Result<()> {
    let (row, connection) = {
        let mut conn = engine.db().read().await?;
        let row = store::reconciliations::get_unscoped(&mut conn, id).await?;
        let row = row.ok_or_else(|| Error::Broken(format!("no reconciliation {id}")))?;
        let connection = store::connections::get(&mut conn, &row.connection_id).await?;
        (row, connection.ok_or_else(|| Error::Broken(format!("reconciliation {id} without a connection")))?)
    };
    let attempt = again(|| async {
        let mut conn = engine.db().write().await?;
        store::reconciliations::claim(&mut conn, id, engine.now()).await
    })
    .await?;
    let Some(attempt) = attempt else {
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        return Ok(());
    };
    let run = Run { engine, job, row: &row, connection: &connection, attempt };
    match run.run().await? {
        RunEnd::Overtaken => Ok(()),
        RunEnd::NotYet => {
            let until = engine.now().plus_ms(SECOND_MS);
            Ok(store::jobs::reschedule(&mut engine.db().write().await?, job, until).await?)
        }
        RunEnd::Done(outcome, comparison) => {
            let mut differences = comparison.differences();
            differences.truncate(MOST_DIFFERENCES);
            again(|| async {
                let mut tx = engine.db().begin().await?;
                let now = engine.now();
                if store::reconciliations::finish(&mut tx, id, &outcome, now).await? {
                    if differences.iter().any(|it| it.kind == DifferenceKind::Missing) {
                        let connection = &connection.id;
                        endpoint_checks::schedule(engine, &mut tx, connection, CheckReason::Asked).await?;
                    }
                    for difference in &differences {
                        store::reconciliations::put_difference(&mut tx, id, difference).await?;
                    }
                }
                store::jobs::done(&mut tx, job).await?;
                tx.commit().await?;
                Ok(())
            })
            .await
        }
    }
}

struct Run<'a> {
    engine: &'a Engine,
    job: &'a JobId,
    row: &'a Reconciliation,
    connection: &'a Connection,
    attempt: i64,
}

fn failed(outcome: ReconciliationOutcome) -> RunEnd {
    RunEnd::Done(outcome, Comparison::default())
}

impl Run<'_> {
    async fn run(&self) -> Result<RunEnd> {
        let caller = match credentials::client(self.engine, self.connection).await {
            Ok(caller) => caller,
            Err(error @ (Error::Forbidden(_) | Error::Stripe(_))) => {
                return Ok(failed(ReconciliationOutcome::Unreachable { reason: error.to_string() }));
            }
            Err(error) => return Err(error),
        };
        if let Some(from) = self.row.backfill_from {
            if !self.row.backfill_done {
                let mut backfill = Backfill::new(self.engine, self.connection, &caller, from);
                loop {
                    if !self.is_alive(0, 0).await? {
                        return Ok(RunEnd::Overtaken);
                    }
                    match backfill.next_page().await? {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(error) => return self.failed(ReconciliationStep::Backfill, &error).await,
                    }
                }
                let mut conn = self.engine.db().write().await?;
                store::reconciliations::record_backfill(&mut conn, &self.row.id, backfill.new).await?;
            }
            if !self.is_processed().await? {
                return Ok(RunEnd::NotYet);
            }
        }
        self.compare(&caller).await
    }

    /// Whether all events have been processed, or have had their time.
    async fn is_processed(&self) -> Result<bool> {
        let mut conn = self.engine.db().read().await?;
        let (waiting, _) = store::inbox::backlog(&mut conn, &self.connection.id).await?;
        Ok(waiting == 0 || self.engine.now().since_ms(self.row.started_at) > WAIT_MS)
    }

    async fn compare(&self, caller: &Caller) -> Result<RunEnd> {
        let mut comparison = Comparison::default();
        let (mut charges, mut pages) = (0, 0);
        let mut after: Option<String> = None;
        loop {
            let page = charges::page(caller, self.row.from_at, self.row.to_at, after.as_deref()).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => return self.failed(ReconciliationStep::ListCharges, &error).await,
            };
            pages += 1;
            charges += page.charges.len() as i64;
            after = page.charges.last().map(|charge| charge.id.clone());
            let mut conn = self.engine.db().read().await?;
            for charge in page.charges.into_iter().filter(charges::Charge::is_paid) {
                let (intent, invoice) = (charge.payment_intent.as_deref(), charge.invoice.as_deref());
                let ours = &self.connection.id;
                let known =
                    store::reconciliations::known(&mut conn, ours, &charge.id, intent, invoice).await?;
                comparison.add(charge, known);
            }
            drop(conn);
            if !self.is_alive(charges, pages).await? {
                return Ok(RunEnd::Overtaken);
            }
            if !page.has_more {
                return Ok(RunEnd::Done(ReconciliationOutcome::Complete, comparison));
            }
            if pages == MOST_PAGES {
                return Ok(RunEnd::Done(ReconciliationOutcome::Partial { charges }, comparison));
            }
        }
    }

    /// Shows that this run is alive; `false` when another has taken over.
    async fn is_alive(&self, charges: i64, calls: i64) -> Result<bool> {
        again(|| async {
            let now = self.engine.now();
            let mut tx = self.engine.db().begin().await?;
            let alive =
                store::reconciliations::touch(&mut tx, &self.row.id, self.attempt, charges, calls, now)
                    .await?;
            store::jobs::extend(&mut tx, self.job, now).await?;
            tx.commit().await?;
            Ok::<_, Error>(alive)
        })
        .await
    }

    /// Ends the reconciliation because Stripe did not take a step.
    async fn failed(&self, step: ReconciliationStep, error: &StripeError) -> Result<RunEnd> {
        let is_lost = credentials::refused(self.engine, self.connection, error).await?;
        let failure = failure::classify(error, is_lost, failure::uses_platform_key(self.connection));
        let message = error.message.clone();
        Ok(failed(ReconciliationOutcome::Failed { step, failure, message }))
    }
}

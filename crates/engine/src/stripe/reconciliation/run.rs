//! The job: fetch what is missing, if that was asked for, then compare.

use connect::stripe::charges;
use connect::stripe::client::Caller;
use connect::stripe::{ErrorKind, StripeError};
use domain::clock::{MINUTE_MS, SECOND_MS};
use domain::ids::{JobId, ReconciliationId};
use store::connections::Connection;
use store::db::again;
use store::reconciliations::Reconciliation;

use super::compare::Compared;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::stripe::backfill::Missed;
use crate::stripe::credentials;

/// Pages of charges for one comparison: 20,000 charges, and a fiftieth of the reads that
/// Stripe allows an account in a month.
const MOST_PAGES: i64 = 200;
/// Differences that are kept; more are one trouble and not many.
const MOST_DIFFERENCES: usize = 2_000;
/// How long the comparison waits for what came in to be understood.
const WAIT_MS: i64 = 2 * MINUTE_MS;

/// What one step of the job came to.
enum Ended {
    /// The comparison is done: what was left out, if anything.
    Done { outcome: &'static str, text: Option<String>, compared: Compared },
    /// Another run has taken over.
    Overtaken,
    /// What came in is not understood yet.
    NotYet,
}

/// Runs a comparison. Does nothing when it has ended.
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
        store::reconciliations::take_up(&mut conn, id, engine.now()).await
    })
    .await?;
    let Some(attempt) = attempt else {
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        return Ok(());
    };
    let step = Step { engine, job, row: &row, connection: &connection, attempt };
    match step.take().await? {
        Ended::Overtaken => Ok(()),
        Ended::NotYet => {
            let until = engine.now().plus_ms(SECOND_MS);
            Ok(store::jobs::reschedule(&mut engine.db().write().await?, job, until).await?)
        }
        Ended::Done { outcome, text, compared } => {
            let mut differences = compared.differences();
            differences.truncate(MOST_DIFFERENCES);
            again(|| async {
                let mut tx = engine.db().begin().await?;
                let now = engine.now();
                if store::reconciliations::finish(&mut tx, id, outcome, text.as_deref(), now).await? {
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

struct Step<'a> {
    engine: &'a Engine,
    job: &'a JobId,
    row: &'a Reconciliation,
    connection: &'a Connection,
    attempt: i64,
}

fn failed(text: impl Into<String>) -> Ended {
    Ended::Done { outcome: "failed", text: Some(text.into()), compared: Compared::default() }
}

impl Step<'_> {
    async fn take(&self) -> Result<Ended> {
        let caller = match credentials::client(self.engine, self.connection).await {
            Ok(caller) => caller,
            Err(error @ (Error::Forbidden(_) | Error::Stripe(_))) => return Ok(failed(error.to_string())),
            Err(error) => return Err(error),
        };
        if let Some(from) = self.row.take_in_from {
            if !self.row.has_taken_in {
                let mut missed = Missed::new(self.engine, self.connection, &caller, from);
                loop {
                    if !self.is_alive(0, 0).await? {
                        return Ok(Ended::Overtaken);
                    }
                    match missed.page().await? {
                        Ok(true) => {}
                        Ok(false) => break,
                        Err(error) => return self.refused(&error, "Nothing could be taken in").await,
                    }
                }
                let mut conn = self.engine.db().write().await?;
                store::reconciliations::note_taken_in(&mut conn, &self.row.id, missed.new).await?;
            }
            if !self.is_understood().await? {
                return Ok(Ended::NotYet);
            }
        }
        self.compare(&caller).await
    }

    /// Whether everything that came in has been understood, or has had its time.
    async fn is_understood(&self) -> Result<bool> {
        let mut conn = self.engine.db().read().await?;
        let (waiting, _) = store::inbox::backlog(&mut conn, &self.connection.id).await?;
        Ok(waiting == 0 || self.engine.now().since_ms(self.row.started_at) > WAIT_MS)
    }

    async fn compare(&self, caller: &Caller) -> Result<Ended> {
        let mut compared = Compared::default();
        let (mut charges, mut pages) = (0, 0);
        let mut after: Option<String> = None;
        loop {
            let page = charges::page(caller, self.row.from_at, self.row.to_at, after.as_deref()).await;
            let page = match page {
                Ok(page) => page,
                Err(error) => return self.refused(&error, "The charges could not be read").await,
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
                compared.add(charge, known);
            }
            drop(conn);
            if !self.is_alive(charges, pages).await? {
                return Ok(Ended::Overtaken);
            }
            if !page.has_more {
                return Ok(Ended::Done { outcome: "complete", text: None, compared });
            }
            if pages == MOST_PAGES {
                let text = format!(
                    "Only the newest {charges} charges of the period were compared. Compare the rest in a shorter period."
                );
                return Ok(Ended::Done { outcome: "partial", text: Some(text), compared });
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

    async fn refused(&self, error: &StripeError, what: &str) -> Result<Ended> {
        if credentials::refused(self.engine, self.connection, error).await? {
            return Ok(failed(format!(
                "{what}: Stripe does not let Honeyguide in any more. Reconnect Stripe."
            )));
        }
        let advice = match error.kind {
            ErrorKind::Forbidden => " Give the key the permission in Stripe, then compare again.",
            _ if error.passes() => " Try again in a few minutes.",
            _ => "",
        };
        Ok(failed(format!("{what}. Stripe says: {error}{advice}")))
    }
}

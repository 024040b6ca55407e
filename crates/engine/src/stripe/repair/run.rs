//! A run of a repair: what it reports is stored at once, and a run that was overtaken by
//! another can report nothing more.

use connect::secret::Secret;
use connect::stripe::StripeError;
use connect::stripe::endpoints::Endpoint;
use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::connections::ConnectionProblem;
use domain::ids::{ConnectionId, JobId, RepairId};
use domain::repairs::{LineStatus, RepairLine, RepairOutcome, RepairStep};
use store::connections::Connection;
use store::db::{DbError, Tx, again};
use store::repairs::Repair;

use super::mail;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::stripe::connections;
use crate::stripe::endpoints;
use crate::stripe::failure;

/// Why a run goes no further.
pub(super) enum Halt {
    /// An error of ours: the job tries again.
    Fault(Error),
    /// Another run has taken over, or the repair has ended.
    Overtaken,
    /// There is nothing more to do; the lines say why.
    Reported,
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<DbError> for Halt {
    fn from(error: DbError) -> Self {
        Self::Fault(error.into())
    }
}

/// What the steps of a run return.
pub(super) type StepResult<T> = std::result::Result<T, Halt>;

/// The line that says that Stripe did not take a step.
pub(super) fn failed(step: RepairStep, error: &StripeError, is_lost: bool, is_platform: bool) -> RepairLine {
    let failure = failure::classify(error, is_lost, is_platform);
    RepairLine::Failed { step, failure, status: error.status, message: error.message.clone() }
}

/// What a step stores.
enum Record<'a> {
    Line(i64, &'a RepairLine),
    Fetched { from: Timestamp, fetched: i64, recovered: i64 },
    Endpoint { connection: &'a ConnectionId, created: &'a Endpoint, secret: &'a Secret },
}

impl Record<'_> {
    async fn put(&self, engine: &Engine, tx: &mut Tx, repair: &RepairId) -> Result<()> {
        match self {
            Self::Line(position, line) => store::repairs::write_line(tx, repair, *position, line).await?,
            Self::Fetched { from, fetched, recovered } => {
                store::repairs::record_fetched(tx, repair, *from, *fetched, *recovered).await?;
            }
            Self::Endpoint { connection, created, secret } => {
                let now = engine.now();
                connections::put_secret(engine, tx, connection, secret, now).await?;
                let endpoint = endpoints::stored(created);
                store::connections::set_endpoint(tx, connection, Some(&endpoint), now).await?;
            }
        }
        Ok(())
    }
}

/// A run.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub repair: Repair,
    job: &'a JobId,
    attempt: i64,
    lines: i64,
    has_changed: bool,
    /// The first line that failed.
    problem: Option<RepairLine>,
    /// Whether a line stays as it is until a person does something.
    needs_a_person: bool,
    is_complete: bool,
}

impl<'a> Run<'a> {
    /// Begins a run; `None` when the repair has ended.
    pub(super) async fn claim(engine: &'a Engine, job: &'a JobId, repair: Repair) -> Result<Option<Self>> {
        let attempt = again(|| async {
            let mut tx = engine.db().begin().await?;
            let attempt = store::repairs::claim(&mut tx, &repair.id, engine.now()).await?;
            tx.commit().await?;
            Ok::<_, Error>(attempt)
        })
        .await?;
        Ok(attempt.map(|attempt| Self {
            engine,
            repair,
            job,
            attempt,
            lines: 0,
            has_changed: false,
            problem: None,
            needs_a_person: false,
            is_complete: false,
        }))
    }

    /// Appends a line to the report.
    pub(super) async fn append(&mut self, line: RepairLine) -> StepResult<()> {
        self.store(&Record::Line(self.lines, &line)).await?;
        self.lines += 1;
        self.has_changed |= line.status() == LineStatus::Changed;
        self.needs_a_person |= line.needs_a_person();
        if line.status() == LineStatus::Failed {
            self.problem.get_or_insert(line);
        }
        Ok(())
    }

    /// Records what the backfill has fetched so far.
    pub(super) async fn record_fetched(
        &self,
        from: Timestamp,
        fetched: i64,
        recovered: i64,
    ) -> StepResult<()> {
        self.store(&Record::Fetched { from, fetched, recovered }).await
    }

    /// Notes that every missed event has been fetched.
    pub(super) fn is_complete(&mut self) {
        self.is_complete = true;
    }

    /// Stores an endpoint that was created on an account, with its secret.
    pub(super) async fn store_endpoint(
        &self,
        connection: &ConnectionId,
        created: &Endpoint,
        secret: &Secret,
    ) -> StepResult<()> {
        self.store(&Record::Endpoint { connection, created, secret }).await
    }

    /// Stores what a step reports, together with the sign that this run is alive: the job's
    /// lease begins again, so that no other worker takes a long repair for a dead one.
    async fn store(&self, record: &Record<'_>) -> StepResult<()> {
        let is_ours = again(|| async {
            let now = self.engine.now();
            let mut tx = self.engine.db().begin().await?;
            let is_ours = store::repairs::touch(&mut tx, &self.repair.id, self.attempt, now).await?;
            if is_ours {
                record.put(self.engine, &mut tx, &self.repair.id).await?;
                store::jobs::extend(&mut tx, self.job, now).await?;
                tx.commit().await?;
            }
            Ok::<_, Error>(is_ours)
        })
        .await?;
        if is_ours { Ok(()) } else { Err(Halt::Overtaken) }
    }

    /// Ends the repair and its job.
    pub(super) async fn finish(self, connection: &Connection) -> Result<()> {
        let outcome = match (&self.problem, self.has_changed) {
            (Some(_), _) => RepairOutcome::NeedsAttention,
            (None, true) => RepairOutcome::Repaired,
            (None, false) => RepairOutcome::Healthy,
        };
        again(|| async {
            let now = self.engine.now();
            let mut tx = self.engine.db().begin().await?;
            store::repairs::finish(&mut tx, &self.repair.id, outcome, self.is_complete, now).await?;
            store::jobs::done(&mut tx, self.job).await?;
            let current = store::connections::get(&mut tx, &connection.id).await?;
            if current.is_some_and(|current| current.is_connected()) {
                let problem = self.problem.clone().map(|line| ConnectionProblem::RepairFailed { line });
                store::connections::set_problem(&mut tx, &connection.id, problem.as_ref()).await?;
                if problem.is_none() {
                    store::connections::settle_failures(&mut tx, &connection.id, now).await?;
                }
                if let Some(line) = self.problem.as_ref().filter(|_| self.needs_a_person) {
                    mail::mail_owners(self.engine, &mut tx, connection, self.repair.cause, line).await?;
                }
            }
            self.record_in_audit(&mut tx, connection).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// A repair that changed something is recorded in the audit trail.
    async fn record_in_audit(&self, tx: &mut Tx, connection: &Connection) -> Result<()> {
        let Some(program) =
            store::programs::get_unscoped(tx, &connection.program_id).await?.filter(|_| self.has_changed)
        else {
            return Ok(());
        };
        let action = AuditAction::WebhooksRepaired { repair: self.repair.id.clone() };
        let mut line = audit::line(program.id.as_str(), action)
            .of_merchant(&program.merchant_id)
            .of_program(&program.id);
        if let Some(account) = &self.repair.account_id {
            line = line.by(account);
        }
        audit::put(self.engine, tx, line).await
    }
}

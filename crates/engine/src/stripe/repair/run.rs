//! A run of a repair: what it says is on disk at once, and a run that was overtaken by
//! another can say nothing more.

use connect::secret::Secret;
use connect::stripe::endpoints::Endpoint;
use domain::clock::Timestamp;
use domain::connections::ConnectionProblem;
use domain::ids::{ConnectionId, JobId, RepairId};
use store::connections::Connection;
use store::db::{DbError, Tx, again};
use store::repairs::{Line as StoredLine, Repair};

use super::Cause;
use super::report::{Line, LineState, Outcome};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::mail;
use crate::stripe::connections;
use crate::stripe::endpoints;

/// Why a run goes no further.
pub(super) enum Halt {
    /// A fault of ours: the job tries again.
    Fault(Error),
    /// Another run has taken over, or the repair has ended.
    Overtaken,
    /// There is nothing more to do; the lines say why.
    Said,
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

/// What the steps of a run answer.
pub(super) type Step<T> = std::result::Result<T, Halt>;

/// What a step writes down.
enum Written<'a> {
    Line(i64, StoredLine),
    Count { from: Timestamp, fetched: i64, recovered: i64 },
    Endpoint { connection: &'a ConnectionId, made: &'a Endpoint, secret: &'a Secret },
}

impl Written<'_> {
    async fn put(&self, engine: &Engine, tx: &mut Tx, repair: &RepairId) -> Result<()> {
        match self {
            Self::Line(place, line) => store::repairs::append_line(tx, repair, *place, line).await?,
            Self::Count { from, fetched, recovered } => {
                store::repairs::count(tx, repair, *from, *fetched, *recovered).await?;
            }
            Self::Endpoint { connection, made, secret } => {
                let now = engine.now();
                connections::put_secret(engine, tx, connection, secret, now).await?;
                let endpoint = endpoints::stored(made, now);
                store::connections::set_endpoint(tx, connection, Some(&endpoint)).await?;
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
    trouble: Option<String>,
    /// Whether it stays until somebody does something.
    needs_a_person: bool,
    is_complete: bool,
}

impl<'a> Run<'a> {
    /// Begins a run; `None` when the repair has ended.
    pub(super) async fn take_up(engine: &'a Engine, job: &'a JobId, repair: Repair) -> Result<Option<Self>> {
        let attempt = again(|| async {
            let mut tx = engine.db().begin().await?;
            let attempt = store::repairs::take_up(&mut tx, &repair.id, engine.now()).await?;
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
            trouble: None,
            needs_a_person: false,
            is_complete: false,
        }))
    }

    /// Writes a line.
    pub(super) async fn append_line(&mut self, line: Line) -> Step<()> {
        self.has_changed |= line.state == LineState::Changed;
        if line.state == LineState::Refused {
            // What Stripe did not answer passes by itself.
            self.needs_a_person |= !line.code.ends_with("away");
            self.trouble.get_or_insert_with(|| line.text.clone());
        }
        self.write(&Written::Line(self.lines, line.stored())).await?;
        self.lines += 1;
        Ok(())
    }

    /// Writes what a replay has fetched so far.
    pub(super) async fn count(&self, from: Timestamp, fetched: i64, recovered: i64) -> Step<()> {
        self.write(&Written::Count { from, fetched, recovered }).await
    }

    /// Everything since the replay's beginning is here.
    pub(super) fn is_complete(&mut self) {
        self.is_complete = true;
    }

    /// Keeps an endpoint that was made on an account, with its secret.
    pub(super) async fn keep(&self, connection: &ConnectionId, made: &Endpoint, secret: &Secret) -> Step<()> {
        self.write(&Written::Endpoint { connection, made, secret }).await
    }

    /// What a step writes, together with the sign that this run is alive: the job's lease
    /// begins anew, so that no other worker takes a long repair for a dead one.
    async fn write(&self, written: &Written<'_>) -> Step<()> {
        let is_ours = again(|| async {
            let now = self.engine.now();
            let mut tx = self.engine.db().begin().await?;
            let is_ours = store::repairs::touch(&mut tx, &self.repair.id, self.attempt, now).await?;
            if is_ours {
                written.put(self.engine, &mut tx, &self.repair.id).await?;
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
        let outcome = match (&self.trouble, self.has_changed) {
            (Some(_), _) => Outcome::Trouble,
            (None, true) => Outcome::Mended,
            (None, false) => Outcome::Well,
        };
        again(|| async {
            let now = self.engine.now();
            let mut tx = self.engine.db().begin().await?;
            store::repairs::finish(&mut tx, &self.repair.id, outcome.as_str(), self.is_complete, now).await?;
            store::jobs::done(&mut tx, self.job).await?;
            let current = store::connections::get(&mut tx, &connection.id).await?;
            if current.is_some_and(|current| current.is_connected()) {
                store::connections::set_problem(&mut tx, &connection.id, self.problem().as_ref()).await?;
                self.tell_owners(&mut tx, connection).await?;
            }
            self.remember(&mut tx, connection).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    /// The problem that the connection has after this run.
    fn problem(&self) -> Option<ConnectionProblem> {
        self.trouble.clone().map(|message| ConnectionProblem::RepairFailed { message })
    }

    /// Nobody looks at the report of a daily check, so what it cannot put right is told by
    /// mail, once for the same trouble.
    async fn tell_owners(&self, tx: &mut Tx, connection: &Connection) -> Result<()> {
        let is_news = self.problem() != connection.problem;
        let Some(trouble) = self.trouble.as_deref().filter(|_| self.needs_a_person && is_news) else {
            return Ok(());
        };
        if self.repair.cause != Cause::Daily.as_str() {
            return Ok(());
        }
        let Some(program) = store::programs::get_unscoped(tx, &connection.program_id).await? else {
            return Ok(());
        };
        let subject = format!("Stripe needs your attention: {}", program.name);
        let page = format!("{}/programs/{}/settings/stripe", self.engine.base_url(), program.id);
        let text = format!(
            "The daily check found something at Stripe that it cannot put right by itself:\n\n{trouble}\n\nThe report \
             and the button Repair Webhooks are here:\n{page}\n"
        );
        mail::put_to_owners(self.engine, tx, &program.merchant_id, &subject, &text).await
    }

    /// A repair that changed something stands in the audit trail.
    async fn remember(&self, tx: &mut Tx, connection: &Connection) -> Result<()> {
        let Some(program) =
            store::programs::get_unscoped(tx, &connection.program_id).await?.filter(|_| self.has_changed)
        else {
            return Ok(());
        };
        let text = format!("Webhooks were repaired; the report is {}.", self.repair.id);
        let mut line = audit::line("stripe.repaired", program.id.as_str(), text)
            .of_merchant(&program.merchant_id)
            .of_program(&program.id);
        if let Some(account) = &self.repair.account_id {
            line = line.by(account);
        }
        audit::put(self.engine, tx, line).await
    }
}

//! Repair Webhooks: finds out why events of a connection do not arrive, puts right what
//! can be put right at Stripe, and fetches what was missed.
//!
//! A repair is a job. What is to be done follows from what is found, so it can be done
//! again after a crash; a unique index lets one run at a time, on whatever node.

mod by_hand;
mod checks;
mod daily_check_job;
mod fetch;
mod first_backfill_job;
mod mend;
mod plan;
mod report;
mod run;
mod run_repair_job;
mod site;

use std::time::Duration;

use connect::stripe::client::Caller;
use connect::stripe::{ErrorKind, account};
use domain::connections::{ConnectionMethod, ConnectionStatus};
use domain::ids::{JobId, ProgramId, RepairId};
use domain::jobs::Queue;
use store::connections::Connection;
use store::db::{Conn, again};
use tokio::time::Instant;

pub(crate) use self::daily_check_job::DailyCheck;
pub use self::report::{Line, LineState, Outcome, Report};
use self::run::{Halt, Run, Step};
pub(crate) use self::run_repair_job::RunRepair;
use self::site::Site;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;
use crate::stripe::connections;
use crate::stripe::credentials;
use crate::stripe::platform;

/// How often a waiting page looks whether a repair has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Who or what asks for a repair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The button.
    Button,
    /// The API.
    Api,
    /// The daily check.
    Daily,
}

impl Cause {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Button => "button",
            Self::Api => "api",
            Self::Daily => "daily",
        }
    }
}

/// Starts a repair of a program's connection and answers at once; where one is running,
/// answers that one. In manual mode the report is there at once: it says what to do.
pub async fn start(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    cause: Cause,
) -> Result<Report> {
    actor.may_write()?;
    let id = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let connection =
            store::connections::of_program(&mut tx, &program.id).await?.ok_or(Error::Forbidden(NOTHING))?;
        match connection.status {
            ConnectionStatus::Connected => {}
            ConnectionStatus::Revoked => return Err(Error::Forbidden(REVOKED)),
            ConnectionStatus::Disconnected => return Err(Error::Forbidden(NOTHING)),
        }
        let id = begin(engine, &mut tx, &connection, cause, Some(actor)).await?;
        tx.commit().await?;
        Ok(id)
    })
    .await?;
    engine.wake(Queue::External);
    report(engine, actor, program, &id).await
}

const NOTHING: &str = "Stripe is not connected, so there is nothing to repair. Connect it first.";
const REVOKED: &str =
    "Stripe does not let Honeyguide in any more, so nothing can be repaired. Reconnect Stripe.";

/// Begins a repair as part of a transaction, or finds the one that is running.
async fn begin(
    engine: &Engine,
    tx: &mut Conn,
    connection: &Connection,
    cause: Cause,
    actor: Option<&MerchantActor>,
) -> Result<RepairId> {
    let now = engine.now();
    store::repairs::end_silent(tx, &connection.id, now.plus_ms(-report::SILENT_MS), now).await?;
    let id = RepairId::new(now, engine.random());
    let by = actor.map(MerchantActor::account_id);
    if !store::repairs::put(tx, &id, &connection.id, cause.as_str(), by, now).await? {
        let running = store::repairs::running(tx, &connection.id).await?;
        return running.map(|running| running.id).ok_or(Error::Unavailable);
    }
    if !connection.method().can_call_stripe() {
        say_by_hand(engine, tx, connection, &id).await?;
    } else {
        jobs::enqueue(engine, tx, &RunRepair(id.clone()), now).await?;
    }
    Ok(id)
}

async fn say_by_hand(engine: &Engine, tx: &mut Conn, connection: &Connection, id: &RepairId) -> Result<()> {
    let now = engine.now();
    let url = connections::webhook_url(engine, &connection.endpoint_token);
    let secrets = store::connections::secrets(tx, &connection.id, now).await?;
    let newest = secrets.first().map(|secret| secret.last_four.as_str());
    for (place, line) in (0..).zip(by_hand::instructions(connection, &url, newest)) {
        store::repairs::append_line(tx, id, place, &line.stored()).await?;
    }
    store::repairs::finish(tx, id, Outcome::Trouble.as_str(), false, now).await?;
    Ok(())
}

/// A repair of a program.
pub async fn report(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &RepairId,
) -> Result<Report> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let repair = store::repairs::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    Report::read(&mut conn, repair, engine.now()).await
}

/// The newest repair of a program's present connection.
pub async fn latest(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Option<Report>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let Some(connection) = store::connections::of_program(&mut conn, &program.id).await? else {
        return Ok(None);
    };
    let Some(repair) = store::repairs::latest(&mut conn, &connection.id).await? else { return Ok(None) };
    Ok(Some(Report::read(&mut conn, repair, engine.now()).await?))
}

/// Waits until a repair has ended, at most so long; answers how it stands then.
pub async fn wait(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &RepairId,
    at_most: Duration,
) -> Result<Report> {
    let deadline = Instant::now() + at_most;
    loop {
        let report = report(engine, actor, program, id).await?;
        if !report.is_running() || Instant::now() >= deadline {
            return Ok(report);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Runs a repair. Does nothing when it has ended.
async fn run(engine: &Engine, job: &JobId, id: &RepairId) -> Result<()> {
    let (repair, connection) = {
        let mut conn = engine.db().read().await?;
        let repair = store::repairs::get_unscoped(&mut conn, id).await?;
        let repair = repair.ok_or_else(|| Error::Broken(format!("no repair {id}")))?;
        let connection = store::connections::get(&mut conn, &repair.connection_id).await?;
        (repair, connection.ok_or_else(|| Error::Broken(format!("repair {id} without a connection")))?)
    };
    let Some(mut run) = Run::take_up(engine, job, repair).await? else {
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        return Ok(());
    };
    match steps(&mut run, &connection).await {
        Ok(()) | Err(Halt::Said) => run.finish(&connection).await,
        Err(Halt::Overtaken) => Ok(()),
        Err(Halt::Fault(error)) => Err(error),
    }
}

async fn steps(run: &mut Run<'_>, connection: &Connection) -> Step<()> {
    let engine = run.engine;
    let caller = reach_account(run, connection).await?;
    let since = {
        let mut conn = engine.db().read().await?;
        let complete = store::repairs::last_complete(&mut conn, &connection.id).await?;
        crate::stripe::backfill::since(connection, complete, engine.now())
    };
    if connection.is_oauth() {
        let livemode = connection.livemode.unwrap_or(true);
        let platform = engine.stripe().with(&credentials::platform(engine, livemode)?);
        let site = Site::of(engine, connection, platform).await?;
        let lease = platform::alone(engine, livemode).await?;
        let mended = mend::mend(run, connection, &site, since).await;
        lease.end(engine).await?;
        mended?;
    } else {
        let site = Site::of(engine, connection, caller.clone()).await?;
        mend::mend(run, connection, &site, since).await?;
    }
    fetch::fetch(run, connection, &caller, since).await
}

/// The first step: whether Stripe lets us in.
async fn reach_account(run: &mut Run<'_>, connection: &Connection) -> Step<Caller> {
    const TITLE: &str = "Reach the account";
    let caller = match credentials::client(run.engine, connection).await {
        Ok(caller) => caller,
        Err(error @ (Error::Forbidden(_) | Error::Stripe(_))) => {
            run.append_line(Line::new(
                "not_reached",
                LineState::Refused,
                TITLE,
                "refused",
                error.to_string(),
            ))
            .await?;
            return Err(Halt::Said);
        }
        Err(error) => return Err(error.into()),
    };
    let error = match account::account(&caller).await {
        Ok(account) => {
            let whose = account.name.as_deref().unwrap_or(&account.id);
            let text = format!("Stripe lets Honeyguide in; the account is {whose}.");
            run.append_line(Line::new("reached", LineState::Done, TITLE, "done", text)).await?;
            note_account(run, connection, &account).await?;
            return Ok(caller);
        }
        Err(error) => error,
    };
    if error.kind == ErrorKind::Forbidden && connection.method() == ConnectionMethod::Key {
        let text = "The key works. It may not read the account’s name, which is not needed.";
        run.append_line(Line::new("reached", LineState::Done, TITLE, "done", text)).await?;
        return Ok(caller);
    }
    let is_lost = credentials::refused(run.engine, connection, &error).await?;
    let (code, word, text) = if is_lost {
        ("access_lost", "refused", "Stripe does not let Honeyguide in any more. Reconnect Stripe.")
    } else if error.passes() {
        (
            "away",
            "no answer",
            "Stripe did not answer as it should. Nothing was changed; try again in a few minutes.",
        )
    } else {
        ("refused", "refused", "Stripe refused. Nothing was changed.")
    };
    run.append_line(Line::new(code, LineState::Refused, TITLE, word, text).quoting(&error.message)).await?;
    Err(Halt::Said)
}

/// Keeps what Stripe says about the account. A key that could not read it before may turn
/// out to be of an account that feeds another program.
async fn note_account(run: &mut Run<'_>, connection: &Connection, account: &account::Account) -> Step<()> {
    let mut conn = run.engine.db().write().await?;
    let others = store::connections::of_account(&mut conn, &account.id).await?;
    let is_shared = others.iter().any(|other| {
        other.is_connected() && other.id != connection.id && other.livemode == connection.livemode
    });
    if !is_shared {
        let name = account.name.as_deref();
        store::connections::set_account(&mut conn, &connection.id, &account.id, name).await?;
        return Ok(());
    }
    drop(conn);
    let text = "This Stripe account is connected to another program too. Its events cannot be told apart, so its payments \
                may be credited in both. Disconnect one of them.";
    run.append_line(Line::new(
        "account_shared",
        LineState::Refused,
        "Compare with other programs",
        "shared",
        text,
    ))
    .await
}

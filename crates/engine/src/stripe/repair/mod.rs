//! Repair Webhooks: finds out why events of a connection do not arrive, fixes what can be
//! fixed at Stripe, and fetches what was missed.
//!
//! A repair is a job. What has to be done follows from what is found, so it can be done
//! again after a crash; a unique index lets one run at a time, on whatever node.

mod check_endpoint_job;
mod checks;
mod daily_check_job;
mod endpoint_account;
mod fetch;
mod first_backfill_job;
mod fix;
mod mail;
mod manual;
mod plan;
mod report;
mod run;
mod run_repair_job;

use std::time::Duration;

use connect::stripe::client::Caller;
use connect::stripe::{ErrorKind, account};
use domain::connections::{ConnectionMethod, ConnectionStatus};
use domain::ids::{JobId, ProgramId, RepairId};
use domain::jobs::Queue;
use domain::repairs::{RepairCause, RepairLine, RepairOutcome, RepairStep};
use store::connections::Connection;
use store::db::{Conn, again};
use tokio::time::Instant;

pub(crate) use self::daily_check_job::DailyCheck;
use self::endpoint_account::EndpointAccount;
pub use self::report::RepairReport;
use self::run::{Halt, Run, StepResult};
pub(crate) use self::run_repair_job::RunRepair;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;
use crate::stripe::connections;
use crate::stripe::credentials;
use crate::stripe::endpoint_checks::{self, CheckReason};
use crate::stripe::failure::uses_platform_key;
use crate::stripe::platform;

/// How often [`wait`] looks whether a repair has ended.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Starts a repair of a program's connection and returns its report so far; where one is
/// running already, that one's. A manual connection has its whole report at once: it says
/// what to do.
pub async fn start(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    cause: RepairCause,
) -> Result<RepairReport> {
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
    "Honeyguide no longer has access to this Stripe account, so nothing can be repaired. Reconnect Stripe.";

/// Starts a repair as part of a transaction, or finds the one that is running.
async fn begin(
    engine: &Engine,
    tx: &mut Conn,
    connection: &Connection,
    cause: RepairCause,
    actor: Option<&MerchantActor>,
) -> Result<RepairId> {
    let now = engine.now();
    store::repairs::end_stalled(tx, &connection.id, now.plus_ms(-report::STALLED_MS), now).await?;
    let id = RepairId::new(now, engine.random());
    let by = actor.map(MerchantActor::account_id);
    if !store::repairs::put(tx, &id, &connection.id, cause, by, now).await? {
        let running = store::repairs::running(tx, &connection.id).await?;
        return running.map(|running| running.id).ok_or(Error::Unavailable);
    }
    if !connection.method().can_call_stripe() {
        report_manual_steps(engine, tx, connection, &id).await?;
    } else {
        jobs::enqueue(engine, tx, &RunRepair(id.clone()), now).await?;
    }
    Ok(id)
}

async fn report_manual_steps(
    engine: &Engine,
    tx: &mut Conn,
    connection: &Connection,
    id: &RepairId,
) -> Result<()> {
    let now = engine.now();
    let url = connections::webhook_url(engine, &connection.endpoint_token);
    let secrets = store::connections::secrets(tx, &connection.id, now).await?;
    let newest = secrets.first().map(|secret| secret.last_four.as_str());
    for (position, line) in (0..).zip(manual::instructions(connection, &url, newest)) {
        store::repairs::write_line(tx, id, position, &line).await?;
    }
    store::repairs::finish(tx, id, RepairOutcome::NeedsAttention, false, now).await?;
    Ok(())
}

/// A repair of a program.
pub async fn report(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &RepairId,
) -> Result<RepairReport> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let repair = store::repairs::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    RepairReport::read(&mut conn, repair, engine.now()).await
}

/// Has a program's endpoint looked at again, in the background, when the last look is older
/// than a few minutes: what has happened to it at Stripe meanwhile is not told by events.
pub async fn look_again(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<()> {
    let connection = {
        let mut conn = engine.db().read().await?;
        let program = scope::program(&mut conn, actor, program).await?;
        store::connections::of_program(&mut conn, &program.id).await?
    };
    let is_due = |connection: &Connection| endpoint_checks::is_due(connection, engine.now());
    let Some(connection) = connection.filter(is_due) else { return Ok(()) };
    let is_scheduled = again(|| async {
        let mut tx = engine.db().begin().await?;
        let is_scheduled =
            endpoint_checks::schedule(engine, &mut tx, &connection.id, CheckReason::Asked).await?;
        tx.commit().await?;
        Ok::<_, Error>(is_scheduled)
    })
    .await?;
    if is_scheduled {
        engine.wake(Queue::External);
    }
    Ok(())
}

/// The newest repair since a program was connected as it is now: an earlier one says nothing
/// about this connection.
pub async fn latest(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<Option<RepairReport>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let Some(connection) = store::connections::of_program(&mut conn, &program.id).await? else {
        return Ok(None);
    };
    let repair = store::repairs::latest(&mut conn, &connection.id).await?;
    let Some(repair) = repair.filter(|repair| repair.started_at >= connection.connected_at) else {
        return Ok(None);
    };
    Ok(Some(RepairReport::read(&mut conn, repair, engine.now()).await?))
}

/// Waits until a repair has ended, but no longer than `at_most`, and returns its report.
pub async fn wait(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &RepairId,
    at_most: Duration,
) -> Result<RepairReport> {
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
    let Some(mut run) = Run::claim(engine, job, repair).await? else {
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        return Ok(());
    };
    match steps(&mut run, &connection).await {
        Ok(()) | Err(Halt::Reported) => run.finish(&connection).await,
        Err(Halt::Overtaken) => Ok(()),
        Err(Halt::Fault(error)) => Err(error),
    }
}

async fn steps(run: &mut Run<'_>, connection: &Connection) -> StepResult<()> {
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
        let account = EndpointAccount::of(engine, connection, platform).await?;
        let lease = platform::alone(engine, livemode).await?;
        let fixed = fix::fix(run, connection, &account, since).await;
        lease.end(engine).await?;
        fixed?;
    } else {
        let account = EndpointAccount::of(engine, connection, caller.clone()).await?;
        fix::fix(run, connection, &account, since).await?;
    }
    fetch::fetch(run, connection, &caller, since).await
}

/// The first step: whether Stripe answers for the account.
async fn reach_account(run: &mut Run<'_>, connection: &Connection) -> StepResult<Caller> {
    let caller = match credentials::client(run.engine, connection).await {
        Ok(caller) => caller,
        Err(error @ (Error::Forbidden(_) | Error::Stripe(_))) => {
            run.append(RepairLine::AccountUnreachable { reason: error.to_string() }).await?;
            return Err(Halt::Reported);
        }
        Err(error) => return Err(error.into()),
    };
    let error = match account::account(&caller).await {
        Ok(account) => {
            let name = account.name.clone().unwrap_or_else(|| account.id.clone());
            run.append(RepairLine::AccountReached { account: Some(name) }).await?;
            note_account(run, connection, &account).await?;
            return Ok(caller);
        }
        Err(error) => error,
    };
    if error.kind == ErrorKind::Forbidden && connection.method() == ConnectionMethod::Key {
        run.append(RepairLine::AccountReached { account: None }).await?;
        return Ok(caller);
    }
    let is_lost = credentials::refused(run.engine, connection, &error).await?;
    let is_platform = uses_platform_key(connection);
    run.append(run::failed(RepairStep::ReachAccount, &error, is_lost, is_platform)).await?;
    Err(Halt::Reported)
}

/// Stores what Stripe says about the account. A key that could not read it before may turn
/// out to be one of an account that feeds another program.
async fn note_account(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &account::Account,
) -> StepResult<()> {
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
    run.append(RepairLine::AccountShared).await
}

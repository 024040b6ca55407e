//! Payout runs: drafted, reviewed, approved and sent.

use std::collections::BTreeMap;

use domain::audit::AuditAction;
use domain::checks::NamedAffiliate;
use domain::clock::Timestamp;
use domain::ids::{AffiliateId, PayoutId, PayoutRunId, ProgramId};
use domain::jobs::Queue;
use domain::money::Currency;
use domain::payouts::{PayoutStatus, RunStatus};
use store::db::{AFTER_ALL_IDS, Conn, Tx, again};
use store::payouts::{Due, NewPayout, PayoutFile, PayoutRow, Run, Step, Sum};
use store::programs::Program;

use super::due::Rules;
use super::files::MOST_PAYOUTS;
use super::prepare::{PreparePayouts, prepare};
use super::{claimant, files, settings};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::MerchantActor;
use crate::identity::{audit, scope};
use crate::jobs;

/// Payouts that are put together while the merchant waits; the rest follows in the background.
const AT_ONCE: usize = 100;

/// Who is paid by a run.
#[derive(Debug, Clone)]
pub enum Chosen {
    /// Everyone who can be paid.
    AllPayable,
    /// Some affiliates, each in one currency.
    Some(Vec<(AffiliateId, Currency)>),
}

/// Drafts a run that pays what is payable until a time. The draft claims the entries, so that no
/// other run can pay them.
///
/// # Errors
/// [`Error::Invalid`] when no one of the chosen can be paid.
pub async fn draft(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    chosen: &Chosen,
    until: Option<Timestamp>,
) -> Result<PayoutRunId> {
    actor.may_write()?;
    let (run, payouts) = again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let by = Step { by: Some(actor.account_id().clone()), name: None, at: engine.now() };
        let drafted = put_draft(engine, &mut tx, &program, chosen, until, by).await?;
        let (run, _) = &drafted;
        let action = AuditAction::PayoutRunDrafted { number: run.number };
        let line = audit::line(run.id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok::<_, Error>(drafted)
    })
    .await?;
    if payouts > AT_ONCE {
        engine.wake(Queue::Local);
    } else {
        prepare(engine, &run.program_id, &run.id).await?;
    }
    Ok(run.id)
}

/// Adds a run with its payouts, and the job that prepares them.
pub(super) async fn put_draft(
    engine: &Engine,
    tx: &mut Tx,
    program: &Program,
    chosen: &Chosen,
    until: Option<Timestamp>,
    drafted: Step,
) -> Result<(Run, usize)> {
    let now = engine.now();
    let rules = Rules::load(engine, tx, program).await?;
    let due = who(tx, program, &rules, chosen).await?;
    if due.is_empty() {
        return Err(Error::field("affiliate", "Choose at least one affiliate who can be paid"));
    }
    let run = Run {
        id: PayoutRunId::new(now, engine.random()),
        program_id: program.id.clone(),
        number: store::payouts::next_number(tx, &program.id).await?,
        status: RunStatus::Preparing,
        until: until.unwrap_or(now).min(now),
        drafted,
        approved: None,
        sent: None,
        ended_at: None,
    };
    store::payouts::put_run(tx, &run).await?;
    let new = |due: &Due| NewPayout {
        id: PayoutId::new(now, engine.random()),
        affiliate_id: due.affiliate_id.clone(),
        currency: due.currency,
    };
    let payouts: Vec<NewPayout> = due.iter().map(new).collect();
    store::payouts::add_payouts(tx, &run, &payouts).await?;
    let job = PreparePayouts { program: program.id.clone(), run: run.id.clone() };
    jobs::enqueue(engine, tx, &job, now).await?;
    Ok((run, payouts.len()))
}

/// Those of the chosen who can be paid.
async fn who(conn: &mut Conn, program: &Program, rules: &Rules, chosen: &Chosen) -> Result<Vec<Due>> {
    let key = rules.key(program);
    match chosen {
        Chosen::AllPayable => {
            let (status, limit) = (Some(domain::payouts::DueStatus::Payable), MOST_PAYOUTS as i64);
            Ok(store::payouts::due(conn, &key, status, 0, limit).await?.0)
        }
        Chosen::Some(chosen) => {
            if chosen.len() > MOST_PAYOUTS {
                return Err(Error::field("affiliate", format!("Choose {MOST_PAYOUTS} at most")));
            }
            let mut found = Vec::new();
            for (affiliate, currency) in chosen {
                let of = store::payouts::due_of(conn, &key, affiliate).await?;
                found.extend(
                    of.into_iter().find(|due| due.currency == *currency && due.status.may_be_chosen()),
                );
            }
            Ok(found)
        }
    }
}

/// A run in a list.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// The run.
    pub run: Run,
    /// The sums of its payouts.
    pub sums: Vec<Sum>,
}

/// A page of a program's runs, newest first, before one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    before: Option<&PayoutRunId>,
    limit: i64,
) -> Result<Vec<RunRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or(AFTER_ALL_IDS, |id| id.as_str());
    let runs = store::payouts::runs(&mut conn, &program.id, before, limit).await?;
    let ids: Vec<&PayoutRunId> = runs.iter().map(|run| &run.id).collect();
    let mut sums: BTreeMap<PayoutRunId, Vec<Sum>> = BTreeMap::new();
    for (run, sum) in store::payouts::sums(&mut conn, &ids).await? {
        sums.entry(run).or_default().push(sum);
    }
    Ok(runs.into_iter().map(|run| RunRow { sums: sums.remove(&run.id).unwrap_or_default(), run }).collect())
}

/// Everything about a run except its payouts.
#[derive(Debug, Clone)]
pub struct RunDetail {
    /// The run.
    pub run: Run,
    /// The sums of its payouts.
    pub sums: Vec<Sum>,
    /// Its files, once it is approved.
    pub files: Vec<PayoutFile>,
    /// Whether it needs a second person to approve it.
    pub needs_second: bool,
}

/// One run.
pub async fn run(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutRunId,
) -> Result<RunDetail> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let run = store::payouts::run(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    let sums: Vec<Sum> =
        store::payouts::sums(&mut conn, &[&run.id]).await?.into_iter().map(|(_, sum)| sum).collect();
    let limit = settings::load(engine, &mut conn, &program.id).await?.second_approval;
    Ok(RunDetail {
        files: store::payouts::files(&mut conn, &run.id).await?,
        needs_second: needs_second(limit, program.currency, &sums),
        run,
        sums,
    })
}

/// Whether a run needs a second person. A run in other currencies cannot be compared with the
/// limit, so with a limit it always does.
fn needs_second(limit: Option<i64>, currency: Currency, sums: &[Sum]) -> bool {
    let open = || sums.iter().filter(|sum| sum.status == PayoutStatus::Open);
    let own: i64 = open().filter(|sum| sum.currency == currency).map(|sum| sum.amount).sum();
    limit.is_some_and(|limit| own > limit || open().any(|sum| sum.currency != currency))
}

/// The payouts of a run in the order of their affiliates, after one of them.
pub async fn payouts_of(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    run: &PayoutRunId,
    after: Option<(&AffiliateId, Currency)>,
    limit: i64,
) -> Result<Vec<PayoutRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let run = store::payouts::run(&mut conn, &program.id, run).await?.ok_or(Error::NotFound)?;
    let after = after.as_ref().map_or(("", ""), |(id, currency)| (id.as_str(), currency.code()));
    Ok(store::payouts::of_run(&mut conn, &run.id, after, limit).await?)
}

/// A page of a program's paid payouts, newest first, before one of them.
pub async fn paid(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    before: Option<&(Timestamp, String)>,
    limit: i64,
) -> Result<Vec<PayoutRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.map_or((Timestamp(i64::MAX), ""), |(at, id)| (*at, id.as_str()));
    Ok(store::payouts::paid(&mut conn, &program.id, before, limit).await?)
}

/// The run of a form, in a transaction that will change it.
pub(super) async fn changing(
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutRunId,
) -> Result<(Program, Run)> {
    let program = scope::program(tx, actor, program).await?;
    let run = store::payouts::run(tx, &program.id, id).await?.ok_or(Error::NotFound)?;
    Ok((program, run))
}

/// Takes a payout out of a draft: what it would have paid is payable again.
pub async fn remove(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    payout: &PayoutId,
) -> Result<PayoutRunId> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let row = store::payouts::get(&mut tx, &program.id, payout).await?.ok_or(Error::NotFound)?;
        let run = row.payout.run_id.clone();
        if row.payout.status == PayoutStatus::Removed {
            return Ok(run);
        }
        if !row.run_status.is_open() {
            return Err(Error::Forbidden("This run is approved. Mark the payout as failed instead."));
        }
        if row.payout.status.has_entries() {
            store::commissions::free(&mut tx, claimant::of(&row.payout), row.payout.amount, now).await?;
        }
        store::payouts::settle(&mut tx, payout, PayoutStatus::Removed, None, now).await?;
        let affiliate = NamedAffiliate { id: row.payout.affiliate_id, name: row.name };
        let line = audit::line(run.as_str(), AuditAction::PayoutRemoved { affiliate });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(run)
    })
    .await
}

/// Gives a draft up: everything it would have paid is payable again.
pub async fn discard(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutRunId,
) -> Result<()> {
    actor.may_write()?;
    // One payout a transaction, as when they were claimed. The run stays open until the last.
    loop {
        let left = again(|| async {
            let now = engine.now();
            let mut tx = engine.db().begin().await?;
            let (program, run) = changing(&mut tx, actor, program, id).await?;
            if run.status == RunStatus::Discarded {
                return Ok(false);
            }
            if !run.status.is_open() {
                return Err(Error::Forbidden("This run is approved and can’t be discarded."));
            }
            let next = store::payouts::of_run(&mut tx, id, ("", ""), 1).await?;
            if let Some(row) = next.first() {
                if row.payout.status.has_entries() {
                    store::commissions::free(&mut tx, claimant::of(&row.payout), row.payout.amount, now)
                        .await?;
                }
                store::payouts::settle(&mut tx, &row.payout.id, PayoutStatus::Removed, None, now).await?;
                tx.commit().await?;
                return Ok(true);
            }
            store::payouts::end(&mut tx, id, RunStatus::Discarded, now).await?;
            let line = audit::line(id.as_str(), AuditAction::PayoutRunDiscarded);
            audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
            tx.commit().await?;
            Ok(false)
        })
        .await?;
        if !left {
            return Ok(());
        }
    }
}

/// Approves a draft and writes its files.
///
/// # Errors
/// [`Error::Forbidden`] when the run needs a second person and the actor drafted it;
/// [`Error::Invalid`] when a payout method was changed a short time ago.
pub async fn approve(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutRunId,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let (program, run) = changing(&mut tx, actor, program, id).await?;
        match run.status {
            RunStatus::Draft => {}
            RunStatus::Preparing => {
                return Err(Error::Forbidden("The payouts are still being prepared. Try again in a moment."));
            }
            RunStatus::Discarded => return Err(Error::Forbidden("This run was discarded.")),
            RunStatus::Approved | RunStatus::Sent | RunStatus::Completed => return Ok(()),
        }
        let sums: Vec<Sum> =
            store::payouts::sums(&mut tx, &[id]).await?.into_iter().map(|(_, sum)| sum).collect();
        if !sums.iter().any(|sum| sum.status == PayoutStatus::Open) {
            return Err(Error::Forbidden("No payouts are left in this run. Discard it instead."));
        }
        let settings = settings::load(engine, &mut tx, &program.id).await?;
        let second = needs_second(settings.second_approval, program.currency, &sums);
        if second && run.drafted.by.as_ref() == Some(actor.account_id()) {
            return Err(Error::Forbidden("A second person has to approve this run."));
        }
        files::write(engine, &mut tx, &program, &run, &settings, now).await?;
        store::payouts::mark(&mut tx, id, RunStatus::Approved, actor.account_id(), now).await?;
        let line = audit::line(id.as_str(), AuditAction::PayoutRunApproved);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// Records that the merchant has sent the money of a run.
pub async fn mark_sent(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutRunId,
) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let (program, run) = changing(&mut tx, actor, program, id).await?;
        match run.status {
            RunStatus::Approved => {}
            RunStatus::Sent | RunStatus::Completed => return Ok(()),
            _ => return Err(Error::Forbidden("Approve this run first.")),
        }
        store::payouts::mark(&mut tx, id, RunStatus::Sent, actor.account_id(), engine.now()).await?;
        let line = audit::line(id.as_str(), AuditAction::PayoutRunSent);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        Ok(tx.commit().await?)
    })
    .await
}

//! The job that looks at our endpoint at Stripe and changes nothing there.

use connect::stripe::client::API_VERSION;
use connect::stripe::endpoints::{self as at_stripe, Endpoint};
use domain::connections::ConnectionProblem;
use domain::ids::{JobId, RepairId};
use domain::jobs::JobKind;
use domain::repairs::RepairStatus;
use store::connections::Connection;
use store::db::again;

use super::endpoint_account::EndpointAccount;
use super::fix::signatures_fail;
use super::plan::{CreateReason, Plan, PlannedFix, RequiredEndpoint, plan};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Job;
use crate::stripe::credentials;
use crate::stripe::endpoint_checks::CheckEndpoint;
use crate::stripe::endpoints;

impl Job for CheckEndpoint {
    const KIND: JobKind = JobKind::CheckEndpoint;

    fn deduplication_key(&self) -> Option<String> {
        Some(self.0.to_string())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let (connection, repair) = {
            let mut conn = engine.db().read().await?;
            let connection = store::connections::get(&mut conn, &self.0).await?;
            (connection, store::repairs::latest(&mut conn, &self.0).await?.map(|repair| repair.id))
        };
        if let Some(connection) = connection.filter(Connection::can_call_stripe)
            && let Some(found) = look(engine, &connection).await?
        {
            record(engine, &connection, &found, repair.as_ref()).await?;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// What Stripe said.
struct Found {
    is_platform: bool,
    endpoint: Option<Endpoint>,
    problem: Option<ConnectionProblem>,
}

/// Asks Stripe. `None` when it gives no answer: the next look or the daily check will. That
/// access has ended is recorded.
async fn look(engine: &Engine, connection: &Connection) -> Result<Option<Found>> {
    let caller = if connection.is_oauth() {
        let livemode = connection.livemode.unwrap_or(true);
        credentials::platform(engine, livemode).map(|access| engine.stripe().with(&access))
    } else {
        credentials::client(engine, connection).await
    };
    let caller = match caller {
        Ok(caller) => caller,
        Err(Error::Forbidden(_) | Error::Stripe(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let account = EndpointAccount::of(engine, connection, caller).await?;
    let found = match at_stripe::list_all(&account.caller).await {
        Ok(found) => found,
        Err(error) => {
            credentials::refused(engine, connection, &error).await?;
            return Ok(None);
        }
    };
    let stored = account.stored_secret(engine, connection).await?;
    let since = {
        let mut conn = engine.db().read().await?;
        let complete = store::repairs::last_complete(&mut conn, &connection.id).await?;
        crate::stripe::backfill::since(connection, complete, engine.now())
    };
    let required = RequiredEndpoint {
        is_ours: &|endpoint| account.is_ours(endpoint),
        url: &account.url,
        types: &account.types(),
        version: API_VERSION,
        held: stored.endpoint.as_deref(),
        // Anyone can send a wrong signature to the platform's endpoint, and Stripe cannot be
        // asked whether it was its own.
        signatures_fail: !account.is_platform && signatures_fail(connection, &account, &stored, since).await,
    };
    let plan = plan(&found, &required);
    let held = stored.endpoint.as_deref();
    let endpoint = found.into_iter().find(|endpoint| Some(endpoint.id.as_str()) == held);
    Ok(Some(Found { is_platform: account.is_platform, endpoint, problem: problem(&plan) }))
}

/// What keeps events from arriving, the worst first. Leftover endpoints do not.
fn problem(plan: &Plan) -> Option<ConnectionProblem> {
    if let Some(reason) = plan.create {
        return Some(match reason {
            CreateReason::Missing => ConnectionProblem::EndpointMissing,
            CreateReason::OtherVersion => ConnectionProblem::OtherVersion,
            CreateReason::SecretLost | CreateReason::SecretRolled => ConnectionProblem::SecretUnknown,
        });
    }
    let problem_of = |fix: &PlannedFix| match fix {
        PlannedFix::Enable => ConnectionProblem::EndpointDisabled,
        PlannedFix::Url(url) => ConnectionProblem::EndpointMoved { url: url.clone() },
        PlannedFix::EventTypes { missing, .. } => {
            ConnectionProblem::EventTypesMissing { missing: missing.clone() }
        }
    };
    // Fixes are planned with switching on last; to people it is the first thing to know.
    plan.fixes.iter().rev().find(|fix| **fix == PlannedFix::Enable).or(plan.fixes.first()).map(problem_of)
}

/// Records what was found, unless a repair has been at work meanwhile: it knows better. What
/// only a repair finds out is left for one.
async fn record(
    engine: &Engine,
    connection: &Connection,
    found: &Found,
    last_repair: Option<&RepairId>,
) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let current = store::connections::get(&mut tx, &connection.id).await?;
        let repair = store::repairs::latest(&mut tx, &connection.id).await?;
        let is_repaired = repair.as_ref().is_some_and(|repair| repair.status == RepairStatus::Running)
            || repair.as_ref().map(|repair| &repair.id) != last_repair;
        let Some(current) = current.filter(|it| it.can_call_stripe() && !is_repaired) else { return Ok(()) };
        let endpoint = found.endpoint.as_ref();
        if found.is_platform {
            let livemode = current.livemode.unwrap_or(true);
            let status = endpoint.map(endpoints::status);
            store::platform::set_status(&mut tx, livemode, status, now).await?;
            store::connections::set_checked(&mut tx, &current.id, now).await?;
        } else {
            // A missing endpoint keeps its row: the repair knows by it which secret is whose.
            match endpoint.map(endpoints::stored) {
                Some(stored) => {
                    store::connections::set_endpoint(&mut tx, &current.id, Some(&stored), now).await?;
                }
                None => store::connections::set_checked(&mut tx, &current.id, now).await?,
            }
        }
        if current.problem.as_ref().is_none_or(ConnectionProblem::is_of_endpoint) || found.problem.is_some() {
            store::connections::set_problem(&mut tx, &current.id, found.problem.as_ref()).await?;
        }
        tx.commit().await?;
        Ok::<(), Error>(())
    })
    .await
}

//! Fixing the endpoint: one line for each thing that is found and done.

use connect::stripe::client::API_VERSION;
use connect::stripe::endpoints::{self as at_stripe, Change, Endpoint};
use connect::stripe::{ErrorKind, StripeError, events};
use domain::clock::Timestamp;
use domain::repairs::{DeletionReason, EndpointFix, RepairLine, RepairStep};
use store::connections::Connection;

use super::endpoint_account::{EndpointAccount, StoredSecret};
use super::plan::{CreateReason, MOST_ENDPOINTS, Plan, PlannedFix, RequiredEndpoint, plan};
use super::run::{Halt, Run, StepResult, failed};
use crate::stripe::credentials;

/// Finds our endpoint and fixes it.
pub(super) async fn fix(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    since: Timestamp,
) -> StepResult<()> {
    let found = match at_stripe::list_all(&account.caller).await {
        Ok(found) => found,
        Err(error) => {
            return report_failure(run, connection, account, RepairStep::FindEndpoint, &error)
                .await
                .map(drop);
        }
    };
    let stored = account.stored_secret(run.engine, connection).await?;
    let required = RequiredEndpoint {
        is_ours: &|endpoint| account.is_ours(endpoint),
        url: &account.url,
        types: &account.types(),
        version: API_VERSION,
        held: stored.endpoint.as_deref(),
        signatures_fail: signatures_fail(connection, account, &stored, since).await,
    };
    let plan = plan(&found, &required);
    run.append(RepairLine::EndpointsListed {
        ours: found.len() - plan.unrelated,
        unrelated: plan.unrelated,
        is_platform: account.is_platform,
        verdict: plan.verdict(API_VERSION),
    })
    .await?;
    match plan.create {
        Some(reason) => create(run, connection, account, &plan, reason, found.len()).await.map(drop),
        None => change(run, connection, account, &plan, &found).await.map(drop),
    }
}

/// Whether what Stripe sends is rejected for its signature: the last delivery matched none
/// of our secrets, and Stripe has events that it could not deliver. Only both together
/// tell: anyone can send a wrong signature.
pub(super) async fn signatures_fail(
    connection: &Connection,
    account: &EndpointAccount,
    stored: &StoredSecret,
    since: Timestamp,
) -> bool {
    let Some(mismatch_at) = stored.mismatch_at else { return false };
    let is_newer = |than: Option<Timestamp>| than.is_none_or(|than| mismatch_at > than);
    if !is_newer(connection.last_event_at) || !is_newer(stored.since) {
        return false;
    }
    // A platform's own events do not go to its Connect endpoint and show nothing.
    account.is_platform || events::any_undelivered(&account.caller, since).await.unwrap_or(false)
}

/// Creates the endpoint, stores it, and deletes those that it replaces, in this order:
/// while both exist both are accepted, and the inbox drops what comes twice. `number` is
/// how many endpoints the account has.
async fn create(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    plan: &Plan,
    reason: CreateReason,
    number: usize,
) -> StepResult<bool> {
    let is_replacement = reason != CreateReason::Missing;
    if !is_replacement {
        account.note(run.engine, connection, None).await?;
    }
    if let Some(id) = &plan.make_room
        && !delete(run, connection, account, id, DeletionReason::MakesRoom).await?
    {
        return Ok(false);
    }
    let created = match account.create(run).await {
        Ok(created) if created.secret.is_some() => created,
        Ok(created) => {
            // Without its secret all that it sends would be rejected.
            run.append(RepairLine::SecretNotReturned { is_replacement }).await?;
            delete(run, connection, account, &created.id, DeletionReason::WithoutSecret).await?;
            return Ok(false);
        }
        Err(error) if error.kind == ErrorKind::Invalid && number >= MOST_ENDPOINTS => {
            run.append(RepairLine::EndpointLimitReached { is_replacement, message: error.message }).await?;
            return Ok(false);
        }
        Err(error) => {
            let step = RepairStep::CreateEndpoint { is_replacement };
            return report_failure(run, connection, account, step, &error).await;
        }
    };
    if let Err(halt) = account.store(run, connection, &created).await {
        if let Err(error) = at_stripe::delete(&account.caller, &created.id).await {
            tracing::warn!(endpoint = created.id, %error, "an endpoint without a secret stays at Stripe");
        }
        return Err(halt);
    }
    run.append(RepairLine::EndpointCreated { endpoint: created.id.clone(), is_replacement }).await?;
    delete_leftovers(run, connection, account, plan, Some(&created.id)).await
}

/// Changes the endpoint that is kept.
async fn change(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    plan: &Plan,
    found: &[Endpoint],
) -> StepResult<bool> {
    let Some(mut endpoint) = found.iter().find(|e| Some(&e.id) == plan.keep.as_ref()).cloned() else {
        return Ok(true);
    };
    account.note(run.engine, connection, Some(&endpoint)).await?;
    for (position, fix) in plan.fixes.iter().enumerate() {
        let change = match fix {
            PlannedFix::Enable => Change { disabled: Some(false), ..Change::default() },
            PlannedFix::Url(_) => Change { url: Some(account.url.clone()), ..Change::default() },
            PlannedFix::EventTypes { all, .. } => Change { events: Some(all.clone()), ..Change::default() },
        };
        let key = format!("{}-{position}", run.repair.id);
        match at_stripe::update(&account.caller, &endpoint.id, &change, &key).await {
            Ok(changed) => endpoint = changed,
            Err(error) => {
                let step = RepairStep::FixEndpoint(reported(fix, account));
                report_failure(run, connection, account, step, &error).await?;
                for left in &plan.fixes[position + 1..] {
                    run.append(RepairLine::FixSkipped(reported(left, account))).await?;
                }
                return Ok(false);
            }
        }
        account.note(run.engine, connection, Some(&endpoint)).await?;
        run.append(RepairLine::EndpointFixed(reported(fix, account))).await?;
    }
    delete_leftovers(run, connection, account, plan, None).await
}

/// A fix as the report has it.
fn reported(fix: &PlannedFix, account: &EndpointAccount) -> EndpointFix {
    match fix {
        PlannedFix::Enable => EndpointFix::Enable,
        PlannedFix::Url(from) => EndpointFix::CorrectUrl { from: from.clone(), to: account.url.clone() },
        PlannedFix::EventTypes { missing, .. } => EndpointFix::AddEventTypes { missing: missing.clone() },
    }
}

async fn delete_leftovers(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    plan: &Plan,
    created: Option<&str>,
) -> StepResult<bool> {
    // A run that was cut off may have created it already: then it is no leftover.
    for id in plan.leftovers.iter().filter(|id| Some(id.as_str()) != created) {
        if !delete(run, connection, account, id, DeletionReason::NoLongerNeeded).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn delete(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    id: &str,
    reason: DeletionReason,
) -> StepResult<bool> {
    match at_stripe::delete(&account.caller, id).await {
        Ok(()) => {
            run.append(RepairLine::EndpointDeleted { endpoint: id.to_owned(), reason }).await?;
            Ok(true)
        }
        Err(error) => report_failure(run, connection, account, RepairStep::DeleteEndpoint, &error).await,
    }
}

/// Reports that Stripe did not take a step. Goes no further when access is lost.
async fn report_failure(
    run: &mut Run<'_>,
    connection: &Connection,
    account: &EndpointAccount,
    step: RepairStep,
    error: &StripeError,
) -> StepResult<bool> {
    let is_lost =
        error.kind == ErrorKind::Unauthorized && credentials::refused(run.engine, connection, error).await?;
    run.append(failed(step, error, is_lost, account.is_platform)).await?;
    if is_lost { Err(Halt::Reported) } else { Ok(false) }
}

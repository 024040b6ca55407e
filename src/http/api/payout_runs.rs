//! Payout runs: drafted, approved and sent.

use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::fields::Problems;
use domain::ids::{AffiliateId, PayoutRunId, ProgramId};
use domain::money::Currency;
use engine::Engine;
use engine::payouts::{Chosen, RunRow};
use serde::Deserialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::affiliate_rows::AFFILIATE_ID;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids, Query};
use super::formats::{Object, Time};
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{PayoutRunPath, ProgramPath};
use super::payout_run_bodies::{RunBody, RunDetailBody};
use super::problem::ApiResult;
use super::text_schemas;

async fn detail(
    engine: &Engine,
    actor: &Actor,
    program: &ProgramId,
    run: &PayoutRunId,
) -> ApiResult<Item<RunDetailBody>> {
    Ok(Item::of(engine::payouts::run(engine, actor.merchant(), program, run).await?.into()))
}

/// List payout runs
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs",
    tag = "payouts",
    operation_id = "listPayoutRuns",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of runs", body = List<RunBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<RunBody>> {
    let page = paging.read()?;
    let before: Option<PayoutRunId> = page.after_id()?;
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let rows = engine::payouts::list(&engine, merchant, program, before.as_ref(), page.fetch()).await?;
    let cursor = |row: &RunRow| Cursor::by_id(&row.run.id);
    Ok(List::of(rows, &page, cursor, |row| RunBody::of(row.run, row.sums)))
}

/// A run to draft.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "affiliates": [{"affiliateId": "aff_01h455vb4pex5vsknk084sn02q", "currency": "usd"}],
    "until": "2026-03-01T00:00:00Z",
}))]
pub struct NewPayoutRun {
    /// Who is paid. Everyone whose status is `payable` by default. Others can be named too, except those whose status
    /// is `negative` or `method_changed`. Who cannot be paid is left out.
    #[schema(value_type = Option<Vec<ChosenAffiliate>>)]
    affiliates: Option<Vec<Object<ChosenAffiliate>>>,
    /// Commissions that become payable later are left out. A time, or a date, which begins at midnight UTC. Now by
    /// default.
    until: Option<String>,
}

/// An affiliate to pay in a currency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChosenAffiliate {
    #[schema(required = true, nullable = false, value_type = text_schemas::AffiliateIdText, example = "aff_01h455vb4pex5vsknk084sn02q")]
    affiliate_id: Option<String>,
    /// The program's currency by default.
    #[schema(value_type = Option<text_schemas::CurrencyText>, example = "usd")]
    currency: Option<String>,
}

impl NewPayoutRun {
    fn read(self, currency: Currency) -> Result<(Chosen, Option<Timestamp>), Problems> {
        let mut problems = Problems::new();
        let chosen = match self.affiliates {
            None => Chosen::AllPayable,
            Some(affiliates) => {
                let all = affiliates.into_iter().enumerate();
                Chosen::Some(
                    all.filter_map(|(at, Object(one))| one.read(at, currency, &mut problems)).collect(),
                )
            }
        };
        let until = self.until.and_then(|text| {
            let until = Time::read(&text);
            problems.keep("until", until.ok_or("Enter a time such as 2026-03-01T12:00:00Z or a date"))
        });
        problems.or((chosen, until))
    }
}

impl ChosenAffiliate {
    fn read(self, at: usize, currency: Currency, problems: &mut Problems) -> Option<(AffiliateId, Currency)> {
        let id = self.affiliate_id.unwrap_or_default().parse().map_err(|_| AFFILIATE_ID);
        let id = problems.keep(&format!("affiliates[{at}].affiliateId"), id);
        let currency = match self.currency {
            Some(code) => problems.keep(&format!("affiliates[{at}].currency"), code.parse()),
            None => Some(currency),
        };
        Some((id?, currency?))
    }
}

/// Maps the field of a form, which the use case names, to that of the JSON body.
fn of_body(error: engine::Error) -> engine::Error {
    match error {
        engine::Error::Invalid(mut problems) => {
            for problem in problems.0.iter_mut().filter(|problem| problem.field == "affiliate") {
                "affiliates".clone_into(&mut problem.field);
            }
            engine::Error::Invalid(problems)
        }
        other => other,
    }
}

/// Draft a payout run
/// The draft claims the ledger entries that it pays, so no other run can pay them. No money moves. With more than 100
/// payouts, the run is `preparing` at first.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payout-runs",
    tag = "payouts",
    operation_id = "draftPayoutRun",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewPayoutRun,
    responses((status = 201, description = "The run", body = Item<RunDetailBody>), WriteRefusals),
)]
pub async fn draft(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewPayoutRun>,
) -> ApiResult<(StatusCode, Item<RunDetailBody>)> {
    // A program that is not yours is refused before the input.
    let program = engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let (chosen, until) = input.read(program.currency)?;
    let drafted = engine::payouts::draft(&engine, actor.merchant(), &program.id, &chosen, until).await;
    let run = drafted.map_err(of_body)?;
    Ok((StatusCode::CREATED, detail(&engine, &actor, &program.id, &run).await?))
}

/// Retrieve a payout run
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs/{runId}",
    tag = "payouts",
    operation_id = "getPayoutRun",
    params(PayoutRunPath),
    responses((status = 200, description = "The run", body = Item<RunDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
) -> ApiResult<Item<RunDetailBody>> {
    detail(&engine, &actor, &path.program_id, &path.run_id).await
}

/// Discard a draft
/// Everything that it would have paid is payable again. A run that is discarded stays as it is.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/payout-runs/{runId}",
    tag = "payouts",
    operation_id = "discardPayoutRun",
    params(PayoutRunPath),
    responses((status = 200, description = "The run", body = Item<RunDetailBody>), WriteRefusals),
)]
pub async fn discard(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
) -> ApiResult<Item<RunDetailBody>> {
    engine::payouts::discard(&engine, actor.merchant(), &path.program_id, &path.run_id).await?;
    detail(&engine, &actor, &path.program_id, &path.run_id).await
}

/// Approve a draft
/// Writes the files to send the money with. A run above the limit of the payout settings needs the key of someone who
/// did not draft it. A run that is approved stays as it is.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payout-runs/{runId}/approve",
    tag = "payouts",
    operation_id = "approvePayoutRun",
    params(PayoutRunPath, IdempotencyHeader),
    responses((status = 200, description = "The run", body = Item<RunDetailBody>), WriteRefusals),
)]
pub async fn approve(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
) -> ApiResult<Item<RunDetailBody>> {
    engine::payouts::approve(&engine, actor.merchant(), &path.program_id, &path.run_id).await?;
    detail(&engine, &actor, &path.program_id, &path.run_id).await
}

/// Mark a run as sent
/// Says that you have sent the money. The run must be approved. A run that is sent stays as it is.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payout-runs/{runId}/sent",
    tag = "payouts",
    operation_id = "markPayoutRunSent",
    params(PayoutRunPath, IdempotencyHeader),
    responses((status = 200, description = "The run", body = Item<RunDetailBody>), WriteRefusals),
)]
pub async fn mark_sent(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
) -> ApiResult<Item<RunDetailBody>> {
    engine::payouts::mark_sent(&engine, actor.merchant(), &path.program_id, &path.run_id).await?;
    detail(&engine, &actor, &path.program_id, &path.run_id).await
}

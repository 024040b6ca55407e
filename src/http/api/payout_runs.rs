//! Payout runs: drafted, approved, sent, and their files.

use std::fmt;
use std::str::FromStr;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::clock::Timestamp;
use domain::fields::Problems;
use domain::ids::{AccountId, AffiliateId, PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::{PayoutStatus, Rail};
use engine::Engine;
use engine::payouts::{Chosen, PayoutFile, Run, RunDetail, RunRow, Step, Sum};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::affiliate_rows::AFFILIATE_ID;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::{MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{PayoutFilePath, PayoutRunPath, ProgramPath};
use super::payouts::PayoutBody;
use super::problem::ApiResult;

/// Payouts that are sent together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRun)]
pub struct RunBody {
    #[schema(value_type = String, example = "run_01h455vb4pex5vsknk084sn02q")]
    id: PayoutRunId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// 1, 2, 3, … in the program.
    number: i64,
    /// `preparing` while the payouts are put together: poll the run until it is a `draft`.
    #[schema(value_type = enum_schemas::RunStatus)]
    status: &'static str,
    /// Commissions that become payable later are left out.
    until: Time,
    drafted: StepBody,
    approved: Option<StepBody>,
    /// When the money was marked as sent.
    sent: Option<StepBody>,
    /// When the run was completed or discarded.
    ended_at: Option<Time>,
    /// What the payouts come to, by status and currency.
    sums: Vec<SumBody>,
}

/// Who did a step of a run, and when.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRunStep)]
struct StepBody {
    at: Time,
    /// Null if it was automatic.
    #[schema(value_type = Option<String>)]
    account_id: Option<AccountId>,
    /// The name of the account.
    name: Option<String>,
}

impl From<Step> for StepBody {
    fn from(step: Step) -> Self {
        Self { at: step.at.into(), account_id: step.by, name: step.name }
    }
}

/// What the payouts of a run in one status and currency come to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutRunSum)]
struct SumBody {
    #[schema(value_type = enum_schemas::PayoutStatus)]
    status: PayoutStatus,
    payouts: i64,
    /// The number of ledger entries that they pay.
    entries: i64,
    amount: MoneyBody,
}

impl From<Sum> for SumBody {
    fn from(sum: Sum) -> Self {
        Self {
            status: sum.status,
            payouts: sum.payouts,
            entries: sum.entries,
            amount: MoneyBody::of(sum.amount, sum.currency),
        }
    }
}

impl RunBody {
    fn of(run: Run, sums: Vec<Sum>) -> Self {
        Self {
            id: run.id,
            program_id: run.program_id,
            number: run.number,
            status: run.status.word(),
            until: run.until.into(),
            drafted: run.drafted.into(),
            approved: run.approved.map(StepBody::from),
            sent: run.sent.map(StepBody::from),
            ended_at: run.ended_at.map(Time),
            sums: sums.into_iter().map(SumBody::from).collect(),
        }
    }
}

/// A run with its files.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutRunDetail)]
pub struct RunDetailBody {
    #[serde(flatten)]
    run: RunBody,
    /// Whether someone other than who drafted it has to approve it.
    needs_second_approval: bool,
    /// The files to send the money with. Written at the approval.
    files: Vec<FileBody>,
}

/// A file of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutFile)]
struct FileBody {
    #[schema(value_type = enum_schemas::Rail)]
    rail: Rail,
    /// The number of payouts in it.
    payouts: i64,
    /// Their sum. The file is of this currency alone.
    amount: MoneyBody,
    /// Hex SHA-256 of the file. Each download is the same, byte for byte.
    sha256: String,
}

impl From<PayoutFile> for FileBody {
    fn from(file: PayoutFile) -> Self {
        Self {
            rail: file.rail,
            payouts: file.payouts,
            amount: MoneyBody::of(file.amount, file.currency),
            sha256: file.sha256,
        }
    }
}

impl From<RunDetail> for RunDetailBody {
    fn from(detail: RunDetail) -> Self {
        Self {
            run: RunBody::of(detail.run, detail.sums),
            needs_second_approval: detail.needs_second,
            files: detail.files.into_iter().map(FileBody::from).collect(),
        }
    }
}

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
    affiliates: Option<Vec<ChosenAffiliate>>,
    /// Commissions that become payable later are left out. A time, or a date, which begins at midnight UTC. Now by
    /// default.
    until: Option<String>,
}

/// An affiliate to pay in a currency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChosenAffiliate {
    #[schema(required = true, nullable = false, example = "aff_01h455vb4pex5vsknk084sn02q")]
    affiliate_id: Option<String>,
    /// The program's currency by default.
    #[schema(example = "usd")]
    currency: Option<String>,
}

impl NewPayoutRun {
    fn read(self, currency: Currency) -> Result<(Chosen, Option<Timestamp>), Problems> {
        let mut problems = Problems::new();
        let chosen = match self.affiliates {
            None => Chosen::AllPayable,
            Some(affiliates) => {
                let all = affiliates.into_iter().enumerate();
                Chosen::Some(all.filter_map(|(at, one)| one.read(at, currency, &mut problems)).collect())
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

/// The use case speaks of the field of a form.
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

/// A position in the payouts of a run: an affiliate is paid once in each currency.
struct Place(AffiliateId, Currency);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, self.1.code())
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (affiliate, currency) = text.split_once(':').ok_or(())?;
        Ok(Self(affiliate.parse().map_err(drop)?, currency.parse().map_err(drop)?))
    }
}

/// List the payouts of a run
/// In the order of their affiliates, without those that were removed.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs/{runId}/payouts",
    tag = "payouts",
    operation_id = "listPayouts",
    params(PayoutRunPath, Paging),
    responses((status = 200, description = "A page of payouts", body = List<PayoutBody>), ReadRefusals),
)]
pub async fn payouts(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<PayoutBody>> {
    let page = paging.read()?;
    let after: Option<Place> = page.after_id()?;
    let after = after.as_ref().map(|Place(affiliate, currency)| (affiliate, *currency));
    let (merchant, program, run) = (actor.merchant(), &path.program_id, &path.run_id);
    let rows = engine::payouts::payouts_of(&engine, merchant, program, run, after, page.fetch()).await?;
    let last = |row: &engine::payouts::PayoutRow| {
        Cursor::by_id(Place(row.payout.affiliate_id.clone(), row.payout.currency))
    };
    Ok(List::of(rows, &page, last, PayoutBody::from))
}

/// Download a file of a run
/// For a bank or a payment service. It has the full account numbers of affiliates, so keys of viewers cannot download
/// it.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs/{runId}/files/{rail}/{currency}",
    tag = "payouts",
    operation_id = "downloadPayoutFile",
    params(PayoutFilePath),
    responses(
        (
            status = 200,
            description = "The file: pain.001 for `sepa`, otherwise CSV",
            content((String = "application/xml"), (String = "text/csv; charset=utf-8")),
        ),
        WriteRefusals,
    ),
)]
pub async fn download(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutFilePath>,
) -> ApiResult<Response> {
    let (merchant, program, run) = (actor.merchant(), &path.program_id, &path.run_id);
    let file = engine::payouts::download(&engine, merchant, program, run, path.rail, path.currency).await?;
    let head = [
        (header::CONTENT_TYPE, file.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((head, file.content).into_response())
}

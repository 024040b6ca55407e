//! `/programs/{programId}/repair-webhooks`: starting a repair, and its report.

use std::time::Duration;

use app::presenters::repair::{repair_line, repair_sentence};
use axum::extract::State;
use domain::ids::{ProgramId, RepairId};
use domain::repairs::{LineStatus, RepairCause, RepairLine, RepairLineCode, RepairOutcome, StripeFailure};
use engine::Engine;
use engine::stripe::repair::{self, RepairReport};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::Ids;
use super::formats::{MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;

/// How long an answer waits for the end of a repair; well below the time-outs of clients
/// and proxies.
const WAIT: Duration = Duration::from_secs(20);

/// What a repair found and did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RepairReport)]
pub struct ReportBody {
    #[schema(value_type = String, example = "rep_01h455vb4pex5vsknk084sn02q")]
    id: RepairId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether it has finished. Poll with GET until it has.
    finished: bool,
    /// The result. Null while the repair is in progress.
    #[schema(value_type = Option<enum_schemas::RepairOutcome>)]
    outcome: Option<RepairOutcome>,
    /// The same in a sentence.
    sentence: &'static str,
    started_at: Time,
    finished_at: Option<Time>,
    /// The start of the period that events were fetched for.
    events_from: Option<Time>,
    /// The number of events fetched from Stripe.
    events_fetched: i64,
    /// How many of them had not arrived.
    events_recovered: i64,
    /// The change in commissions that these events caused so far, by currency.
    commissions_recovered: Vec<MoneyBody>,
    /// What was found and done, in order.
    lines: Vec<LineBody>,
}

/// A step of the repair.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RepairLine)]
struct LineBody {
    #[schema(value_type = enum_schemas::RepairLineCode)]
    code: RepairLineCode,
    #[schema(value_type = enum_schemas::RepairLineStatus)]
    status: LineStatus,
    /// Why Stripe rejected the request. Null on every other line.
    #[schema(value_type = Option<enum_schemas::StripeFailure>)]
    failure: Option<StripeFailure>,
    /// What was checked or tried.
    #[schema(example = "Enable the endpoint")]
    title: String,
    /// The result in a word or two.
    #[schema(example = "done")]
    summary: String,
    /// The same in a sentence.
    text: String,
    /// What Stripe said, or what to compare in Stripe.
    quote: Option<String>,
}

impl From<&RepairLine> for LineBody {
    fn from(line: &RepairLine) -> Self {
        let text = repair_line(line);
        Self {
            code: line.code(),
            status: line.status(),
            failure: line.failure(),
            title: text.title,
            summary: text.summary,
            text: text.detail,
            quote: text.quote,
        }
    }
}

fn body(program_id: ProgramId, report: RepairReport) -> ReportBody {
    ReportBody {
        program_id,
        finished: !report.is_running(),
        outcome: report.outcome,
        sentence: repair_sentence(report.outcome),
        id: report.id,
        started_at: report.started_at.into(),
        finished_at: report.finished_at.map(Time),
        events_from: report.events_from.map(Time),
        events_fetched: report.fetched,
        events_recovered: report.recovered,
        commissions_recovered: report.recovered_commissions.into_iter().map(MoneyBody::from).collect(),
        lines: report.lines.iter().map(LineBody::from).collect(),
    }
}

/// Repair Webhooks
/// Finds out why events do not arrive, repairs the endpoint in Stripe, and fetches events missed in the last 30 days.
/// If a repair is in progress, this returns its report. Responds within 20 seconds.
#[utoipa::path(
    post,
    path = "/programs/{programId}/repair-webhooks",
    tag = "stripe",
    operation_id = "repairWebhooks",
    params(ProgramPath, IdempotencyHeader),
    responses((status = 200, description = "The report", body = Item<ReportBody>), WriteRefusals),
)]
pub async fn start(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<ReportBody>> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let started = repair::start(&engine, merchant, program, RepairCause::Api).await?;
    let report = repair::wait(&engine, merchant, program, &started.id, WAIT).await?;
    Ok(Item::of(body(path.program_id, report)))
}

/// Retrieve the last repair report
#[utoipa::path(
    get,
    path = "/programs/{programId}/repair-webhooks",
    tag = "stripe",
    operation_id = "getRepairReport",
    params(ProgramPath),
    responses((status = 200, description = "The report", body = Item<ReportBody>), ReadRefusals),
)]
pub async fn latest(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<ReportBody>> {
    let report = repair::latest(&engine, actor.merchant(), &path.program_id).await?;
    let report = report.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Item::of(body(path.program_id, report)))
}

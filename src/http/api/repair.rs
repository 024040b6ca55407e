//! Repair Webhooks.

use std::time::Duration;

use axum::extract::State;
use domain::ids::{ProgramId, RepairId};
use engine::Engine;
use engine::stripe::repair::{self, Cause, Line, Outcome, Report};
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::Ids;
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::ProgramPath;
use super::problem::{Answer, Code, Problem};
use super::values::{MoneyBody, Time};
use super::words;

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
    /// Whether it has ended; ask again with GET until it has.
    finished: bool,
    /// How it ended; null while it is under way.
    #[schema(value_type = Option<words::RepairOutcome>)]
    outcome: Option<&'static str>,
    /// The same for people.
    sentence: &'static str,
    started_at: Time,
    finished_at: Option<Time>,
    /// From when on events were fetched from Stripe.
    events_from: Option<Time>,
    /// Events fetched from Stripe.
    events_fetched: i64,
    /// Those of them that deliveries had missed.
    events_recovered: i64,
    /// What these have changed in the ledger so far, by currency.
    commissions_recovered: Vec<MoneyBody>,
    /// What was found and done, in order.
    lines: Vec<LineBody>,
}

/// One thing that was found or done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RepairLine)]
struct LineBody {
    /// A stable word.
    #[schema(example = "switched_on")]
    code: String,
    #[schema(value_type = words::RepairLineState)]
    state: &'static str,
    #[schema(example = "Switch the endpoint on")]
    title: String,
    #[schema(example = "done")]
    word: String,
    /// The same for people.
    text: String,
    /// What Stripe said to it.
    stripe_says: Option<String>,
}

impl From<Line> for LineBody {
    fn from(line: Line) -> Self {
        Self {
            code: line.code,
            state: line.state.as_str(),
            title: line.title,
            word: line.word,
            text: line.text,
            stripe_says: line.quote,
        }
    }
}

fn body(program_id: ProgramId, report: Report) -> ReportBody {
    ReportBody {
        program_id,
        finished: !report.is_running(),
        outcome: report.outcome.map(Outcome::as_str),
        sentence: report.sentence(),
        id: report.id,
        started_at: report.started_at.into(),
        finished_at: report.finished_at.map(Time),
        events_from: report.events_from.map(Time),
        events_fetched: report.fetched,
        events_recovered: report.recovered,
        commissions_recovered: report.brought.into_iter().map(MoneyBody::from).collect(),
        lines: report.lines.into_iter().map(LineBody::from).collect(),
    }
}

/// Repair Webhooks
///
/// Finds out why events do not arrive, puts right what can be put right at Stripe, and fetches what was missed in the
/// last 30 days. Where a repair is under way already, its report is given. Answers after 20 seconds at the latest.
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
) -> Answer<Item<ReportBody>> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let begun = repair::start(&engine, merchant, program, Cause::Api).await?;
    let report = repair::wait(&engine, merchant, program, &begun.id, WAIT).await?;
    Ok(Item::of(body(path.program_id, report)))
}

/// The report of the last repair
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
) -> Answer<Item<ReportBody>> {
    let report = repair::latest(&engine, actor.merchant(), &path.program_id).await?;
    let report = report.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(Item::of(body(path.program_id, report)))
}

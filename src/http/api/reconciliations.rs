//! Reconciliation: Stripe's charges of a period beside the program's payments.

use app::presenters::reconciliation::reconciliation_problem;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{PaymentId, ProgramId, ReconciliationId};
use domain::reconciliations::DifferenceKind;
use engine::Engine;
use engine::stripe::reconciliation::{self, Difference, PeriodInput, ReconciliationReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids};
use super::formats::{MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::{ProgramPath, ReconciliationPath};
use super::problem::ApiResult;

/// The days that are compared, in the program's time zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-11-01", "to": "2026-11-30" }))]
pub struct ReconciliationInput {
    /// The first day.
    from: String,
    /// The last day; 92 days later at most.
    to: String,
}

/// A comparison with Stripe, finished or under way.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reconciliation)]
pub struct ReconciliationBody {
    #[schema(value_type = String, example = "rec_01h455vb4pex5vsknk084sn02q")]
    id: ReconciliationId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether it has ended; ask again with GET until it has.
    finished: bool,
    /// What was left out or why it failed, in a sentence; null when every charge was compared.
    problem: Option<String>,
    /// The first moment of the period.
    from: Time,
    /// The first moment after it.
    until: Time,
    started_at: Time,
    /// Charges that were compared.
    charges: i64,
    /// Calls to Stripe's API that it took.
    calls: i64,
    /// Missed events that were imported before comparing; null where that was not asked for.
    events_imported: Option<i64>,
    /// Where the two differ, newest first.
    differences: Vec<DifferenceBody>,
}

/// Where Stripe and Honeyguide differ.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReconciliationDifference)]
struct DifferenceBody {
    #[schema(value_type = enum_schemas::DifferenceKind)]
    kind: DifferenceKind,
    /// Stripe's id of the charge.
    #[schema(example = "ch_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: String,
    charged_at: Time,
    /// What Stripe charged.
    stripe_amount: MoneyBody,
    /// What Stripe refunded.
    stripe_refunded: MoneyBody,
    /// What is known here.
    our_amount: MoneyBody,
    /// What is known here to have been refunded.
    our_refunded: MoneyBody,
    /// The payment here, if there is one.
    #[schema(value_type = Option<String>)]
    payment_id: Option<PaymentId>,
    /// Whether Stripe still has its events, so that it can be imported.
    can_be_imported: bool,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        let money = |amount| MoneyBody::of(amount, difference.currency);
        Self {
            kind: difference.kind,
            charged_at: difference.at.into(),
            stripe_amount: money(difference.stripe_amount),
            stripe_refunded: money(difference.stripe_refunded),
            our_amount: money(difference.our_amount),
            our_refunded: money(difference.our_refunded),
            stripe_id: difference.stripe_id,
            payment_id: difference.payment,
            can_be_imported: difference.can_be_backfilled,
        }
    }
}

fn body(program_id: ProgramId, report: ReconciliationReport) -> Item<ReconciliationBody> {
    Item::of(ReconciliationBody {
        program_id,
        finished: !report.is_running(),
        problem: report.outcome.as_ref().and_then(reconciliation_problem),
        id: report.id,
        from: report.from.into(),
        until: report.to.into(),
        started_at: report.started_at.into(),
        charges: report.charges,
        calls: report.calls,
        events_imported: report.backfilled,
        differences: report.differences.into_iter().map(DifferenceBody::from).collect(),
    })
}

/// Compare a period with Stripe
///
/// Reads Stripe's charges of the period and lists those that are missing here, counted twice or refunded differently.
/// Answers at once; poll the comparison until it has finished. While one is under way, this returns that one.
#[utoipa::path(
    post,
    path = "/programs/{programId}/reconciliations",
    tag = "stripe",
    operation_id = "startReconciliation",
    params(ProgramPath, IdempotencyHeader),
    request_body = ReconciliationInput,
    responses((status = 202, description = "The comparison, under way", body = Item<ReconciliationBody>), WriteRefusals),
)]
pub async fn start(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ReconciliationInput>,
) -> ApiResult<(StatusCode, Item<ReconciliationBody>)> {
    let period = PeriodInput { from: input.from, to: input.to };
    let report = reconciliation::start(&engine, actor.merchant(), &path.program_id, &period).await?;
    Ok((StatusCode::ACCEPTED, body(path.program_id, report)))
}

/// A comparison with Stripe
#[utoipa::path(
    get,
    path = "/programs/{programId}/reconciliations/{reconciliationId}",
    tag = "stripe",
    operation_id = "getReconciliation",
    params(ReconciliationPath),
    responses((status = 200, description = "The comparison", body = Item<ReconciliationBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ReconciliationPath>,
) -> ApiResult<Item<ReconciliationBody>> {
    let (program, id) = (path.program_id, path.reconciliation_id);
    let report = reconciliation::report(&engine, actor.merchant(), &program, &id).await?;
    Ok(body(program, report))
}

/// Import what a comparison found missing
///
/// Fetches it from Stripe's events, which go back 30 days, and compares the same period again: the answer is that new
/// comparison, under way.
#[utoipa::path(
    post,
    path = "/programs/{programId}/reconciliations/{reconciliationId}/import",
    tag = "stripe",
    operation_id = "importMissing",
    params(ReconciliationPath, IdempotencyHeader),
    responses((status = 202, description = "The new comparison", body = Item<ReconciliationBody>), WriteRefusals),
)]
pub async fn import(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ReconciliationPath>,
) -> ApiResult<(StatusCode, Item<ReconciliationBody>)> {
    let (program, id) = (path.program_id, path.reconciliation_id);
    let report = reconciliation::backfill(&engine, actor.merchant(), &program, &id).await?;
    Ok((StatusCode::ACCEPTED, body(program, report)))
}

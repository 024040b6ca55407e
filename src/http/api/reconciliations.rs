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
use super::text_schemas;

/// The days to compare, in the program's time zone.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "from": "2026-11-01", "to": "2026-11-30" }))]
pub struct ReconciliationInput {
    /// The first day.
    #[schema(value_type = text_schemas::DateText)]
    from: String,
    /// The last day, at most 92 days later.
    #[schema(value_type = text_schemas::DateText)]
    to: String,
}

/// A comparison with Stripe, finished or in progress.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Reconciliation)]
pub struct ReconciliationBody {
    #[schema(value_type = String, example = "rec_01h455vb4pex5vsknk084sn02q")]
    id: ReconciliationId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// Whether it has finished. Poll with GET until it has.
    finished: bool,
    /// What was left out or why it failed, in a sentence. Null if every charge was compared.
    problem: Option<String>,
    /// The start of the period.
    from: Time,
    /// The end of the period, exclusive.
    until: Time,
    started_at: Time,
    /// The number of charges compared.
    charges: i64,
    /// The number of calls to Stripe's API.
    calls: i64,
    /// Missed events imported before comparing. Null if no import was requested.
    events_imported: Option<i64>,
    /// The differences, newest first.
    differences: Vec<DifferenceBody>,
}

/// A difference between Stripe and Honeyguide.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReconciliationDifference)]
struct DifferenceBody {
    #[schema(value_type = enum_schemas::DifferenceKind)]
    kind: DifferenceKind,
    /// The Stripe charge.
    #[schema(example = "ch_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: String,
    charged_at: Time,
    /// What Stripe charged.
    stripe_amount: MoneyBody,
    /// What Stripe refunded.
    stripe_refunded: MoneyBody,
    /// The amount in Honeyguide.
    our_amount: MoneyBody,
    /// The refunded amount in Honeyguide.
    our_refunded: MoneyBody,
    /// The payment in Honeyguide, if there is one.
    #[schema(value_type = Option<String>)]
    payment_id: Option<PaymentId>,
    /// Whether the payment can be imported: Stripe still has its events.
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
/// Reads Stripe's charges of the period and lists those that are missing, counted twice or refunded differently.
/// Returns immediately: poll the comparison until it has finished. If one is in progress, this returns it.
#[utoipa::path(
    post,
    path = "/programs/{programId}/reconciliations",
    tag = "stripe",
    operation_id = "startReconciliation",
    params(ProgramPath, IdempotencyHeader),
    request_body = ReconciliationInput,
    responses((status = 202, description = "The comparison, in progress", body = Item<ReconciliationBody>), WriteRefusals),
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

/// Retrieve a comparison with Stripe
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

/// Import missing payments
/// Fetches missing payments from Stripe's events, which go back 30 days, then compares the same period again. Returns
/// the new comparison.
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

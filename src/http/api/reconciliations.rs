//! Reconciliation: Stripe's charges of a period beside the program's payments.

use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{PaymentId, ProgramId, ReconciliationId};
use engine::Engine;
use engine::stripe::reconciliation::{self, Difference, PeriodInput, Report};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::{ProgramPath, ReconciliationPath};
use super::problem::Answer;
use super::values::{MoneyBody, Time};
use super::words;

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
    /// What was left out, or why it failed, for people; null when everything was compared.
    shortcoming: Option<String>,
    /// The first moment of the period.
    from: Time,
    /// The first moment after it.
    until: Time,
    started_at: Time,
    /// Charges of Stripe's that were compared.
    charges: i64,
    /// Calls to Stripe's API that it took.
    calls: i64,
    /// Events that were taken in before comparing; null where that was not asked for.
    events_taken_in: Option<i64>,
    /// Where the two differ, newest first.
    differences: Vec<DifferenceBody>,
}

/// Where Stripe and Honeyguide differ.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReconciliationDifference)]
struct DifferenceBody {
    #[schema(value_type = words::DifferenceKind)]
    kind: &'static str,
    /// Stripe's id of the charge.
    #[schema(example = "ch_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: String,
    charged_at: Time,
    /// What Stripe charged.
    stripe_amount: MoneyBody,
    /// What Stripe gave back.
    stripe_refunded: MoneyBody,
    /// What is known here.
    our_amount: MoneyBody,
    /// What is known here to have been given back.
    our_refunded: MoneyBody,
    /// The payment here, if there is one.
    #[schema(value_type = Option<String>)]
    payment_id: Option<PaymentId>,
    /// Whether Stripe still has its events, so that it can be taken in.
    can_be_taken_in: bool,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        let money = |amount| MoneyBody::of(amount, difference.currency);
        Self {
            kind: difference.kind.as_str(),
            charged_at: difference.at.into(),
            stripe_amount: money(difference.stripe_amount),
            stripe_refunded: money(difference.stripe_refunded),
            our_amount: money(difference.our_amount),
            our_refunded: money(difference.our_refunded),
            stripe_id: difference.stripe_id,
            payment_id: difference.payment,
            can_be_taken_in: difference.can_be_taken_in,
        }
    }
}

fn body(program_id: ProgramId, report: Report) -> Item<ReconciliationBody> {
    Item::of(ReconciliationBody {
        id: report.id,
        program_id,
        finished: !report.is_running,
        shortcoming: report.shortcoming,
        from: report.from.into(),
        until: report.to.into(),
        started_at: report.started_at.into(),
        charges: report.charges,
        calls: report.calls,
        events_taken_in: report.taken_in,
        differences: report.differences.into_iter().map(DifferenceBody::from).collect(),
    })
}

/// Compare a period with Stripe
///
/// Reads Stripe's charges of the period and says which are not known here, counted twice or refunded differently.
/// Answers at once; ask for the comparison until it has finished. Where one is running already, that one is given.
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
) -> Answer<(StatusCode, Item<ReconciliationBody>)> {
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
) -> Answer<Item<ReconciliationBody>> {
    let (program, id) = (path.program_id, path.reconciliation_id);
    let report = reconciliation::report(&engine, actor.merchant(), &program, &id).await?;
    Ok(body(program, report))
}

/// Take in what a comparison found missing
///
/// Fetches it from Stripe's events, which go back 30 days, and compares the same period again: the answer is that new
/// comparison, under way.
#[utoipa::path(
    post,
    path = "/programs/{programId}/reconciliations/{reconciliationId}/take-in",
    tag = "stripe",
    operation_id = "takeInMissing",
    params(ReconciliationPath, IdempotencyHeader),
    responses((status = 202, description = "The new comparison", body = Item<ReconciliationBody>), WriteRefusals),
)]
pub async fn take_in(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ReconciliationPath>,
) -> Answer<(StatusCode, Item<ReconciliationBody>)> {
    let (program, id) = (path.program_id, path.reconciliation_id);
    let report = reconciliation::take_in(&engine, actor.merchant(), &program, &id).await?;
    Ok((StatusCode::ACCEPTED, body(program, report)))
}

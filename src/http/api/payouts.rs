//! `/programs/{programId}/payouts/{payoutId}`: one payout, with what it pays and its outcome.

use axum::extract::State;
use domain::commissions::EntryKind;
use domain::ids::{AffiliateId, ConversionId, EntryId, PayoutId, PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::{MethodKind, PayoutStatus, Reason};
use engine::Engine;
use engine::payouts::{PayoutRow, StatementLine};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids};
use super::formats::{MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::PayoutPath;
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;
use super::text_schemas;

/// How an affiliate is paid. The full details are only in the files of a run.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PayoutMethod)]
pub struct MethodBody {
    #[schema(value_type = enum_schemas::MethodKind)]
    kind: &'static str,
    /// The last four characters of an account number, a masked email address, or what was agreed.
    #[schema(example = "3000")]
    hint: String,
}

impl MethodBody {
    /// A kind and what may be shown of the rest.
    pub fn of(kind: MethodKind, hint: String) -> Self {
        Self { kind: kind.word(), hint }
    }
}

/// What an affiliate is paid by a run.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payout)]
pub struct PayoutBody {
    #[schema(value_type = String, example = "pyo_01h455vb4pex5vsknk084sn02q")]
    id: PayoutId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String, example = "run_01h455vb4pex5vsknk084sn02q")]
    run_id: PayoutRunId,
    /// The number of the run: 1, 2, 3, … in the program.
    run_number: i64,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    #[schema(example = "Maya Chen")]
    affiliate_name: String,
    #[schema(value_type = enum_schemas::PayoutStatus)]
    status: &'static str,
    amount: MoneyBody,
    /// The number of ledger entries that it pays.
    entries: i64,
    /// How it is paid: as of the approval of its run, before that as of now. Null if the affiliate has not said how.
    method: Option<MethodBody>,
    /// Why it failed. Visible to the affiliate.
    failure_reason: Option<String>,
    /// When it was marked as paid or failed, or removed.
    settled_at: Option<Time>,
}

impl From<PayoutRow> for PayoutBody {
    fn from(row: PayoutRow) -> Self {
        let payout = row.payout;
        Self {
            id: payout.id,
            program_id: payout.program_id,
            run_id: payout.run_id,
            run_number: row.run_number,
            affiliate_id: payout.affiliate_id,
            affiliate_name: row.name,
            status: payout.status.word(),
            amount: MoneyBody::of(payout.amount, payout.currency),
            entries: payout.entries,
            method: row.method.map(|(kind, hint)| MethodBody::of(kind, hint)),
            failure_reason: payout.failure,
            settled_at: payout.settled_at.map(Time),
        }
    }
}

/// A payout with its statement.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PayoutDetail)]
pub struct PayoutDetailBody {
    #[serde(flatten)]
    payout: PayoutBody,
    /// The ledger entries that it pays, oldest first, up to 2,000. Empty once it has failed or was removed: then the
    /// entries are payable again.
    lines: Vec<LineBody>,
}

/// A ledger entry that a payout pays.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatementLine)]
struct LineBody {
    #[schema(value_type = String, example = "ent_01h455vb4pex5vsknk084sn02q")]
    entry_id: EntryId,
    #[schema(value_type = enum_schemas::EntryKind)]
    kind: EntryKind,
    /// Signed: amounts reversed are negative.
    amount: MoneyBody,
    at: Time,
    /// The sale. Null for a bonus or a correction.
    sale: Option<SaleBody>,
    /// Why a bonus or a correction was added.
    reason: Option<String>,
}

/// The sale of a ledger entry.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatementSale)]
struct SaleBody {
    #[schema(value_type = String, example = "cnv_01h455vb4pex5vsknk084sn02q")]
    conversion_id: ConversionId,
    /// When the buyer paid.
    paid_at: Time,
    /// What was bought, if Stripe reported it.
    label: Option<String>,
    /// What the commission is calculated from.
    base: MoneyBody,
}

impl LineBody {
    fn of(line: StatementLine, currency: Currency) -> Self {
        Self {
            entry_id: line.id,
            kind: line.kind,
            amount: MoneyBody::of(line.amount, currency),
            at: line.at.into(),
            sale: line.sale.map(|sale| SaleBody {
                conversion_id: sale.conversion_id,
                paid_at: sale.paid_at.into(),
                label: sale.label,
                base: MoneyBody::of(sale.base, sale.currency),
            }),
            reason: line.reason,
        }
    }
}

/// Retrieve a payout with its statement
#[utoipa::path(
    get,
    path = "/programs/{programId}/payouts/{payoutId}",
    tag = "payouts",
    operation_id = "getPayout",
    params(PayoutPath),
    responses((status = 200, description = "The payout", body = Item<PayoutDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutPath>,
) -> ApiResult<Item<PayoutDetailBody>> {
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.payout_id);
    let statement = engine::payouts::statement(&engine, merchant, program, id).await?;
    let currency = statement.payout.payout.currency;
    let lines = statement.lines.into_iter().map(|line| LineBody::of(line, currency)).collect();
    Ok(Item::of(PayoutDetailBody { payout: statement.payout.into(), lines }))
}

async fn find(engine: &Engine, actor: &Actor, path: &PayoutPath) -> ApiResult<PayoutRow> {
    let (program, id) = (&path.program_id, &path.payout_id);
    Ok(engine::payouts::payout(engine, actor.merchant(), program, id).await?)
}

/// Mark a payout as paid
/// Its run must be approved. A payout that is paid stays as it is.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payouts/{payoutId}/paid",
    tag = "payouts",
    operation_id = "markPayoutPaid",
    params(PayoutPath, IdempotencyHeader),
    responses((status = 200, description = "The payout", body = Item<PayoutBody>), WriteRefusals),
)]
pub async fn mark_paid(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutPath>,
) -> ApiResult<Item<PayoutBody>> {
    let run = find(&engine, &actor, &path).await?.payout.run_id;
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.payout_id);
    engine::payouts::mark_paid(&engine, merchant, program, &run, Some(id)).await?;
    let row = find(&engine, &actor, &path).await?;
    // The use case passes over what is not open.
    match row.payout.status {
        PayoutStatus::Paid => Ok(Item::of(row.into())),
        PayoutStatus::Removed => {
            Err(Problem::saying(Code::Forbidden, "This payout was removed. Its amount is payable again."))
        }
        _ => Err(Problem::saying(Code::Forbidden, "This payout failed. Its amount is payable again.")),
    }
}

/// Why a payout failed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"reason": "The account is closed."}))]
pub struct PayoutFailure {
    /// Visible to the affiliate.
    #[schema(required = true, nullable = false, value_type = text_schemas::ReasonText)]
    reason: Option<String>,
}

/// Mark a payout as failed
/// The amount is payable again. Works for a payout of an approved run, and for one that was marked as paid and came
/// back. A payout that has failed stays as it is.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payouts/{payoutId}/failed",
    tag = "payouts",
    operation_id = "markPayoutFailed",
    params(PayoutPath, IdempotencyHeader),
    request_body = PayoutFailure,
    responses((status = 200, description = "The payout", body = Item<PayoutBody>), WriteRefusals),
)]
pub async fn mark_failed(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutPath>,
    Body(input): Body<PayoutFailure>,
) -> ApiResult<Item<PayoutBody>> {
    // A payout that is not yours is refused before the input.
    find(&engine, &actor, &path).await?;
    let reason = Reason::parse(input.reason.as_deref().unwrap_or_default());
    let reason = reason.map_err(|message| Problem::field("reason", message))?;
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.payout_id);
    engine::payouts::mark_failed(&engine, merchant, program, id, &reason).await?;
    Ok(Item::of(find(&engine, &actor, &path).await?.into()))
}

/// Remove a payout from a draft
/// The amount is payable again.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/payouts/{payoutId}",
    tag = "payouts",
    operation_id = "removePayout",
    params(PayoutPath),
    responses((status = 200, description = "The payout", body = Item<PayoutBody>), WriteRefusals),
)]
pub async fn remove(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutPath>,
) -> ApiResult<Item<PayoutBody>> {
    engine::payouts::remove(&engine, actor.merchant(), &path.program_id, &path.payout_id).await?;
    Ok(Item::of(find(&engine, &actor, &path).await?.into()))
}

//! `/programs/{programId}/payouts/due`: what affiliates are due.

use axum::extract::State;
use domain::ids::AffiliateId;
use domain::payouts::DueStatus;
use engine::Engine;
use engine::payouts::Due;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::extract::{Ids, Query};
use super::formats::{MoneyBody, Time};
use super::page::{List, Paging};
use super::paths::ProgramPath;
use super::payouts::MethodBody;
use super::problem::{ApiResult, Problem};

/// What an affiliate is due in a currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Due)]
pub struct DueBody {
    #[schema(value_type = String, example = "aff_01h455vb4pex5vsknk084sn02q")]
    affiliate_id: AffiliateId,
    #[schema(example = "Maya Chen")]
    affiliate_name: String,
    /// The payable balance. Negative if more was reversed than earned since the last payout.
    amount: MoneyBody,
    #[schema(value_type = enum_schemas::DueStatus)]
    status: &'static str,
    /// How the affiliate is paid. Null until they have said so.
    method: Option<MethodBody>,
    /// When the affiliate last changed how they are paid.
    method_changed_at: Option<Time>,
}

impl From<Due> for DueBody {
    fn from(due: Due) -> Self {
        Self {
            affiliate_id: due.affiliate_id,
            affiliate_name: due.name,
            amount: MoneyBody::of(due.amount, due.currency),
            status: due.status.word(),
            method: due.method.map(|kind| MethodBody::of(kind, due.method_hint.unwrap_or_default())),
            method_changed_at: due.method_changed_at.map(Time),
        }
    }
}

/// Filters of the list of who is due what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DueFilter {
    /// Only those with this status.
    #[param(value_type = Option<enum_schemas::DueStatus>, inline)]
    status: Option<String>,
}

const STATUS: &str = "Choose one of payable, no_method, method_changed, not_active, below_minimum, negative";

/// List who is due what
/// One item per affiliate and currency, the largest amount first. Balances that change between two pages can move an
/// item from one to the other.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payouts/due",
    tag = "payouts",
    operation_id = "listDue",
    params(ProgramPath, DueFilter, Paging),
    responses((status = 200, description = "A page of amounts due", body = List<DueBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<DueFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<DueBody>> {
    let page = paging.read()?;
    let offset = page.after_offset()?;
    let status = match filter.status.as_deref() {
        Some(word) => Some(DueStatus::from_word(word).ok_or_else(|| Problem::parameter("status", STATUS))?),
        None => None,
    };
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let due = engine::payouts::due(&engine, merchant, program, status, offset, page.fetch()).await?;
    Ok(List::of(due.rows, &page, |_| page.next_offset(offset), DueBody::from))
}

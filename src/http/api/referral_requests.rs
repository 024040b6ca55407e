//! `/programs/{programId}/referral-requests`: affiliates who miss a referral.

use axum::extract::State;
use domain::ids::{AffiliateId, PaymentId, ProgramId, ReferralRequestId};
use domain::referral_requests::{Remark, RequestStatus};
use engine::Engine;
use engine::ledger::referral_requests::{self, RequestRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{ProgramPath, ReferralRequestPath};
use super::problem::{ApiResult, Problem};
use super::text_schemas;

/// A request of an affiliate to look for a payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ReferralRequest)]
pub struct ReferralRequestBody {
    #[schema(value_type = String, example = "rrq_01h455vb4pex5vsknk084sn02q")]
    id: ReferralRequestId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    /// The buyer's email address or an order id, as the affiliate knows it.
    #[schema(example = "ana@buyers.example")]
    sought: String,
    /// The end of the day of the purchase, as far as the affiliate knows.
    bought_at: Time,
    /// What else the affiliate says. May be empty.
    note: String,
    created_at: Time,
    #[schema(value_type = enum_schemas::ReferralRequestStatus)]
    status: &'static str,
    /// What the affiliate can read.
    answer: Option<String>,
    answered_at: Option<Time>,
    /// The payment that was credited.
    #[schema(value_type = Option<String>)]
    payment_id: Option<PaymentId>,
    /// Payments that it may mean, nearest to its day first. Never shown to the affiliate.
    #[schema(value_type = Vec<String>)]
    matches: Vec<PaymentId>,
}

impl From<RequestRow> for ReferralRequestBody {
    fn from(row: RequestRow) -> Self {
        let RequestRow { request, matches, .. } = row;
        Self {
            id: request.id,
            program_id: request.program_id,
            affiliate_id: request.affiliate_id,
            sought: request.sought.to_string(),
            bought_at: request.bought_at.into(),
            note: request.note,
            created_at: request.created_at.into(),
            status: request.status.word(),
            answer: request.answer,
            answered_at: request.answered_at.map(Time::from),
            payment_id: request.payment_id,
            matches: matches.into_iter().map(|payment| payment.id).collect(),
        }
    }
}

/// Filters of the list of requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReferralRequestFilter {
    /// Only requests with this status. `open` by default.
    #[param(value_type = Option<enum_schemas::ReferralRequestStatus>, inline)]
    status: Option<String>,
}

/// List referral requests
/// Oldest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/referral-requests",
    tag = "money",
    operation_id = "listReferralRequests",
    params(ProgramPath, ReferralRequestFilter, Paging),
    responses((status = 200, description = "A page of requests", body = List<ReferralRequestBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<ReferralRequestFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<ReferralRequestBody>> {
    let page = paging.read()?;
    let after = page.after_id::<ReferralRequestId>()?;
    let after = after.as_ref().map_or("", ReferralRequestId::as_str);
    let status = match filter.status.as_deref() {
        Some(word) => RequestStatus::from_word(word)
            .ok_or_else(|| Problem::parameter("status", "Choose one of open, credited, declined"))?,
        None => RequestStatus::Open,
    };
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let rows = referral_requests::list(&engine, merchant, program, status, after, page.fetch()).await?;
    Ok(List::of(rows, &page, |row| Cursor::by_id(&row.request.id), ReferralRequestBody::from))
}

/// Retrieve a referral request
#[utoipa::path(
    get,
    path = "/programs/{programId}/referral-requests/{referralRequestId}",
    tag = "money",
    operation_id = "getReferralRequest",
    params(ReferralRequestPath),
    responses((status = 200, description = "The request", body = Item<ReferralRequestBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ReferralRequestPath>,
) -> ApiResult<Item<ReferralRequestBody>> {
    let (program, id) = (&path.program_id, &path.referral_request_id);
    let row = referral_requests::of_program(&engine, actor.merchant(), program, id).await?;
    Ok(Item::of(row.into()))
}

/// An answer to a referral request.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"status": "declined", "answer": "The buyer came by our own newsletter."}))]
pub struct ReferralRequestAnswer {
    #[schema(value_type = enum_schemas::ReferralOutcome, required = true, nullable = false)]
    status: Option<String>,
    /// The payment to credit. Required for `credited`.
    #[schema(value_type = Option<String>)]
    payment_id: Option<String>,
    /// Visible to the affiliate. Required for `declined`.
    #[schema(value_type = Option<text_schemas::OptionalRemarkText>)]
    answer: Option<String>,
}

/// Answer a referral request
/// `credited` assigns the payment, and later ones of the customer, to the affiliate.
#[utoipa::path(
    patch,
    path = "/programs/{programId}/referral-requests/{referralRequestId}",
    tag = "money",
    operation_id = "answerReferralRequest",
    params(ReferralRequestPath),
    request_body = ReferralRequestAnswer,
    responses((status = 200, description = "The request", body = Item<ReferralRequestBody>), WriteRefusals),
)]
pub async fn answer(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ReferralRequestPath>,
    Body(input): Body<ReferralRequestAnswer>,
) -> ApiResult<Item<ReferralRequestBody>> {
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.referral_request_id);
    // What is not yours is refused before the input.
    referral_requests::of_program(&engine, merchant, program, id).await?;
    let answer = Remark::parse(input.answer.as_deref().unwrap_or_default());
    let answer = answer.map_err(|message| Problem::field("answer", message))?;
    match input.status.as_deref().and_then(RequestStatus::from_word) {
        Some(RequestStatus::Credited) => {
            let ask = || Problem::field("paymentId", "Use the id of a payment of this program");
            let payment: PaymentId =
                input.payment_id.as_deref().and_then(|id| id.parse().ok()).ok_or_else(ask)?;
            engine::ledger::payments::detail(&engine, merchant, program, &payment).await.map_err(
                |error| match error {
                    engine::Error::NotFound => ask(),
                    error => error.into(),
                },
            )?;
            referral_requests::credit(&engine, merchant, program, id, &payment, &answer).await?;
        }
        Some(RequestStatus::Declined) => {
            referral_requests::decline(&engine, merchant, program, id, &answer).await?;
        }
        _ => return Err(Problem::field("status", "Choose one of credited, declined")),
    }
    let row = referral_requests::of_program(&engine, merchant, program, id).await?;
    Ok(Item::of(row.into()))
}

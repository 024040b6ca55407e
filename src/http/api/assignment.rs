//! `/programs/{programId}/payments/{paymentId}/assignment`: assigning payments manually.

use axum::extract::State;
use domain::ids::AffiliateId;
use engine::Engine;
use engine::ledger::payments::Assignee;
use serde::Deserialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::extract::{Body, Ids};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::PaymentPath;
use super::payments::{PaymentDetailBody, detail};
use super::problem::{ApiResult, Problem};
use super::text_schemas;

/// What a payment is assigned to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "affiliateId": "aff_01h455vb4pex5vsknk084sn02q", "laterPayments": true }))]
pub struct Assignment {
    /// Who is credited.
    #[schema(value_type = Option<text_schemas::AffiliateIdText>)]
    affiliate_id: Option<String>,
    /// Send `true` instead of `affiliateId` to mark the payment as not an affiliate sale.
    not_affiliate_sale: Option<bool>,
    /// Whether the assignment covers the customer's later payments too. Defaults to `true` for an affiliate and a
    /// subscription, otherwise to `false`.
    later_payments: Option<bool>,
}

impl Assignment {
    fn assignee(&self) -> ApiResult<Assignee> {
        const ASK: &str = "Enter the id of an affiliate, or notAffiliateSale: true";
        match (self.affiliate_id.as_deref(), self.not_affiliate_sale.unwrap_or(false)) {
            (None, true) => Ok(Assignee::NotAffiliateSale),
            (Some(id), false) => {
                let id: AffiliateId = id.parse().map_err(|_| Problem::field("affiliateId", ASK))?;
                Ok(Assignee::Affiliate(id))
            }
            _ => Err(Problem::field("affiliateId", ASK)),
        }
    }
}

/// Assign a payment
/// Assigns a payment to an affiliate, or marks it as not an affiliate sale. The assignment replaces the checks, and the
/// ledger is updated immediately. The explanation names who decided.
#[utoipa::path(
    post,
    path = "/programs/{programId}/payments/{paymentId}/assignment",
    tag = "money",
    operation_id = "assignPayment",
    params(PaymentPath, IdempotencyHeader),
    request_body = Assignment,
    responses((status = 200, description = "The payment", body = Item<PaymentDetailBody>), WriteRefusals),
)]
pub async fn assign(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PaymentPath>,
    Body(input): Body<Assignment>,
) -> ApiResult<Item<PaymentDetailBody>> {
    let merchant = actor.merchant();
    let (program, payment) = (&path.program_id, &path.payment_id);
    // A payment of another account is not found, whatever the input.
    let found = engine::ledger::payments::detail(&engine, merchant, program, payment).await?.payment;
    let assignee = input.assignee()?;
    let usual = found.subscription.is_some() && assignee != Assignee::NotAffiliateSale;
    let later = input.later_payments.unwrap_or(usual);
    engine::ledger::payments::assign(&engine, merchant, program, payment, &assignee, later).await?;
    detail(&engine, &actor, &path).await
}

/// Undo an assignment
/// The checks decide again, as if the payment had never been assigned.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/payments/{paymentId}/assignment",
    tag = "money",
    operation_id = "unassignPayment",
    params(PaymentPath),
    responses((status = 200, description = "The payment", body = Item<PaymentDetailBody>), WriteRefusals),
)]
pub async fn unassign(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PaymentPath>,
) -> ApiResult<Item<PaymentDetailBody>> {
    engine::ledger::payments::unassign(&engine, actor.merchant(), &path.program_id, &path.payment_id).await?;
    detail(&engine, &actor, &path).await
}

//! What a person decides about a payment.

use axum::extract::State;
use domain::ids::AffiliateId;
use engine::Engine;
use engine::ledger::payments::Choice;
use serde::Deserialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::WriteRefusals;
use super::extract::{Body, Ids};
use super::idempotency::IdempotencyHeader;
use super::page::Item;
use super::paths::PaymentPath;
use super::payments::{PaymentDetailBody, detail};
use super::problem::{Answer, Problem};

/// Whose a payment is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({ "affiliateId": "aff_01h455vb4pex5vsknk084sn02q", "laterPayments": true }))]
pub struct Assignment {
    /// Who is credited.
    affiliate_id: Option<String>,
    /// That it is not an affiliate sale, in place of `affiliateId`.
    not_affiliate_sale: Option<bool>,
    /// Whether it holds for the customer's later payments too. Left out: yes for an affiliate and a subscription,
    /// no otherwise.
    later_payments: Option<bool>,
}

impl Assignment {
    fn choice(&self) -> Answer<Choice> {
        const ASK: &str = "Enter the id of an affiliate, or notAffiliateSale: true";
        match (self.affiliate_id.as_deref(), self.not_affiliate_sale.unwrap_or(false)) {
            (None, true) => Ok(Choice::Nobody),
            (Some(id), false) => {
                let id: AffiliateId = id.parse().map_err(|_| Problem::field("affiliateId", ASK))?;
                Ok(Choice::Affiliate(id))
            }
            _ => Err(Problem::field("affiliateId", ASK)),
        }
    }
}

/// Assign a payment
///
/// To an affiliate, or to nobody. It stands in for the proofs, the ledger follows at once, and the explanation says
/// who decided.
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
) -> Answer<Item<PaymentDetailBody>> {
    let merchant = actor.merchant();
    let (program, payment) = (&path.program_id, &path.payment_id);
    // Not yours comes before wrong input.
    let found = engine::ledger::payments::detail(&engine, merchant, program, payment).await?.payment;
    let choice = input.choice()?;
    let usual = found.subscription.is_some() && choice != Choice::Nobody;
    let later = input.later_payments.unwrap_or(usual);
    engine::ledger::payments::decide(&engine, merchant, program, payment, &choice, later).await?;
    detail(&engine, &actor, &path).await
}

/// Take an assignment back
///
/// The proofs decide again, as if nobody ever had.
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
) -> Answer<Item<PaymentDetailBody>> {
    engine::ledger::payments::undo(&engine, actor.merchant(), &path.program_id, &path.payment_id).await?;
    detail(&engine, &actor, &path).await
}

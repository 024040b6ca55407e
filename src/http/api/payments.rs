//! Payments, credited or not.

use app::text::Zone;
use axum::extract::State;
use domain::emails::Email;
use domain::ids::{AffiliateId, ConversionId, CustomerId, PaymentId, ProgramId};
use engine::Engine;
use engine::ledger::payments::{Decision, Payment, PaymentFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::events::EventBody;
use super::explanation::{PaymentExplanation, zone_of};
use super::extract::{Ids, Query};
use super::formats::{MoneyBody, Time};
use super::page::{Cursor, Item, List, Paging};
use super::paths::{PaymentPath, ProgramPath};
use super::problem::{ApiResult, Problem};

/// One real-world payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentBody {
    #[schema(value_type = String, example = "pmt_01h455vb4pex5vsknk084sn02q")]
    id: PaymentId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String)]
    customer_id: CustomerId,
    /// Its best-known id at Stripe.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: String,
    /// `merged`: it turned out to be another payment.
    #[schema(value_type = enum_schemas::PaymentStatus)]
    status: &'static str,
    /// What was really paid; null while no currency is known.
    amount: Option<MoneyBody>,
    /// What a commission is counted on: without tax and shipping.
    base: Option<MoneyBody>,
    refunded: Option<MoneyBody>,
    /// How much of it is lost to disputes, or held by one.
    disputed: Option<MoneyBody>,
    dispute_open: bool,
    paid_at: Time,
    /// Stripe's id of the subscription.
    subscription: Option<String>,
    /// Stripe's word for why it was billed.
    #[schema(example = "subscription_cycle")]
    billing_reason: Option<String>,
    /// What was bought, if Stripe said so.
    label: Option<String>,
    /// The buyer's address.
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    /// Which of the customer's payments it is: 1 for the first, 0 for none that was paid.
    number: i64,
    explanation: PaymentExplanation,
}

impl PaymentBody {
    /// Of a payment, its sentences in a program's time zone.
    pub fn of(payment: Payment, zone: &Zone) -> Self {
        let money = |amount| payment.currency.map(|currency| MoneyBody::of(amount, currency));
        Self {
            explanation: PaymentExplanation::of(&payment, zone),
            amount: money(payment.gross),
            base: money(payment.base),
            refunded: money(payment.refunded),
            disputed: money(payment.disputed),
            id: payment.id,
            program_id: payment.program_id,
            customer_id: payment.customer_id,
            stripe_id: payment.stripe_id,
            status: payment.status.word(),
            dispute_open: payment.dispute_open,
            paid_at: payment.paid_at.into(),
            subscription: payment.subscription,
            billing_reason: payment.billing_reason,
            label: payment.label,
            email: payment.email,
            number: payment.number,
        }
    }
}

/// What a person decided about a payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Decision)]
pub struct DecisionBody {
    /// Who is credited; null when it is not an affiliate sale.
    #[schema(value_type = Option<String>)]
    affiliate_id: Option<AffiliateId>,
    /// Whether it covers the customer's later payments too.
    later_payments: bool,
    /// Who decided.
    by: String,
    at: Time,
}

impl From<Decision> for DecisionBody {
    fn from(decision: Decision) -> Self {
        Self {
            affiliate_id: decision.affiliate_id,
            later_payments: decision.later_payments,
            by: decision.by,
            at: decision.at.into(),
        }
    }
}

/// A payment with everything that is known about it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentDetail)]
pub struct PaymentDetailBody {
    #[serde(flatten)]
    payment: PaymentBody,
    /// All its ids at Stripe.
    stripe_ids: Vec<String>,
    /// Its conversion, if it was ever credited.
    #[schema(value_type = Option<String>)]
    conversion_id: Option<ConversionId>,
    /// What a person decided about it, in place of the checks.
    decision: Option<DecisionBody>,
    /// The events about it, oldest first.
    events: Vec<EventBody>,
    /// When its subscription ended, if it has. Later periods earn nothing.
    subscription_ended_at: Option<Time>,
}

/// Which payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// `unattributed`: paid, and no check led to an affiliate. `not_due`: attributed, but the terms pay nothing.
    /// `decided`: a person decided. `waiting`: something is missing.
    #[param(value_type = Option<enum_schemas::PaymentFilter>, inline)]
    filter: Option<String>,
}

/// A program's payments
///
/// Newest first, each with its explanation: all of them, or the unattributed ones.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payments",
    tag = "money",
    operation_id = "listPayments",
    params(ProgramPath, PaymentQuery, Paging),
    responses((status = 200, description = "A page of payments", body = List<PaymentBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(query): Query<PaymentQuery>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<PaymentBody>> {
    let filter = match query.filter.as_deref() {
        None => PaymentFilter::All,
        Some(word) => PaymentFilter::from_word(word).ok_or_else(|| {
            let ask = format!("Choose one of {}", PaymentFilter::ALL.map(PaymentFilter::word).join(", "));
            Problem::parameter("filter", ask)
        })?,
    };
    let page = paging.read()?;
    let before = page.after_time::<PaymentId>()?;
    let rows = engine::ledger::payments::list(
        &engine,
        actor.merchant(),
        &path.program_id,
        filter,
        before,
        page.fetch(),
    )
    .await?;
    let cursor = |payment: &Payment| Cursor::by_time(payment.paid_at, &payment.id);
    let zone = zone_of(&engine, &actor, &path.program_id).await?;
    Ok(List::of(rows, &page, cursor, |payment| PaymentBody::of(payment, &zone)))
}

/// A payment
///
/// With its explanation and the events about it.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payments/{paymentId}",
    tag = "money",
    operation_id = "getPayment",
    params(PaymentPath),
    responses((status = 200, description = "The payment", body = Item<PaymentDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PaymentPath>,
) -> ApiResult<Item<PaymentDetailBody>> {
    detail(&engine, &actor, &path).await
}

/// A payment with everything that is known about it.
pub async fn detail(
    engine: &Engine,
    actor: &Actor,
    path: &PaymentPath,
) -> ApiResult<Item<PaymentDetailBody>> {
    let detail =
        engine::ledger::payments::detail(engine, actor.merchant(), &path.program_id, &path.payment_id)
            .await?;
    let zone = zone_of(engine, actor, &path.program_id).await?;
    Ok(Item::of(PaymentDetailBody {
        decision: detail.decision.map(DecisionBody::from),
        payment: PaymentBody::of(detail.payment, &zone),
        stripe_ids: detail.stripe_ids,
        subscription_ended_at: detail.subscription_ended_at.map(Time),
        conversion_id: detail.conversion,
        events: detail.events.into_iter().map(|event| EventBody::of(event, &zone)).collect(),
    }))
}

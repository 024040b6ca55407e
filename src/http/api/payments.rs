//! `/programs/{programId}/payments`: payments, credited or not.

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

/// A payment by a customer.
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
    /// The payment's main Stripe id.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    stripe_id: String,
    /// `merged`: it turned out to be the same as another payment.
    #[schema(value_type = enum_schemas::PaymentStatus)]
    status: &'static str,
    /// What the customer paid. Null while the currency is unknown.
    amount: Option<MoneyBody>,
    /// The base of the commission: without tax and shipping.
    base: Option<MoneyBody>,
    refunded: Option<MoneyBody>,
    /// The part lost to disputes, or held by one.
    disputed: Option<MoneyBody>,
    dispute_open: bool,
    paid_at: Time,
    /// The Stripe subscription.
    subscription: Option<String>,
    /// Stripe's billing reason.
    #[schema(example = "subscription_cycle")]
    billing_reason: Option<String>,
    /// What was bought, if Stripe reported it.
    label: Option<String>,
    /// The buyer's email address.
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    /// The position among the customer's payments: 1 for the first, 0 if it was not paid.
    payment_number: i64,
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
            payment_number: payment.payment_number,
        }
    }
}

/// A manual assignment of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Decision)]
pub struct DecisionBody {
    /// The credited affiliate. Null if the payment is not an affiliate sale.
    #[schema(value_type = Option<String>)]
    affiliate_id: Option<AffiliateId>,
    /// Whether the assignment covers the customer's later payments too.
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

/// A payment with its assignment and events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentDetail)]
pub struct PaymentDetailBody {
    #[serde(flatten)]
    payment: PaymentBody,
    /// All Stripe ids of the payment.
    stripe_ids: Vec<String>,
    /// The payment's conversion, if it was ever credited.
    #[schema(value_type = Option<String>)]
    conversion_id: Option<ConversionId>,
    /// The manual assignment, which replaces the checks.
    decision: Option<DecisionBody>,
    /// The events about it, oldest first.
    events: Vec<EventBody>,
    /// When its subscription ended, if it has. Later periods earn nothing.
    subscription_ended_at: Option<Time>,
}

/// Filters of the list of payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentQuery {
    /// `unattributed`: paid, but no check matched an affiliate. `not_due`: attributed, but no commission is due.
    /// `decided`: assigned manually. `waiting`: waiting for more from Stripe.
    #[param(value_type = Option<enum_schemas::PaymentFilter>, inline)]
    filter: Option<String>,
}

/// List payments
/// Newest first, each with its explanation.
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

/// Retrieve a payment
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

/// A payment with its assignment and events.
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

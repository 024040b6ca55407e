//! Payments, credited or not.

use axum::extract::State;
use domain::emails::Email;
use domain::ids::{ConversionId, CustomerId, PaymentId, ProgramId};
use engine::Engine;
use engine::payments::Payment;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::ReadRefusals;
use super::events::EventBody;
use super::explanation::PaymentExplanation;
use super::extract::{Ids, Query};
use super::page::{Cursor, Item, List, Paging};
use super::paths::{PaymentPath, ProgramPath};
use super::problem::{Answer, Problem};
use super::values::{MoneyBody, Time};
use super::words;

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
    #[schema(value_type = words::PaymentState)]
    state: String,
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

impl From<Payment> for PaymentBody {
    fn from(payment: Payment) -> Self {
        let money = |amount| payment.currency.map(|currency| MoneyBody::of(amount, currency));
        Self {
            explanation: PaymentExplanation::of(&payment),
            amount: money(payment.gross),
            base: money(payment.base),
            refunded: money(payment.refunded),
            disputed: money(payment.disputed),
            id: payment.id,
            program_id: payment.program_id,
            customer_id: payment.customer_id,
            stripe_id: payment.stripe_id,
            state: payment.state,
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

/// A payment with everything that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentDetail)]
pub struct PaymentDetailBody {
    #[serde(flatten)]
    payment: PaymentBody,
    /// All its ids at Stripe.
    stripe_ids: Vec<String>,
    /// Its conversion, if it was credited.
    #[schema(value_type = Option<String>)]
    conversion_id: Option<ConversionId>,
    /// The events about it, oldest first.
    events: Vec<EventBody>,
}

/// Which payments.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PaymentFilter {
    /// `none`: payments that earn nobody anything. Credited ones are conversions.
    #[param(required = true, pattern = "^none$", example = "none")]
    affiliate: Option<String>,
}

/// A program's payments that earn nobody anything
///
/// Newest first, each with the reason. Credited payments are listed as conversions.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payments",
    tag = "money",
    operation_id = "listPayments",
    params(ProgramPath, PaymentFilter, Paging),
    responses((status = 200, description = "A page of payments", body = List<PaymentBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<PaymentFilter>,
    Query(paging): Query<Paging>,
) -> Answer<List<PaymentBody>> {
    if filter.affiliate.as_deref() != Some("none") {
        const ASK: &str = "Use affiliate=none for payments that earn nobody anything; others are conversions";
        return Err(Problem::parameter("affiliate", ASK));
    }
    let page = paging.read()?;
    let before = page.after_time::<PaymentId>()?;
    let rows = engine::payments::without_affiliate(
        &engine,
        actor.merchant(),
        &path.program_id,
        before,
        page.fetch(),
    )
    .await?;
    let cursor = |payment: &Payment| Cursor::by_time(payment.paid_at, &payment.id);
    Ok(List::of(rows, &page, cursor, PaymentBody::from))
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
) -> Answer<Item<PaymentDetailBody>> {
    let detail =
        engine::payments::detail(&engine, actor.merchant(), &path.program_id, &path.payment_id).await?;
    Ok(Item::of(PaymentDetailBody {
        payment: detail.payment.into(),
        stripe_ids: detail.stripe_ids,
        conversion_id: detail.conversion,
        events: detail.events.into_iter().map(EventBody::from).collect(),
    }))
}

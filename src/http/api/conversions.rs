//! Conversions: payments credited to affiliates, each with its explanation.

use app::presenters::labels::hold_note;
use app::text::Zone;
use axum::extract::State;
use domain::checks::CheckKind;
use domain::clicks::ClickToken;
use domain::commissions::{CommissionStatus, HoldReason};
use domain::emails::Email;
use domain::ids::{AffiliateId, ConversionId, CustomerId, LinkId, PaymentId, ProgramId};
use engine::Engine;
use engine::ledger::conversions::{ConversionRow, Filter, Page as Window};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::affiliate_rows::affiliate_id;
use super::clicks::ClickBody;
use super::commissions::EntryBody;
use super::document::ReadRefusals;
use super::enum_schemas;
use super::events::EventBody;
use super::explanation::{ConversionExplanation, net};
use super::extract::{Ids, Query};
use super::formats::{MoneyBody, Time, moment};
use super::page::{Cursor, Item, List, Paging};
use super::paths::{ConversionPath, ProgramPath};
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;

/// A payment credited to an affiliate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Conversion)]
pub struct ConversionBody {
    #[schema(value_type = String, example = "cnv_01h455vb4pex5vsknk084sn02q")]
    id: ConversionId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String)]
    payment_id: PaymentId,
    /// The payment's main Stripe id.
    #[schema(example = "in_1MtHbELkdIwHu7ixl4OzzPMv")]
    stripe_id: String,
    #[schema(value_type = String)]
    customer_id: CustomerId,
    /// The buyer's email address.
    #[schema(value_type = Option<String>)]
    email: Option<Email>,
    /// What was bought, if Stripe reported it.
    label: Option<String>,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    affiliate_name: String,
    #[schema(value_type = Option<String>)]
    link_id: Option<LinkId>,
    link_code: Option<String>,
    #[schema(value_type = Option<String>)]
    click_token: Option<ClickToken>,
    click_at: Option<Time>,
    #[schema(value_type = enum_schemas::CommissionStatus)]
    status: &'static str,
    /// The check that decided.
    #[schema(value_type = enum_schemas::Check)]
    method: &'static str,
    /// The position among the customer's payments: 1 for the first.
    payment_number: i64,
    /// What the customer paid.
    amount: MoneyBody,
    /// The refunded part.
    refunded: MoneyBody,
    /// The part lost to disputes, or held by one.
    disputed: MoneyBody,
    dispute_open: bool,
    /// Why the commission is on hold beyond the hold period.
    #[schema(value_type = Option<enum_schemas::HoldReason>)]
    hold_reason: Option<&'static str>,
    /// The same in a sentence.
    hold_sentence: Option<&'static str>,
    /// The commission after refunds and disputes.
    commission: MoneyBody,
    /// When the commission becomes payable.
    hold_until: Time,
    paid_at: Time,
    explanation: ConversionExplanation,
}

impl ConversionBody {
    fn of(row: ConversionRow, explanation: ConversionExplanation) -> Self {
        let conversion = row.conversion;
        let paid = |amount| MoneyBody::of(amount, conversion.currency);
        Self {
            amount: paid(conversion.amount),
            refunded: paid(conversion.refunded),
            disputed: paid(conversion.disputed),
            commission: MoneyBody::of(net(&conversion), conversion.commission_currency),
            id: conversion.id,
            program_id: conversion.program_id,
            payment_id: conversion.payment_id,
            stripe_id: row.stripe_id,
            customer_id: conversion.customer_id,
            email: row.email,
            label: row.label,
            affiliate_id: conversion.affiliate_id,
            affiliate_name: row.affiliate_name,
            link_id: conversion.link_id,
            link_code: row.link_code,
            click_token: conversion.click_token,
            click_at: row.click_at.map(Time),
            status: row.status.word(),
            method: conversion.method.word(),
            payment_number: conversion.payment_number,
            dispute_open: conversion.hold == Some(HoldReason::Dispute),
            hold_reason: conversion.hold.map(HoldReason::word),
            hold_sentence: conversion.hold.map(hold_note),
            hold_until: conversion.hold_until.into(),
            paid_at: conversion.paid_at.into(),
            explanation,
        }
    }
}

/// A conversion with its click, ledger entries and events.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConversionDetail)]
pub struct ConversionDetailBody {
    #[serde(flatten)]
    conversion: ConversionBody,
    /// All Stripe ids of the payment.
    stripe_ids: Vec<String>,
    /// The click that led to it.
    click: Option<ClickBody>,
    /// Its ledger entries, oldest first.
    entries: Vec<EntryBody>,
    /// The events about its payment, oldest first.
    events: Vec<EventBody>,
    /// The Stripe subscription.
    subscription: Option<String>,
    /// When the subscription ended, if it has. Later periods earn nothing.
    subscription_ended_at: Option<Time>,
}

/// Filters of the list of conversions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ConversionFilter {
    /// Only this status.
    #[param(value_type = Option<enum_schemas::CommissionStatus>, inline)]
    status: Option<String>,
    /// Only this affiliate.
    affiliate_id: Option<String>,
    /// Only conversions credited by this check.
    #[param(value_type = Option<enum_schemas::Check>, inline)]
    method: Option<String>,
    /// Paid at or after this time: an ISO 8601 date or time. A date starts at midnight UTC.
    #[param(example = "2026-03-01")]
    from: Option<String>,
    /// Paid before this time.
    #[param(example = "2026-04-01T00:00:00Z")]
    until: Option<String>,
}

impl ConversionFilter {
    fn read(&self) -> ApiResult<Filter> {
        let status = word(self.status.as_deref(), "status", CommissionStatus::from_word, || {
            CommissionStatus::ALL.map(CommissionStatus::word).join(", ")
        })?;
        let method = word(self.method.as_deref(), "method", CheckKind::from_word, || {
            CheckKind::ALL.map(CheckKind::word).join(", ")
        })?;
        Ok(Filter {
            affiliate: affiliate_id(self.affiliate_id.as_deref())?,
            status,
            method,
            from: moment("from", self.from.as_deref())?,
            until: moment("until", self.until.as_deref())?,
        })
    }
}

fn word<T>(
    text: Option<&str>,
    name: &str,
    from_word: impl Fn(&str) -> Option<T>,
    all: impl Fn() -> String,
) -> ApiResult<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    from_word(text).map(Some).ok_or_else(|| Problem::parameter(name, format!("Choose one of {}", all())))
}

/// List conversions
///
/// Newest first, each with its explanation.
#[utoipa::path(
    get,
    path = "/programs/{programId}/conversions",
    tag = "money",
    operation_id = "listConversions",
    params(ProgramPath, ConversionFilter, Paging),
    responses((status = 200, description = "A page of conversions", body = List<ConversionBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<ConversionFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<ConversionBody>> {
    let (merchant, id) = (actor.merchant(), &path.program_id);
    let (page, filter) = (paging.read()?, filter.read()?);
    let window = match page.after_time::<ConversionId>()? {
        Some((at, id)) => Window::Before(at, id),
        None => Window::First,
    };
    let program = engine::programs::get(&engine, merchant, id).await?;
    let zone = Zone::named(&program.time_zone);
    let versions = engine::programs::terms::list(&engine, merchant, id).await?;
    let rows =
        engine::ledger::conversions::list(&engine, merchant, id, &filter, &window, page.fetch()).await?;
    let ids: Vec<PaymentId> = rows.iter().map(|row| row.conversion.payment_id.clone()).collect();
    let payments = engine::ledger::payments::of_ids(&engine, merchant, id, &ids).await?;
    let mut explained = Vec::with_capacity(rows.len());
    for row in rows {
        let conversion = &row.conversion;
        let payment = payments.get(&conversion.payment_id);
        let terms = versions.iter().find(|terms| terms.id == conversion.terms_id);
        let (payment, terms) = payment.zip(terms).ok_or_else(|| Problem::new(Code::Internal))?;
        let explanation = ConversionExplanation::of(conversion, payment, terms, program.currency, &zone);
        explained.push((row, explanation));
    }
    let cursor = |(row, _): &(ConversionRow, _)| Cursor::by_time(row.conversion.paid_at, &row.conversion.id);
    Ok(List::of(explained, &page, cursor, |(row, explanation)| ConversionBody::of(row, explanation)))
}

/// Retrieve a conversion
/// With its explanation, its ledger entries and the events about it.
#[utoipa::path(
    get,
    path = "/programs/{programId}/conversions/{conversionId}",
    tag = "money",
    operation_id = "getConversion",
    params(ConversionPath),
    responses((status = 200, description = "The conversion", body = Item<ConversionDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ConversionPath>,
) -> ApiResult<Item<ConversionDetailBody>> {
    let program = engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let detail =
        engine::ledger::conversions::detail(&engine, actor.merchant(), &program.id, &path.conversion_id)
            .await?;
    let payment = detail.payment;
    let (row, zone) = (&detail.row.conversion, Zone::named(&program.time_zone));
    let explanation =
        ConversionExplanation::of(row, &payment.payment, &detail.terms, program.currency, &zone);
    Ok(Item::of(ConversionDetailBody {
        conversion: ConversionBody::of(detail.row, explanation),
        stripe_ids: payment.stripe_ids,
        subscription: payment.payment.subscription,
        subscription_ended_at: payment.subscription_ended_at.map(Time),
        click: detail.click.map(ClickBody::from),
        entries: detail.entries.into_iter().map(EntryBody::from).collect(),
        events: payment.events.into_iter().map(|event| EventBody::of(event, &zone)).collect(),
    }))
}

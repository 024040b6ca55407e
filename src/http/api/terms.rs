//! `/programs/{programId}/terms`: versions of a program's terms.

use axum::extract::State;
use axum::http::StatusCode;
use domain::fields::Problems;
use domain::ids::TermsId;
use domain::money::Currency;
use domain::terms::{Commission, Recurrence, TermsVersion, rate_number};
use engine::Engine;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::terms_input::TermsInput;

/// One version of a program's terms. A version is never edited; each conversion keeps its
/// own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Terms)]
pub struct TermsBody {
    #[schema(value_type = String, example = "trm_01h455vb4pex5vsknk084sn02q")]
    id: TermsId,
    /// 1, 2, 3, …
    version: i64,
    /// When it took effect.
    starts_at: Time,
    commission: CommissionBody,
    recurrence: RecurrenceBody,
    /// The cookie window: days from click to first payment.
    window_days: i64,
    /// The hold period: days until a commission is payable.
    hold_days: i64,
    /// The minimum payout, in minor units of `currency`.
    minimum_payout: i64,
    #[schema(value_type = enum_schemas::ClickModel)]
    click_model: &'static str,
    #[schema(value_type = enum_schemas::AttributionPriority)]
    attribution_priority: &'static str,
    /// Whether invoices paid entirely outside Stripe earn a commission.
    outside_stripe: bool,
    /// The currency of the amounts here.
    #[schema(value_type = String, example = "usd")]
    currency: Currency,
    /// The offer in one line.
    #[schema(example = "25% of each payment for 12 months")]
    offer: String,
}

/// The commission on a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Commission)]
struct CommissionBody {
    #[schema(value_type = enum_schemas::CommissionKind)]
    kind: &'static str,
    /// With `percent`: the percentage, as a decimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "12.5")]
    percent: Option<String>,
    /// With `fixed`: minor units of the program's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
}

/// Which of a customer's payments earn a commission.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Recurrence)]
struct RecurrenceBody {
    #[schema(value_type = enum_schemas::RecurrenceKind)]
    kind: &'static str,
    /// With `months`: how many calendar months from the first payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    months: Option<i64>,
}

impl TermsBody {
    /// A version of a program with a currency.
    pub fn of(version: &TermsVersion, currency: Currency) -> Self {
        let terms = &version.terms;
        Self {
            id: version.id.clone(),
            version: version.version,
            starts_at: version.starts_at.into(),
            commission: match terms.commission {
                Commission::Percent { rate_bps } => {
                    CommissionBody { kind: "percent", percent: Some(rate_number(rate_bps)), amount: None }
                }
                Commission::Fixed { amount_minor } => {
                    CommissionBody { kind: "fixed", percent: None, amount: Some(amount_minor) }
                }
            },
            recurrence: match terms.recurrence {
                Recurrence::FirstPayment => RecurrenceBody { kind: "first_payment", months: None },
                Recurrence::Months { months } => RecurrenceBody { kind: "months", months: Some(months) },
                Recurrence::Lifetime => RecurrenceBody { kind: "lifetime", months: None },
            },
            window_days: terms.window_days,
            hold_days: terms.hold_days,
            minimum_payout: terms.minimum_payout_minor,
            click_model: terms.click_model.word(),
            attribution_priority: terms.attribution_priority.word(),
            outside_stripe: terms.outside_stripe,
            currency,
            offer: terms.offer(currency),
        }
    }
}

/// List versions of the terms
///
/// Oldest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/terms",
    tag = "programs",
    operation_id = "listTerms",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of versions", body = List<TermsBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<TermsBody>> {
    let program = engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let page = paging.read()?;
    let after: Option<TermsId> = page.after_id()?;
    let mut versions = engine::programs::terms::list(&engine, actor.merchant(), &path.program_id).await?;
    versions.retain(|terms| after.as_ref().is_none_or(|after| terms.id > *after));
    let body = |terms| TermsBody::of(&terms, program.currency);
    Ok(List::of(versions, &page, |terms| Cursor::by_id(&terms.id), body))
}

/// Change the terms
/// Adds a version that takes effect now. Earlier conversions keep theirs. Fields left out stay unchanged. If nothing
/// changes, no version is added.
#[utoipa::path(
    post,
    path = "/programs/{programId}/terms",
    tag = "programs",
    operation_id = "changeTerms",
    params(ProgramPath, IdempotencyHeader),
    request_body = TermsInput,
    responses((status = 201, description = "The current version", body = Item<TermsBody>), WriteRefusals),
)]
pub async fn change(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<TermsInput>,
) -> ApiResult<(StatusCode, Item<TermsBody>)> {
    // A program that is not yours is refused before the input.
    let program = engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let mut problems = Problems::new();
    let change = input.read(&mut problems);
    let change = problems.or(change)?;
    let version = engine::programs::terms::change(&engine, actor.merchant(), &program.id, &change).await?;
    Ok((StatusCode::CREATED, Item::of(TermsBody::of(&version, program.currency))))
}

//! `/programs/{programId}/terms`: versions of a program's terms.

use axum::extract::State;
use axum::http::StatusCode;
use domain::fields::Problems;
use domain::ids::TermsId;
use domain::money::Currency;
use domain::terms::TermsVersion;
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
use super::rewards::{CapsBody, CommissionBody, RecurrenceBody, RewardBody};
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
    /// What payments earn, in order: the first reward whose conditions match a payment decides.
    rewards: Vec<RewardBody>,
    /// The commission, if it is the same for every payment; otherwise see `rewards`.
    #[serde(skip_serializing_if = "Option::is_none")]
    commission: Option<CommissionBody>,
    /// Which payments earn it.
    #[serde(skip_serializing_if = "Option::is_none")]
    recurrence: Option<RecurrenceBody>,
    /// The most that is paid, in minor units of `currency`. Commissions in other currencies have no limit.
    caps: CapsBody,
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

impl TermsBody {
    /// A version of a program with a currency.
    pub fn of(version: &TermsVersion, currency: Currency) -> Self {
        let terms = &version.terms;
        let simple = terms.rewards.simple_step();
        Self {
            id: version.id.clone(),
            version: version.version,
            starts_at: version.starts_at.into(),
            rewards: terms.rewards.iter().map(|reward| RewardBody::of(reward, currency)).collect(),
            commission: simple.map(|step| step.commission.into()),
            recurrence: simple.map(|step| step.recurrence.into()),
            caps: terms.caps.into(),
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

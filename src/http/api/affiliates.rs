//! People in a program.

use axum::extract::State;
use axum::http::StatusCode;
use domain::affiliates::{AffiliateInput, AffiliateStatus};
use domain::emails::Email;
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;
use engine::Engine;
use engine::programs::affiliates::{Affiliate, AffiliateDetail, Balance};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids, Query};
use super::idempotency::IdempotencyHeader;
use super::links::LinkBody;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{AffiliatePath, ProgramPath};
use super::problem::{Answer, Problem};
use super::values::{MoneyBody, Time};
use super::words;

/// A person in a program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Affiliate)]
pub struct AffiliateBody {
    #[schema(value_type = String, example = "aff_01h455vb4pex5vsknk084sn02q")]
    id: AffiliateId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(example = "Maya Chen")]
    name: String,
    #[schema(value_type = String, example = "maya@example.com")]
    email: Email,
    #[schema(value_type = words::AffiliateStatus)]
    status: &'static str,
    /// Why they were turned down or suspended; they can read it.
    status_reason: Option<String>,
    created_at: Time,
}

impl From<Affiliate> for AffiliateBody {
    fn from(affiliate: Affiliate) -> Self {
        Self {
            id: affiliate.id,
            program_id: affiliate.program_id,
            name: affiliate.name,
            email: affiliate.email,
            status: affiliate.status.word(),
            status_reason: affiliate.status_reason,
            created_at: affiliate.created_at.into(),
        }
    }
}

/// A person in a program, and what they brought and have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AffiliateDetail)]
pub struct AffiliateDetailBody {
    #[serde(flatten)]
    affiliate: AffiliateBody,
    /// Whether they have chosen a password.
    has_password: bool,
    /// What they have, by currency.
    balances: Vec<BalanceBody>,
    totals: TotalsBody,
}

/// What an affiliate has in a currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Balance)]
struct BalanceBody {
    /// The sum of all entries.
    earned: MoneyBody,
    /// The part that is held back.
    on_hold: MoneyBody,
    /// The part that can be paid out.
    payable: MoneyBody,
}

impl From<Balance> for BalanceBody {
    fn from(balance: Balance) -> Self {
        let money = |amount| MoneyBody::of(amount, balance.currency);
        Self {
            earned: money(balance.earned),
            on_hold: money(balance.on_hold),
            payable: money(balance.payable),
        }
    }
}

/// What an affiliate brought since they joined; amounts in the program's currency only.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AffiliateTotals)]
struct TotalsBody {
    clicks: i64,
    conversions: i64,
    /// Conversions that were a customer's first payment.
    first_payments: i64,
    revenue: MoneyBody,
    commission: MoneyBody,
}

fn detail_body(detail: AffiliateDetail, currency: Currency) -> AffiliateDetailBody {
    AffiliateDetailBody {
        has_password: detail.has_password,
        balances: detail.balances.into_iter().map(BalanceBody::from).collect(),
        totals: TotalsBody {
            clicks: detail.sums.clicks,
            conversions: detail.sums.conversions,
            first_payments: detail.sums.first_payments,
            revenue: MoneyBody::of(detail.sums.revenue, currency),
            commission: MoneyBody::of(detail.sums.commission, currency),
        },
        affiliate: detail.affiliate.into(),
    }
}

/// Which affiliates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AffiliateFilter {
    /// Those of one status.
    #[param(value_type = Option<words::AffiliateStatus>, inline)]
    status: Option<String>,
}

const STATUS: &str = "Choose one of active, pending, suspended, declined";

/// A program's affiliates
///
/// In the order of their joining.
#[utoipa::path(
    get,
    path = "/programs/{programId}/affiliates",
    tag = "affiliates",
    operation_id = "listAffiliates",
    params(ProgramPath, AffiliateFilter, Paging),
    responses((status = 200, description = "A page of affiliates", body = List<AffiliateBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<AffiliateFilter>,
    Query(paging): Query<Paging>,
) -> Answer<List<AffiliateBody>> {
    let page = paging.read()?;
    let after: Option<AffiliateId> = page.after_id()?;
    let after = after.as_ref().map_or("", |after| after.as_str());
    let status = match filter.status.as_deref() {
        Some(word) => {
            Some(AffiliateStatus::from_word(word).ok_or_else(|| Problem::parameter("status", STATUS))?)
        }
        None => None,
    };
    let rows = engine::programs::affiliates::list(
        &engine,
        actor.merchant(),
        &path.program_id,
        status,
        after,
        page.fetch(),
    )
    .await?;
    Ok(List::of(rows, &page, |affiliate| Cursor::by_id(&affiliate.id), AffiliateBody::from))
}

/// A new affiliate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "Maya Chen", "email": "maya@example.com", "code": "maya"}))]
pub struct NewAffiliate {
    /// Up to 80 characters.
    #[schema(required = true, nullable = false)]
    name: Option<String>,
    #[schema(required = true, nullable = false)]
    email: Option<String>,
    /// The code of the first link; made from the name when left out.
    code: Option<String>,
}

/// A new affiliate and their first link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedAffiliate {
    #[serde(flatten)]
    affiliate: AffiliateBody,
    /// Leads to the program's website.
    link: LinkBody,
}

/// Add an affiliate
///
/// Whoever runs the program adds people who are let in; they get a first link.
#[utoipa::path(
    post,
    path = "/programs/{programId}/affiliates",
    tag = "affiliates",
    operation_id = "addAffiliate",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewAffiliate,
    responses((status = 201, description = "The affiliate", body = Item<AddedAffiliate>), WriteRefusals),
)]
pub async fn add(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewAffiliate>,
) -> Answer<(StatusCode, Item<AddedAffiliate>)> {
    let form = AffiliateInput {
        name: input.name.unwrap_or_default(),
        email: input.email.unwrap_or_default(),
        code: input.code.unwrap_or_default(),
    };
    let (affiliate, link) =
        engine::programs::affiliates::add(&engine, actor.merchant(), &path.program_id, &form).await?;
    let added = AddedAffiliate { affiliate: affiliate.into(), link: LinkBody::of(&engine, link, 0) };
    Ok((StatusCode::CREATED, Item::of(added)))
}

/// An affiliate
#[utoipa::path(
    get,
    path = "/programs/{programId}/affiliates/{affiliateId}",
    tag = "affiliates",
    operation_id = "getAffiliate",
    params(AffiliatePath),
    responses((status = 200, description = "The affiliate", body = Item<AffiliateDetailBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
) -> Answer<Item<AffiliateDetailBody>> {
    detail(&engine, &actor, &path).await
}

async fn detail(engine: &Engine, actor: &Actor, path: &AffiliatePath) -> Answer<Item<AffiliateDetailBody>> {
    let program = engine::programs::get(engine, actor.merchant(), &path.program_id).await?;
    let detail =
        engine::programs::affiliates::detail(engine, actor.merchant(), &program.id, &path.affiliate_id)
            .await?;
    Ok(Item::of(detail_body(detail, program.currency)))
}

/// A decision about an affiliate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"status": "suspended", "reason": "Bids on our brand name."}))]
pub struct AffiliateChange {
    /// `active` lets them in or takes them back.
    #[schema(value_type = words::AffiliateStatus, required = true)]
    status: Option<String>,
    /// Needed to decline or suspend; they can read it.
    #[schema(max_length = 300)]
    reason: Option<String>,
}

/// Let an affiliate in, turn them down, suspend them or take them back
#[utoipa::path(
    patch,
    path = "/programs/{programId}/affiliates/{affiliateId}",
    tag = "affiliates",
    operation_id = "changeAffiliate",
    params(AffiliatePath),
    request_body = AffiliateChange,
    responses((status = 200, description = "The affiliate", body = Item<AffiliateDetailBody>), WriteRefusals),
)]
pub async fn change(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
    Body(input): Body<AffiliateChange>,
) -> Answer<Item<AffiliateDetailBody>> {
    let status = input.status.as_deref().and_then(AffiliateStatus::from_word);
    let status = status.ok_or_else(|| Problem::field("status", STATUS))?;
    let reason = input.reason.as_deref().unwrap_or_default();
    let (merchant, id) = (actor.merchant(), &path.affiliate_id);
    engine::programs::affiliates::set_status(&engine, merchant, &path.program_id, id, status, reason).await?;
    detail(&engine, &actor, &path).await
}

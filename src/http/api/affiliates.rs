//! `/programs/{programId}/affiliates`: affiliates of a program.

use axum::extract::State;
use axum::http::StatusCode;
use domain::affiliates::{AffiliateDraft, AffiliateStatus, StatusReason};
use domain::emails::Email;
use domain::fields::{Name, Problems};
use domain::ids::{AffiliateId, ProgramId};
use domain::money::Currency;
use engine::Engine;
use engine::ledger::reports::Amounts;
use engine::programs::affiliates::{Affiliate, AffiliateDetail, Balance};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::{MoneyBody, Time};
use super::idempotency::IdempotencyHeader;
use super::links::LinkBody;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{AffiliatePath, ProgramPath};
use super::problem::{ApiResult, Problem};
use super::text_schemas;

/// An affiliate of a program.
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
    #[schema(value_type = enum_schemas::AffiliateStatus)]
    status: &'static str,
    /// Why the affiliate was declined or suspended. Visible to the affiliate.
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

/// An affiliate with balances and lifetime performance.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AffiliateDetail)]
pub struct AffiliateDetailBody {
    #[serde(flatten)]
    affiliate: AffiliateBody,
    /// Balances, by currency.
    balances: Vec<BalanceBody>,
    totals: TotalsBody,
}

/// An affiliate's balance in a currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Balance)]
struct BalanceBody {
    /// The sum of all entries.
    earned: MoneyBody,
    /// The part on hold.
    on_hold: MoneyBody,
    /// The payable part. Negative if more was reversed than earned since the last payout.
    payable: MoneyBody,
    /// The part in payouts that are not paid yet.
    in_payout: MoneyBody,
    /// The part that is paid.
    paid: MoneyBody,
}

impl From<Balance> for BalanceBody {
    fn from(balance: Balance) -> Self {
        let money = |amount| MoneyBody::of(amount, balance.currency);
        Self {
            earned: money(balance.earned),
            on_hold: money(balance.on_hold),
            payable: money(balance.payable),
            in_payout: money(balance.in_payout),
            paid: money(balance.paid),
        }
    }
}

/// Lifetime performance. Amounts in different currencies are never added up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AffiliateTotals)]
struct TotalsBody {
    clicks: i64,
    conversions: i64,
    /// Conversions that were a customer's first payment.
    first_payments: i64,
    /// In the program's currency.
    revenue: MoneyBody,
    /// In the program's currency.
    commission: MoneyBody,
    /// The same in every other currency.
    other_currencies: Vec<AmountsBody>,
}

/// Lifetime revenue and commission in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AffiliateAmounts)]
struct AmountsBody {
    revenue: MoneyBody,
    commission: MoneyBody,
}

impl AmountsBody {
    fn of(amounts: Amounts, currency: Currency) -> Self {
        Self {
            revenue: MoneyBody::of(amounts.revenue, currency),
            commission: MoneyBody::of(amounts.commission, currency),
        }
    }
}

fn detail_body(detail: AffiliateDetail, currency: Currency) -> AffiliateDetailBody {
    let totals = detail.totals;
    let own = AmountsBody::of(totals.in_currency(currency), currency);
    let others = totals.money.iter().filter(|(other, _)| **other != currency);
    AffiliateDetailBody {
        balances: detail.balances.into_iter().map(BalanceBody::from).collect(),
        totals: TotalsBody {
            clicks: detail.clicks,
            conversions: totals.conversions,
            first_payments: totals.first_payments,
            revenue: own.revenue,
            commission: own.commission,
            other_currencies: others.map(|(other, amounts)| AmountsBody::of(*amounts, *other)).collect(),
        },
        affiliate: detail.affiliate.into(),
    }
}

/// Filters of the list of affiliates.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AffiliateFilter {
    /// Only affiliates with this status.
    #[param(value_type = Option<enum_schemas::AffiliateStatus>, inline)]
    status: Option<String>,
}

const STATUS: &str = "Choose one of active, pending, suspended, declined";

/// List affiliates
/// In the order they joined.
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
) -> ApiResult<List<AffiliateBody>> {
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
    #[schema(required = true, nullable = false, value_type = text_schemas::NameText)]
    name: Option<String>,
    #[schema(required = true, nullable = false, value_type = text_schemas::EmailText)]
    email: Option<String>,
    /// The code of the first link. Based on the name by default.
    #[schema(value_type = Option<text_schemas::LinkCodeText>)]
    code: Option<String>,
}

impl NewAffiliate {
    fn read(self) -> Result<AffiliateDraft, Problems> {
        let mut problems = Problems::new();
        let name = problems.keep("name", Name::parse(&self.name.unwrap_or_default(), "a name"));
        let email = problems.keep("email", self.email.unwrap_or_default().parse());
        let code = self.code.and_then(|code| problems.keep("code", code.parse()));
        match (name, email) {
            (Some(name), Some(email)) => problems.or(AffiliateDraft { name, email, code }),
            _ => Err(problems),
        }
    }
}

/// A new affiliate and their first link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddedAffiliate {
    #[serde(flatten)]
    affiliate: AffiliateBody,
    /// The first link, to the program's website.
    link: LinkBody,
}

/// Add an affiliate
/// The affiliate is active immediately and gets a first link, even if the program reviews applications: `status` in the
/// response says so.
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
) -> ApiResult<(StatusCode, Item<AddedAffiliate>)> {
    // A program that is not yours is refused before the input.
    engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let draft = input.read()?;
    let (affiliate, link) =
        engine::programs::affiliates::add(&engine, actor.merchant(), &path.program_id, &draft).await?;
    let added = AddedAffiliate { affiliate: affiliate.into(), link: LinkBody::of(&engine, link, 0) };
    Ok((StatusCode::CREATED, Item::of(added)))
}

/// Retrieve an affiliate
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
) -> ApiResult<Item<AffiliateDetailBody>> {
    detail(&engine, &actor, &path).await
}

async fn detail(
    engine: &Engine,
    actor: &Actor,
    path: &AffiliatePath,
) -> ApiResult<Item<AffiliateDetailBody>> {
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
    /// `active` approves or reinstates them.
    #[schema(value_type = enum_schemas::AffiliateStatus, required = true)]
    status: Option<String>,
    /// Required to decline or suspend. Visible to the affiliate.
    #[schema(value_type = Option<text_schemas::OptionalReasonText>)]
    reason: Option<String>,
}

/// Approve, decline, suspend or reinstate an affiliate
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
) -> ApiResult<Item<AffiliateDetailBody>> {
    let status = input.status.as_deref().and_then(AffiliateStatus::from_word);
    let status = status.ok_or_else(|| Problem::field("status", STATUS))?;
    let reason = StatusReason::parse(input.reason.as_deref().unwrap_or_default());
    let reason = reason.map_err(|message| Problem::field("reason", message))?;
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.affiliate_id);
    engine::programs::affiliates::set_status(&engine, merchant, program, id, status, reason.as_ref()).await?;
    detail(&engine, &actor, &path).await
}

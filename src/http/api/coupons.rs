//! `/programs/{programId}/affiliates/{affiliateId}/coupons`: promotion codes of affiliates.

use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::coupons::{CheckoutCode, CodeProblem, CouponDraft};
use domain::fields::Problems;
use domain::ids::{AffiliateId, CouponId};
use engine::Engine;
use engine::programs::affiliates::Coupon;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{AffiliatePath, CouponPath};
use super::problem::ApiResult;
use super::text_schemas;

/// A Stripe promotion code that belongs to an affiliate.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Coupon)]
pub struct CouponBody {
    #[schema(value_type = String, example = "cpn_01h455vb4pex5vsknk084sn02q")]
    id: CouponId,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    /// The promotion code's Stripe id.
    #[schema(example = "promo_1MoqzVJvEtkwdCNYzkVLZf7S")]
    promotion_code: String,
    /// The code as buyers enter it.
    #[schema(example = "MAYA20")]
    code: String,
    created_at: Time,
    /// Why buyers cannot use the code, as far as Stripe has said so.
    #[schema(value_type = Option<enum_schemas::CodeProblem>)]
    problem: Option<&'static str>,
    /// When the code ends.
    expires_at: Option<Time>,
}

impl CouponBody {
    fn of(coupon: Coupon, now: Timestamp) -> Self {
        Self {
            problem: coupon.status.problem_at(now).map(CodeProblem::word),
            expires_at: coupon.status.expires_at.map(Into::into),
            id: coupon.id,
            affiliate_id: coupon.affiliate_id,
            promotion_code: coupon.promotion_code,
            code: coupon.code,
            created_at: coupon.created_at.into(),
        }
    }
}

/// List an affiliate's promotion codes
///
/// Oldest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/affiliates/{affiliateId}/coupons",
    tag = "affiliates",
    operation_id = "listCoupons",
    params(AffiliatePath, Paging),
    responses((status = 200, description = "A page of promotion codes", body = List<CouponBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<CouponBody>> {
    let (page, now) = (paging.read()?, engine.now());
    let after: Option<CouponId> = page.after_id()?;
    let detail =
        engine::programs::affiliates::detail(&engine, actor.merchant(), &path.program_id, &path.affiliate_id)
            .await?;
    let mut coupons = detail.coupons;
    coupons.retain(|coupon| after.as_ref().is_none_or(|after| coupon.id > *after));
    Ok(List::of(coupons, &page, |coupon| Cursor::by_id(&coupon.id), |coupon| CouponBody::of(coupon, now)))
}

/// A promotion code to assign.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"promotionCode": "promo_1MoqzVJvEtkwdCNYzkVLZf7S", "code": "MAYA20"}))]
pub struct NewCoupon {
    /// The promotion code's Stripe id.
    #[schema(required = true, nullable = false, value_type = text_schemas::PromotionCodeIdText)]
    promotion_code: Option<String>,
    /// The code as buyers enter it, up to 64 characters. Optional if the program's connection
    /// can read it from Stripe.
    #[schema(value_type = Option<text_schemas::CheckoutCodeText>)]
    code: Option<String>,
}

impl NewCoupon {
    fn read(self) -> Result<CouponDraft, Problems> {
        let mut problems = Problems::new();
        let id = problems.keep("promotionCode", self.promotion_code.unwrap_or_default().parse());
        let code = problems.keep("code", CheckoutCode::parse(&self.code.unwrap_or_default()));
        match (id, code) {
            (Some(promotion_code), Some(code)) => Ok(CouponDraft { promotion_code, code }),
            _ => Err(problems),
        }
    }
}

/// Assign a promotion code to an affiliate
#[utoipa::path(
    post,
    path = "/programs/{programId}/affiliates/{affiliateId}/coupons",
    tag = "affiliates",
    operation_id = "addCoupon",
    params(AffiliatePath, IdempotencyHeader),
    request_body = NewCoupon,
    responses((status = 201, description = "The promotion code", body = Item<CouponBody>), WriteRefusals),
)]
pub async fn add(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<AffiliatePath>,
    Body(input): Body<NewCoupon>,
) -> ApiResult<(StatusCode, Item<CouponBody>)> {
    let draft = input.read()?;
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.affiliate_id);
    let coupon = engine::programs::coupons::add(&engine, merchant, program, id, &draft).await?;
    Ok((StatusCode::CREATED, Item::of(CouponBody::of(coupon, engine.now()))))
}

/// Remove a promotion code from an affiliate
/// Earlier payments stay credited. The code can be assigned to another affiliate.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/affiliates/{affiliateId}/coupons/{couponId}",
    tag = "affiliates",
    operation_id = "removeCoupon",
    params(CouponPath),
    responses((status = 200, description = "The promotion code", body = Item<CouponBody>), WriteRefusals),
)]
pub async fn remove(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<CouponPath>,
) -> ApiResult<Item<CouponBody>> {
    let (merchant, program, affiliate) = (actor.merchant(), &path.program_id, &path.affiliate_id);
    let removed =
        engine::programs::coupons::remove(&engine, merchant, program, affiliate, &path.coupon_id).await?;
    Ok(Item::of(CouponBody::of(removed, engine.now())))
}

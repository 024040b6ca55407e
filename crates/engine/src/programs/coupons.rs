//! Stripe promotion codes that belong to affiliates.

use connect::stripe::promotion_codes::{self as at_stripe, PromotionCode};
use domain::audit::AuditAction;
use domain::checks::NamedAffiliate;
use domain::coupons::{CheckoutCode, CouponDraft, PromotionCodeId};
use domain::ids::{AffiliateId, CouponId, ProgramId};
use domain::jobs::Queue;
pub use store::coupons::Coupon;
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::search;
use crate::stripe::{credentials, promotion_codes};

/// Gives a Stripe promotion code to an affiliate. Where Stripe can be asked, the code must
/// exist there, and Stripe's text of it is kept instead of what was entered. Where it gives no
/// answer, it is asked later.
///
/// # Errors
/// [`Error::Invalid`] when Stripe does not know it, when the code as buyers enter it is
/// missing and Stripe cannot be asked, or when it belongs to an affiliate already.
pub async fn add(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
    draft: &CouponDraft,
) -> Result<Coupon> {
    actor.may_write()?;
    let asked_at = engine.now();
    let (code, status) = match promotion_code_at_stripe(engine, actor, program, &draft.promotion_code).await?
    {
        AtStripe::Found(found) => (found.code, Some(found.status)),
        AtStripe::Missing => {
            return Err(Error::field("promotion_code", "Stripe has no promotion code with this ID"));
        }
        AtStripe::NotAsked => match &draft.code {
            Some(code) => (code.as_str().to_owned(), None),
            None => return Err(Error::field("code", CheckoutCode::ASK)),
        },
    };
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate = store::affiliates::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        let coupon = Coupon {
            id: CouponId::new(now, engine.random()),
            program_id: program.id.clone(),
            affiliate_id: affiliate.id.clone(),
            promotion_code: draft.promotion_code.as_str().to_owned(),
            code: code.clone(),
            created_at: now,
            removed_at: None,
            seen_at: status.is_some().then_some(asked_at),
            status: status.clone().unwrap_or_default(),
        };
        if !store::coupons::put(&mut tx, &coupon).await? {
            return Err(Error::field(
                "promotion_code",
                "This promotion code already belongs to an affiliate",
            ));
        }
        search::index_code(&mut tx, &coupon).await?;
        let line = audit::line(
            id.as_str(),
            AuditAction::PromotionCodeAssigned {
                code: code.to_string(),
                affiliate: NamedAffiliate { id: affiliate.id.clone(), name: affiliate.name.to_string() },
            },
        );
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        if status.is_none()
            && let Some(connection) = store::connections::of_program(&mut tx, &program.id).await?
        {
            promotion_codes::schedule_check(engine, &mut tx, &connection).await?;
        }
        tx.commit().await?;
        Ok(coupon)
    })
    .await
    .inspect(|_| engine.wake(Queue::External))
}

/// Takes a promotion code away from an affiliate. Payments until now are still credited; the
/// code can be assigned to another affiliate.
pub async fn remove(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    affiliate: &AffiliateId,
    id: &CouponId,
) -> Result<Coupon> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate =
            store::affiliates::get(&mut tx, &program.id, affiliate).await?.ok_or(Error::NotFound)?;
        let removed = store::coupons::remove(&mut tx, &affiliate.id, id, engine.now()).await?;
        let removed = removed.ok_or(Error::NotFound)?;
        let named = NamedAffiliate { id: affiliate.id.clone(), name: affiliate.name };
        let action = AuditAction::PromotionCodeRemoved { code: removed.code.clone(), affiliate: named };
        let line = audit::line(affiliate.id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(removed)
    })
    .await
}

/// The actor's own promotion codes in a program.
pub async fn list_for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<Vec<Coupon>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    Ok(store::coupons::of_affiliate(&mut conn, &affiliate.id).await?)
}

/// What Stripe answers about the id of a promotion code.
enum AtStripe {
    /// It exists, and this is what buyers type.
    Found(PromotionCode),
    /// Stripe has no promotion code with that id.
    Missing,
    /// Stripe cannot be asked now: a manual connection, none, no permission, or no response.
    NotAsked,
}

async fn promotion_code_at_stripe(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PromotionCodeId,
) -> Result<AtStripe> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    drop(conn);
    let Some(connection) = connection else { return Ok(AtStripe::NotAsked) };
    let caller = match credentials::client(engine, &connection).await {
        Ok(caller) => caller,
        Err(Error::Forbidden(_) | Error::Stripe(_)) => return Ok(AtStripe::NotAsked),
        Err(error) => return Err(error),
    };
    Ok(match at_stripe::promotion_code(&caller, id.as_str(), engine.now()).await {
        Ok(Some(found)) => AtStripe::Found(found),
        Ok(None) => AtStripe::Missing,
        Err(error) => {
            tracing::info!(%error, "a promotion code could not be looked up at Stripe");
            AtStripe::NotAsked
        }
    })
}

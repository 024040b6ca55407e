//! Stripe promotion codes that belong to affiliates.

use connect::stripe::promotion_codes;
use domain::fields::{Problems, required};
use domain::ids::{AffiliateId, CouponId, ProgramId};
pub use store::coupons::Coupon;
use store::db::again;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::credentials;

/// Longer codes are nothing that a buyer types.
const LONGEST_CODE: usize = 64;

/// Gives a Stripe promotion code to an affiliate. Where Stripe can be asked, it must exist
/// there, and is called as it is there, whatever was typed.
pub async fn add(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &AffiliateId,
    promotion_code: &str,
    code: &str,
) -> Result<Coupon> {
    actor.may_write()?;
    let mut problems = Problems::new();
    let promotion_code = promotion_code.trim();
    let plausible = promotion_code.starts_with("promo_")
        && (8..=64).contains(&promotion_code.len())
        && promotion_code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plausible {
        problems
            .add("promotion_code", "Enter the id of the promotion code from Stripe; it begins with promo_");
    }
    let at_stripe = if plausible {
        promotion_code_at_stripe(engine, actor, program, promotion_code).await?
    } else {
        AtStripe::NotAsked
    };
    if matches!(at_stripe, AtStripe::Missing) {
        problems.add("promotion_code", "Stripe knows no promotion code with this id");
    }
    let code = match &at_stripe {
        AtStripe::Is(code) => Some(code.clone()),
        _ => problems.keep("code", required(code, "the code as buyers type it", LONGEST_CODE)),
    };
    let (Some(code), true) = (code, problems.is_empty()) else { return Err(problems.into()) };
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let affiliate = store::affiliates::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        let coupon = Coupon {
            id: CouponId::new(now, engine.random()),
            program_id: program.id.clone(),
            affiliate_id: affiliate.id.clone(),
            promotion_code: promotion_code.to_owned(),
            code: code.clone(),
            created_at: now,
        };
        if !store::coupons::put(&mut tx, &coupon).await? {
            return Err(Error::field(
                "promotion_code",
                "This promotion code belongs to an affiliate already",
            ));
        }
        let line =
            audit::line("coupon.added", id.as_str(), format!("{code} now belongs to {}.", affiliate.name));
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(coupon)
    })
    .await
}

/// What Stripe says to the id of a promotion code.
enum AtStripe {
    /// What buyers type.
    Is(String),
    /// It has none of that id.
    Missing,
    /// Stripe cannot be asked now: by hand, not connected, no permission, away.
    NotAsked,
}

async fn promotion_code_at_stripe(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &str,
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
    Ok(match promotion_codes::promotion_code(&caller, id).await {
        Ok(Some(found)) => AtStripe::Is(found.code),
        Ok(None) => AtStripe::Missing,
        Err(error) => {
            tracing::info!(%error, "a promotion code could not be looked up at Stripe");
            AtStripe::NotAsked
        }
    })
}

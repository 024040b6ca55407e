//! What the layout around every page of a program shows.

use domain::ids::ProgramId;
use store::affiliates::Affiliate;
use store::db::Conn;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};
use crate::programs::applications::waiting;

/// How many programs the program switcher shows: as many as a company may have.
const MOST_PROGRAMS: i64 = 100;

/// The layout around a merchant's page.
#[derive(Debug, Clone)]
pub struct MerchantContext {
    /// The program.
    pub program: Program,
    /// All programs of the company, oldest first.
    pub programs: Vec<Program>,
    /// Applications and affiliates that wait for a decision.
    pub waiting_applications: i64,
    /// Whether its Stripe connection is in test mode.
    pub is_test: bool,
}

/// What the layout around a merchant's page shows.
pub async fn for_merchant(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
) -> Result<MerchantContext> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(MerchantContext {
        programs: store::programs::list(&mut conn, actor.merchant_id(), "", MOST_PROGRAMS).await?,
        waiting_applications: waiting(&mut conn, &program.id).await?,
        is_test: is_test(&mut conn, &program.id).await?,
        program,
    })
}

/// The layout around an affiliate's page.
#[derive(Debug, Clone)]
pub struct AffiliateContext {
    /// The program.
    pub program: Program,
    /// The company's name.
    pub merchant_name: String,
    /// The actor's membership.
    pub affiliate: Affiliate,
    /// Whether its Stripe connection is in test mode.
    pub is_test: bool,
}

/// What the layout around an affiliate's page shows.
pub async fn for_affiliate(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<AffiliateContext> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    Ok(AffiliateContext {
        merchant_name: store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default(),
        is_test: is_test(&mut conn, &program.id).await?,
        affiliate,
        program,
    })
}

async fn is_test(conn: &mut Conn, program: &ProgramId) -> Result<bool> {
    let connection = store::connections::of_program(conn, program).await?;
    Ok(connection.is_some_and(|connection| connection.livemode == Some(false)))
}

//! Statements: what a payout pays, entry by entry.

use domain::ids::{PayoutId, ProgramId};
use store::db::Conn;
use store::payouts::PayoutRow;
pub use store::payouts::StatementLine;
use store::programs::Program;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// Entries that a statement lists; the sum is of all of them.
const MOST_LINES: i64 = 2_000;

/// What a payout pays.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The payout.
    pub payout: PayoutRow,
    /// The program.
    pub program: Program,
    /// The company that pays.
    pub merchant_name: String,
    /// Its entries, oldest first.
    pub lines: Vec<StatementLine>,
}

async fn load(conn: &mut Conn, program: Program, payout: PayoutRow) -> Result<Statement> {
    Ok(Statement {
        merchant_name: store::merchants::name(conn, &program.merchant_id).await?.unwrap_or_default(),
        lines: store::payouts::statement_lines(conn, &payout.payout.id, MOST_LINES).await?,
        program,
        payout,
    })
}

/// A payout of a program.
pub async fn payout(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutId,
) -> Result<PayoutRow> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    store::payouts::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)
}

/// The statement of a payout, for the merchant.
pub async fn statement(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &PayoutId,
) -> Result<Statement> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let payout = store::payouts::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    load(&mut conn, program, payout).await
}

/// The statement of one of the actor's own payouts; drafts are not theirs to see.
pub async fn own_statement(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    id: &PayoutId,
) -> Result<Statement> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    let program = store::programs::get_unscoped(&mut conn, program).await?.ok_or(Error::NotFound)?;
    let payout = store::payouts::get(&mut conn, &program.id, id).await?;
    let own = payout.filter(|row| row.payout.affiliate_id == affiliate.id && row.approved_at.is_some());
    load(&mut conn, program, own.ok_or(Error::NotFound)?).await
}

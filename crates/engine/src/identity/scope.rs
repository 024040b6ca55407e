//! What every use case does first: find the program that the actor may see.

use domain::ids::ProgramId;
use store::db::Conn;
use store::programs::Program;

use crate::error::{Error, Result};
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// The merchant's program, or not found.
pub(crate) async fn program(conn: &mut Conn, actor: &MerchantActor, id: &ProgramId) -> Result<Program> {
    if actor.only_program().is_some_and(|only| only != id) {
        return Err(Error::NotFound);
    }
    store::programs::get(conn, actor.merchant_id(), id).await?.ok_or(Error::NotFound)
}

/// What the affiliate is in a program, or not found.
pub(crate) async fn membership(
    conn: &mut Conn,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<store::affiliates::Affiliate> {
    store::affiliates::of_account(conn, actor.account_id(), program).await?.ok_or(Error::NotFound)
}

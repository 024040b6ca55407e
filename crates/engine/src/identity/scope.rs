//! The first step of every use case: loads the program that the actor may see.

use domain::ids::ProgramId;
use store::db::Conn;
use store::programs::Program;

use crate::error::{Error, Result};
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// A program of the merchant.
///
/// # Errors
/// [`Error::NotFound`] for a program of another company, or one that the actor's API key is
/// not limited to.
pub(crate) async fn program(conn: &mut Conn, actor: &MerchantActor, id: &ProgramId) -> Result<Program> {
    if actor.only_program().is_some_and(|only| only != id) {
        return Err(Error::NotFound);
    }
    store::programs::get(conn, actor.merchant_id(), id).await?.ok_or(Error::NotFound)
}

/// The actor's membership in a program.
///
/// # Errors
/// [`Error::NotFound`] when the actor is not in the program.
pub(crate) async fn membership(
    conn: &mut Conn,
    actor: &AffiliateActor,
    program: &ProgramId,
) -> Result<store::affiliates::Affiliate> {
    store::affiliates::of_account(conn, actor.account_id(), program).await?.ok_or(Error::NotFound)
}

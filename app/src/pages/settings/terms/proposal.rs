//! A change of the terms that is previewed and not saved: kept in the session, typed.

use domain::ids::ProgramId;
use domain::terms::Terms;
use serde::{Deserialize, Serialize};

use crate::request::access::{Access, Refusal, session};

/// The session's key of the proposal.
const KEY: &str = "proposed-terms";

/// The terms that a program would have.
#[derive(Serialize, Deserialize)]
struct Proposal {
    program: ProgramId,
    terms: Terms,
}

/// Keeps a proposal; it replaces the one before.
pub(super) async fn keep(program: &ProgramId, terms: Terms) -> Access<()> {
    let proposal = Proposal { program: program.clone(), terms };
    session().await?.insert(KEY, proposal).await.map_err(Refusal::session)
}

/// The terms that were proposed for a program.
pub(super) async fn proposed(program: &ProgramId) -> Access<Option<Terms>> {
    let proposal: Option<Proposal> = session().await?.get(KEY).await.map_err(Refusal::session)?;
    Ok(proposal.filter(|proposal| proposal.program == *program).map(|proposal| proposal.terms))
}

/// Forgets the proposal, once it is saved.
pub(super) async fn discard() -> Access<()> {
    session().await?.remove::<Proposal>(KEY).await.map(drop).map_err(Refusal::session)
}

//! Links by which people join: created, listed, taken back.

use domain::audit::AuditAction;
use domain::clock::Timestamp;
use domain::fields::WHOLE_FORM;
use domain::ids::{InvitationLinkId, ProgramId};
use domain::invitations::{InvitationLinkDraft, InvitationLinkStatus};
use store::db::{Conn, again};
use store::invitation_links::InvitationLink;

use super::manage::END_OF_TIME;
use super::tokens;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::programs::join_page::{Offer, offer_of_program};

/// Links of a program that can be used at once: a page shows them all.
pub const MOST_RUNNING_LINKS: i64 = 50;

/// Creates a link. Whoever has it can join without a decision, as many as it allows.
///
/// # Errors
/// [`Error::Invalid`] when the program has as many links as it can.
pub async fn create_link(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    draft: &InvitationLinkDraft,
) -> Result<InvitationLink> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        if store::invitation_links::count_running(&mut tx, &program.id, now).await? >= MOST_RUNNING_LINKS {
            let message = format!("A program can have {MOST_RUNNING_LINKS} links at once. Revoke one first");
            return Err(Error::field(WHOLE_FORM, message));
        }
        let link = InvitationLink {
            id: InvitationLinkId::new(now, engine.random()),
            program_id: program.id.clone(),
            label: draft.label.as_str().to_owned(),
            most_uses: draft.most_uses,
            uses: 0,
            created_at: now,
            created_by: Some(actor.account_id().clone()),
            expires_at: draft.expires_at,
            revoked_at: None,
        };
        store::invitation_links::put(&mut tx, &link).await?;
        let action = AuditAction::InvitationLinkCreated { label: link.label.clone() };
        let line = audit::line(link.id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(link)
    })
    .await
}

/// A program's links, newest first, before one of them.
pub async fn links(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    before: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<InvitationLink>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.unwrap_or((END_OF_TIME, ""));
    Ok(store::invitation_links::list(&mut conn, &program.id, before, limit).await?)
}

/// The address of a link, for who may see it.
pub fn address(engine: &Engine, link: &InvitationLink) -> String {
    let token = tokens::token(engine, &link.id);
    format!("{}{}", engine.base_url(), (engine.pages().invite)(&token))
}

/// Takes a link back: nobody joins by it any more. Applications by it that are not confirmed yet
/// wait for a decision.
///
/// # Errors
/// [`Error::NotFound`] when it is not the program's, or was taken back before.
pub async fn revoke_link(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InvitationLinkId,
) -> Result<InvitationLink> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let found = store::invitation_links::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        if !store::invitation_links::revoke(&mut tx, id, now).await? {
            return Err(Error::NotFound);
        }
        let action = AuditAction::InvitationLinkRevoked { label: found.label.clone() };
        let line = audit::line(id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(InvitationLink { revoked_at: Some(now), ..found })
    })
    .await
}

/// The link of a token that can be used, with what its program offers.
pub(crate) async fn usable(
    engine: &Engine,
    conn: &mut Conn,
    token: &str,
) -> Result<Option<(InvitationLink, Offer)>> {
    let Some(id) = tokens::id_of(engine, token) else { return Ok(None) };
    let Some(link) = store::invitation_links::get_unscoped(conn, &id).await? else { return Ok(None) };
    if link.status(engine.now()) != InvitationLinkStatus::Open {
        return Ok(None);
    }
    let offer = offer_of_program(engine, conn, &link.program_id).await?;
    Ok(offer.map(|offer| (link, offer)))
}

/// What the program of a link offers; `None` when nobody can join by it.
///
/// Needs no actor: the token of the link is secret, and proof enough.
pub async fn link_of_token(engine: &Engine, token: &str) -> Result<Option<Offer>> {
    Ok(usable(engine, &mut engine.db().read().await?, token).await?.map(|(_, offer)| offer))
}

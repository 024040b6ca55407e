//! Accepting an invitation that came by mail.

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::fields::Name;
use domain::ids::{AffiliateId, TermsId};
use domain::invitations::InvitationStatus;
use store::affiliates::Affiliate;
use store::db::{Conn, Tx, again};
use store::invitations::Invitation;
use store::programs::Program;

use super::tokens;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::password_links;
use crate::programs::affiliates::{self, account_for, first_link};
use crate::programs::join_page::{Offer, offer_of_program};
use crate::programs::joined::Confirmed;

/// An invitation that a person opened.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The invitation: open, or accepted.
    pub invitation: Invitation,
    /// Whether it was accepted.
    pub is_accepted: bool,
    /// What the program offers.
    pub offer: Offer,
}

/// The invitation of a token; `None` when it no longer works.
///
/// Needs no actor: the token, which went to one mailbox, is secret, and proof enough.
pub async fn invited(engine: &Engine, token: &str) -> Result<Option<Invited>> {
    find(engine, &mut engine.db().read().await?, token).await
}

async fn find(engine: &Engine, conn: &mut Conn, token: &str) -> Result<Option<Invited>> {
    let Some(id) = tokens::id_of(engine, token) else { return Ok(None) };
    let Some(invitation) = store::invitations::get_unscoped(conn, &id).await? else { return Ok(None) };
    let is_accepted = match invitation.status(engine.now()) {
        InvitationStatus::Open => false,
        InvitationStatus::Accepted => true,
        InvitationStatus::Expired | InvitationStatus::Revoked => return Ok(None),
    };
    let offer = offer_of_program(engine, conn, &invitation.program_id).await?;
    Ok(offer.map(|offer| Invited { invitation, is_accepted, offer }))
}

/// Accepts an invitation: the person is in the program, with a first link. Accepting it again
/// changes nothing.
///
/// Needs no actor: the token, which went to one mailbox, is secret, and proof enough.
///
/// # Errors
/// [`Error::NotFound`] when it no longer works, or the person was declined or suspended since;
/// [`Error::Invalid`] when other terms are in force than those that were accepted.
pub async fn accept(engine: &Engine, token: &str, name: &Name, terms: &TermsId) -> Result<Confirmed> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let found = find(engine, &mut tx, token).await?.ok_or(Error::NotFound)?;
        if found.is_accepted {
            return Ok(Confirmed::Noted);
        }
        let Invited { invitation, offer, .. } = found;
        if offer.terms.id != *terms {
            return Err(Error::field("accept", "The terms have changed. Read them again, then accept them"));
        }
        let account = account_for(engine, &mut tx, name.as_str(), &invitation.email).await?;
        let affiliate =
            match store::affiliates::by_email(&mut tx, &offer.program.id, &invitation.email).await? {
                Some(affiliate) if affiliate.status == AffiliateStatus::Active => affiliate.id,
                // Whatever was decided about them since they were invited counts.
                Some(_) => return Err(Error::NotFound),
                None => add(engine, &mut tx, &offer.program, &invitation, name, &account).await?,
            };
        if !store::invitations::accept(&mut tx, &invitation.id, &affiliate, terms, now).await? {
            return Err(Error::NotFound);
        }
        let action = AuditAction::InvitationAccepted { name: name.to_string() };
        let line = audit::line(affiliate.as_str(), action).of_merchant(&offer.program.merchant_id);
        audit::put(engine, &mut tx, line.of_program(&offer.program.id)).await?;
        let has_password =
            store::accounts::get(&mut tx, &account).await?.is_some_and(|one| one.password_hash.is_some());
        let confirmed = if has_password {
            Confirmed::In
        } else {
            Confirmed::ChoosePassword(password_links::token_for(engine, &mut tx, &account).await?)
        };
        tx.commit().await?;
        engine.caches().links.clear();
        Ok(confirmed)
    })
    .await
}

/// Adds the affiliate with the code that was chosen for them, or another one where it was taken
/// since.
async fn add(
    engine: &Engine,
    tx: &mut Tx,
    program: &Program,
    invitation: &Invitation,
    name: &Name,
    account: &domain::ids::AccountId,
) -> Result<AffiliateId> {
    let now = engine.now();
    let affiliate = Affiliate {
        id: AffiliateId::new(now, engine.random()),
        program_id: program.id.clone(),
        account_id: Some(account.clone()),
        name: name.to_string(),
        email: invitation.email.clone(),
        status: AffiliateStatus::Active,
        status_reason: None,
        created_at: now,
    };
    if !affiliates::put(tx, &affiliate).await? {
        return Err(Error::Broken(format!("{} was added meanwhile", affiliate.id)));
    }
    let by = invitation.created_by.as_ref();
    store::affiliates::set_status(tx, &affiliate.id, AffiliateStatus::Active, None, by, now).await?;
    let wished = invitation.code.as_slice();
    let taken = store::links::taken(tx, wished).await?;
    let wished = wished.iter().find(|code| !taken.contains(*code));
    first_link(engine, tx, &affiliate, wished, &program.website).await?;
    Ok(affiliate.id)
}

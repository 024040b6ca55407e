//! What became of invitations; sending one again, taking it back.

use domain::audit::AuditAction;
use domain::clock::{DAY_MS, MINUTE_MS, Timestamp};
use domain::ids::{InvitationId, ProgramId};
use domain::invitations::INVITATION_DAYS;
use domain::jobs::Queue;
use store::db::{Tx, again};
use store::invitations::Invitation;

use super::{MAILS_A_DAY, SendProgramInvitation};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::jobs;

/// After every invitation.
pub(super) const END_OF_TIME: Timestamp = Timestamp(i64::MAX);
/// What became of an invitation that can no longer be sent or taken back.
const OVER: &str = "This invitation was accepted or revoked before";

/// A program's invitations, newest first, before one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    before: Option<(Timestamp, &str)>,
    limit: i64,
) -> Result<Vec<Invitation>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let before = before.unwrap_or((END_OF_TIME, ""));
    Ok(store::invitations::list(&mut conn, &program.id, before, limit).await?)
}

/// Mails an invitation again. It works for as long as a new one since.
///
/// # Errors
/// [`Error::NotFound`] when it is not the program's, [`Error::Invalid`] when it was accepted or
/// revoked, [`Error::TooMany`] after too many mails to this person.
pub async fn resend(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InvitationId,
) -> Result<Invitation> {
    actor.may_write()?;
    let invitation = again(|| async {
        let mut tx = engine.db().begin().await?;
        let invitation = mail_again(engine, &mut tx, actor, program, id).await?;
        tx.commit().await?;
        Ok::<_, Error>(invitation)
    })
    .await?;
    engine.wake(Queue::External);
    Ok(invitation)
}

/// The same as part of a transaction.
pub(crate) async fn mail_again(
    engine: &Engine,
    tx: &mut Tx,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InvitationId,
) -> Result<Invitation> {
    let now = engine.now();
    let program = scope::program(tx, actor, program).await?;
    let found = store::invitations::get(tx, &program.id, id).await?.ok_or(Error::NotFound)?;
    let subject = engine.key().fingerprint(&format!("mails of {id}"));
    if store::sessions::count_attempt(tx, &subject, DAY_MS, now).await? >= MAILS_A_DAY {
        return Err(Error::TooMany { minutes: DAY_MS / MINUTE_MS });
    }
    let until = now.plus_days(INVITATION_DAYS);
    if !store::invitations::resend(tx, id, now, until).await? {
        return Err(Error::field("invitation", OVER));
    }
    let job = SendProgramInvitation { invitation: id.clone(), sent_at: now };
    jobs::enqueue(engine, tx, &job, now).await?;
    let line = audit::line(id.as_str(), AuditAction::InvitationResent { email: found.email.clone() });
    audit::put(engine, tx, line.by_actor(actor).of_program(&program.id)).await?;
    Ok(Invitation { sent_at: now, expires_at: until, ..found })
}

/// Takes an invitation back: its link no longer works.
///
/// # Errors
/// [`Error::NotFound`] when it is not the program's, [`Error::Invalid`] when it was accepted or
/// revoked before.
pub async fn revoke(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &InvitationId,
) -> Result<Invitation> {
    actor.may_write()?;
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let found = store::invitations::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        if !store::invitations::revoke(&mut tx, id, now).await? {
            return Err(Error::field("invitation", OVER));
        }
        let line = audit::line(id.as_str(), AuditAction::InvitationRevoked { email: found.email.clone() });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(Invitation { revoked_at: Some(now), ..found })
    })
    .await
}

//! The job that mails a person an invitation to a program.

use domain::clock::Timestamp;
use domain::emails::Email;
use domain::ids::{InvitationId, JobId};
use domain::invitations::{INVITATION_DAYS, InvitationStatus};
use domain::jobs::JobKind;
use domain::mails::MailKind;
use serde::{Deserialize, Serialize};
use store::db::{Conn, Tx};

use super::tokens;
use crate::engine::Engine;
use crate::error::Result;
use crate::jobs::{Failure, Job};
use crate::mail::{self, Letter};
use crate::programs::join_page::offer_of_program;

/// Mails a person an invitation. The token is made when the mail is sent, so that it is in no queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendProgramInvitation {
    pub(super) invitation: InvitationId,
    /// When it was sent: tells the jobs of one invitation apart.
    pub(super) sent_at: Timestamp,
}

impl Job for SendProgramInvitation {
    const KIND: JobKind = JobKind::SendProgramInvitation;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let mut conn = engine.db().read().await?;
        let letter = self.letter(engine, &mut conn).await?;
        drop(conn);
        // One that was accepted, revoked or sent again meanwhile is not sent.
        if let Some((to, letter)) = letter {
            return mail::send(engine, &to, &letter, job).await;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }

    async fn on_failure(&self, engine: &Engine, tx: &mut Tx, job: &JobId, failure: Failure) -> Result<()> {
        mail::give_up(engine, tx, job, failure).await
    }
}

impl SendProgramInvitation {
    async fn letter(&self, engine: &Engine, conn: &mut Conn) -> Result<Option<(Email, Letter)>> {
        let Some(invitation) = store::invitations::get_unscoped(conn, &self.invitation).await? else {
            return Ok(None);
        };
        let is_open = invitation.status(engine.now()) == InvitationStatus::Open;
        if !is_open || invitation.sent_at != self.sent_at {
            return Ok(None);
        }
        let Some(offer) = offer_of_program(engine, conn, &invitation.program_id).await? else {
            return Ok(None);
        };
        let token = tokens::token(engine, &invitation.id);
        let url = format!("{}{}", engine.base_url(), (engine.pages().invite)(&token));
        let (company, program) = (&offer.merchant_name, &offer.program.name);
        let letter = Letter::new(MailKind::Invitation, format!("Invitation to {program}"))
            .of(&invitation.program_id)
            .about(invitation.id.as_str())
            .text(format!(
                "{company} invites you to {program}, an affiliate program: you get your own link, and see what it \
                 earns and when you are paid."
            ))
            .link("Read the terms and join", url)
            .note(format!(
                "The invitation works for {INVITATION_DAYS} days. If you don’t know {company}, ignore this message."
            ));
        Ok(Some((invitation.email, letter)))
    }
}

//! The job that mails an affiliate an invitation.

use domain::ids::{JobId, SingleUseLinkId};
use domain::jobs::JobKind;
use domain::mails::MailKind;
use serde::{Deserialize, Serialize};
use store::db::Tx;

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::{password_links, single_use_links};
use crate::jobs::{Failure, Job};
use crate::mail::{self, Letter};

/// Mails an affiliate an invitation. The token is made when the mail is sent, so that it is in no
/// queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendInvitation {
    pub(super) link: SingleUseLinkId,
}

impl Job for SendInvitation {
    const KIND: JobKind = JobKind::SendInvitation;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let token = single_use_links::token(engine, &self.link);
        // One that was used or ended meanwhile is not sent.
        if let Some(invitation) = password_links::invitation(engine, &token).await? {
            let url = format!("{}{}", engine.base_url(), (engine.pages().invitation)(&token));
            let letter = Letter::new(MailKind::Invitation, format!("Invitation to {}", invitation.program))
                .of(&invitation.program_id)
                .about(invitation.affiliate_id.as_str())
                .text(format!(
                    "{} invites you to {}, an affiliate program: you get your own link, and see what it earns and \
                     when you are paid.",
                    invitation.company, invitation.program
                ))
                .link("Accept the invitation", url)
                .note("If you don’t know them, ignore this message.");
            return mail::send(engine, &invitation.email, &letter, job).await;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }

    async fn on_failure(&self, engine: &Engine, tx: &mut Tx, job: &JobId, failure: Failure) -> Result<()> {
        mail::give_up(engine, tx, job, failure).await
    }
}

//! The job that mails an affiliate an invitation.

use connect::mail::Mail;
use domain::ids::{JobId, SingleUseLinkId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::{password_links, single_use_links};
use crate::jobs::Job;
use crate::mail;

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
            let text = format!(
                "Hello,\n\n{} invites you to {}, an affiliate program: you get your own link, and see what it \
                 earns and when you are paid.\n\nAccept the invitation here:\n{url}\n\nIf you don’t know them, \
                 ignore this message.\n",
                invitation.company, invitation.program
            );
            let (to, subject) =
                (invitation.email.as_str().to_owned(), format!("Invitation to {}", invitation.program));
            mail::send(engine, Mail { to, subject, text }, job).await?;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

//! Sends the links of a change of address. The tokens are made when the mails are sent, so that
//! they are in no queue.

use domain::emails::Email;
use domain::ids::{JobId, SingleUseLinkId};
use domain::jobs::JobKind;
use domain::single_use_links::LinkPurpose;
use serde::{Deserialize, Serialize};

use super::{change_of, is_taken, letters};
use crate::engine::Engine;
use crate::error::Result;
use crate::identity::single_use_links;
use crate::jobs::Job;
use crate::mail::{self, Letter};

/// Sends a link that confirms or undoes a change, to the new or the old mailbox.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendEmailChangeLink {
    pub(super) link: SingleUseLinkId,
}

impl Job for SendEmailChangeLink {
    const KIND: JobKind = JobKind::SendEmailChangeLink;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        if let Some((to, letter)) = self.letter(engine).await? {
            return mail::send(engine, &to, &letter, job).await;
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

impl SendEmailChangeLink {
    /// The mail; none for a link that was used or ended meanwhile.
    async fn letter(&self, engine: &Engine) -> Result<Option<(Email, Letter)>> {
        let mut conn = engine.db().read().await?;
        let token = single_use_links::token(engine, &self.link);
        if let Some(change) = change_of(engine, &mut conn, &token, LinkPurpose::UndoEmail).await? {
            let letter = letters::to_old(engine, &change, &token);
            return Ok(Some((change.from, letter)));
        }
        let Some(change) = change_of(engine, &mut conn, &token, LinkPurpose::ConfirmEmail).await? else {
            return Ok(None);
        };
        let is_taken = is_taken(engine, &mut conn, &change.to, &change.account_id).await?;
        let letter =
            if is_taken { letters::taken(engine, &change) } else { letters::to_new(engine, &change, &token) };
        Ok(Some((change.to, letter)))
    }
}

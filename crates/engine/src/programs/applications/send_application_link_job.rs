//! The job that mails an applicant the link to confirm their address.

use domain::emails::Email;
use domain::ids::{JobId, SingleUseLinkId};
use domain::jobs::JobKind;
use domain::single_use_links::LinkPurpose;
use serde::{Deserialize, Serialize};
use store::db::{Conn, Tx};

use super::letters;
use crate::engine::Engine;
use crate::error::Result;
use crate::identity::single_use_links;
use crate::jobs::{Failure, Job};
use crate::mail::{self, Letter};

/// Mails an applicant a link. The token is made when the mail is sent, so that it is in no
/// queue.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendApplicationLink {
    pub(super) link: SingleUseLinkId,
}

impl Job for SendApplicationLink {
    const KIND: JobKind = JobKind::SendApplicationLink;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let mut conn = engine.db().read().await?;
        let letter = self.letter(engine, &mut conn).await?;
        drop(conn);
        // A link that was used or ended meanwhile is not sent.
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

impl SendApplicationLink {
    async fn letter(&self, engine: &Engine, conn: &mut Conn) -> Result<Option<(Email, Letter)>> {
        let token = single_use_links::token(engine, &self.link);
        let link = single_use_links::find(engine, conn, &token, LinkPurpose::Application).await?;
        let Some(application) = link.and_then(|link| link.application_id) else { return Ok(None) };
        let application = store::applications::get_unscoped(conn, &application).await?;
        let Some(application) = application else { return Ok(None) };
        let program = store::programs::get_unscoped(conn, &application.program_id).await?;
        let Some(program) = program else { return Ok(None) };
        let merchant = store::merchants::name(conn, &program.merchant_id).await?.unwrap_or_default();
        let letter = letters::confirm(engine, &program, &merchant, &token).about(application.id.as_str());
        Ok(Some((application.email, letter)))
    }
}

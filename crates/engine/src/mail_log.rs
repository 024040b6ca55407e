//! The log of mails that were sent in a program's name, for the company: to whom, about what, and
//! what became of them.

use domain::audit::AuditAction;
use domain::clock::{DAY_MS, MINUTE_MS};
use domain::ids::{InvitationId, MailId, ProgramId};
use domain::jobs::Queue;
use domain::mails::{MailKind, MailStatus};
use store::db::{Tx, again};
pub use store::mails::{LoggedMail, Narrowing, RefusedAddress};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::sessions::MerchantActor;
use crate::identity::{audit, scope};
use crate::mail;
use crate::programs::{affiliates, applications, invitations};

/// How often one mail is sent again within a day: nobody is to be pestered.
pub const RESENDS_A_DAY: i64 = 3;

/// A program's mails, newest first, before one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    of: &Narrowing,
    before: Option<&MailId>,
    limit: i64,
) -> Result<Vec<LoggedMail>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    Ok(store::mails::list(&mut conn, &program.id, of, before, limit).await?)
}

/// Whether a mail can be sent again.
pub fn can_be_resent(mail: &LoggedMail) -> bool {
    mail.status != MailStatus::Waiting && (mail.letter.is_some() || mail.about.is_some())
}

/// Sends a mail again, to the address that it went to. One with a link that works once is made
/// anew, with a new link, and is a mail of its own in the log. Returns the line of the mail.
///
/// # Errors
/// [`Error::NotFound`] for a mail that waits to be sent, or that has no reason any more, such as an
/// application that was confirmed; [`Error::TooMany`] when it was sent too often.
pub async fn resend(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &MailId,
) -> Result<LoggedMail> {
    actor.may_write()?;
    let resent = again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let found = store::mails::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        let subject =
            engine.key().fingerprint(&format!("mail {}", found.about.as_deref().unwrap_or(id.as_str())));
        if store::sessions::count_attempt(&mut tx, &subject, DAY_MS, now).await? > RESENDS_A_DAY {
            return Err(Error::TooMany { minutes: DAY_MS / MINUTE_MS });
        }
        put_again(engine, &mut tx, actor, &found).await?;
        let line = audit::line(id.as_str(), AuditAction::MailResent);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        let resent = store::mails::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        tx.commit().await?;
        Ok::<_, Error>(resent)
    })
    .await?;
    engine.wake(Queue::External);
    Ok(resent)
}

async fn put_again(engine: &Engine, tx: &mut Tx, actor: &MerchantActor, found: &LoggedMail) -> Result<()> {
    let (program, about) = (&found.program_id, found.about.as_deref().unwrap_or_default());
    if !can_be_resent(found) {
        return Err(Error::NotFound);
    }
    match found.kind {
        MailKind::Invitation => {
            // To somebody who is not in the program yet.
            if let Ok(invitation) = about.parse::<InvitationId>() {
                invitations::mail_again(engine, tx, actor, program, &invitation).await?;
                return Ok(());
            }
            let affiliate = about.parse().map_err(|_| Error::NotFound)?;
            affiliates::mail_invitation(engine, tx, actor, program, &affiliate).await
        }
        MailKind::ApplicationLink => {
            let application = about.parse().map_err(|_| Error::NotFound)?;
            applications::mail_link_again(engine, tx, program, &application).await
        }
        _ => {
            let letter = found.letter.as_deref().ok_or(Error::NotFound)?;
            let letter = serde_json::from_str(letter)
                .map_err(|error| Error::Broken(format!("the letter of {}: {error}", found.id)))?;
            if !store::mails::wait_again(tx, &found.id).await? {
                return Err(Error::NotFound);
            }
            mail::put_again(engine, tx, &found.id, &found.email, letter).await
        }
    }
}

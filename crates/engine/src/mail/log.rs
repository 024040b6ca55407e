//! What became of mails: their lines in the logs of programs, and addresses that take none.

use domain::emails::Email;
use domain::ids::{JobId, MailId, Noun as _};
use domain::mails::{MailStatus, Reply};
use store::db::{Conn, Tx, again};
use store::mails::LoggedMail;

use super::Letter;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::Failure;

/// The line of a mail that is not queued itself: one for each job, however often that runs. `None`
/// for mails of no program.
pub(super) fn id_of(letter: &Letter, job: &JobId) -> Result<Option<MailId>> {
    if letter.program.is_none() {
        return Ok(None);
    }
    id_of_job(job).map(Some)
}

fn id_of_job(job: &JobId) -> Result<MailId> {
    let (_, time_and_random) = job.as_str().split_once('_').unwrap_or_default();
    let id = format!("{}{time_and_random}", domain::ids::Mail::PREFIX);
    id.parse().map_err(|_| Error::Broken(format!("the id of {job}")))
}

/// Adds the line of a mail that is to be sent.
pub(super) async fn put(
    engine: &Engine,
    conn: &mut Conn,
    id: &MailId,
    to: &Email,
    letter: &Letter,
) -> Result<()> {
    let Some(program) = &letter.program else { return Ok(()) };
    let text = serde_json::to_string(letter).map_err(|error| Error::Broken(error.to_string()))?;
    let new = LoggedMail {
        id: id.clone(),
        program_id: program.clone(),
        kind: letter.kind,
        email: to.clone(),
        subject: letter.subject.clone(),
        letter: (!letter.kind.has_secret_link()).then_some(text),
        about: letter.about.clone(),
        status: MailStatus::Waiting,
        reply: None,
        created_at: engine.now(),
        settled_at: None,
    };
    Ok(store::mails::put(conn, &new).await?)
}

fn stored(reply: &connect::mail::Reply) -> Reply {
    Reply { code: i64::from(reply.code), text: reply.text.clone() }
}

/// The server took the mail.
pub(super) async fn sent(engine: &Engine, to: &Email, logged: Option<&MailId>, job: &JobId) -> Result<()> {
    again(|| async {
        let mut tx = engine.db().begin().await?;
        if let Some(id) = logged {
            store::mails::settle(&mut tx, id, MailStatus::Sent, None, engine.now()).await?;
        }
        store::mails::accept_address(&mut tx, to).await?;
        store::jobs::done(&mut tx, job).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// The server rejected the mail for good.
pub(super) async fn refused(
    engine: &Engine,
    to: &Email,
    logged: Option<&MailId>,
    reply: Option<&connect::mail::Reply>,
    job: &JobId,
) -> Result<()> {
    again(|| async {
        let now = engine.now();
        let mut tx = engine.db().begin().await?;
        if let Some(id) = logged {
            let reply = reply.map(stored);
            store::mails::settle(&mut tx, id, MailStatus::Refused, reply.as_ref(), now).await?;
        }
        if let Some(reply) = reply.filter(|reply| reply.is_about_recipient()) {
            store::mails::refuse_address(&mut tx, to, &stored(reply), now).await?;
        }
        store::jobs::done(&mut tx, job).await?;
        Ok(tx.commit().await?)
    })
    .await
}

/// The server does not take the mail now.
pub(super) async fn delayed(engine: &Engine, id: &MailId, reply: &connect::mail::Reply) -> Result<()> {
    let mut conn = engine.db().write().await?;
    Ok(store::mails::delay(&mut conn, id, &stored(reply)).await?)
}

/// The mail is not tried again.
pub(super) async fn failed(engine: &Engine, tx: &mut Tx, id: &MailId) -> Result<()> {
    Ok(store::mails::give_up(tx, id, engine.now()).await?)
}

/// Notes the failure of a job that sends a mail with a link that works once.
pub(crate) async fn give_up(engine: &Engine, tx: &mut Tx, job: &JobId, failure: Failure) -> Result<()> {
    match failure {
        Failure::DeadLettered => failed(engine, tx, &id_of_job(job)?).await,
        Failure::Retrying => Ok(()),
    }
}

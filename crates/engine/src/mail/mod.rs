//! Emails: queued in the transaction of the change that they report, and sent by a job, as text
//! and as HTML. Those of a program are in its log.

mod html;
mod letter;
mod log;
mod send_mail_job;

use connect::mail::{Mail, MailError};
use domain::emails::Email;
use domain::ids::{JobId, MailId, MerchantId};
pub(crate) use letter::Letter;
pub(crate) use send_mail_job::SendMail;
use store::db::Conn;

use self::letter::{Program, Sender};
pub(crate) use self::log::give_up;
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs;

/// Sends an email with a link that works once, and finishes its job. The link is made when the mail
/// is sent, so the mail is in no queue and its text in no log.
pub(crate) async fn send(engine: &Engine, to: &Email, letter: &Letter, job: &JobId) -> Result<()> {
    let logged = log::id_of(letter, job)?;
    if let Some(id) = &logged {
        log::put(engine, &mut engine.db().write().await?, id, to, letter).await?;
    }
    deliver(engine, to, letter, logged.as_ref(), job).await
}

/// Hands an email to the mail server, notes what became of it, and finishes the job. One that can
/// never be delivered is dropped.
async fn deliver(
    engine: &Engine,
    to: &Email,
    letter: &Letter,
    logged: Option<&MailId>,
    job: &JobId,
) -> Result<()> {
    let sender = sender(engine, letter).await?;
    let mail = Mail {
        to: to.as_str().to_owned(),
        subject: letter.subject.clone(),
        text: letter::text(letter, &sender),
        html: html::html(letter, &sender),
        sender: sender.program.map(|program| program.name),
        unsubscribe: None,
    };
    match engine.mailer().send(mail).await {
        Ok(()) => log::sent(engine, to, logged, job).await,
        // Sending it again would end the same way.
        Err(error @ (MailError::Address | MailError::Refused(_) | MailError::Url)) => {
            tracing::warn!(%error, job = %job, "an email cannot be delivered and is dropped");
            let reply = if let MailError::Refused(reply) = error { reply } else { None };
            log::refused(engine, to, logged, reply.as_ref(), job).await
        }
        Err(MailError::NotNow(reply)) => {
            if let (Some(id), Some(reply)) = (logged, reply) {
                log::delayed(engine, id, &reply).await?;
            }
            Err(Error::Broken("the mail could not be sent now".to_owned()))
        }
    }
}

/// Who a letter comes from, as it is when it is sent.
async fn sender(engine: &Engine, letter: &Letter) -> Result<Sender> {
    let base_url = engine.base_url().to_owned();
    let Some(id) = &letter.program else { return Ok(Sender { program: None, base_url }) };
    let mut conn = engine.db().read().await?;
    let program = store::programs::get_unscoped(&mut conn, id).await?;
    let program = program.ok_or_else(|| Error::Broken(format!("a mail of an unknown program: {id}")))?;
    let company = store::merchants::name(&mut conn, &program.merchant_id).await?.unwrap_or_default();
    let color = store::join_pages::get(&mut conn, id).await?.color;
    Ok(Sender { program: Some(Program { name: program.name, company, color }), base_url })
}

/// Queues an email to one person; it is sent after the commit.
pub(crate) async fn put(engine: &Engine, conn: &mut Conn, to: &Email, letter: &Letter) -> Result<()> {
    let now = engine.now();
    let logged = letter.program.is_some().then(|| MailId::new(now, engine.random()));
    if let Some(id) = &logged {
        log::put(engine, conn, id, to, letter).await?;
    }
    let job = SendMail { to: to.clone(), letter: letter.clone(), logged };
    jobs::enqueue(engine, conn, &job, now).await?;
    Ok(())
}

/// Queues a mail of the log again.
pub(crate) async fn put_again(
    engine: &Engine,
    conn: &mut Conn,
    id: &MailId,
    to: &Email,
    letter: Letter,
) -> Result<()> {
    let job = SendMail { to: to.clone(), letter, logged: Some(id.clone()) };
    jobs::enqueue(engine, conn, &job, engine.now()).await?;
    Ok(())
}

/// Queues an email to every owner of a company.
pub(crate) async fn put_to_owners(
    engine: &Engine,
    conn: &mut Conn,
    merchant: &MerchantId,
    letter: &Letter,
) -> Result<()> {
    for owner in store::merchants::owners(conn, merchant).await? {
        put(engine, conn, &owner, letter).await?;
    }
    Ok(())
}

//! Emails: queued in the transaction of the change that they report, and sent by a job, as text
//! and as HTML.

mod html;
mod letter;

use connect::mail::{Mail, MailError};
use domain::emails::Email;
use domain::ids::{JobId, MerchantId};
use domain::jobs::JobKind;
pub(crate) use letter::Letter;
use serde::{Deserialize, Serialize};
use store::db::Conn;

use self::letter::{Program, Sender};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};

/// Sends an email. A mail server that drops the connection after accepting it gets it a
/// second time: twice is better than never.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendMail {
    to: Email,
    letter: Letter,
}

impl Job for SendMail {
    const KIND: JobKind = JobKind::SendMail;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        send(engine, &self.to, &self.letter, job).await?;
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// Sends an email now, for a job. One that can never be delivered is dropped.
pub(crate) async fn send(engine: &Engine, to: &Email, letter: &Letter, job: &JobId) -> Result<()> {
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
        Ok(()) => Ok(()),
        // Sending it again would end the same way.
        Err(error @ (MailError::Address | MailError::Refused(_))) => {
            tracing::warn!(%error, job = %job, "an email cannot be delivered and is dropped");
            Ok(())
        }
        Err(error) => Err(Error::Broken(error.to_string())),
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
    let job = SendMail { to: to.clone(), letter: letter.clone() };
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

//! Emails: queued in the transaction of the change that they report, and sent by a job.

use connect::mail::{Mail, MailError};
use domain::emails::Email;
use domain::ids::{JobId, MerchantId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::db::Conn;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};

/// Sends an email. A mail server that drops the connection after accepting it gets it a
/// second time: twice is better than never.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SendMail {
    to: String,
    subject: String,
    text: String,
}

impl Job for SendMail {
    const KIND: JobKind = JobKind::SendMail;

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        let mail = Mail { to: self.to.clone(), subject: self.subject.clone(), text: self.text.clone() };
        send(engine, mail, job).await?;
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// Sends an email now, for a job. One that can never be delivered is dropped.
pub(crate) async fn send(engine: &Engine, mail: Mail, job: &JobId) -> Result<()> {
    match engine.mailer().send(mail).await {
        Ok(()) => Ok(()),
        // Sending it again would end the same way.
        Err(error @ (MailError::Address | MailError::Refused)) => {
            tracing::warn!(%error, job = %job, "an email cannot be delivered and is dropped");
            Ok(())
        }
        Err(error) => Err(Error::Broken(error.to_string())),
    }
}

/// Queues an email to one person; it is sent after the commit.
pub(crate) async fn put(
    engine: &Engine,
    conn: &mut Conn,
    to: &Email,
    subject: &str,
    text: &str,
) -> Result<()> {
    let (to, subject, text) = (to.as_str().to_owned(), subject.to_owned(), text.to_owned());
    jobs::enqueue(engine, conn, &SendMail { to, subject, text }, engine.now()).await?;
    Ok(())
}

/// Queues an email to every owner of a company.
pub(crate) async fn put_to_owners(
    engine: &Engine,
    conn: &mut Conn,
    merchant: &MerchantId,
    subject: &str,
    text: &str,
) -> Result<()> {
    for owner in store::merchants::owners(conn, merchant).await? {
        put(engine, conn, &owner, subject, text).await?;
    }
    Ok(())
}

//! E-mails to people: added in the transaction of the change they are about, and sent by a
//! job.

use connect::mail::{Mail, MailError};
use domain::emails::Email;
use domain::ids::{JobId, MerchantId};
use domain::jobs::JobKind;
use serde::{Deserialize, Serialize};
use store::db::Conn;

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::jobs::{self, Job};

/// Sends an e-mail. When the mail server stops answering after it accepted the e-mail, it
/// gets it again: twice is better than never.
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
        match engine.mailer().send(mail).await {
            Ok(()) => {}
            // Sending it again would end the same way.
            Err(error @ (MailError::Address | MailError::Refused)) => {
                tracing::warn!(%error, job = %job, "an e-mail cannot be delivered and is dropped");
            }
            Err(error) => return Err(Error::Broken(error.to_string())),
        }
        store::jobs::done(&mut engine.db().write().await?, job).await?;
        Ok(())
    }
}

/// Adds an e-mail to one person; it is sent after the commit.
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

/// Adds an e-mail to every owner of a company.
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

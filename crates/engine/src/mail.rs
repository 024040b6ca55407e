//! Mails: written in the transaction of the change that they report, sent by a job.

use connect::mail::{Mail, MailError};
use domain::emails::Email;
use domain::ids::{JobId, MerchantId};
use serde_json::{Value, json};
use store::db::Conn;

use crate::engine::Engine;
use crate::error::{Error, Result};

/// The job that sends a mail; its payload is the mail.
pub(crate) const MAIL: &str = "mail";

/// Queues a mail to one person; it is sent after the commit.
pub(crate) async fn put(
    engine: &Engine,
    conn: &mut Conn,
    to: &Email,
    subject: &str,
    text: &str,
) -> Result<()> {
    let now = engine.now();
    let id = JobId::new(now, engine.random());
    let payload = json!({ "to": to.as_str(), "subject": subject, "text": text }).to_string();
    Ok(store::jobs::put(conn, &id, MAIL, &payload, None, now, now).await?)
}

/// Queues a mail to every owner of a company.
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

/// Runs the job `mail`. A mail server that drops the connection after accepting a mail gets
/// it a second time; twice is better than never.
pub(crate) async fn send(engine: &Engine, job: &JobId, payload: &str) -> Result<()> {
    let letter: Value =
        serde_json::from_str(payload).map_err(|_| Error::Broken("an unreadable mail".to_owned()))?;
    let text = |key: &str| letter.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mail = Mail { to: text("to"), subject: text("subject"), text: text("text") };
    match engine.mailer().send(mail).await {
        Ok(()) => {}
        // Sending it again would end the same way.
        Err(error @ (MailError::Address | MailError::Refused)) => {
            tracing::warn!(%error, job = %job, "a mail cannot be delivered and is given up");
        }
        Err(error) => return Err(Error::Broken(error.to_string())),
    }
    store::jobs::done(&mut engine.db().write().await?, job).await?;
    Ok(())
}

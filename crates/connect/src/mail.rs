//! Sending mail: by SMTP, or into files where no mail server is configured.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// How long sending one mail may take; a job waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends mails; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
}

#[derive(Clone)]
enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// A mail: plain text to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The recipient.
    pub to: String,
    /// The subject; one line.
    pub subject: String,
    /// The body, plain text.
    pub text: String,
}

/// Why a mail was not sent. Never contains the server's password, which errors of the
/// transport may quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be read.
    #[error("the mail server's address is invalid: use smtps://user:password@host")]
    Url,
    /// The sender or the recipient is not an address.
    #[error("not an email address")]
    Address,
    /// The server rejected this mail permanently.
    #[error("the mail server rejected the mail")]
    Refused,
    /// The server cannot be reached, or does not accept the mail now.
    #[error("the mail could not be sent now")]
    NotNow,
}

impl Mailer {
    /// Sends by a server, such as `smtps://user:password@mail.example.com`; `from` is the
    /// sender, as an address with or without a name.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailError::Url)?;
        let transport = Transport::Smtp(smtp.timeout(Some(TIMEOUT)).build());
        Ok(Self { transport, from: from.parse().map_err(|_| MailError::Address)? })
    }

    /// Writes `.eml` files to a folder, which is created with the first.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        let from = Mailbox::new(
            Some("Honeyguide".to_owned()),
            lettre::Address::new("honeyguide", "localhost").expect("a plain address"),
        );
        Self { transport: Transport::Folder(path.as_ref().to_owned()), from }
    }

    /// Sends a mail.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let to: Mailbox = mail.to.parse().map_err(|_| MailError::Address)?;
        // A line break in a subject would begin another header.
        let subject: String = mail.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text)
            .map_err(|_| MailError::Refused)?;
        match &self.transport {
            Transport::Smtp(smtp) => smtp.send(message).await.map(drop).map_err(|error| {
                tracing::warn!(permanent = error.is_permanent(), "the mail server did not accept a mail");
                if error.is_permanent() { MailError::Refused } else { MailError::NotNow }
            }),
            Transport::Folder(folder) => write(folder, message).await.map_err(|error| {
                tracing::warn!(error, "a mail could not be written");
                MailError::NotNow
            }),
        }
    }
}

async fn write(folder: &Path, message: Message) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    let transport = AsyncFileTransport::<Tokio1Executor>::new(folder);
    transport.send(message).await.map(drop).map_err(|error| error.to_string())
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let transport = if matches!(self.transport, Transport::Smtp(_)) { "smtp" } else { "folder" };
        write!(f, "Mailer({transport})")
    }
}

//! Mail: by SMTP, or as files for whoever runs without it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// How long handing over one mail may take; a job waits for it.
const TIMEOUT: Duration = Duration::from_secs(20);

/// Sends mails; cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// A mail: plain text to one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whom to.
    pub to: String,
    /// What about; one line.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Why a mail did not go out. Has no password: transport errors are told in our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be read.
    #[error("the mail server's address cannot be read; it looks like smtps://user:password@host")]
    Url,
    /// The sender or a recipient is no address.
    #[error("not an e-mail address")]
    Address,
    /// The server refuses this mail for good.
    #[error("the mail server refused the mail")]
    Refused,
    /// The server cannot be reached or cannot take it now.
    #[error("the mail could not be handed over")]
    NotNow,
}

impl Mailer {
    /// By a server, such as `smtps://user:password@mail.example.com`; `from` is the
    /// sender, as an address with or without a name.
    pub fn smtp(url: &str, from: &str) -> Result<Self, MailError> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailError::Url)?;
        let way = Way::Smtp(transport.timeout(Some(TIMEOUT)).build());
        Ok(Self { way, from: from.parse().map_err(|_| MailError::Address)? })
    }

    /// As `.eml` files in a folder, which is made when the first is written.
    pub fn folder(path: impl AsRef<Path>) -> Self {
        let from = Mailbox::new(
            Some("Honeyguide".to_owned()),
            lettre::Address::new("honeyguide", "localhost").expect("a plain address"),
        );
        Self { way: Way::Folder(path.as_ref().to_owned()), from }
    }

    /// Hands a mail over.
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
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(drop).map_err(|error| {
                tracing::warn!(permanent = error.is_permanent(), "a mail was not taken");
                if error.is_permanent() { MailError::Refused } else { MailError::NotNow }
            }),
            Way::Folder(folder) => write(folder, message).await.map_err(|error| {
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
        let way = if matches!(self.way, Way::Smtp(_)) { "smtp" } else { "folder" };
        write!(f, "Mailer({way})")
    }
}

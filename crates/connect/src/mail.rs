//! Sending mail: by SMTP, or into files where no mail server is configured.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
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

/// A mail to one address: plain text, and the same as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The recipient.
    pub to: String,
    /// The subject; one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as an HTML document.
    pub html: String,
    /// In whose name it is sent. The address stays the installation's; without a name, so does the
    /// name.
    pub sender: Option<String>,
    /// Where a single request without a session ends mails of this kind (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// What a mail server answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code, such as 550.
    pub code: u16,
    /// The text, one line, cut to [`LONGEST_REPLY`].
    pub text: String,
}

/// The longest text of a reply that is kept, in characters: two lines of a page.
pub const LONGEST_REPLY: usize = 200;

/// Rejections of the sender's own password, not of a mail (RFC 4954, 6).
const SIGN_IN_CODES: [u16; 4] = [530, 534, 535, 538];
/// Rejections of a recipient (RFC 5321, 4.2.3, and RFC 7504, 4).
const RECIPIENT_CODES: [u16; 4] = [550, 551, 553, 556];

impl Reply {
    fn of(error: &lettre::transport::smtp::Error) -> Option<Self> {
        let code = u16::from(error.status()?);
        let text = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Some(Self { code, text: line.trim().chars().take(LONGEST_REPLY).collect() })
    }

    /// Whether it says that mail cannot be delivered to this address at all. Rejections for reasons
    /// of policy, whose enhanced code is 5.7.x (RFC 3463), may be about the sender.
    pub fn is_about_recipient(&self) -> bool {
        RECIPIENT_CODES.contains(&self.code) && !self.text.starts_with("5.7.")
    }
}

/// Why a mail was not sent. Never contains the server's password, which errors of the
/// transport may quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The address of the server cannot be read.
    #[error("the mail server's address is invalid: use smtps://user:password@host")]
    Url,
    /// The sender or the recipient is not an address.
    #[error("not an email address")]
    Address,
    /// The server rejected this mail permanently.
    #[error("the mail server rejected the mail")]
    Refused(Option<Reply>),
    /// The server cannot be reached, or does not accept the mail now.
    #[error("the mail could not be sent now")]
    NotNow(Option<Reply>),
}

impl From<lettre::transport::smtp::Error> for MailError {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let reply = Reply::of(&error);
        tracing::warn!(
            permanent = error.is_permanent(),
            code = reply.as_ref().map(|reply| reply.code),
            "the mail server did not accept a mail"
        );
        let is_sign_in = reply.as_ref().is_some_and(|reply| SIGN_IN_CODES.contains(&reply.code));
        if error.is_permanent() && !is_sign_in { Self::Refused(reply) } else { Self::NotNow(reply) }
    }
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
        let message = self.message(mail)?;
        match &self.transport {
            Transport::Smtp(smtp) => Ok(smtp.send(message).await.map(drop)?),
            Transport::Folder(folder) => write(folder, message).await.map_err(|error| {
                tracing::warn!(error, "a mail could not be written");
                MailError::NotNow(None)
            }),
        }
    }

    fn message(&self, mail: Mail) -> Result<Message, MailError> {
        let to: Mailbox = mail.to.parse().map_err(|_| MailError::Address)?;
        let mut builder = Message::builder()
            .from(self.sender(mail.sender.as_deref()))
            .to(to)
            .subject(one_line(&mail.subject))
            .message_id(None)
            // No out-of-office note answers it (RFC 3834).
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(url) = &mail.unsubscribe {
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        builder
            .multipart(MultiPart::alternative_plain_html(mail.text, mail.html))
            .map_err(|_| MailError::Refused(None))
    }

    /// The sender: the installation's address, in the name of a program or in its own.
    fn sender(&self, name: Option<&str>) -> Mailbox {
        let Some(name) = name.map(one_line).filter(|name| !name.trim().is_empty()) else {
            return self.from.clone();
        };
        let own = self.from.name.as_deref().unwrap_or("Honeyguide");
        Mailbox::new(Some(format!("{} via {own}", name.trim())), self.from.email.clone())
    }
}

/// A text on one line: a line break in a header would begin another one.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
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

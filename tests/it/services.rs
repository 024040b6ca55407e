//! The external services of an engine in a test: unreachable, or the stand-in for Stripe.

use std::path::PathBuf;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use connect::mail::Mailer;
use connect::secret::Secret;
use connect::stripe::client::Stripe;
use connect::stripe::oauth::{Platform, PlatformKeys};
use domain::connections::OAuthScope;
use tempfile::TempDir;

/// Stripe's address, the platform's keys, and a folder for mails.
pub struct Services {
    pub api_base: String,
    pub platform: Platform,
    mails: TempDir,
    /// Sends mails instead of the folder.
    pub mail_server: Option<Mailer>,
}

impl Services {
    /// Services that cannot be reached, without platform keys.
    pub fn nowhere() -> Self {
        Self::at("http://127.0.0.1:9")
    }

    /// A stand-in at an address, without platform keys.
    pub fn at(address: &str) -> Self {
        Self {
            api_base: address.to_owned(),
            platform: Platform {
                live: None,
                test: None,
                authorize_url: format!("{address}/oauth/authorize"),
                token_url: format!("{address}/oauth/token"),
                deauthorize_url: Some(format!("{address}/oauth/deauthorize")),
                scope: Some(OAuthScope::ReadWrite),
            },
            mails: tempfile::tempdir().expect("a folder for mails"),
            mail_server: None,
        }
    }

    /// With the platform's keys of a mode.
    pub fn with_keys(mut self, livemode: bool, secret_key: &str, client_id: &str) -> Self {
        let keys =
            PlatformKeys { secret_key: Secret::new(secret_key.to_owned()), client_id: client_id.to_owned() };
        *(if livemode { &mut self.platform.live } else { &mut self.platform.test }) = Some(keys);
        self
    }

    pub fn stripe(&self) -> Stripe {
        Stripe::new(&self.api_base)
    }

    pub fn mailer(&self) -> Mailer {
        self.mail_server.clone().unwrap_or_else(|| Mailer::folder(self.mails.path()))
    }

    /// The mails that were sent, oldest first: their headers and their text.
    pub fn mails(&self) -> Vec<String> {
        self.raw_mails().iter().map(|mail| format!("{}\n{}", head(mail), part(mail, "text/plain"))).collect()
    }

    /// The same mails as HTML documents.
    pub fn html_mails(&self) -> Vec<String> {
        self.raw_mails().iter().map(|mail| part(mail, "text/html")).collect()
    }

    /// The mails as they were written.
    pub fn raw_mails(&self) -> Vec<String> {
        let read = |path: PathBuf| std::fs::read_to_string(path).expect("a mail");
        let files = std::fs::read_dir(self.mails.path()).expect("the folder of mails");
        let mut mails: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        mails.sort_by_key(|path| path.metadata().and_then(|file| file.modified()).expect("a time"));
        mails.into_iter().map(read).collect()
    }
}

fn head(mail: &str) -> &str {
    mail.split_once("\r\n\r\n").expect("a mail has a head").0
}

/// A part of a mail (RFC 2046), decoded.
fn part(mail: &str, kind: &str) -> String {
    let boundary = head(mail).split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next());
    let boundary = format!("--{}", boundary.expect("a mail with two parts"));
    let found = mail.split(&boundary).find(|part| part.contains(&format!("Content-Type: {kind}")));
    let (head, body) = found.and_then(|part| part.split_once("\r\n\r\n")).expect(kind);
    let bytes = if head.contains("quoted-printable") {
        unquoted(body)
    } else if head.contains("base64") {
        BASE64.decode(body.split_whitespace().collect::<String>()).expect("base64")
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8(bytes).expect("UTF-8").replace("\r\n", "\n")
}

/// Quoted-printable, decoded (RFC 2045, 6.7).
fn unquoted(text: &str) -> Vec<u8> {
    let joined = text.replace("=\r\n", "");
    let mut pieces = joined.split('=');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.push(u8::from_str_radix(&piece[..2], 16).expect("two digits"));
        bytes.extend(&piece.as_bytes()[2..]);
    }
    bytes
}

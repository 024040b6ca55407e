//! The external services of an engine in a test: unreachable, or the stand-in for Stripe.

use std::path::PathBuf;

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
        Mailer::folder(self.mails.path())
    }

    /// The mails that were sent, as they were written.
    pub fn mails(&self) -> Vec<String> {
        let read = |path: PathBuf| std::fs::read_to_string(path).expect("a mail");
        let files = std::fs::read_dir(self.mails.path()).expect("the folder of mails");
        let mut mails: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
        mails.sort_by_key(|path| path.metadata().and_then(|file| file.modified()).expect("a time"));
        mails.into_iter().map(read).collect()
    }
}

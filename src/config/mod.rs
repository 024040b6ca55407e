//! The configuration: read once from the environment, at start. A malformed value is an
//! error that names its variable.

mod secret_key;
mod variables;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use axum::http::HeaderName;
use domain::clock::MINUTE_MS;
use domain::connections::OAuthScope;
use url::Url;

pub use secret_key::secret_key;
use variables::{
    ADMIN_EMAIL, ADMIN_NAME, ADMIN_PASSWORD, BASE_URL, COMPANY_NAME, COUNTRY_HEADER, DATABASE_URL,
    Environment, LINK_GRACE_MINUTES, LISTEN, LOG, MAIL_FROM, METRICS_TOKEN, SECRET_KEY, SMTP_URL,
    STRIPE_API_BASE, STRIPE_AUTHORIZE_URL, STRIPE_DEAUTHORIZE_URL, STRIPE_LIVE_CLIENT_ID,
    STRIPE_LIVE_SECRET_KEY, STRIPE_SCOPE, STRIPE_TEST_CLIENT_ID, STRIPE_TEST_SECRET_KEY, STRIPE_TOKEN_URL,
    TRUSTED_PROXY,
};
pub use variables::{DefaultValue, VARIABLES, Variable};

/// The platform's keys of one mode.
#[derive(Clone)]
pub struct PlatformKeys {
    /// `sk_live_…` or `sk_test_…`
    pub secret_key: String,
    /// `ca_…`
    pub client_id: String,
}

/// Where Stripe is, and as which platform Honeyguide connects accounts.
#[derive(Clone)]
pub struct Stripe {
    /// The platform's keys for live payments.
    pub live: Option<PlatformKeys>,
    /// The platform's keys for test data.
    pub test: Option<PlatformKeys>,
    /// The OAuth scope that is requested; `None` for a Stripe App, whose manifest has it.
    pub scope: Option<OAuthScope>,
    /// The page on which a merchant grants access.
    pub authorize_url: String,
    /// Where a code is exchanged for a grant.
    pub token_url: String,
    /// Where a grant is revoked; `None` for a Stripe App, which has no such address.
    pub deauthorize_url: Option<String>,
    /// The API's address, without a slash at the end.
    pub api_base: String,
}

/// The first owner, as the environment describes them.
#[derive(Clone)]
pub struct Admin {
    /// `ADMIN_EMAIL`
    pub email: String,
    /// `ADMIN_PASSWORD`
    pub password: String,
    /// `ADMIN_NAME`
    pub name: Option<String>,
    /// `COMPANY_NAME`
    pub company: Option<String>,
}

/// The settings of an installation.
#[derive(Clone)]
pub struct Config {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// The public address, without a slash at the end.
    pub base_url: String,
    /// The address and port to listen on.
    pub listen: SocketAddr,
    /// Whether `BASE_URL` is set; otherwise it follows from the port.
    pub base_url_is_set: bool,
    /// Whether `LISTEN` is set.
    pub listen_is_set: bool,
    /// The value of `SECRET_KEY`; [`secret_key`] falls back to a file.
    pub secret_key: Option<String>,
    /// The first owner.
    pub admin: Option<Admin>,
    /// Whether `X-Forwarded-For` is trusted for the client's address.
    pub trust_forwarded_for: bool,
    /// The token with which another machine may read the metrics.
    pub metrics_token: Option<String>,
    /// The header in which a proxy in front sends the visitor's country.
    pub country_header: Option<HeaderName>,
    /// Where Stripe is.
    pub stripe: Stripe,
    /// The mail server's address and the sender; without them mails are written to files.
    pub smtp: Option<(String, String)>,
    /// How long a charge that may belong to an invoice waits for it, in milliseconds.
    pub link_grace_ms: i64,
    /// The filter of the log.
    pub log: String,
}

/// The shortest secret: 32 hex digits are 128 bits.
const SHORTEST_SECRET: usize = 32;

/// The shortest token: too long to guess over the network.
const SHORTEST_TOKEN: usize = 16;

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// For the first value that cannot be used; the message names its variable.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> anyhow::Result<Self> {
        Self::read(&std::env::vars().collect())
    }

    /// Reads pairs of name and value.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn read(environment: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let environment = Environment(environment);
        let database_url = environment.text(DATABASE_URL);
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database_url.starts_with(scheme)) {
            bail!("{DATABASE_URL} must start with sqlite: or postgres://");
        }
        let secret_key = environment.get(SECRET_KEY).map(str::to_owned);
        if secret_key.as_ref().is_some_and(|key| key.len() < SHORTEST_SECRET) {
            bail!("{SECRET_KEY} must have at least {SHORTEST_SECRET} characters");
        }
        let admin = match (environment.get(ADMIN_EMAIL), environment.get(ADMIN_PASSWORD)) {
            (Some(email), Some(password)) => Some(Admin {
                email: email.to_owned(),
                password: password.to_owned(),
                name: environment.get(ADMIN_NAME).map(str::to_owned),
                company: environment.get(COMPANY_NAME).map(str::to_owned),
            }),
            (None, None) => None,
            _ => bail!("{ADMIN_EMAIL} and {ADMIN_PASSWORD} must be set together"),
        };
        let metrics_token = environment.get(METRICS_TOKEN).map(str::to_owned);
        if metrics_token.as_ref().is_some_and(|token| token.len() < SHORTEST_TOKEN) {
            bail!("{METRICS_TOKEN} must have at least {SHORTEST_TOKEN} characters");
        }
        let trust_forwarded_for = match environment.get(TRUSTED_PROXY) {
            None => false,
            Some("x-forwarded-for") => true,
            Some(other) => bail!("{TRUSTED_PROXY} must be x-forwarded-for, not {other}"),
        };
        let minutes: i64 = environment
            .text(LINK_GRACE_MINUTES)
            .parse()
            .ok()
            .filter(|minutes| (0..=1_440).contains(minutes))
            .with_context(|| format!("{LINK_GRACE_MINUTES} must be a number from 0 to 1440"))?;
        let listen: SocketAddr = environment
            .text(LISTEN)
            .parse()
            .with_context(|| format!("{LISTEN} must be an address and a port, such as 127.0.0.1:3000"))?;
        Ok(Self {
            stripe: stripe(environment)?,
            smtp: smtp(environment)?,
            database_url: database_url.to_owned(),
            base_url: base_url(environment, listen)?,
            listen,
            base_url_is_set: environment.get(BASE_URL).is_some(),
            listen_is_set: environment.get(LISTEN).is_some(),
            secret_key,
            admin,
            trust_forwarded_for,
            metrics_token,
            country_header: environment
                .get(COUNTRY_HEADER)
                .map(|name| {
                    name.parse().with_context(|| format!("{COUNTRY_HEADER} is not the name of a header"))
                })
                .transpose()?,
            link_grace_ms: minutes * MINUTE_MS,
            log: environment.text(LOG).to_owned(),
        })
    }

    /// The database file of `sqlite:…`; `None` for Postgres.
    pub fn sqlite_file(&self) -> Option<&Path> {
        self.database_url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")))
    }

    /// The database as it can be shown: the file's path, or host and name without user and
    /// password.
    pub fn database_name(&self) -> String {
        if let Some(file) = self.sqlite_file() {
            return file.display().to_string();
        }
        let Ok(url) = Url::parse(&self.database_url) else { return "PostgreSQL".to_owned() };
        format!("{}{}", url.host_str().unwrap_or_default(), url.path())
    }

    /// The folder for files that belong to the database: the database file's own, or `data`
    /// for Postgres.
    pub fn data_folder(&self) -> PathBuf {
        self.sqlite_file()
            .and_then(Path::parent)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or_else(|| PathBuf::from("data"), Path::to_path_buf)
    }

    /// Whether the public address is https, so that cookies can be marked `Secure`.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// The address of an installation that only this machine reaches.
pub fn local_url(port: u16) -> String {
    format!("http://localhost:{port}")
}

fn base_url(environment: Environment<'_>, listen: SocketAddr) -> anyhow::Result<String> {
    let Some(text) = environment.get(BASE_URL) else { return Ok(local_url(listen.port())) };
    let url = Url::parse(text).with_context(|| format!("{BASE_URL} is not a web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        bail!("{BASE_URL} must start with http:// or https:// and name a host");
    }
    if url.path() != "/" || url.query().is_some() {
        bail!("{BASE_URL} must not have a path: {text}");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn smtp(environment: Environment<'_>) -> anyhow::Result<Option<(String, String)>> {
    let Some(url) = environment.get(SMTP_URL) else { return Ok(None) };
    if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
        bail!("{SMTP_URL} must start with smtp:// or smtps://");
    }
    let from = environment
        .get(MAIL_FROM)
        .with_context(|| format!("{SMTP_URL} needs {MAIL_FROM}, the sender of mails"))?;
    Ok(Some((url.to_owned(), from.to_owned())))
}

/// The value that leaves a setting out, since a blank one means the default.
const NONE: &str = "none";

fn stripe(environment: Environment<'_>) -> anyhow::Result<Stripe> {
    let scope =
        match environment.text(STRIPE_SCOPE) {
            NONE => None,
            word => Some(OAuthScope::from_word(word).with_context(|| {
                format!("{STRIPE_SCOPE} must be read_only, read_write or none, not {word}")
            })?),
        };
    let deauthorize_url = match environment.text(STRIPE_DEAUTHORIZE_URL) {
        NONE => None,
        _ => Some(https_url(environment, STRIPE_DEAUTHORIZE_URL)?),
    };
    Ok(Stripe {
        live: platform_keys(environment, STRIPE_LIVE_SECRET_KEY, STRIPE_LIVE_CLIENT_ID, "sk_live_")?,
        test: platform_keys(environment, STRIPE_TEST_SECRET_KEY, STRIPE_TEST_CLIENT_ID, "sk_test_")?,
        scope,
        authorize_url: https_url(environment, STRIPE_AUTHORIZE_URL)?,
        token_url: https_url(environment, STRIPE_TOKEN_URL)?,
        deauthorize_url,
        api_base: https_url(environment, STRIPE_API_BASE)?,
    })
}

fn platform_keys(
    environment: Environment<'_>,
    secret: Variable,
    client: Variable,
    prefix: &str,
) -> anyhow::Result<Option<PlatformKeys>> {
    let (secret_key, client_id) = match (environment.get(secret), environment.get(client)) {
        (Some(secret_key), Some(client_id)) => (secret_key, client_id),
        (None, None) => return Ok(None),
        _ => bail!("{secret} and {client} must be set together"),
    };
    if !secret_key.starts_with(prefix) {
        bail!("{secret} must start with {prefix}");
    }
    if !client_id.starts_with("ca_") {
        bail!("{client} must start with ca_");
    }
    Ok(Some(PlatformKeys { secret_key: secret_key.to_owned(), client_id: client_id.to_owned() }))
}

/// An address that keys are sent to: https, or this machine.
fn https_url(environment: Environment<'_>, variable: Variable) -> anyhow::Result<String> {
    let text = environment.text(variable);
    let url = Url::parse(text).with_context(|| format!("{variable} is not a web address"))?;
    let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "https" && !(url.scheme() == "http" && local) {
        bail!("{variable} must start with https://");
    }
    Ok(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> anyhow::Result<Config> {
        Config::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn everything_has_a_default() {
        let config = read(&[]).unwrap();
        assert_eq!(config.base_url, "http://localhost:3000");
        assert_eq!(config.data_folder(), Path::new("data"));
        assert!(!config.is_https());
    }

    #[test]
    fn malformed_values_refuse_to_start() {
        for pair in [
            ("BASE_URL", "localhost"),
            ("BASE_URL", "https://example.com/sub"),
            ("LISTEN", "3000"),
            ("DATABASE_URL", "mysql://x"),
            ("SECRET_KEY", "short"),
            ("ADMIN_EMAIL", "a@example.com"),
            ("TRUSTED_PROXY", "yes"),
            ("METRICS_TOKEN", "short"),
            ("COUNTRY_HEADER", "CF IPCountry"),
            ("LINK_GRACE_MINUTES", "soon"),
            ("STRIPE_LIVE_SECRET_KEY", "sk_live_1"),
            ("STRIPE_TEST_CLIENT_ID", "ca_1"),
            ("STRIPE_SCOPE", "everything"),
            ("STRIPE_TOKEN_URL", "http://stripe.example/token"),
            ("STRIPE_API_BASE", "api.stripe.com"),
            ("SMTP_URL", "mail.example.com"),
        ] {
            let error = read(&[pair]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(pair.0), "{pair:?} gave {error:?}");
        }
    }

    #[test]
    fn a_database_is_shown_without_its_password() {
        for (url, name) in [
            ("sqlite:data/honeyguide.db", "data/honeyguide.db"),
            ("postgres://hg:canary@db.example:5432/hg?sslmode=require", "db.example/hg"),
        ] {
            assert_eq!(read(&[("DATABASE_URL", url)]).unwrap().database_name(), name);
        }
    }

    #[test]
    fn keys_of_the_other_mode_refuse_to_start_and_are_not_repeated() {
        for (secret, client) in [
            (("STRIPE_LIVE_SECRET_KEY", "sk_test_canary"), ("STRIPE_LIVE_CLIENT_ID", "ca_1")),
            (("STRIPE_TEST_SECRET_KEY", "sk_live_canary"), ("STRIPE_TEST_CLIENT_ID", "ca_1")),
            (("STRIPE_TEST_SECRET_KEY", "sk_test_canary"), ("STRIPE_TEST_CLIENT_ID", "acct_1")),
        ] {
            let error = read(&[secret, client]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("must start with") && !error.contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_stripe_app_uses_neither_scope_nor_deauthorize() {
        let config = read(&[("STRIPE_SCOPE", "none"), ("STRIPE_DEAUTHORIZE_URL", "none")]).unwrap();
        assert_eq!((config.stripe.scope, config.stripe.deauthorize_url), (None, None));
        let classic = read(&[]).unwrap().stripe;
        assert_eq!(classic.scope, Some(OAuthScope::ReadOnly));
        assert_eq!(classic.deauthorize_url.as_deref(), Some("https://connect.stripe.com/oauth/deauthorize"));
    }
}

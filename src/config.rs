//! Configuration: the environment, read once. A malformed value refuses to start.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use axum::http::HeaderName;
use domain::clock::{MINUTE_MS, Random};
use url::Url;

/// Every variable with its default and what it is for: README's table is made of this.
pub const VARIABLES: [(&str, &str, &str); 21] = [
    ("DATABASE_URL", "sqlite:data/honeyguide.db", "`sqlite:path` or `postgres://…`"),
    ("BASE_URL", "http://localhost:3000", "where people and Stripe reach this installation"),
    ("LISTEN", "127.0.0.1:3000", "the address to listen on"),
    ("SECRET_KEY", "generated into `data/secret.key`", "encrypts secrets at rest; at least 32 characters"),
    ("ADMIN_EMAIL", "", "with `ADMIN_PASSWORD`: makes the first owner, instead of a set-up link"),
    ("ADMIN_PASSWORD", "", "see `ADMIN_EMAIL`"),
    ("TRUSTED_PROXY", "", "`x-forwarded-for` when a proxy in front sets that header to the client's address"),
    (
        "COUNTRY_HEADER",
        "",
        "the header in which a proxy in front tells the visitor's country, such as `CF-IPCountry`",
    ),
    (
        "STRIPE_LIVE_SECRET_KEY",
        "",
        "the platform’s secret key for live payments; with `STRIPE_LIVE_CLIENT_ID` merchants can sign in with Stripe",
    ),
    ("STRIPE_LIVE_CLIENT_ID", "", "the platform’s client id for live payments, `ca_…`"),
    ("STRIPE_TEST_SECRET_KEY", "", "the same for test data; with `STRIPE_TEST_CLIENT_ID`"),
    ("STRIPE_TEST_CLIENT_ID", "", "see `STRIPE_TEST_SECRET_KEY`"),
    (
        "STRIPE_SCOPE",
        "read_only",
        "`read_write` for a platform that is no extension (Stripe refuses `read_only` there); `none` for a Stripe App",
    ),
    (
        "STRIPE_AUTHORIZE_URL",
        "https://connect.stripe.com/oauth/authorize",
        "`https://marketplace.stripe.com/oauth/v2/authorize` for a Stripe App",
    ),
    (
        "STRIPE_TOKEN_URL",
        "https://connect.stripe.com/oauth/token",
        "`https://api.stripe.com/v1/oauth/token` for a Stripe App",
    ),
    ("STRIPE_DEAUTHORIZE_URL", "https://connect.stripe.com/oauth/deauthorize", "`none` for a Stripe App"),
    ("STRIPE_API_BASE", "https://api.stripe.com", "where Stripe’s API is reached"),
    ("SMTP_URL", "mails as files under `data/mail`", "`smtps://user:password@host` or `smtp://…`"),
    ("MAIL_FROM", "", "the sender of mails, such as `Honeyguide <partners@example.com>`; with `SMTP_URL`"),
    ("LINK_GRACE_MINUTES", "60", "how long a charge that may belong to an invoice waits for it"),
    ("LOG", "info", "what is logged, such as `info,engine=debug`"),
];

/// The platform's keys of one mode.
#[derive(Clone)]
pub struct PlatformKeys {
    /// `sk_live_…` or `sk_test_…`
    pub secret_key: String,
    /// `ca_…`
    pub client_id: String,
}

/// How Stripe is reached, and as which platform.
#[derive(Clone)]
pub struct Stripe {
    /// For live payments.
    pub live: Option<PlatformKeys>,
    /// For test data.
    pub test: Option<PlatformKeys>,
    /// What is asked for; `None` for a Stripe App, whose manifest says it.
    pub scope: Option<String>,
    /// Where the merchant allows access.
    pub authorize_url: String,
    /// Where a code becomes a grant.
    pub token_url: String,
    /// Where a grant is given back; `None` where there is no such place.
    pub deauthorize_url: Option<String>,
    /// The API, without a slash at the end.
    pub api_base: String,
}

/// What the installation was told.
#[derive(Clone)]
pub struct Config {
    /// `sqlite:…` or `postgres://…`.
    pub database_url: String,
    /// Without a slash at the end.
    pub base_url: String,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The installation's secret; `None` until [`secret_key`] has read or made it.
    pub secret_key: Option<String>,
    /// The first owner.
    pub admin: Option<(String, String)>,
    /// Whether `X-Forwarded-For` tells the client's address.
    pub trust_forwarded_for: bool,
    /// In which header a proxy in front tells the visitor's country.
    pub country_header: Option<HeaderName>,
    /// How Stripe is reached.
    pub stripe: Stripe,
    /// The mail server's address and our sender; `None`: mails become files.
    pub smtp: Option<(String, String)>,
    /// How long an unlinked charge waits, milliseconds.
    pub link_grace_ms: i64,
    /// The filter of the log.
    pub log: String,
}

/// The shortest `SECRET_KEY`: 32 hex digits are 128 bits.
const SHORTEST_SECRET: usize = 32;

impl Config {
    /// From the process's environment.
    ///
    /// # Errors
    /// A line for the first value that cannot be used.
    #[expect(clippy::disallowed_methods, reason = "this is the door to the environment")]
    pub fn from_env() -> anyhow::Result<Self> {
        Self::read(&std::env::vars().collect())
    }

    /// From name and value pairs.
    pub fn read(environment: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        let get =
            |name: &str| environment.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let base_url = get("BASE_URL").unwrap_or("http://localhost:3000");
        let parsed = Url::parse(base_url).context("BASE_URL is no web address")?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host_str().is_none() {
            bail!("BASE_URL must begin with http:// or https:// and name a host");
        }
        if parsed.path() != "/" || parsed.query().is_some() {
            bail!("BASE_URL must not have a path: {base_url}");
        }
        let listen = get("LISTEN").unwrap_or("127.0.0.1:3000");
        let database_url = get("DATABASE_URL").unwrap_or("sqlite:data/honeyguide.db");
        if !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| database_url.starts_with(scheme)) {
            bail!("DATABASE_URL must begin with sqlite: or postgres://");
        }
        let secret_key = get("SECRET_KEY").map(str::to_owned);
        if secret_key.as_ref().is_some_and(|key| key.len() < SHORTEST_SECRET) {
            bail!("SECRET_KEY must have {SHORTEST_SECRET} characters at least");
        }
        let admin = match (get("ADMIN_EMAIL"), get("ADMIN_PASSWORD")) {
            (Some(email), Some(password)) => Some((email.to_owned(), password.to_owned())),
            (None, None) => None,
            _ => bail!("ADMIN_EMAIL and ADMIN_PASSWORD go together"),
        };
        let trust_forwarded_for = match get("TRUSTED_PROXY") {
            None => false,
            Some("x-forwarded-for") => true,
            Some(other) => bail!("TRUSTED_PROXY can be x-forwarded-for, not {other}"),
        };
        let minutes: i64 = get("LINK_GRACE_MINUTES")
            .unwrap_or("60")
            .parse()
            .ok()
            .filter(|minutes| (0..=1_440).contains(minutes))
            .context("LINK_GRACE_MINUTES must be a number from 0 to 1440")?;
        let smtp = match (get("SMTP_URL"), get("MAIL_FROM")) {
            (Some(url), _) if !url.starts_with("smtp://") && !url.starts_with("smtps://") => {
                bail!("SMTP_URL must begin with smtp:// or smtps://")
            }
            (Some(url), Some(from)) => Some((url.to_owned(), from.to_owned())),
            (Some(_), None) => bail!("SMTP_URL needs MAIL_FROM, the sender of mails"),
            (None, _) => None,
        };
        Ok(Self {
            stripe: stripe(get)?,
            smtp,
            database_url: database_url.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            listen: listen.parse().context("LISTEN must be an address and a port, such as 127.0.0.1:3000")?,
            secret_key,
            admin,
            trust_forwarded_for,
            country_header: get("COUNTRY_HEADER")
                .map(|name| name.parse().context("COUNTRY_HEADER is no name of a header"))
                .transpose()?,
            link_grace_ms: minutes * MINUTE_MS,
            log: get("LOG").unwrap_or("info").to_owned(),
        })
    }

    /// The folder that holds what belongs to the database; `data` for Postgres.
    pub fn data_folder(&self) -> PathBuf {
        let path =
            self.database_url.strip_prefix("sqlite:").map(|path| Path::new(path.trim_start_matches("//")));
        path.and_then(Path::parent)
            .filter(|folder| !folder.as_os_str().is_empty())
            .map_or_else(|| PathBuf::from("data"), Path::to_path_buf)
    }

    /// Whether cookies may be marked for https only.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// What `STRIPE_*` says.
fn stripe<'e>(get: impl Fn(&'static str) -> Option<&'e str>) -> anyhow::Result<Stripe> {
    /// The word for "leave it out", since an empty value means the default.
    const NONE: &str = "none";
    let keys = |secret: &'static str, client: &'static str, prefix: &str| {
        let keys = match (get(secret), get(client)) {
            (Some(secret_key), Some(client_id)) => {
                PlatformKeys { secret_key: secret_key.to_owned(), client_id: client_id.to_owned() }
            }
            (None, None) => return Ok(None),
            _ => bail!("{secret} and {client} go together"),
        };
        if !keys.secret_key.starts_with(prefix) {
            bail!("{secret} must begin with {prefix}");
        }
        if !keys.client_id.starts_with("ca_") {
            bail!("{client} must begin with ca_");
        }
        Ok(Some(keys))
    };
    let address = |name: &'static str, default: &str| {
        let address = get(name).unwrap_or(default);
        let url = Url::parse(address).with_context(|| format!("{name} is no web address"))?;
        let local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        // A key that travels in the clear is no key any more.
        if url.scheme() != "https" && !(url.scheme() == "http" && local) {
            bail!("{name} must begin with https://");
        }
        Ok(address.trim_end_matches('/').to_owned())
    };
    let scope = get("STRIPE_SCOPE").unwrap_or("read_only");
    if ![NONE, "read_only", "read_write"].contains(&scope) {
        bail!("STRIPE_SCOPE can be read_only, read_write or none, not {scope}");
    }
    let deauthorize_url = match get("STRIPE_DEAUTHORIZE_URL") {
        Some(NONE) => None,
        _ => Some(address("STRIPE_DEAUTHORIZE_URL", "https://connect.stripe.com/oauth/deauthorize")?),
    };
    Ok(Stripe {
        live: keys("STRIPE_LIVE_SECRET_KEY", "STRIPE_LIVE_CLIENT_ID", "sk_live_")?,
        test: keys("STRIPE_TEST_SECRET_KEY", "STRIPE_TEST_CLIENT_ID", "sk_test_")?,
        scope: (scope != NONE).then(|| scope.to_owned()),
        authorize_url: address("STRIPE_AUTHORIZE_URL", "https://connect.stripe.com/oauth/authorize")?,
        token_url: address("STRIPE_TOKEN_URL", "https://connect.stripe.com/oauth/token")?,
        deauthorize_url,
        api_base: address("STRIPE_API_BASE", "https://api.stripe.com")?,
    })
}

/// The installation's secret: from the environment, or from `secret.key` in the data
/// folder, which is made with mode 0600 when it is missing.
pub fn secret_key(config: &Config, random: &Random) -> anyhow::Result<String> {
    if let Some(key) = &config.secret_key {
        return Ok(key.clone());
    }
    let path = config.data_folder().join("secret.key");
    if let Ok(key) = fs::read_to_string(&path) {
        let key = key.trim().to_owned();
        if key.len() < SHORTEST_SECRET {
            bail!("{} is too short to be a key", path.display());
        }
        return Ok(key);
    }
    fs::create_dir_all(config.data_folder())?;
    let key = hex::encode(random.bytes::<32>());
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).with_context(|| format!("cannot write {}", path.display()))?;
    writeln!(file, "{key}")?;
    file.sync_all()?;
    Ok(key)
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
    fn keys_of_the_other_mode_refuse_to_start_and_are_not_repeated() {
        for (secret, client) in [
            (("STRIPE_LIVE_SECRET_KEY", "sk_test_canary"), ("STRIPE_LIVE_CLIENT_ID", "ca_1")),
            (("STRIPE_TEST_SECRET_KEY", "sk_live_canary"), ("STRIPE_TEST_CLIENT_ID", "ca_1")),
            (("STRIPE_TEST_SECRET_KEY", "sk_test_canary"), ("STRIPE_TEST_CLIENT_ID", "acct_1")),
        ] {
            let error = read(&[secret, client]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains("must begin with") && !error.contains("canary"), "{error:?}");
        }
    }

    #[test]
    fn a_stripe_app_leaves_scope_and_deauthorize_out() {
        let config = read(&[("STRIPE_SCOPE", "none"), ("STRIPE_DEAUTHORIZE_URL", "none")]).unwrap();
        assert_eq!((config.stripe.scope, config.stripe.deauthorize_url), (None, None));
        let classic = read(&[]).unwrap().stripe;
        assert_eq!(classic.scope.as_deref(), Some("read_only"));
        assert_eq!(classic.deauthorize_url.as_deref(), Some("https://connect.stripe.com/oauth/deauthorize"));
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/x.db", folder.path().display());
        let config = read(&[("DATABASE_URL", &url)]).unwrap();
        let random = Random::seeded(1);
        let first = secret_key(&config, &random).unwrap();
        assert_eq!(secret_key(&config, &random).unwrap(), first);
        let mode = fs::metadata(folder.path().join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

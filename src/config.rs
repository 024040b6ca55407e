//! Configuration: the environment, read once. A malformed value refuses to start.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use domain::clock::{MINUTE_MS, Random};
use url::Url;

/// Every variable with its default and what it is for: README's table is made of this.
pub const VARIABLES: [(&str, &str, &str); 9] = [
    ("DATABASE_URL", "sqlite:data/honeyguide.db", "`sqlite:path` or `postgres://…`"),
    ("BASE_URL", "http://localhost:3000", "where people and Stripe reach this installation"),
    ("LISTEN", "127.0.0.1:3000", "the address to listen on"),
    ("SECRET_KEY", "generated into `data/secret.key`", "encrypts secrets at rest; at least 32 characters"),
    ("ADMIN_EMAIL", "", "with `ADMIN_PASSWORD`: makes the first owner, instead of a set-up link"),
    ("ADMIN_PASSWORD", "", "see `ADMIN_EMAIL`"),
    ("TRUSTED_PROXY", "", "`x-forwarded-for` when a proxy in front sets that header to the client's address"),
    ("LINK_GRACE_MINUTES", "60", "how long a charge that may belong to an invoice waits for it"),
    ("LOG", "info", "what is logged, such as `info,engine=debug`"),
];

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
        Ok(Self {
            database_url: database_url.to_owned(),
            base_url: base_url.trim_end_matches('/').to_owned(),
            listen: listen.parse().context("LISTEN must be an address and a port, such as 127.0.0.1:3000")?,
            secret_key,
            admin,
            trust_forwarded_for,
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
            ("LINK_GRACE_MINUTES", "soon"),
        ] {
            let error = read(&[pair]).err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(pair.0), "{pair:?} gave {error:?}");
        }
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

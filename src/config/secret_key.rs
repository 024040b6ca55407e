//! The installation's secret, from which the keys that encrypt at rest are derived.

use std::fs;
use std::io::Write;

use anyhow::{Context, bail};
use domain::clock::Random;

use super::{Config, SHORTEST_SECRET};

/// The secret: `SECRET_KEY`, or the content of `secret.key` in the data folder, which is
/// created with mode 0600 when it is missing.
///
/// # Errors
/// When the file is too short, or cannot be written.
pub fn secret_key(config: &Config, random: &Random) -> anyhow::Result<String> {
    if let Some(key) = &config.secret_key {
        return Ok(key.clone());
    }
    let path = config.data_folder().join("secret.key");
    if let Ok(key) = fs::read_to_string(&path) {
        let key = key.trim().to_owned();
        if key.len() < SHORTEST_SECRET {
            bail!("{} is too short: a key has at least {SHORTEST_SECRET} characters", path.display());
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
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_key_file_is_created_once_and_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/x.db", folder.path().display());
        let config = Config::read(&BTreeMap::from([("DATABASE_URL".to_owned(), url)])).unwrap();
        let random = Random::seeded(1);
        let first = secret_key(&config, &random).unwrap();
        assert_eq!(secret_key(&config, &random).unwrap(), first);
        let mode = fs::metadata(folder.path().join("secret.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

//! `honeyguide backup` and `honeyguide restore`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::say;
use crate::config::Config;
use crate::server;

/// Writes a consistent copy of the database; the server may be running.
pub async fn backup(config: Config, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        bail!("{} exists already", to.display());
    }
    let path = to.to_str().context("the file name is not UTF-8")?;
    let db = server::open(&config).await?;
    db.copy_to(path).await?;
    db.close().await;
    say(format!("Written to {}.", to.display()));
    say(
        "The secret key is not in it. Keep a copy separately: without it, stored keys and signing secrets cannot be read.",
    );
    Ok(())
}

/// Copies a backup to the place of the database.
pub fn restore(config: &Config, from: &Path) -> anyhow::Result<()> {
    let Some(path) = config.database_url.strip_prefix("sqlite:") else {
        bail!("use pg_restore for Postgres");
    };
    let path = PathBuf::from(path.trim_start_matches("//"));
    if path.exists() {
        bail!("{} exists already; move it away first", path.display());
    }
    std::fs::create_dir_all(config.data_folder())?;
    std::fs::copy(from, &path).with_context(|| format!("cannot copy {}", from.display()))?;
    say(format!("Restored to {}. Run honeyguide verify before you start the server.", path.display()));
    Ok(())
}

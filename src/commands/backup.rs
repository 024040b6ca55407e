//! `honeyguide backup` and `honeyguide restore`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use engine::ledger::verify;

use super::say;
use crate::config::Config;
use crate::server;

/// Writes a consistent copy of the database; the server may be running.
pub async fn backup(config: Config, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        bail!("{} already exists", to.display());
    }
    let path = to.to_str().context("the file name is not UTF-8")?;
    let db = server::open(&config).await?;
    db.copy_to(path).await?;
    db.close().await;
    say(format!("Written to {}.", to.display()));
    say(
        "The backup does not include the secret key. Keep a copy of it separately: without it, stored keys and signing secrets cannot be read.",
    );
    Ok(())
}

/// Copies a backup to the place of the database, and checks the copy before it gets its name.
pub async fn restore(config: Config, from: &Path) -> anyhow::Result<()> {
    let Some(database) = config.sqlite_file() else {
        bail!("use pg_restore for Postgres");
    };
    refuse_leftovers(database)?;
    std::fs::create_dir_all(config.data_folder())?;
    let copy = beside(database, ".restoring");
    remove(&copy)?;
    std::fs::copy(from, &copy).with_context(|| format!("cannot copy {}", from.display()))?;
    if let Err(error) = check(&config, &copy).await {
        remove(&copy)?;
        return Err(error.context(format!("{} cannot be restored", from.display())));
    }
    std::fs::File::open(&copy)?.sync_all()?;
    std::fs::rename(&copy, database)?;
    say(format!("Restored to {}. All sums and hashes match.", database.display()));
    Ok(())
}

/// A write-ahead log would be applied to whatever database has its name.
fn refuse_leftovers(database: &Path) -> anyhow::Result<()> {
    for file in [database.to_owned(), beside(database, "-wal"), beside(database, "-shm")] {
        let has_content = file.metadata().is_ok_and(|file| file.len() > 0);
        if has_content || (file == database && file.exists()) {
            bail!(
                "{} already exists. Move it away first, together with its -wal and -shm files, which hold the latest changes.",
                file.display()
            );
        }
    }
    Ok(())
}

/// The structure of the file and the sums of the ledger.
async fn check(config: &Config, copy: &Path) -> anyhow::Result<()> {
    let path = copy.to_str().context("the file name is not UTF-8")?;
    let secret_key = Some("restoring needs no secret, and creates none".to_owned());
    let config = Config { database_url: format!("sqlite:{path}"), secret_key, ..config.clone() };
    let running = server::engine(&config).await?;
    let mut problems = running.engine.db().problems().await?;
    if problems.is_empty() {
        problems.extend(verify::ledger(&running.engine).await?.problems.iter().map(ToString::to_string));
    }
    running.stop().await;
    if !problems.is_empty() {
        bail!("{} problems found. The first: {}", problems.len(), problems[0]);
    }
    Ok(())
}

/// The file of the same name with something more at its end.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes what an interrupted or failed restoration leaves.
fn remove(copy: &Path) -> anyhow::Result<()> {
    for file in [copy.to_owned(), beside(copy, "-wal"), beside(copy, "-shm")] {
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

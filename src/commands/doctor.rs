//! `honeyguide doctor`

use anyhow::bail;
use engine::jobs;

use super::say;
use crate::config::{self, Config};
use crate::server;

/// Looks at each part and says whether it is in place.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let mut wrong = 0;
    let mut line = |good: bool, what: &str, says: String| {
        wrong += usize::from(!good);
        say(format!("{} {what}: {says}", if good { "ok  " } else { "FAIL" }));
    };
    let running = match server::engine(&config).await {
        Ok(running) => running,
        Err(error) => {
            line(false, "database", format!("{error:#}"));
            bail!("the database cannot be opened");
        }
    };
    line(true, "database", format!("{} (schema up to date)", running.engine.db().version().await?));
    let key_kept = config.secret_key.is_some() || config.data_folder().join("secret.key").exists();
    line(
        key_kept,
        "secret key",
        config::secret_key(&config, &crate::clock::random())
            .map_or_else(|e| e.to_string(), |_| "in place; keep a copy apart from the backups".to_owned()),
    );
    let local = config.base_url.contains("://localhost") || config.base_url.contains("://127.0.0.1");
    line(
        true,
        "address",
        if local {
            format!("{} (Stripe cannot reach this address)", config.base_url)
        } else {
            config.base_url.clone()
        },
    );
    line(
        local || config.is_https(),
        "https",
        if config.is_https() {
            "yes".to_owned()
        } else if local {
            "not needed on this machine".to_owned()
        } else {
            "BASE_URL must begin with https:// in production".to_owned()
        },
    );
    let (waiting, dead) = jobs::counts(&running.engine).await?;
    line(dead == 0, "jobs", format!("{waiting} waiting, {dead} laid aside"));
    running.stop().await;
    if wrong > 0 {
        bail!("{wrong} checks failed");
    }
    Ok(())
}

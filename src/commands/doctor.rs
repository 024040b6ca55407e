//! `honeyguide doctor`

use anyhow::{Context, bail};
use app::presenters::diagnostics::{check_text, test_sale_text};
use clap::Args;
use domain::diagnostics::CheckVerdict;
use domain::ids::ProgramId;
use engine::Engine;
use engine::diagnostics::{checks, test_sale};
use engine::identity::sessions;
use engine::jobs;
use store::db::LARGEST_IDLE_LOG;

use super::say;
use crate::config::{self, Config};
use crate::server;

/// Bytes that the write-ahead log does not reach unless something keeps it from being
/// checkpointed: some times what the writer checkpoints at.
const LONGEST_LOG: u64 = 256 * 1024 * 1024;

#[derive(Args)]
pub struct Options {
    /// Check a program's way from script to ledger too, and make a test sale
    #[arg(long)]
    program: Option<ProgramId>,
}

/// Checks each part and prints whether it is in place.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
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
    if let Some(bytes) = running.engine.db().log_bytes().await? {
        let (is_short, text) = log_text(bytes);
        line(is_short, "write-ahead log", text);
    }
    let key_kept = config.secret_key.is_some() || config.data_folder().join("secret.key").exists();
    line(
        key_kept,
        "secret key",
        config::secret_key(&config, &crate::clock::random())
            .map_or_else(|e| e.to_string(), |_| "in place; keep a copy separate from the backups".to_owned()),
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
            "BASE_URL must start with https:// in production".to_owned()
        },
    );
    line(
        true,
        "visitors",
        if config.trust_forwarded_for {
            "told apart by X-Forwarded-For, which your proxy must set".to_owned()
        } else {
            "told apart by their connection. Behind a proxy all visitors share one limit for /t/click and \
             /t/lead: set TRUSTED_PROXY there"
                .to_owned()
        },
    );
    let callback = format!("{}{}", config.base_url, app::routes::STRIPE_CALLBACK);
    line(
        true,
        "sign in with Stripe",
        match (&config.stripe.live, &config.stripe.test) {
            (None, None) => format!("not set up; register {callback} at Stripe (docs/stripe-platform.md)"),
            _ => format!("set up; {callback} must be registered at Stripe"),
        },
    );
    let jobs::Counts { waiting, dead } = jobs::counts(&running.engine).await?;
    line(dead == 0, "jobs", format!("{waiting} waiting, {dead} dead-lettered"));
    if let Some(program) = &options.program {
        wrong += integration(&running.engine, program).await?;
    }
    running.stop().await;
    if wrong > 0 {
        bail!("{wrong} checks failed");
    }
    Ok(())
}

/// Whether SQLite's write-ahead log has a length that it has under load too, and a text that says so.
fn log_text(bytes: u64) -> (bool, String) {
    const MIB: u64 = 1024 * 1024;
    let (size, idle) = (bytes.div_ceil(MIB), LARGEST_IDLE_LOG / MIB);
    if bytes <= LONGEST_LOG {
        (true, format!("{size} MiB; it shrinks to {idle} MiB after a flood"))
    } else {
        (
            false,
            format!(
                "{size} MiB. A program that keeps the database open for reading stops it from shrinking: end \
                 it, such as a sqlite3 shell or a backup tool"
            ),
        )
    }
}

/// Prints the integration check and a test sale of a program. Returns how many lines are
/// wrong; one that is not known yet is not.
async fn integration(engine: &Engine, program: &ProgramId) -> anyhow::Result<usize> {
    let actor = sessions::operator(engine, program).await?.context("this program does not exist")?;
    let mut wrong = 0;
    for check in checks::integration(engine, &actor, program).await? {
        let mark = match check.verdict {
            CheckVerdict::Good => "ok  ",
            CheckVerdict::Waiting => "wait",
            CheckVerdict::Bad => "FAIL",
        };
        wrong += usize::from(check.verdict == CheckVerdict::Bad);
        let text = check_text(&check);
        say(format!("{mark} {}: {}", text.title, text.finding));
        if let Some(remedy) = text.remedy {
            say(format!("     {remedy}"));
        }
    }
    for step in test_sale::run(engine, &actor, program).await? {
        wrong += usize::from(!step.has_passed());
        let mark = if step.has_passed() { "ok  " } else { "FAIL" };
        let text = test_sale_text(&step);
        say(format!("{mark} test sale, {}: {}", text.title.to_lowercase(), text.finding));
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_log_that_cannot_shrink_is_wrong() {
        assert_eq!(log_text(0), (true, "0 MiB; it shrinks to 16 MiB after a flood".to_owned()));
        assert!(log_text(64 * 1024 * 1024).0);
        let (is_short, text) = log_text(LONGEST_LOG + 1);
        assert!(!is_short && text.starts_with("257 MiB. A program"), "{text}");
    }
}

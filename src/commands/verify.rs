//! `honeyguide verify`

use anyhow::bail;
use engine::ledger::verify;

use super::say;
use crate::config::Config;
use crate::server;

/// Recomputes the sums and hashes of the ledger; fails when anything differs.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let running = server::engine(&config).await?;
    let report = verify::ledger(&running.engine).await?;
    say(format!("Checked {} entries of {} affiliates.", report.entries, report.affiliates));
    for problem in &report.problems {
        say(format!("  {problem}"));
    }
    running.stop().await;
    if !report.problems.is_empty() {
        bail!("{} problems found", report.problems.len());
    }
    say("All sums and hashes match.");
    Ok(())
}

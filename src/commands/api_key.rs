//! `honeyguide api-key`

use clap::Subcommand;
use domain::ids::ProgramId;
use engine::identity::api_keys;

use super::say;
use crate::config::Config;
use crate::server;

#[derive(Subcommand)]
pub enum Command {
    /// Create a key and print it; it is shown once
    Create {
        /// The account that the key acts for
        #[arg(long)]
        email: String,
        /// Limit the key to one program
        #[arg(long)]
        program: Option<String>,
    },
}

/// Creates a key.
pub async fn run(config: Config, command: Command) -> anyhow::Result<()> {
    let Command::Create { email, program } = command;
    let program = program.map(|id| id.parse::<ProgramId>()).transpose()?;
    let running = server::engine(&config).await?;
    let key = api_keys::create_for(&running.engine, &email, program.as_ref()).await;
    let key = key.map_err(|error| match error {
        engine::Error::NotFound => anyhow::anyhow!("unknown account or program"),
        error => anyhow::anyhow!(error.to_string()),
    })?;
    say(key);
    running.stop().await;
    Ok(())
}

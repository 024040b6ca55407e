//! The command line.

mod account;
mod api_key;
mod backup;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod receipt;
#[cfg(feature = "demo")]
mod sandbox;
mod serve;
mod verify;

use clap::{Parser, Subcommand};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

use crate::config::Config;

/// Libraries that warn of ordinary events, such as a session that was ended in another
/// browser; `LOG` can override this.
const QUIET: &str = "tower_sessions_core=error,tower_sessions=error,sqlx=error";

/// A self-hosted affiliate-program platform.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Configuration is read from the environment; README.md lists the variables."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default)
    Serve,
    /// Run a sample program with a sandbox Stripe, on its own database
    #[cfg(feature = "demo")]
    Demo(demo::Options),
    /// Bring the database up to date and stop
    Migrate,
    /// Accounts of people
    Account {
        #[command(subcommand)]
        command: account::Command,
    },
    /// Keys of the REST API
    ApiKey {
        #[command(subcommand)]
        command: api_key::Command,
    },
    /// Run the sandbox Stripe alone
    #[cfg(feature = "demo")]
    StripeSandbox(sandbox::Options),
    /// Check the installation
    Doctor(doctor::Options),
    /// Recompute the sums and hashes of the ledger, or check a receipt
    Verify {
        /// Check this receipt instead
        #[arg(long, value_name = "FILE")]
        receipt: Option<std::path::PathBuf>,
        /// Check it with this public key instead of those in the database
        #[arg(long, requires = "receipt", value_name = "BASE64")]
        key: Option<String>,
    },
    /// Write a copy of a SQLite database to a new file
    Backup {
        /// The file to write
        to: std::path::PathBuf,
    },
    /// Copy a backup to the place of the database, which must not exist, and check it
    Restore {
        /// The file to read
        from: std::path::PathBuf,
    },
}

/// Runs the command of a command line. Here and not in `main`, so that the binary's crate has
/// no code of its own to compile.
pub fn run(arguments: Arguments, runtime: &Runtime) -> anyhow::Result<()> {
    runtime.block_on(run_command(arguments))
}

async fn run_command(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(format!("{QUIET},{}", config.log))?)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(config).await,
        #[cfg(feature = "demo")]
        Command::Demo(options) => demo::run(config, options).await,
        Command::Migrate => {
            crate::server::open(&config).await?.close().await;
            say("The database is up to date.");
            Ok(())
        }
        Command::Account { command } => account::run(config, command).await,
        Command::ApiKey { command } => api_key::run(config, command).await,
        #[cfg(feature = "demo")]
        Command::StripeSandbox(options) => sandbox::run(options).await,
        Command::Doctor(options) => doctor::run(config, options).await,
        Command::Verify { receipt: Some(file), key } => receipt::run(config, &file, key.as_deref()).await,
        Command::Verify { receipt: None, .. } => verify::run(config).await,
        Command::Backup { to } => backup::backup(config, &to).await,
        Command::Restore { from } => backup::restore(config, &from).await,
    }
}

/// Prints a line for the person at the terminal; the log goes to standard error.
#[expect(clippy::print_stdout, reason = "commands print to the terminal")]
pub(crate) fn say(line: impl std::fmt::Display) {
    println!("{line}");
}

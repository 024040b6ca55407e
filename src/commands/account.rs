//! `honeyguide account`

use clap::Subcommand;
use domain::emails::Email;
use engine::identity::two_step;

use super::say;
use crate::config::Config;
use crate::server;

#[derive(Subcommand)]
pub enum Command {
    /// Turn two-step sign-in off for somebody who lost their phone and recovery codes
    TwoStepOff {
        /// The address that they sign in with
        #[arg(long)]
        email: Email,
    },
}

/// Changes an account.
pub async fn run(config: Config, command: Command) -> anyhow::Result<()> {
    let Command::TwoStepOff { email } = command;
    let running = server::engine(&config).await?;
    let was_on = two_step::reset(&running.engine, &email).await;
    running.stop().await;
    match was_on {
        Ok(true) => say(format!("Two-step sign-in is off for {email}. They are signed out, and get a mail.")),
        Ok(false) => say(format!("Two-step sign-in was off for {email}.")),
        Err(engine::Error::NotFound) => anyhow::bail!("There is no account with the address {email}."),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

//! `honeyguide serve`

use anyhow::Context;
use app::Site;
use engine::identity::accounts::{self, SetupInput};
use tokio::net::TcpListener;

use super::say;
use crate::config::Config;
use crate::server;

/// Runs the server on the configured database.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let running = server::engine(&config).await?;
    first_owner(&config, &running.engine).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    say(format!("Honeyguide runs at {}", config.base_url));
    let site = Site { sandbox: None, base_url: config.base_url.clone() };
    running.serve(listener, &config, site).await
}

/// Creates the first owner from the environment, or prints a link for it that works once.
async fn first_owner(config: &Config, engine: &engine::Engine) -> anyhow::Result<()> {
    if let Some((email, password)) = &config.admin {
        let input = SetupInput {
            name: email.split('@').next().unwrap_or("Owner").to_owned(),
            email: email.clone(),
            password: password.clone(),
            company: "My company".to_owned(),
        };
        accounts::add_owner(engine, &input).await.map_err(|error| match error {
            engine::Error::Invalid(problems) => {
                let lines: Vec<String> = problems
                    .0
                    .iter()
                    .map(|p| format!("ADMIN_{}: {}", p.field.to_uppercase(), p.message))
                    .collect();
                anyhow::anyhow!(lines.join("\n"))
            }
            error => anyhow::anyhow!(error.to_string()),
        })?;
    } else if !accounts::is_set_up(engine).await? {
        say("No account yet. Set up the first one here (works once, for 30 minutes):");
        say(accounts::setup_link(engine).await?);
    }
    Ok(())
}

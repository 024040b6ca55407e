//! `honeyguide serve`

use anyhow::Context;
use app::Site;
use domain::fields::{Name, Problem, Problems};
use engine::identity::accounts::{self, OwnerDraft};
use engine::identity::passwords;
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

/// The owner that the environment describes; the name is the beginning of the address.
fn owner(email: &str, password: &str) -> Result<OwnerDraft, Problems> {
    let mut problems = Problems::new();
    let name = email.split('@').next().and_then(|name| name.parse().ok());
    let address = problems.keep("email", email.parse());
    passwords::check(password, &[email], &mut problems);
    let (Some(email), Some(company)) = (address, "My company".parse::<Name>().ok()) else {
        return Err(problems);
    };
    let name = name.unwrap_or_else(|| company.clone());
    problems.or(OwnerDraft { name, email, password: password.to_owned(), company })
}

/// Problems of the environment, a line each.
fn refused(problems: Problems) -> anyhow::Error {
    let line = |p: Problem| format!("ADMIN_{}: {}", p.field.to_uppercase(), p.message);
    anyhow::anyhow!(problems.0.into_iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// The first owner: from the environment, or by a link that works once.
async fn first_owner(config: &Config, engine: &engine::Engine) -> anyhow::Result<()> {
    if let Some((email, password)) = &config.admin {
        let draft = owner(email, password).map_err(refused)?;
        accounts::add_owner(engine, &draft).await.map_err(|error| match error {
            engine::Error::Invalid(problems) => refused(problems),
            error => anyhow::anyhow!(error.to_string()),
        })?;
    } else if !accounts::is_set_up(engine).await? {
        say("No account yet. Set up the first one here (works once, for 30 minutes):");
        say(accounts::setup_link(engine).await?);
    }
    Ok(())
}

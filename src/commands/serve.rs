//! `honeyguide serve`

use anyhow::Context;
use app::Site;
use domain::fields::{Name, Problem, Problems};
use engine::identity::accounts::{self, OwnerDraft};
use tokio::net::TcpListener;

use super::say;
use crate::config::{Admin, Config};
use crate::server;

/// Runs the server on the configured database.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let _only = server::only_server(&config)?;
    let running = server::engine(&config).await?;
    first_owner(&config, &running.engine).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    say(format!("Honeyguide runs at {}", config.base_url));
    let site = Site { sandbox: None, base_url: config.base_url.clone() };
    running.serve(listener, &config, site).await
}

/// The owner that the environment describes.
fn owner(admin: &Admin) -> anyhow::Result<OwnerDraft> {
    let (local, host) = admin.email.split_once('@').unwrap_or((&admin.email, "My company"));
    let (name, company) = (admin.name.as_deref().unwrap_or(local), admin.company.as_deref().unwrap_or(host));
    let mut problems = Problems::new();
    let email = problems.keep("ADMIN_EMAIL", admin.email.parse());
    let name = problems.keep("ADMIN_NAME", Name::parse(name, "a name"));
    let company = problems.keep("COMPANY_NAME", Name::parse(company, "a name"));
    match (name, email, company) {
        (Some(name), Some(email), Some(company)) if problems.is_empty() => {
            Ok(OwnerDraft { name, email, password: admin.password.clone(), company })
        }
        _ => Err(invalid(problems)),
    }
}

/// Problems of the environment, a line each.
fn invalid(problems: Problems) -> anyhow::Error {
    let line = |problem: Problem| {
        let variable = match problem.field.as_str() {
            "password" => "ADMIN_PASSWORD",
            "email" => "ADMIN_EMAIL",
            name => name,
        };
        format!("{variable}: {}", problem.message)
    };
    anyhow::anyhow!(problems.0.into_iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Creates the first owner from the environment, or prints a link for it that works once.
async fn first_owner(config: &Config, engine: &engine::Engine) -> anyhow::Result<()> {
    if let Some(admin) = &config.admin {
        accounts::add_owner(engine, &owner(admin)?).await.map_err(|error| match error {
            engine::Error::Invalid(problems) => invalid(problems),
            error => anyhow::anyhow!(error.to_string()),
        })?;
    } else if !accounts::is_set_up(engine).await? {
        say("No account yet. Create the first one here (the link works once, for 30 minutes):");
        say(accounts::setup_link(engine).await?);
    }
    Ok(())
}

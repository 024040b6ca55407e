//! `honeyguide demo`

use std::net::SocketAddr;

use anyhow::Context;
use app::{Sandbox, Site};
use clap::Args;
use sandbox::{RetryPolicy, Settings, Tracking, router};
use tokio::net::TcpListener;

use super::say;
use crate::config::Config;
use crate::demo::{self, SIGN_INS};
use crate::server;

#[derive(Args)]
pub struct Options {
    /// Throw the demo's database away and make it anew
    #[arg(long)]
    reset: bool,
    /// Where the sandbox Stripe and the sample shop listen
    #[arg(long, default_value = "127.0.0.1:3001")]
    sandbox_listen: SocketAddr,
}

/// The demo's own database, beside the real one.
const DATABASE: &str = "data/demo.db";

/// Runs a sample program beside a sandbox Stripe.
pub async fn run(mut config: Config, options: Options) -> anyhow::Result<()> {
    config.database_url = format!("sqlite:{DATABASE}");
    if options.reset {
        for file in [DATABASE.to_owned(), format!("{DATABASE}-wal"), format!("{DATABASE}-shm")] {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {file}"));
                }
                _ => {}
            }
        }
    }
    // Both addresses are taken before anything is made, so that a second demo stops at once.
    let listener = listen(config.listen).await?;
    let sandbox_listener = listen(options.sandbox_listen).await?;
    let sandbox_url = format!("http://{}", options.sandbox_listen);
    let shop_url = format!("{sandbox_url}/shop");

    let time = demo::Time::new();
    let running = server::engine_with(&config, time.clock(), crate::clock::random()).await?;
    say("Preparing 90 days of clicks and sales …");
    let world = demo::prepare(&running.engine, &time, &shop_url).await?;

    let app = router(
        world.stripe.clone(),
        Settings {
            base_url: sandbox_url.clone(),
            shop: Some(world.shop),
            tracking: Some(Tracking {
                honeyguide_url: config.base_url.clone(),
                program: world.program.to_string(),
            }),
        },
    );
    tokio::spawn(world.stripe.run_deliveries(RetryPolicy::default()));
    let sandbox_server = tokio::spawn(async move { axum::serve(sandbox_listener, app).await });

    say("");
    say(format!("Honeyguide        {}", config.base_url));
    for (who, email, password) in SIGN_INS {
        say(format!("  {who:<15} {email}  {password}"));
    }
    say(format!("Affiliate's link  {}/r/{}", config.base_url, demo::FIRST_CODE));
    say(format!("Sandbox Stripe    {sandbox_url}"));
    say(format!("Sample shop       {shop_url}"));
    say("");
    say("Open the affiliate's link, buy with card 4242 4242 4242 4242, and watch Conversions.");

    let sandbox = Sandbox { dashboard_url: sandbox_url, shop_url };
    let site = Site { sandbox: Some(sandbox), base_url: config.base_url.clone() };
    running.serve(listener, &config, site).await?;
    sandbox_server.abort();
    Ok(())
}

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; is a demo running already?"))
}

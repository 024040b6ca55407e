//! `honeyguide demo`

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context, bail};
use app::Sandbox;
use app::SignInHint;
use app::Site;
use clap::{Args, ValueEnum};
use domain::connections::OAuthScope;
use sandbox::{PlatformKeys, RetryPolicy, Settings, Tracking, router};
use tokio::net::TcpListener;

use super::say;
use crate::config::{self, Config};
use crate::demo::{self, SIGN_INS};
use crate::server;

#[derive(Args)]
pub struct Options {
    /// Delete the demo's database and make it again
    #[arg(long)]
    reset: bool,
    /// Where the sandbox Stripe and the sample shop listen [default: the first free port from
    /// 127.0.0.1:3001 on]. Honeyguide itself listens at LISTEN
    #[arg(long)]
    sandbox_listen: Option<SocketAddr>,
    /// How much there is in it
    #[arg(long, value_enum, default_value = "sample")]
    size: DemoSize,
}

/// How large a demo is.
#[derive(Clone, Copy, ValueEnum)]
enum DemoSize {
    /// Two programs with 90 days of history, and a sandbox Stripe
    Sample,
    /// 10 million clicks, 1 million conversions, 5,000 affiliates and 1,000 other programs, to
    /// measure with; without a sandbox
    Large,
}

/// Where the sandbox listens unless told otherwise.
const SANDBOX_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3001);
/// Ports that are tried, one after the other, where none was asked for.
const MOST_PORTS: u16 = 20;

/// The demo's own database, beside the real one.
const DATABASE: &str = "data/demo.db";

/// The demo's database cannot be used by this version.
#[derive(Debug, thiserror::Error)]
#[error(
    "The demo database {DATABASE} was made by another version of Honeyguide. \
     Run `cargo run -- demo --reset` to recreate it."
)]
struct OldDemo;

/// Runs a sample program beside a sandbox Stripe.
pub async fn run(mut config: Config, options: Options) -> anyhow::Result<()> {
    config.database_url = format!("sqlite:{DATABASE}");
    if options.reset {
        for file in [DATABASE.to_owned(), format!("{DATABASE}-wal"), format!("{DATABASE}-shm")] {
            match std::fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot remove {file}"));
                }
                _ => {}
            }
        }
    }
    if matches!(options.size, DemoSize::Large) {
        return run_large(config).await;
    }
    // Both addresses are bound first, so that a port in use is known at once.
    let listener = listen(config.listen_is_set.then_some(config.listen), config.listen, "LISTEN").await?;
    let sandbox_listener = listen(options.sandbox_listen, SANDBOX_LISTEN, "--sandbox-listen").await?;
    if !config.base_url_is_set {
        config.base_url = config::local_url(listener.local_addr()?.port());
    }
    let sandbox_url = format!("http://{}", sandbox_listener.local_addr()?);
    let shop_url = format!("{sandbox_url}/shop");

    let time = demo::Time::new();
    let sandbox = demo::SandboxStripe::new(&time, &config.base_url)?;
    config.stripe = stripe(&sandbox_url, &sandbox.keys);
    let settings =
        Settings { base_url: sandbox_url.clone(), shop: Some(sandbox.shop.clone()), tracking: None };
    let app = router(sandbox.stripe.clone(), settings);
    let sandbox_server = tokio::spawn(async move { axum::serve(sandbox_listener, app).await });

    let _only = server::only_server(&config)?;
    let running = server::engine_with(&config, time.clock(), crate::clock::random())
        .await
        .map_err(|error| if error.is::<server::OtherVersion>() { OldDemo.into() } else { error })?;
    say("Preparing 90 days of clicks and sales …");
    let program = demo::prepare(&running.engine, &time, &sandbox, &shop_url).await?;
    let honeyguide_url = config.base_url.clone();
    sandbox.stripe.track_shop(Tracking { honeyguide_url, program: program.to_string() });
    tokio::spawn(sandbox.stripe.run_deliveries(RetryPolicy::default()));

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

    let sign_ins = SIGN_INS.map(|(who, email, password)| SignInHint {
        who: who.to_owned(),
        email: email.to_owned(),
        password: password.to_owned(),
    });
    let sandbox = Sandbox { dashboard_url: sandbox_url, shop_url, sign_ins: sign_ins.into() };
    let site = Site { sandbox: Some(sandbox), base_url: config.base_url.clone() };
    running.serve(listener, &config, site).await?;
    sandbox_server.abort();
    Ok(())
}

/// Runs a large installation, which is filled first where it is new.
async fn run_large(mut config: Config) -> anyhow::Result<()> {
    let listener = listen(config.listen_is_set.then_some(config.listen), config.listen, "LISTEN").await?;
    if !config.base_url_is_set {
        config.base_url = config::local_url(listener.local_addr()?.port());
    }
    let _only = server::only_server(&config)?;
    let running = server::engine(&config).await?;
    if !engine::identity::accounts::is_set_up(&running.engine).await? {
        say("Writing 10 million clicks and 1 million conversions …");
        demo::large::fill(&running.engine, demo::large::Size::LARGE).await?;
    }
    let (who, email, password) = SIGN_INS[0];
    say(format!("Honeyguide        {}", config.base_url));
    say(format!("  {who:<15} {email}  {password}"));
    let site = Site { sandbox: None, base_url: config.base_url.clone() };
    running.serve(listener, &config, site).await
}

/// The sandbox as this Honeyguide's Stripe, whatever the environment says.
fn stripe(sandbox_url: &str, keys: &PlatformKeys) -> config::Stripe {
    let PlatformKeys { secret_key, client_id } = keys.clone();
    config::Stripe {
        live: None,
        test: Some(config::PlatformKeys { secret_key, client_id }),
        scope: Some(OAuthScope::ReadOnly),
        authorize_url: format!("{sandbox_url}/oauth/authorize"),
        token_url: format!("{sandbox_url}/oauth/token"),
        deauthorize_url: Some(format!("{sandbox_url}/oauth/deauthorize")),
        api_base: sandbox_url.to_owned(),
    }
}

/// Listens where it was asked to, or else at the first free port from `default` on.
async fn listen(asked: Option<SocketAddr>, default: SocketAddr, option: &str) -> anyhow::Result<TcpListener> {
    if let Some(address) = asked {
        let hint = || format!("cannot listen on {address}; choose another address with {option}");
        return TcpListener::bind(address).await.with_context(hint);
    }
    let ports = default.port()..default.port().saturating_add(MOST_PORTS);
    for port in ports {
        match TcpListener::bind((default.ip(), port)).await {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            bound => return bound.with_context(|| format!("cannot listen on {}:{port}", default.ip())),
        }
    }
    bail!("no free port from {default} on; choose an address with {option}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_next_free_port_is_taken_unless_one_was_asked_for() {
        let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = taken.local_addr().unwrap();
        let next = listen(None, address, "LISTEN").await.unwrap().local_addr().unwrap();
        assert!(next.port() > address.port());
        let error = listen(Some(address), address, "LISTEN").await.unwrap_err();
        assert!(format!("{error:#}").contains("choose another address with LISTEN"), "{error:#}");
    }
}

//! `honeyguide stripe-sandbox`

use std::net::SocketAddr;

use clap::Args;
use sandbox::{RetryPolicy, Settings, Shop, Stripe, router};
use tokio::net::TcpListener;

use super::say;
use crate::clock;

#[derive(Args)]
pub struct Options {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:3001")]
    listen: SocketAddr,
}

/// Runs the stand-in alone, with an empty account.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let stripe = Stripe::new(clock::system(), clock::random());
    let shop = Shop::stock(&stripe).map_err(|refusal| anyhow::anyhow!("{refusal:?}"))?;
    let base_url = format!("http://{}", options.listen);
    let app =
        router(stripe.clone(), Settings { base_url: base_url.clone(), shop: Some(shop), tracking: None });
    let listener = TcpListener::bind(options.listen).await?;
    say(format!("The sandbox Stripe runs at {base_url}; its API takes any key that begins with sk_test_."));
    tokio::spawn(stripe.run_deliveries(RetryPolicy::default()));
    axum::serve(listener, app).await?;
    Ok(())
}

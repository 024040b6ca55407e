//! `honeyguide stripe-sandbox`

use std::net::SocketAddr;

use clap::Args;
use sandbox::{PlatformKeys, RetryPolicy, Settings, Shop, Stripe, router};
use tokio::net::TcpListener;

use super::say;
use crate::clock;
use crate::demo::platform;

#[derive(Args)]
pub struct Options {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1:3001")]
    listen: SocketAddr,
    /// The address of a Honeyguide that connects accounts by OAuth; prints its settings
    #[arg(long, value_name = "BASE_URL")]
    connect: Option<String>,
}

/// The settings with which a Honeyguide uses the sandbox as its Stripe.
pub fn settings(base_url: &str, keys: &PlatformKeys) -> [(&'static str, String); 6] {
    [
        ("STRIPE_TEST_SECRET_KEY", keys.secret_key.clone()),
        ("STRIPE_TEST_CLIENT_ID", keys.client_id.clone()),
        ("STRIPE_AUTHORIZE_URL", format!("{base_url}/oauth/authorize")),
        ("STRIPE_TOKEN_URL", format!("{base_url}/oauth/token")),
        ("STRIPE_DEAUTHORIZE_URL", format!("{base_url}/oauth/deauthorize")),
        ("STRIPE_API_BASE", base_url.to_owned()),
    ]
}

/// Runs the sandbox alone: with one empty account, or with two and a platform that they
/// can be connected to.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let stripe = Stripe::new(clock::system(), clock::random());
    let shop = Shop::stock(&stripe).map_err(|error| anyhow::anyhow!("{error:?}"))?;
    let base_url = format!("http://{}", options.listen);
    let app =
        router(stripe.clone(), Settings { base_url: base_url.clone(), shop: Some(shop), tracking: None });
    let listener = TcpListener::bind(options.listen).await?;
    match options.connect {
        None => say(format!(
            "The sandbox Stripe runs at {base_url}. Its API accepts any key that starts with sk_test_."
        )),
        Some(honeyguide) => {
            stripe.new_account("Lumen Studio");
            let (_, keys) = platform(&stripe, &honeyguide);
            for (name, value) in settings(&base_url, &keys) {
                say(format!("{name}={value}"));
            }
            say(format!("The sandbox Stripe runs at {base_url}."));
            say(format!(
                "Secret key of {} for your own server: {}",
                stripe.name(),
                stripe.create_secret_key()
            ));
        }
    }
    tokio::spawn(stripe.run_deliveries(RetryPolicy::default()));
    axum::serve(listener, app).await?;
    Ok(())
}

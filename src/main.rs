//! `honeyguide`: one binary with everything in it.

use clap::Parser;
use honeyguide::commands::{self, Arguments};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a second TLS provider is installed"))?;
    tokio::runtime::Runtime::new()?.block_on(commands::run(arguments))
}

//! `honeyguide`: one binary with everything in it.

use std::time::Duration;

use clap::Parser;
use honeyguide::commands::{self, Arguments};
use honeyguide::process;

/// The system's allocator took a sixth of a redirect's time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long work that cannot be interrupted, such as a look-up of a name, delays the end.
const LAST_GRACE: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    process::keep_files_private();
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a second TLS provider is installed"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let done = commands::run(arguments, &runtime);
    runtime.shutdown_timeout(LAST_GRACE);
    done
}

//! Faults of the disk and the database, injected into the real binary while visitors click
//! and Stripe delivers. Visitors are redirected all the time, Stripe is told to send again,
//! `/readyz` says so, and afterwards everything works without a restart.
//!
//! They need root, strace and mount namespaces; where the machine has none, they fail and say
//! what is missing.

mod disk;
mod inject;
mod postgres;
mod traffic;

use std::time::Duration;

use crate::server::{Program, Server};
use traffic::Traffic;

/// `/readyz` turns red within this time, and green after the fault.
const SEEN_WITHIN: Duration = Duration::from_secs(5);

/// Whether the tests run on SQLite.
fn is_sqlite(server: &Server) -> bool {
    server.sqlite_file().is_some()
}

/// Clicks and deliveries go on while something fails and recovers; `begin` returns what
/// ends the fault.
async fn survives<F>(mut server: Server, begin: impl AsyncFnOnce(&Server) -> F, end: impl AsyncFnOnce(F)) {
    let api = server.api().await;
    let program: Program = api.program("Lumen", crate::crash::SECRET).await;
    let traffic = Traffic::start(&server, program).await;
    traffic.is_served(Duration::from_secs(20)).await;

    let fault = begin(&server).await;
    traffic.is_refused(Duration::from_secs(60)).await;
    traffic.is_ready(false, SEEN_WITHIN).await;
    end(fault).await;
    traffic.is_ready(true, SEEN_WITHIN).await;
    traffic.is_served(Duration::from_secs(20)).await;
    assert!(server.is_alive(), "it did not end");
    traffic.check(&server, &api).await;
}

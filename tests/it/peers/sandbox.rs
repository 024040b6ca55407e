//! The stand-in for Stripe, used by Stripe's own clients: products, checkouts, refunds,
//! endpoints, events; and its deliveries, checked by them.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use super::programs::{MAJORS, node, python};
use crate::server::{browser, free_address, until, within};

/// `honeyguide stripe-sandbox`.
async fn sandbox() -> (Child, String) {
    let address = free_address();
    let mut command = Command::new(env!("CARGO_BIN_EXE_honeyguide"));
    command.args(["stripe-sandbox", "--listen", &address]).env_clear().kill_on_drop(true);
    let running = command.stdout(Stdio::null()).spawn().expect("the binary runs");
    let (http, url) = (browser(), format!("http://{address}"));
    until("the sandbox answers", Duration::from_secs(30), async || http.get(&url).send().await.ok()).await;
    (running, url)
}

async fn run(mut client: Command, url: &str) -> String {
    let output = within("the client", Duration::from_secs(60), client.arg(url).output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test]
async fn every_major_of_npm_stripe_uses_the_sandbox_and_verifies_its_deliveries() {
    let (_running, url) = sandbox().await;
    let said = run(node("peers/client.mjs"), &url).await;
    let clients: Vec<_> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(clients, MAJORS);
}

#[tokio::test]
async fn pypi_stripe_uses_the_sandbox_and_verifies_its_deliveries() {
    let (_running, url) = sandbox().await;
    assert_eq!(run(python("peers/client.py"), &url).await.trim(), "stripe 16.1.0 2026-10-28.endive");
}

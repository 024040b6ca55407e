//! The stand-in for Stripe, used by Stripe's own clients: products, checkouts, refunds,
//! endpoints, events; and its deliveries, checked by them.

use std::process::Stdio;
use std::time::Duration;

use honeyguide::clock;
use sandbox::{Level, Permission, Platform, Settings, Stripe, router};
use tokio::net::TcpListener;
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

/// A stand-in of this process with a merchant, a platform, and a restricted key; as the
/// arguments of the programs that use them.
async fn platform() -> [String; 5] {
    let merchant = Stripe::new(clock::system(), clock::random());
    let keys = merchant.new_account("Honeyguide Cloud").become_platform(Platform::default());
    let restricted = merchant.create_restricted_key(&[(Permission::Events, Level::Read)]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { base_url: url.clone(), shop: None, tracking: None };
    let app = router(merchant.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, app).await });
    [url, keys.client_id, keys.secret_key, merchant.account_id(), restricted]
}

async fn run(client: Command, url: &str) -> String {
    run_with(client, &[url.to_owned()]).await
}

async fn run_with(mut client: Command, arguments: &[String]) -> String {
    let output =
        within("the client", Duration::from_secs(60), client.args(arguments).output()).await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

#[tokio::test]
async fn every_major_of_npm_stripe_uses_the_sandbox_and_verifies_its_deliveries() {
    let (_running, url) = sandbox().await;
    let said = run(node("sdk-compat/client.mjs"), &url).await;
    let clients: Vec<_> = said.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(clients, MAJORS);
}

#[tokio::test]
async fn pypi_stripe_uses_the_sandbox_and_verifies_its_deliveries() {
    let (_running, url) = sandbox().await;
    assert_eq!(run(python("sdk-compat/client.py"), &url).await.trim(), "stripe 16.1.0 2026-10-28.endive");
}

#[tokio::test]
async fn pypi_stripe_is_a_platform_at_the_sandbox() {
    assert_eq!(run_with(python("sdk-compat/connect.py"), &platform().await).await.trim(), "stripe 16.1.0");
}

#[tokio::test]
async fn npm_stripe_is_a_platform_at_the_sandbox() {
    let said = run_with(node("sdk-compat/connect.mjs"), &platform().await[..4]).await;
    assert_eq!(said.lines().collect::<Vec<_>>(), ["stripe-v22", "stripe-v23"]);
}

#[tokio::test]
async fn stripes_command_line_uses_the_sandbox() {
    let (_running, url) = sandbox().await;
    assert_eq!(run(node("sdk-compat/cli.mjs"), &url).await.trim(), "stripe cli");
}

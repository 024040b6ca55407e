//! `stripe trigger` of Stripe's command-line client, against the sandbox: what it makes happen
//! there is read like everything else.

use std::process::Stdio;
use std::time::Duration;

use sandbox::ApiVersion;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::harness::World;
use crate::server::within;

const CLI: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/end2end/node_modules/@stripe/cli-linux-x64/bin/stripe");

/// What can be triggered of what Honeyguide reads, and what is triggered most.
const TRIGGERS: [&str; 26] = [
    "charge.captured",
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.refund.updated",
    "charge.refunded",
    "charge.succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "coupon.deleted",
    "customer.created",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.marked_uncollectible",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.voided",
    "payment_intent.succeeded",
    "promotion_code.updated",
];

#[tokio::test]
async fn every_trigger_causes_its_event_and_the_books_stay_right() {
    let mut world = World::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let settings = sandbox::Settings { base_url: url.clone(), shop: None, tracking: None };
    let router = sandbox::router(world.stripe.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let home = tempfile::tempdir().unwrap();
    let mut failed = Vec::new();
    for event in TRIGGERS {
        let before = world.stripe.events_after(0).last().map_or(0, sandbox::Event::sequence);
        let mut command = Command::new(CLI);
        command.args(["trigger", event, "--api-key", "sk_test_1234567890", "--api-base", &url]);
        command.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path());
        command.env("STRIPE_CLI_TELEMETRY_OPTOUT", "1").stdin(Stdio::null()).kill_on_drop(true);
        let output = within("a trigger", Duration::from_secs(60), command.output()).await.unwrap();
        let followed = world.stripe.events_after(before);
        if !output.status.success() || !followed.iter().any(|it| it.kind() == event) {
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            failed.push(format!("{event}: {said}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    world.deliver(ApiVersion::NEWEST).await;
    let ledger = world.ledger().await;
    assert!(ledger.len() > 10 && ledger.iter().all(|line| line.starts_with("no commission")), "{ledger:#?}");
    world.check_books().await;
}

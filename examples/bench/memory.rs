//! The memory of the server: under minutes of load, and after thousands of sign-ins.

use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::task::JoinSet;

use super::load::{self, Requests};
use super::server::{self, Process};

/// Concurrent connections of each kind of load.
const CONNECTIONS: usize = 16;
/// Browsers that sign in, each with its own session.
const SIGN_INS: u64 = 2_000;
/// Megabytes that the sign-ins may leave behind.
const MOST_AFTER_SIGN_INS: u64 = 20;
/// Sign-ins at once: a password takes a core for some time.
const AT_ONCE: u64 = 8;

/// Prints the memory at the beginning and after each minute of load, then around the sign-ins.
pub async fn run(minutes: u64) -> anyhow::Result<()> {
    let server = Process::honeyguide().await?;
    println!("{:<24} {:>14} {:>10}", "", "anonymous MB", "RSS MB");
    let print = |when: &str| -> anyhow::Result<u64> {
        let (anonymous, resident) = (server.memory_mb()?, server.resident_mb()?);
        println!("{when:<24} {anonymous:>14} {resident:>10}");
        Ok(anonymous)
    };
    print("at the beginning")?;
    let links = Requests::get("/r/bench");
    let webhooks = Requests::webhooks(&server.endpoint, &server.secret);
    for minute in 1..=minutes {
        // One second of each run is its warm-up.
        let time = Duration::from_secs(59);
        let (clicks, events) = tokio::join!(
            load::run(&server.address, CONNECTIONS, time, links.clone()),
            load::run(&server.address, CONNECTIONS, time, webhooks.clone())
        );
        let failures = clicks?.failures + events?.failures;
        ensure!(failures == 0, "{failures} unexpected responses");
        print(&format!("after {minute} min of load"))?;
    }
    // The first ones fill caches and the pool of hashers.
    sign_in(&server.address, 0, 2 * AT_ONCE).await?;
    let before = print("after 16 sign-ins")?;
    sign_in(&server.address, 2 * AT_ONCE, SIGN_INS).await?;
    let after = print(&format!("after {SIGN_INS} more"))?;
    let grown = after.saturating_sub(before);
    println!("{SIGN_INS} sign-ins left {grown} MB (less than {MOST_AFTER_SIGN_INS})");
    ensure!(grown < MOST_AFTER_SIGN_INS, "they left {grown} MB");
    server.stop().await?;
    Ok(())
}

/// So many browsers sign in, each from a network of its own.
async fn sign_in(address: &str, from: u64, number: u64) -> anyhow::Result<()> {
    for first in (from..from + number).step_by(usize::try_from(AT_ONCE)?) {
        let mut browsers = JoinSet::new();
        for browser in first..(first + AT_ONCE).min(from + number) {
            let address = address.to_owned();
            browsers.spawn(async move { one(&address, browser).await });
        }
        while let Some(done) = browsers.join_next().await {
            done??;
        }
    }
    Ok(())
}

async fn one(address: &str, browser: u64) -> anyhow::Result<()> {
    let form = format!(
        "email={}&password={}",
        server::OWNER.replace('@', "%40"),
        server::PASSWORD.replace(' ', "+")
    );
    let answer = server::exchange(
        address,
        &format!(
            "POST /do/session/start HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
             Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: 2001:db8:{:x}:{:x}::1\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{form}",
            browser / 60_000,
            browser % 60_000,
            form.len()
        ),
    )
    .await?;
    let head = answer.split("\r\n\r\n").next().context("a head")?.to_ascii_lowercase();
    // A wrong password leads back to the form, without the mark of a session.
    ensure!(head.contains("location: /login?sent=1"), "the sign-in failed: {head}");
    Ok(())
}

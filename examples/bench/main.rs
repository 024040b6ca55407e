//! `script/bench`: how many redirects and webhooks one core serves with everything on
//! disk, compared with an axum handler that does nothing. The other files here are its other
//! commands.
//!
//! The server runs on one core, the load on the other. Rows are counted before and after:
//! what was answered must be stored.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod backlog;
mod bare;
mod disk;
mod events;
mod load;
mod memory;
mod nodes;
mod pages;
mod server;

use std::time::Duration;

use anyhow::{Context, ensure};

/// Concurrent connections.
const CONNECTIONS: usize = 64;

/// One measured run.
struct Line {
    name: &'static str,
    result: load::Measurement,
}

fn number(arguments: &[String], place: usize) -> Option<u64> {
    arguments.get(place)?.parse().ok()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("bare") => return bare::serve().await,
        Some("pages") => return pages::run(&arguments[1..]).await,
        Some("memory") => return memory::run(number(&arguments, 1).unwrap_or(10)).await,
        Some("backlog") => return backlog::run(number(&arguments, 1).unwrap_or(10)).await,
        Some("nodes") => return nodes::run(5, arguments.get(1).cloned()).await,
        Some("events") => {
            return events::run(number(&arguments, 1).unwrap_or(3_000), arguments.get(2).cloned()).await;
        }
        _ => {}
    }
    let seconds = number(&arguments, 0).unwrap_or(10);
    let time = Duration::from_secs(seconds);
    println!("one core for the server, {CONNECTIONS} connections, {seconds} s per run after a warm-up");
    println!("disk: {} µs for one synced write of 4 KiB (median of 200)", disk::sync_time_us()?);

    let bare = server::Process::bare().await?;
    let baseline = load::run(&bare.address, CONNECTIONS, time, load::Requests::get("/bare")).await?;
    bare.stop().await?;

    let server = server::Process::honeyguide().await?;
    let redirects = load::run(&server.address, CONNECTIONS, time, load::Requests::get("/r/bench")).await?;
    let memory = server.memory_mb()?;
    let webhooks = load::run(
        &server.address,
        CONNECTIONS,
        time,
        load::Requests::webhooks(&server.endpoint, &server.secret),
    )
    .await?;
    let peak = server.memory_mb()?;
    let rows = server.stop().await?.context("its database")?;
    let (clicks, events) = (rows.clicks, rows.events);

    let lines = [
        Line { name: "bare axum handler", result: baseline },
        Line { name: "/r/{code}, click on disk", result: redirects },
        Line { name: "/webhooks/stripe/{token}, event on disk", result: webhooks },
    ];
    let baseline = lines[0].result.per_second();
    println!("\n{:<42} {:>10} {:>9} {:>9} {:>7}", "", "req/s", "p50 ms", "p99 ms", "ratio");
    for line in &lines {
        let result = &line.result;
        println!(
            "{:<42} {:>10} {:>9} {:>9} {:>6}%",
            line.name,
            result.per_second(),
            result.percentile_ms(50),
            result.percentile_ms(99),
            result.per_second() * 100 / baseline.max(1)
        );
    }
    println!("\nanswered with a click {}, stored {clicks}", lines[1].result.successes);
    println!("answered with 200     {}, stored {events}", lines[2].result.successes);
    println!("memory (anonymous)    {memory} MB after the clicks, {peak} MB after the events");
    for line in &lines {
        ensure!(line.result.failures == 0, "{}: {} unexpected responses", line.name, line.result.failures);
    }
    ensure!(
        clicks >= lines[1].result.successes,
        "answered but not stored: {}",
        lines[1].result.successes - clicks
    );
    ensure!(
        events >= lines[2].result.successes,
        "answered but not stored: {}",
        lines[2].result.successes - events
    );
    println!("answered but not stored: 0");
    Ok(())
}

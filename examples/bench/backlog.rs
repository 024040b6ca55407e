//! `script/bench backlog`: redirects of one core while stored events wait to be processed, beside
//! redirects of the same core when there is nothing else to do.

use std::time::Duration;

use anyhow::ensure;

use super::CONNECTIONS;
use super::events::Shop;
use super::load::{self, Requests, now};
use super::server::{Installation, Process};

/// Each subscription makes some five events, of which the sandbox's bounded log keeps the newest.
const BUYERS: u64 = 10_000;

pub async fn run(seconds: u64) -> anyhow::Result<()> {
    let time = Duration::from_secs(seconds);
    println!("one core for the server, {CONNECTIONS} connections, {seconds} s per run after a warm-up");
    let alone = Process::honeyguide().await?;
    let quiet = load::run(&alone.address, CONNECTIONS, time, Requests::get("/r/bench")).await?;
    alone.stop().await?;

    let own = Installation::on_sqlite()?;
    let mut stored = 0;
    let endpoint = own
        .prepare(async |engine, endpoint, link| {
            stored = Shop::open(engine, endpoint.to_owned(), link.clone())?.sell(engine, BUYERS).await?;
            Ok(())
        })
        .await?;
    let server = own.serve(&endpoint, Some(0)).await?;
    let busy = load::run(&server.address, CONNECTIONS, time, Requests::get("/r/bench")).await?;
    let waiting = server.metric("jobs{state=\"waiting\"}").await?;
    let began = now();
    while server.metric("jobs{state=\"waiting\"}").await? > 10 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let rest = began.elapsed();
    let late = server.metric("clicks_late_total").await?;
    server.stop().await?;

    for (name, result) in [("alone", &quiet), ("with a backlog", &busy)] {
        let (rate, middle, high) = (result.per_second(), result.percentile_ms(50), result.percentile_ms(99));
        println!("redirects {name:<16} {rate:>8}/s  p50 {middle} ms  p99 {high} ms");
        ensure!(result.failures == 0, "{} unexpected responses", result.failures);
    }
    println!(
        "{} percent of the rate; {late} answered before their click was on disk",
        busy.per_second() * 100 / quiet.per_second().max(1)
    );
    println!(
        "{stored} events waited, {waiting} at the end of the run, the rest took {:.1} s",
        rest.as_secs_f64()
    );
    Ok(())
}

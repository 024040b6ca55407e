//! `script/bench nodes`: one, two and three processes on one PostgreSQL.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::try_join_all;

use super::CONNECTIONS;
use super::events::Shop;
use super::load::{self, Measurement, Requests, now};
use super::server::{Installation, Process};

const MOST_NODES: usize = 3;
const BUYERS: u64 = 2_000;

pub async fn run(seconds: u64, url: Option<String>) -> anyhow::Result<()> {
    let url = url.context("the address of an empty PostgreSQL database")?;
    let time = Duration::from_secs(seconds);
    let heads = ["clicks/s", "webhooks/s", "events/s", "conflicts", "least share"];
    println!("{CONNECTIONS} connections, {seconds} s per run; all processes and the database on all cores");
    println!(
        "{:<8} {:>9} {:>11} {:>9} {:>10} {:>12}",
        "nodes", heads[0], heads[1], heads[2], heads[3], heads[4]
    );
    let own = Installation::on(&url)?;
    let mut shop = None;
    let endpoint = own
        .prepare(async |engine, endpoint, link| {
            shop = Some(Shop::open(engine, endpoint.to_owned(), link.clone())?);
            Ok(())
        })
        .await?;
    let mut shop = shop.context("the shop")?;
    for nodes in 1..=MOST_NODES {
        let running = honeyguide::server::engine(&own.config).await?;
        let stored = shop.sell(&running.engine, BUYERS).await?;
        running.stop().await;

        let all = try_join_all((0..nodes).map(|_| own.serve(&endpoint, None))).await?;
        let began = now();
        while all[0].metric("jobs{state=\"waiting\"}").await? > 10 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let events = stored as u128 * 1_000 / began.elapsed().as_millis().max(1);
        let processed = each(&all, "events_processed_total").await?;
        let clicks = load_all(&all, time, &Requests::get("/r/bench")).await?;
        let hooks = Requests::webhooks(&all[0].endpoint, &all[0].secret);
        let webhooks = load_all(&all, time, &hooks).await?;
        let conflicts: u64 = each(&all, "write_conflicts_total").await?.iter().sum();
        let least = processed.iter().min().context("a node")? * 100 / processed.iter().sum::<u64>().max(1);
        println!("{nodes:<8} {clicks:>9} {webhooks:>11} {events:>9} {conflicts:>10} {least:>11}%");
        for node in all {
            node.stop().await?;
        }
    }
    let running = honeyguide::server::engine(&own.config).await?;
    engine::worker::drain(&running.engine).await?;
    let report = engine::ledger::verify::ledger(&running.engine).await?;
    ensure!(report.problems.is_empty(), "{:?}", report.problems);
    println!("the books are right");
    running.stop().await;
    Ok(())
}

/// A counter of each node.
async fn each(nodes: &[Process], name: &str) -> anyhow::Result<Vec<u64>> {
    try_join_all(nodes.iter().map(|node| node.metric(name))).await
}

/// The same requests to all nodes at once; successes a second of them together.
async fn load_all(nodes: &[Process], time: Duration, requests: &Requests) -> anyhow::Result<i64> {
    let connections = CONNECTIONS / nodes.len();
    let runs = nodes.iter().map(|node| load::run(&node.address, connections, time, requests.clone()));
    let results = try_join_all(runs).await?;
    let failures: i64 = results.iter().map(|result| result.failures).sum();
    ensure!(failures == 0, "{failures} unexpected responses");
    Ok(results.iter().map(Measurement::per_second).sum())
}

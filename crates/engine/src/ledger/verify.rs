//! `honeyguide verify`: adds and hashes everything again.

use domain::commissions::CHAIN_START;
use store::sums::check;

use crate::engine::Engine;
use crate::error::Result;

/// Rows read at once.
const PAGE: i64 = 500;

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Entries looked at.
    pub entries: i64,
    /// Affiliates with entries.
    pub affiliates: i64,
    /// What is wrong, a sentence each.
    pub problems: Vec<String>,
}

/// Walks every affiliate's chain, compares every conversion with its entries and every sum
/// with its facts. Changes nothing.
///
/// Needs no actor: it is for the command line, and reads the whole installation.
pub async fn ledger(engine: &Engine) -> Result<Report> {
    let mut report = Report::default();
    let clicks_from = crate::retention::clicks_kept_from(&mut engine.db().read().await?).await?;
    let mut after = String::new();
    loop {
        let affiliates = store::affiliates::ids_after(&mut engine.db().read().await?, &after, PAGE).await?;
        let Some(last) = affiliates.last() else { break };
        after = last.to_string();
        for id in &affiliates {
            let before = report.entries;
            chain(engine, id, &mut report).await?;
            report.affiliates += i64::from(report.entries > before);
            let mut conn = engine.db().read().await?;
            for (conversion, expected, actual) in store::commissions::unbalanced(&mut conn, id).await? {
                let problem = format!("{conversion} should have {expected} in the ledger and has {actual}");
                report.problems.push(problem);
            }
            report.add_sums(check::affiliate(&mut conn, id, clicks_from).await?);
            report.add_facts(store::commissions::check::affiliate(&mut conn, id).await?);
        }
    }
    after.clear();
    loop {
        let programs = store::programs::ids_after(&mut engine.db().read().await?, &after, PAGE).await?;
        let Some(last) = programs.last() else { return Ok(report) };
        after = last.to_string();
        for id in &programs {
            let mut conn = engine.db().read().await?;
            report.add_sums(check::program(&mut conn, id).await?);
            report.add_facts(store::commissions::check::program(&mut conn, id).await?);
        }
    }
}

impl Report {
    fn add_sums(&mut self, wrong: Vec<String>) {
        self.problems
            .extend(wrong.into_iter().map(|what| format!("the sum of {what} differs from its facts")));
    }

    fn add_facts(&mut self, wrong: Vec<String>) {
        self.problems.extend(wrong.into_iter().map(|what| format!("{what} differs from the entries")));
    }
}

async fn chain(engine: &Engine, affiliate: &domain::ids::AffiliateId, report: &mut Report) -> Result<()> {
    let (mut sequence, mut hash) = (0, CHAIN_START.to_owned());
    loop {
        let mut conn = engine.db().read().await?;
        let entries = store::commissions::chain(&mut conn, affiliate, sequence, PAGE).await?;
        if entries.is_empty() {
            let end = store::commissions::end_of_chain(&mut conn, affiliate).await?;
            if end.unwrap_or((0, CHAIN_START.to_owned())) != (sequence, hash) {
                report.problems.push(format!("{affiliate}: the end of the chain is not its last entry"));
            }
            return Ok(());
        }
        for stored in entries {
            report.entries += 1;
            if stored.sequence != sequence + 1 {
                report.problems.push(format!("{affiliate}: entry {} is missing", sequence + 1));
            }
            if stored.previous_hash != hash
                || stored.entry.hash(stored.sequence, &stored.previous_hash) != stored.hash
            {
                report
                    .problems
                    .push(format!("{}: the hash does not match, so the entry was changed", stored.entry.id));
            }
            sequence = stored.sequence;
            hash = stored.hash;
        }
    }
}

/// What is on disk, counted row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    /// Clicks.
    pub clicks: i64,
    /// Stripe events.
    pub events: i64,
}

/// Counts what is on disk: for benches and tests, as it reads every row.
///
/// Needs no actor: it is for benches and tests, and reads the whole installation.
pub async fn rows(engine: &Engine) -> Result<Rows> {
    let mut conn = engine.db().read().await?;
    Ok(Rows { clicks: store::clicks::count(&mut conn).await?, events: store::inbox::count(&mut conn).await? })
}

//! Retention: deletes what is needed no longer, in small batches, once a day.
//!
//! A click outlives the longest window by ninety days, so that every payment it could lead to
//! can be looked into; after that its sums remain. Clicks that a credit or a lead rests on
//! stay without what they say about their visitor. The body of an event is kept for ninety
//! days, in which it can be replayed; what it said stays.

use domain::applications::UNCONFIRMED_DAYS;
use domain::audit::AuditAction;
use domain::clicks::ClickToken;
use domain::clock::{DAY_MS, Timestamp};
use domain::ids::{ConnectionId, JobId};
use domain::jobs::JobKind;
use domain::mails::LOG_DAYS;
use domain::referral_requests::ANSWERED_DAYS;
use serde::{Deserialize, Serialize};
use store::db::{Conn, again};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::jobs::Job;
use crate::programs::files::delete_abandoned;

/// Days that a click is kept beyond the longest window.
const CLICK_DAYS: i64 = 90;
/// Days that the body of an event is kept.
const BODY_DAYS: i64 = 90;
/// Days that an address is remembered that rejected a mail.
const REFUSED_ADDRESS_DAYS: i64 = 365;
/// Rows of a transaction: other writes wait for some milliseconds.
const BATCH: i64 = 500;
/// Connections that are read at once.
const CONNECTIONS: i64 = 100;
/// The day from which on all clicks are there.
const CLICKS_FROM: &str = "clicks_kept_from_day";
/// The time until which bodies were emptied, Unix milliseconds.
const BODIES_FROM: &str = "bodies_kept_from";

/// Deletes clicks, payloads and other rows after their time. Runs again and again; once for all nodes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DeleteExpired {}

impl Job for DeleteExpired {
    const KIND: JobKind = JobKind::DeleteExpired;

    fn deduplication_key(&self) -> Option<String> {
        Some("everything".to_owned())
    }

    async fn run(&self, engine: &Engine, job: &JobId) -> Result<()> {
        run(engine).await?;
        again(|| async {
            let mut tx = engine.db().begin().await?;
            store::jobs::reschedule(&mut tx, job, engine.now().plus_ms(DAY_MS)).await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Deletes clicks, payloads and other rows after their time.
///
/// Needs no actor: it is a task of the server.
pub async fn run(engine: &Engine) -> Result<()> {
    let clicks = clicks(engine).await?;
    let bodies = bodies(engine).await?;
    delete_abandoned(engine).await?;
    let mut conn = engine.db().write().await?;
    let unconfirmed = engine.now().plus_days(-UNCONFIRMED_DAYS);
    store::applications::delete_unconfirmed(&mut conn, unconfirmed).await?;
    let answered = engine.now().plus_days(-ANSWERED_DAYS);
    store::referral_requests::delete_answered(&mut conn, answered).await?;
    store::visitor_keys::delete_before(&mut conn, engine.now().utc_day()).await?;
    let forgotten = engine.now().plus_days(-REFUSED_ADDRESS_DAYS);
    store::mails::delete_refused_before(&mut conn, forgotten).await?;
    drop(conn);
    mails(engine).await?;
    let mut conn = engine.db().write().await?;
    if clicks + bodies > 0 {
        let line = audit::line("installation", AuditAction::ExpiredDataDeleted { clicks, bodies });
        audit::put(engine, &mut conn, line).await?;
    }
    Ok(())
}

/// Deletes the log of mails that is older than it is kept.
async fn mails(engine: &Engine) -> Result<()> {
    let before = engine.now().plus_days(-LOG_DAYS);
    loop {
        let mut conn = engine.db().write().await?;
        let deleted = store::mails::delete_before(&mut conn, before, BATCH).await?;
        if deleted < BATCH.unsigned_abs() {
            return Ok(());
        }
    }
}

/// The day since 1970 from which on all clicks are there.
pub(crate) async fn clicks_kept_from(conn: &mut Conn) -> Result<i64> {
    let day = store::settings::get(conn, CLICKS_FROM).await?;
    Ok(day.and_then(|day| day.parse().ok()).unwrap_or(0))
}

async fn clicks(engine: &Engine) -> Result<u64> {
    let mut conn = engine.db().write().await?;
    let window = store::terms::longest_window_days(&mut conn).await?;
    let day = engine.now().plus_days(-(window + CLICK_DAYS)).utc_day();
    // A longer window does not bring deleted clicks back.
    let day = day.max(clicks_kept_from(&mut conn).await?);
    store::settings::put(&mut conn, CLICKS_FROM, &day.to_string()).await?;
    drop(conn);
    let before = ClickToken::beginning(Timestamp(day * DAY_MS));
    let (mut after, mut deleted) = (String::new(), 0);
    loop {
        let (last, count) = again(|| async {
            let mut tx = engine.db().begin().await?;
            let last = store::clicks::end_of_batch(&mut tx, &after, &before, BATCH).await?;
            let count = match &last {
                Some(last) => store::clicks::delete_batch(&mut tx, &after, last).await?,
                None => 0,
            };
            tx.commit().await?;
            Ok::<_, Error>((last, count))
        })
        .await?;
        deleted += count;
        let Some(last) = last else { return Ok(deleted) };
        after = last.to_string();
    }
}

async fn bodies(engine: &Engine) -> Result<u64> {
    let until = engine.now().plus_days(-BODY_DAYS);
    let from = store::settings::get(&mut engine.db().read().await?, BODIES_FROM).await?;
    let from = Timestamp(from.and_then(|at| at.parse().ok()).unwrap_or(0));
    let (mut after, mut emptied) = (String::new(), 0);
    loop {
        let mut conn = engine.db().read().await?;
        let connections = store::connections::ids_after(&mut conn, &after, CONNECTIONS).await?;
        drop(conn);
        let Some(last) = connections.last() else { break };
        after = last.to_string();
        for connection in &connections {
            emptied += bodies_of(engine, connection, from, until).await?;
        }
    }
    let mut conn = engine.db().write().await?;
    store::settings::put(&mut conn, BODIES_FROM, &until.0.to_string()).await?;
    Ok(emptied)
}

async fn bodies_of(
    engine: &Engine,
    connection: &ConnectionId,
    from: Timestamp,
    until: Timestamp,
) -> Result<u64> {
    let (mut after, mut emptied) = ((from, String::new()), 0);
    loop {
        let (count, next) = again(|| async {
            let mut tx = engine.db().begin().await?;
            let place = (after.0, after.1.as_str());
            let done = store::inbox::empty_bodies(&mut tx, connection, place, until, BATCH).await?;
            tx.commit().await?;
            Ok::<_, Error>(done)
        })
        .await?;
        emptied += count;
        let Some(next) = next else { return Ok(emptied) };
        after = next;
    }
}

//! Rejected deliveries: counted by hour and reason, and a few sampled, so that a wrong secret
//! can be found and a flood cannot fill the disk.
//!
//! Counting happens in memory and is written to the database once a second at most, by
//! whichever comes first: the next rejection or the workers. What a sample says is
//! unverified, so only a few short fields of its envelope are kept, and never a buyer's data.

use domain::clock::{SECOND_MS, Timestamp};
use domain::deliveries::{DeliveryTarget, RejectionReason, SignatureError};
use domain::ids::{ProgramId, RejectionId};
use store::connections::Connection;
use store::db::{Conn, again};
use store::platform::PlatformEndpoint;
pub use store::rejected_deliveries::{RejectionHour, RejectionSample};

use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
use crate::stripe::delivery::Delivery;
use crate::stripe::endpoint_checks::{self, CheckReason};

/// Counts are written once a second at most, however many deliveries are rejected.
const WRITE_EVERY_MS: i64 = SECOND_MS;
/// Samples of one target, reason and hour: enough to see a pattern.
const SAMPLES_AN_HOUR: usize = 3;
/// Longer words than Stripe's are cut: anyone can send them.
const LONGEST_WORD: usize = 80;
/// How long counts and samples are kept, days: as long as Stripe keeps its events.
const KEPT_DAYS: i64 = 30;
/// Count rows on a page: a month of one reason, or a day of thirty.
const MOST_HOURS: i64 = 720;
/// Samples on a page.
const MOST_SAMPLES: i64 = 50;

/// Counts a delivery that is not accepted, and why. Never fails: a count that cannot be
/// written stays for the next time.
///
/// Needs no actor: deliveries come from outside.
pub async fn record(
    engine: &Engine,
    target: DeliveryTarget,
    reason: RejectionReason,
    delivery: &Delivery<'_>,
) {
    let now = engine.now();
    let key = (target, reason, now.utc_hour());
    let (wants_sample, due) = engine.rejections().with(|counts, written_at| {
        let count = counts.entry(key.clone()).or_default();
        count.deliveries += 1;
        count.last_at = now;
        let wants_sample =
            count.sampled < SAMPLES_AN_HOUR && !delivery.body().is_empty() && !reason.is_expected();
        count.sampled += usize::from(wants_sample);
        (wants_sample, now.since_ms(*written_at) >= WRITE_EVERY_MS)
    });
    if wants_sample {
        // Outside of the lock: the body may be a mebibyte of anything.
        let sample = sample(engine, key.0.clone(), reason, delivery, now);
        engine.rejections().with(|counts, _| {
            if let Some(count) = counts.get_mut(&key) {
                count.samples.push(sample);
            }
        });
    }
    if due {
        write(engine).await;
    }
}

fn sample(
    engine: &Engine,
    target: DeliveryTarget,
    reason: RejectionReason,
    delivery: &Delivery<'_>,
    now: Timestamp,
) -> RejectionSample {
    let read = delivery.envelope();
    let short = |text: &String| -> String {
        text.chars().filter(char::is_ascii_graphic).take(LONGEST_WORD).collect()
    };
    RejectionSample {
        id: RejectionId::new(now, engine.random()),
        target,
        reason,
        at: now,
        bytes: i64::try_from(delivery.body().len()).unwrap_or(i64::MAX),
        event_id: read.map(|read| short(&read.id)),
        event_type: read.map(|read| short(&read.event_type)),
        account: read.and_then(|read| read.account.as_ref()).map(short),
        livemode: read.and_then(|read| read.livemode),
        api_version: read.and_then(|read| read.api_version.as_ref()).map(short),
    }
}

/// Writes what was counted since the last time. The workers do it each second.
pub(crate) async fn write(engine: &Engine) {
    let now = engine.now();
    let taken: Vec<_> = engine.rejections().with(|counts, written_at| {
        *written_at = now;
        let taken = counts
            .iter_mut()
            .filter(|(_, count)| count.deliveries > 0)
            .map(|(key, count)| {
                (
                    key.clone(),
                    std::mem::take(&mut count.deliveries),
                    count.last_at,
                    std::mem::take(&mut count.samples),
                )
            })
            .collect();
        // A past hour gets no more counts.
        counts.retain(|(_, _, hour), _| *hour >= now.utc_hour());
        taken
    });
    if taken.is_empty() {
        return;
    }
    let written = again(|| async {
        let mut tx = engine.db().begin().await?;
        for ((target, reason, _), deliveries, last_at, samples) in &taken {
            store::rejected_deliveries::count(&mut tx, target, *reason, *deliveries, *last_at).await?;
            for sample in samples {
                store::rejected_deliveries::put_sample(&mut tx, sample).await?;
            }
            let RejectionReason::Signature(error) = *reason else { continue };
            match target {
                DeliveryTarget::Connection(id) => {
                    store::connections::count_signature_failures(&mut tx, id, error, *deliveries, *last_at)
                        .await?;
                    if error.may_be_from_stripe() {
                        endpoint_checks::schedule(engine, &mut tx, id, CheckReason::Rejection).await?;
                    }
                }
                DeliveryTarget::Platform => {
                    store::platform::count_signature_failures(&mut tx, error, *deliveries, *last_at).await?;
                    if error.may_be_from_stripe() {
                        look_at_platform(engine, &mut tx).await?;
                    }
                }
                DeliveryTarget::Unknown => {}
            }
        }
        tx.commit().await?;
        Ok::<_, Error>(())
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "rejected deliveries could not be written");
        engine.rejections().with(|counts, _| {
            for (key, deliveries, last_at, samples) in taken {
                let count = counts.entry(key).or_default();
                count.deliveries += deliveries;
                count.last_at = count.last_at.max(last_at);
                count.samples.extend(samples);
            }
        });
    }
}

/// Schedules a look at the platform's endpoints. All its connections share them, so one in each
/// mode is enough; always the same one, so that looks stay rare.
async fn look_at_platform(engine: &Engine, conn: &mut Conn) -> Result<()> {
    for livemode in [true, false] {
        if let Some(connection) = store::connections::first_on_platform(conn, livemode).await? {
            endpoint_checks::schedule(engine, conn, &connection, CheckReason::Rejection).await?;
        }
    }
    Ok(())
}

/// Deliveries with a rejected signature at the endpoint that receives a program's events: its
/// own, or the platform's, which all OAuth connections share.
#[derive(Debug, Clone, Copy, Default)]
pub struct RejectedSignatures {
    /// How many so far.
    pub deliveries: i64,
    /// When the last one came, and why it was rejected.
    pub last: Option<(Timestamp, SignatureError)>,
    /// Whether it came after everything else, and may have been Stripe's: then something is
    /// wrong now. What came before a repair or a new secret is settled.
    pub is_current: bool,
    /// Whether a repair or a new secret came after the last one.
    pub is_settled: bool,
}

impl RejectedSignatures {
    /// From the counts of a connection and of the platform's endpoint, for a connection that
    /// uses that.
    pub fn of(connection: Option<&Connection>, platform: Option<&PlatformEndpoint>) -> Self {
        let failures = match (platform, connection) {
            (Some(platform), _) => platform.signature_failures,
            (None, Some(connection)) => connection.signature_failures,
            (None, None) => return Self::default(),
        };
        let last_event_at = connection.and_then(|connection| connection.last_event_at);
        let is_settled = failures.last.is_some_and(|(at, _)| Some(at) <= failures.settled_at);
        let is_current = failures
            .last
            .is_some_and(|(at, error)| error.may_be_from_stripe() && Some(at) > last_event_at && !is_settled);
        Self { deliveries: failures.count, last: failures.last, is_current, is_settled }
    }
}

/// Rejected deliveries as a program's merchant sees them.
#[derive(Debug, Clone)]
pub struct RejectedDeliveries {
    /// Counts, newest hour first: of its connections, of the platform's endpoint where it uses
    /// that, and of unknown addresses.
    pub hours: Vec<RejectionHour>,
    /// Samples of its own connections, newest first.
    pub samples: Vec<RejectionSample>,
    /// Those that came after a disconnect, which are expected and in neither list above.
    pub after_disconnect: AfterDisconnect,
}

/// Deliveries of a connection that has ended: answered with 200 and dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AfterDisconnect {
    /// How many.
    pub deliveries: i64,
    /// When the last one came.
    pub last_at: Option<Timestamp>,
}

impl AfterDisconnect {
    fn add(self, hour: &RejectionHour) -> Self {
        Self {
            deliveries: self.deliveries.saturating_add(hour.deliveries),
            last_at: self.last_at.max(Some(hour.last_at)),
        }
    }
}

/// The rejected deliveries of the last days that concern a program.
pub async fn of_program(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    days: i64,
) -> Result<RejectedDeliveries> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let since = engine.now().plus_days(-days.clamp(1, KEPT_DAYS));
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    let uses_platform = connection.as_ref().is_some_and(Connection::is_oauth);
    let platform = if uses_platform { &DeliveryTarget::Platform } else { &DeliveryTarget::Unknown };
    let shared = [platform, &DeliveryTarget::Unknown];
    let hours = store::rejected_deliveries::hours(&mut conn, &program.id, shared, since, MOST_HOURS).await?;
    let (expected, hours): (Vec<_>, Vec<_>) = hours.into_iter().partition(|hour| hour.reason.is_expected());
    Ok(RejectedDeliveries {
        hours,
        samples: store::rejected_deliveries::samples(&mut conn, &program.id, since, MOST_SAMPLES).await?,
        after_disconnect: expected.iter().fold(AfterDisconnect::default(), AfterDisconnect::add),
    })
}

/// Deletes what is older than a month; answers how many rows that were.
///
/// Needs no actor: it is part of the maintenance of the installation.
pub async fn delete_old(engine: &Engine) -> Result<u64> {
    let before = engine.now().plus_days(-KEPT_DAYS);
    Ok(store::rejected_deliveries::delete_before(&mut engine.db().write().await?, before).await?)
}

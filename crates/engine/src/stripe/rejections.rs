//! Deliveries that were refused or belong to nobody: counted by hour and reason, and a few
//! sampled, so that a wrong secret can be found and a flood cannot fill the disk.
//!
//! Counting happens in memory and is written down once a second at most, by whoever comes
//! next: the next refusal or the workers. What a sample says has been checked by nobody,
//! so only a few short fields of its outside are kept, and never a buyer's data.

use connect::stripe::envelope::envelope;
use domain::clock::{SECOND_MS, Timestamp};
use domain::ids::{ProgramId, RefusalId};
use store::connections::Connection;
use store::db::again;
use store::platform::PlatformEndpoint;
pub use store::rejected_deliveries::{Hour, Sample};

use crate::engine::Engine;
use crate::error::Result;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;
pub use crate::rejection_counter::Place;

/// Counts are written down once a second at most, however many come.
const WRITE_EVERY_MS: i64 = SECOND_MS;
/// Samples of one place, reason and hour: enough to see a pattern.
const SAMPLES_AN_HOUR: usize = 3;
/// Longer words than Stripe's are cut: they are anybody's.
const LONGEST_WORD: usize = 80;
/// How long counts and samples are kept, days: as long as Stripe keeps its events.
const KEPT_DAYS: i64 = 30;
/// Count rows on a page: a month of one reason, or a day of thirty.
const MOST_HOURS: i64 = 720;
/// Samples on a page.
const MOST_SAMPLES: i64 = 50;

/// The account of an event is connected to no program.
pub const UNKNOWN_ACCOUNT: &str = "unknown_account";
/// An event that names no account came to the platform's endpoint.
pub const NO_ACCOUNT: &str = "no_account";
/// An event of the other mode, live or test.
pub const OTHER_MODE: &str = "other_mode";
/// The connection has ended; Stripe was answered 200.
pub const CONNECTION_ENDED: &str = "connection_ended";
/// No connection has this address.
pub const UNKNOWN_ENDPOINT: &str = "stripe_endpoint_unknown";
/// The body was larger than any event of Stripe's; nothing of it was read.
pub const TOO_LARGE: &str = "payload_too_large";

/// Notes a delivery that is not taken in, and why in a stable word. Never fails: a count
/// that cannot be written stays for the next time.
///
/// Needs no actor: deliveries come from outside.
pub async fn note(engine: &Engine, place: Place, code: &'static str, body: &[u8]) {
    let now = engine.now();
    let key = (place, code, now.utc_hour());
    let (wants_sample, due) = engine.rejections().with(|counts, written_at| {
        let count = counts.entry(key.clone()).or_default();
        count.deliveries += 1;
        count.last_at = now;
        let wants_sample = count.sampled < SAMPLES_AN_HOUR && !body.is_empty();
        count.sampled += usize::from(wants_sample);
        (wants_sample, now.since_ms(*written_at) >= WRITE_EVERY_MS)
    });
    if wants_sample {
        // Outside of the lock: the body may be a mebibyte of anything.
        let sample = sample(engine, &key.0, code, body, now);
        engine.rejections().with(|counts, _| {
            if let Some(count) = counts.get_mut(&key) {
                count.samples.push(sample);
            }
        });
    }
    if due {
        write_down(engine).await;
    }
}

fn sample(engine: &Engine, place: &Place, code: &str, body: &[u8], now: Timestamp) -> Sample {
    let read = envelope(body);
    let short = |text: String| -> String {
        text.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST_WORD).collect()
    };
    Sample {
        id: RefusalId::new(now, engine.random()),
        place: place.word().to_owned(),
        code: code.to_owned(),
        at: now,
        bytes: i64::try_from(body.len()).unwrap_or(i64::MAX),
        livemode: read.as_ref().and_then(|read| read.livemode),
        event_type: read.as_ref().map(|read| short(read.event_type.clone())),
        account: read.as_ref().and_then(|read| read.account.clone()).map(short),
        api_version: read.as_ref().and_then(|read| read.api_version.clone()).map(short),
        event_id: read.map(|read| short(read.id)),
    }
}

/// Writes down what was counted since the last time. The workers do it each second.
pub(crate) async fn write_down(engine: &Engine) {
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
        // An hour that has passed takes no more.
        counts.retain(|(_, _, hour), _| *hour >= now.utc_hour());
        taken
    });
    if taken.is_empty() {
        return;
    }
    let written = again(|| async {
        let mut tx = engine.db().begin().await?;
        for ((place, code, _), deliveries, last_at, samples) in &taken {
            store::rejected_deliveries::count(&mut tx, place.word(), code, *deliveries, *last_at).await?;
            for sample in samples {
                store::rejected_deliveries::put_sample(&mut tx, sample).await?;
            }
            match place {
                Place::Connection(id) if code.starts_with("stripe_signature") => {
                    store::connections::refused(&mut tx, id, code, *deliveries, *last_at).await?;
                }
                Place::Platform if code.starts_with("stripe_signature") => {
                    store::platform::refused(&mut tx, code, *deliveries, *last_at).await?;
                }
                _ => {}
            }
        }
        tx.commit().await
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "refused deliveries could not be written down");
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

/// The signatures that were refused where a program's events come in: at its own endpoint,
/// or at the platform's, which all programs share.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signatures<'a> {
    /// How many deliveries so far.
    pub deliveries: i64,
    /// When the last one came.
    pub last_at: Option<Timestamp>,
    /// Why, in a stable word.
    pub last_code: Option<&'a str>,
    /// Whether it was the last thing that came, and may have been Stripe's: Stripe always
    /// sends a header that can be read, and anybody may call the address without one. At the
    /// platform's endpoint only what came after Stripe was last asked about it counts.
    pub is_last: bool,
}

impl<'a> Signatures<'a> {
    /// From what was noted of a connection and of the platform's endpoint, where its events
    /// come by that.
    pub fn of(connection: Option<&'a Connection>, platform: Option<&'a PlatformEndpoint>) -> Self {
        let (deliveries, last_at, last_code) = match (platform, connection) {
            (Some(at), _) => (at.failures, at.last_failure_at, at.last_failure_code.as_deref()),
            (None, Some(at)) => (at.failures, at.last_failure_at, at.last_failure_code.as_deref()),
            (None, None) => return Self::default(),
        };
        let readable = matches!(last_code, Some("stripe_signature_stale" | "stripe_signature_no_match"));
        let heard = connection.and_then(|connection| connection.last_event_at);
        let asked = platform.map(|platform| platform.checked_at);
        let is_last = readable && last_at.is_some() && last_at > heard.max(asked);
        Self { deliveries, last_at, last_code, is_last }
    }
}

/// What a program's merchant sees of refused deliveries.
#[derive(Debug, Clone)]
pub struct Refusals {
    /// Counts, newest hour first: of its connections, of the platform's endpoint where it
    /// is connected by that, and of addresses that nobody has.
    pub hours: Vec<Hour>,
    /// Samples of its own connections, newest first.
    pub samples: Vec<Sample>,
}

/// The refused deliveries that concern a program, of the last days.
pub async fn of_program(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    days: i64,
) -> Result<Refusals> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let since = engine.now().plus_days(-days.clamp(1, KEPT_DAYS));
    let connection = store::connections::of_program(&mut conn, &program.id).await?;
    let platform = connection.filter(|c| c.mode == "oauth").map_or(Place::Nowhere, |_| Place::Platform);
    let shared = [platform.word(), Place::Nowhere.word()];
    Ok(Refusals {
        hours: store::rejected_deliveries::hours(&mut conn, &program.id, shared, since, MOST_HOURS).await?,
        samples: store::rejected_deliveries::samples(&mut conn, &program.id, since, MOST_SAMPLES).await?,
    })
}

/// Forgets what is older than a month.
///
/// Needs no actor: it is part of the maintenance of the installation.
pub async fn forget(engine: &Engine) -> Result<u64> {
    let before = engine.now().plus_days(-KEPT_DAYS);
    Ok(store::rejected_deliveries::forget(&mut engine.db().write().await?, before).await?)
}

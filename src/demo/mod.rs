//! The demo: a sample company with 90 days behind it, made through the real engine.
//!
//! The same seed gives the same history. Every sale is made at the sandbox Stripe, and
//! its events are signed and taken in like any delivery; only the clock is turned.

mod people;
mod seed;
mod story;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::Context;
use domain::clock::{Clock, MINUTE_MS, Random, Timestamp};
use domain::ids::ProgramId;
use engine::Engine;
use engine::identity::accounts;
use engine::identity::accounts::OwnerDraft;
use engine::identity::sessions;
use engine::programs;
use engine::settings;
use sandbox::{Permission, PlatformKeys, Shop, Stripe};

use crate::clock;
use crate::commands;

pub use people::{FIRST_CODE, SIGN_INS};

/// The history's seed.
const SEED: u64 = 20_261;
/// The signing secret of the program that is connected by hand; good for nothing else.
const STUDIO_SECRET: &str = "whsec_sandbox_lumen_studio";
/// The setting that says when the history was made.
const SEEDED_AT: &str = "demo_seeded_at";

/// A clock that can be turned back for the history and then follows the system again.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    /// On the system's time.
    #[expect(clippy::new_without_default, reason = "a clock is not a default value")]
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MIN)))
    }

    /// The clock to hand out.
    pub fn clock(&self) -> Clock {
        let (turned, system) = (self.0.clone(), clock::system());
        Clock::new(move || match turned.load(Ordering::SeqCst) {
            i64::MIN => system.now(),
            at => Timestamp(at),
        })
    }

    /// Turns the clock to a moment.
    pub fn turn(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }

    /// Lets the clock follow the system.
    pub fn release(&self) {
        self.0.store(i64::MIN, Ordering::SeqCst);
    }
}

/// Chance that repeats for the history, and is real afterwards: what a visitor buys today
/// must not get the ids of an earlier run.
struct Chance {
    is_real: Arc<AtomicBool>,
    random: Random,
}

impl Chance {
    fn new(seed: u64) -> Self {
        let is_real = Arc::new(AtomicBool::new(false));
        let (switch, seeded, real) = (is_real.clone(), Random::seeded(seed), clock::random());
        let random = Random::new(move |buffer| {
            let source = if switch.load(Ordering::SeqCst) { &real } else { &seeded };
            for chunk in buffer.chunks_mut(16) {
                chunk.copy_from_slice(&source.bytes::<16>()[..chunk.len()]);
            }
        });
        Self { is_real, random }
    }
}

/// The sandbox before there is a Honeyguide: it must be there when programs connect.
pub struct Outside {
    /// The first program's account.
    pub stripe: Stripe,
    /// Its shop.
    pub shop: Shop,
    /// The platform that accounts are connected to, and its keys.
    pub cloud: Stripe,
    /// What this Honeyguide is configured with.
    pub keys: PlatformKeys,
    chance: Chance,
    began: Timestamp,
}

impl Outside {
    /// A merchant's account with a shop, another one to connect, and a platform whose
    /// merchants come back to that Honeyguide. The clock stands at the history's beginning.
    pub fn new(time: &Time, honeyguide: &str) -> anyhow::Result<Self> {
        let began = clock::system().now();
        time.turn(story::begins(began));
        let chance = Chance::new(SEED);
        let stripe = Stripe::new(time.clock(), chance.random.clone());
        let shop = Shop::stock(&stripe).map_err(refused)?;
        // Its key waits on the sandbox's dashboard for whoever wants to connect by one.
        stripe.new_account("Lumen Studio").create_restricted_key(&Permission::of_a_reader());
        let (cloud, keys) = commands::sandbox::platform(&stripe, honeyguide);
        Ok(Self { stripe, shop, cloud, keys, chance, began })
    }
}

/// Fills an empty database with the sample company, or finds it there, and brings the
/// sandbox to the same point of the story. Gives the first program.
pub async fn prepare(
    engine: &Engine,
    time: &Time,
    outside: &Outside,
    shop_url: &str,
) -> anyhow::Result<ProgramId> {
    let is_new = !accounts::is_set_up(engine).await?;
    if is_new {
        let (_, owner_email, owner_password) = SIGN_INS[0];
        accounts::add_owner(
            engine,
            &OwnerDraft {
                name: "Hanna Lindqvist".parse().map_err(anyhow::Error::msg)?,
                email: owner_email.parse()?,
                password: owner_password.to_owned(),
                company: "Lumen Notes".parse().map_err(anyhow::Error::msg)?,
            },
        )
        .await?;
    }
    let actor = owner(engine).await?;
    if is_new {
        tell(engine, time, &actor, outside, shop_url).await?;
    } else {
        remember(engine, time, &actor, outside).await?;
    }
    outside.chance.is_real.store(true, Ordering::SeqCst);
    time.release();
    let program = programs::list(engine, &actor, "", 1).await?.into_iter().next();
    Ok(program.context("the demo has no program")?.id)
}

/// Makes the history through the real engine.
async fn tell(
    engine: &Engine,
    time: &Time,
    actor: &sessions::MerchantActor,
    outside: &Outside,
    shop_url: &str,
) -> anyhow::Result<()> {
    let (stripe, now) = (&outside.stripe, outside.began);
    let studio = Stripe::new(time.clock(), Random::seeded(SEED + 1));
    let studio_shop = Shop::stock(&studio).map_err(refused)?;
    let mut places = Vec::new();
    for (plan, minute) in people::programs(shop_url).iter().zip(0..) {
        // Ids begin with the time: the first program stands first in every list.
        time.turn(story::begins(now).plus_ms(minute * MINUTE_MS));
        places.push(seed::program(engine, actor, plan).await?);
    }
    let (main, side) = (places.remove(0), places.remove(0));
    let by_oauth = seed::connect(engine, actor, &main.program, outside).await?;
    let stage = seed::Stage { stripe, shop: &outside.shop, place: &main, way: &by_oauth };
    seed::fill(engine, time, actor, stage, story::lumen(now, SEED)).await?;
    by_oauth.open(&outside.cloud)?;
    let by_hand = seed::connect_by_hand(engine, actor, &side.program, STUDIO_SECRET).await?;
    let stage = seed::Stage { stripe: &studio, shop: &studio_shop, place: &side, way: &by_hand };
    seed::fill(engine, time, actor, stage, story::studio(now, SEED + 2)).await?;
    seed::passwords(engine, actor).await?;
    Ok(settings::put(engine, SEEDED_AT, &now.0.to_string()).await?)
}

/// The database has its history; the sandbox's own memory is built again, so that
/// yesterday's payments can still be refunded. Nothing is delivered.
async fn remember(
    engine: &Engine,
    time: &Time,
    actor: &sessions::MerchantActor,
    outside: &Outside,
) -> anyhow::Result<()> {
    let then = settings::get(engine, SEEDED_AT).await?.context("this database is no demo")?;
    seed::replay(time, &outside.stripe, &outside.shop, story::lumen(Timestamp(then.parse()?), SEED))?;
    time.release();
    seed::connect_again(engine, actor, outside).await
}

fn refused(refusal: sandbox::Refusal) -> anyhow::Error {
    anyhow::anyhow!("the sandbox refused: {refusal:?}")
}

async fn owner(engine: &Engine) -> anyhow::Result<sessions::MerchantActor> {
    let (_, email, password) = SIGN_INS[0];
    let account = sessions::sign_in(engine, email, password, "demo").await?;
    let person = sessions::person(engine, &account).await?.context("the owner's account")?;
    person.merchant.context("the owner's company")
}

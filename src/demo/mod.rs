//! The demo: a sample company with 90 days of history, created through the real engine.
//!
//! The same seed gives the same history. Every sale is made at the sandbox Stripe, and
//! its events are signed and delivered as usual; only the clock is set.

mod applicants;
mod connect;
pub mod large;
mod missing_referrals;
mod payday;
mod people;
mod platform;
mod resources;
mod rewards;
mod sales_plan;
mod seed;
mod seeded_program;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use anyhow::Context;
use domain::clock::{Clock, HOUR_MS, MINUTE_MS, Random, Timestamp};
use domain::ids::ProgramId;
use engine::Engine;
use engine::identity::accounts::{self, OwnerDraft};
use engine::identity::sessions;
use engine::programs;
use engine::settings;
use sandbox::{Permission, PlatformKeys, Shop, Stripe};

use crate::clock;
use payday::Payday;

pub use people::{FIRST_CODE, SIGN_INS};
pub use platform::platform;

/// The history's seed.
const SEED: u64 = 20_261;
/// The signing secret of the program that is connected manually; valid nowhere else.
const STUDIO_SECRET: &str = "whsec_sandbox_lumen_studio";
/// The setting that says when the history was made.
const SEEDED_AT: &str = "demo_seeded_at";

/// A clock that can be set for the history, and follows the system again afterwards.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    /// A clock that follows the system.
    #[expect(clippy::new_without_default, reason = "a clock is not a default value")]
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MIN)))
    }

    /// The clock, for other components.
    pub fn clock(&self) -> Clock {
        let (set_to, system) = (self.0.clone(), clock::system());
        Clock::new(move || match set_to.load(Ordering::SeqCst) {
            i64::MIN => system.now(),
            at => Timestamp(at),
        })
    }

    /// Sets the clock.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.0, Ordering::SeqCst);
    }

    /// Lets the clock follow the system.
    pub fn release(&self) {
        self.0.store(i64::MIN, Ordering::SeqCst);
    }
}

/// Randomness that is seeded for the history and real afterwards, because new purchases
/// must not get ids of the history.
struct DemoRandom {
    is_real: Arc<AtomicBool>,
    random: Random,
}

impl DemoRandom {
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

/// The sandbox; it must run before programs connect.
pub struct SandboxStripe {
    /// The first program's account.
    pub stripe: Stripe,
    /// Its shop.
    pub shop: Shop,
    /// The platform that accounts are connected to, and its keys.
    pub cloud: Stripe,
    /// What this Honeyguide is configured with.
    pub keys: PlatformKeys,
    random: DemoRandom,
    began: Timestamp,
}

impl SandboxStripe {
    /// A merchant's account with a shop, another one to connect, and a platform whose
    /// merchants come back to that Honeyguide. The clock stands at the history's beginning.
    pub fn new(time: &Time, honeyguide: &str) -> anyhow::Result<Self> {
        let began = clock::system().now();
        time.set(sales_plan::begins(began));
        let random = DemoRandom::new(SEED);
        let stripe = Stripe::new(time.clock(), random.random.clone());
        let shop = Shop::stock(&stripe).map_err(sandbox_error)?;
        // Its key waits on the sandbox's dashboard to try connecting with it.
        stripe.new_account("Lumen Studio").create_restricted_key(&Permission::of_a_reader());
        let (cloud, keys) = platform(&stripe, honeyguide);
        Ok(Self { stripe, shop, cloud, keys, random, began })
    }
}

/// Creates the sample company in an empty database, or finds it there, and brings the
/// sandbox to the same state. Returns the first program.
pub async fn prepare(
    engine: &Engine,
    time: &Time,
    sandbox: &SandboxStripe,
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
        create_history(engine, time, &actor, sandbox, shop_url).await?;
    } else {
        restore_sandbox(engine, time, &actor, sandbox).await?;
    }
    sandbox.random.is_real.store(true, Ordering::SeqCst);
    time.release();
    let program = programs::list(engine, &actor, "", 1).await?.into_iter().next();
    Ok(program.context("the demo has no program")?.id)
}

/// Creates the history through the real engine.
async fn create_history(
    engine: &Engine,
    time: &Time,
    actor: &sessions::MerchantActor,
    sandbox: &SandboxStripe,
    shop_url: &str,
) -> anyhow::Result<()> {
    let (stripe, now) = (&sandbox.stripe, sandbox.began);
    let studio = Stripe::new(time.clock(), Random::seeded(SEED + 1));
    let studio_shop = Shop::stock(&studio).map_err(sandbox_error)?;
    let mut seeded_programs = Vec::new();
    for (plan, minute) in people::programs(shop_url).iter().zip(0..) {
        // Ids begin with the time: the first program stands first in every list.
        time.set(sales_plan::begins(now).plus_ms(minute * MINUTE_MS));
        seeded_programs.push(seed::program(engine, actor, plan).await?);
    }
    let (main, side) = (seeded_programs.remove(0), seeded_programs.remove(0));
    let by_oauth = connect::connect(engine, actor, &main.program, sandbox).await?;
    let target = seed::PlanTarget { stripe, shop: &sandbox.shop, seeded: &main, route: &by_oauth };
    let payday = Payday { at: now.plus_days(-12), methods: people::METHODS };
    seed::fill(engine, time, actor, target, sales_plan::lumen(now, SEED), Some(payday)).await?;
    by_oauth.open(&sandbox.cloud)?;
    time.set(sales_plan::begins(now).plus_ms(HOUR_MS));
    rewards::add(engine, actor, &side.program, &studio_shop).await?;
    let manual = connect::connect_manually(engine, actor, &side.program, STUDIO_SECRET).await?;
    let target = seed::PlanTarget { stripe: &studio, shop: &studio_shop, seeded: &side, route: &manual };
    seed::fill(engine, time, actor, target, sales_plan::studio(now, SEED + 2), None).await?;
    applicants::apply(engine, actor, &main.program, now).await?;
    missing_referrals::ask(engine, actor, &main.program, now).await?;
    resources::add(engine, actor, &main.program).await?;
    applicants::invite(engine, actor, &main.program, now).await?;
    seed::passwords(engine).await?;
    Ok(settings::put(engine, SEEDED_AT, &now.0.to_string()).await?)
}

/// Performs the history again at the sandbox alone, which starts empty, so that earlier
/// payments can still be refunded. Nothing is delivered.
async fn restore_sandbox(
    engine: &Engine,
    time: &Time,
    actor: &sessions::MerchantActor,
    sandbox: &SandboxStripe,
) -> anyhow::Result<()> {
    let then = settings::get(engine, SEEDED_AT)
        .await?
        .context("The demo database is incomplete. Run `cargo run -- demo --reset` to recreate it.")?;
    seed::replay(time, &sandbox.stripe, &sandbox.shop, sales_plan::lumen(Timestamp(then.parse()?), SEED))?;
    time.release();
    connect::connect_again(engine, actor, sandbox).await
}

fn sandbox_error(error: ::sandbox::ApiError) -> anyhow::Error {
    anyhow::anyhow!("the sandbox failed: {error:?}")
}

async fn owner(engine: &Engine) -> anyhow::Result<sessions::MerchantActor> {
    let (_, email, _) = SIGN_INS[0];
    sessions::member(engine, &email.parse()?).await?.context("the owner's company")
}

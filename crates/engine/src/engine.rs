//! The engine's parts: database, clock, randomness, key, writers and caches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connect::mail::Mailer;
use connect::seal::SealingKey;
use connect::stripe::client::Stripe;
use connect::stripe::oauth::Platform;
use domain::clock::{Clock, Random};
use domain::ids::{PayoutId, PayoutRunId, ProgramId};
use domain::jobs::Queue;
use store::clicks::NewClick;
use store::db::{Db, GroupCommit};
use store::inbox::NewEvent;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use crate::caches::Caches;
use crate::error::Result;
use crate::live_programs::LivePrograms;
use crate::password_hasher::PasswordHasher;
use crate::readiness::Readiness;
use crate::recent_clicks::RecentClicks;
use crate::rejection_counter::RejectionCounter;

/// Test sales at once: each makes a database.
const MOST_TEST_SALES: usize = 1;
/// Drafts of terms that are tried at once: each keeps a thread busy for about a second.
const MOST_WHAT_IFS: usize = 2;

/// Where the pages are that mails and Stripe lead to: paths below [`Parts::base_url`]. The
/// engine knows no page itself.
#[derive(Debug, Clone, Copy)]
pub struct PageLinks {
    /// A program's settings of Stripe.
    pub stripe_settings: fn(&ProgramId) -> String,
    /// Creating the first owner's account, by the token of a link.
    pub setup: fn(&str) -> String,
    /// Choosing a password, by the token of a link.
    pub choose_password: fn(&str) -> String,
    /// Asking for a link to choose another password.
    pub forgot_password: &'static str,
    /// Signing in, by the token of a link.
    pub sign_in_link: fn(&str) -> String,
    /// Setting up two-step sign-in.
    pub two_step: &'static str,
    /// Confirming a new address of an account, by the token of a link.
    pub confirm_email: fn(&str) -> String,
    /// Undoing the change of an account's address, by the token of a link.
    pub undo_email: fn(&str) -> String,
    /// An affiliate's payouts in a program.
    pub own_payouts: fn(&ProgramId) -> String,
    /// The statement of an affiliate's payout.
    pub own_statement: fn(&ProgramId, &PayoutId) -> String,
    /// A payout run of a program.
    pub payout_run: fn(&ProgramId, &PayoutRunId) -> String,
    /// An affiliate's invitation, by its token.
    pub invitation: fn(&str) -> String,
    /// An invitation to a program, by its token.
    pub invite: fn(&str) -> String,
    /// Confirming the address of an application, by the token of a link.
    pub confirm_application: fn(&str) -> String,
    /// A program's public page, by its slug.
    pub join: fn(&str) -> String,
    /// Signing in.
    pub sign_in: &'static str,
    /// Where Stripe sends merchants back who signed in there.
    pub stripe_callback: &'static str,
}

/// What the binary provides.
pub struct Parts {
    /// The opened, migrated database.
    pub db: Db,
    /// The current time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The installation's key.
    pub key: SealingKey,
    /// The client of Stripe's API.
    pub stripe: Stripe,
    /// The platform in whose name merchants are asked for access.
    pub platform: Platform,
    /// Sends emails.
    pub mailer: Mailer,
    /// The address of this installation, without a slash at the end.
    pub base_url: String,
    /// Where the pages are that mails and Stripe lead to.
    pub pages: PageLinks,
    /// How long an unlinked charge waits for its invoice, milliseconds.
    pub link_grace_ms: i64,
}

/// Counters of this process, for `/metrics`.
#[derive(Debug, Default)]
pub struct Counters {
    /// Redirects answered before their click was stored.
    pub clicks_late: AtomicU64,
    /// Clicks that could not be stored.
    pub clicks_not_stored: AtomicU64,
    /// Clicks of networks that send more than people do.
    pub clicks_refused: AtomicU64,
    /// Clicks stored.
    pub clicks_stored: AtomicU64,
    /// Redirects by what was known of their link, because the database did not answer.
    pub links_stale: AtomicU64,
    /// Stripe events processed.
    pub events_processed: AtomicU64,
    /// Stripe events stored.
    pub events_stored: AtomicU64,
    /// Deliveries whose signature was rejected.
    pub signatures_refused: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Wakes the worker of each queue in this process.
#[derive(Default)]
struct WakeUps {
    local: Notify,
    external: Notify,
}

impl WakeUps {
    fn of(&self, queue: Queue) -> &Notify {
        match queue {
            Queue::Local => &self.local,
            Queue::External => &self.external,
        }
    }
}

struct Inner {
    db: Db,
    clock: Clock,
    random: Random,
    key: SealingKey,
    stripe: Stripe,
    platform: Platform,
    mailer: Mailer,
    base_url: String,
    pages: PageLinks,
    link_grace_ms: i64,
    hasher: PasswordHasher,
    caches: Caches,
    clicks: GroupCommit<NewClick, ()>,
    recent_clicks: RecentClicks,
    events: GroupCommit<NewEvent, bool>,
    wake_ups: WakeUps,
    live_programs: LivePrograms,
    counters: Arc<Counters>,
    /// Limits the test sales that run at once.
    test_sales: Semaphore,
    /// Limits the drafts of terms that are tried at once.
    what_ifs: Semaphore,
    /// Rejected deliveries that are not stored yet.
    rejections: RejectionCounter,
    /// Whether the last write of the health check succeeded.
    readiness: Readiness,
}

/// The parts that all use cases share; cheap to clone.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

impl Engine {
    /// Creates an engine and starts its two group-commit writers. Their tasks end when the
    /// last clone of the engine is dropped and everything is stored.
    pub fn start(parts: Parts) -> (Self, [JoinHandle<()>; 2]) {
        let db = parts.db.clone();
        let (clicks, click_writer) = GroupCommit::start(move |clicks: Arc<Vec<NewClick>>| {
            let db = db.clone();
            async move { store::clicks::put_all(&db, &clicks).await.map(|()| vec![(); clicks.len()]) }
        });
        let counters = Arc::new(Counters::default());
        let (db, counted) = (parts.db.clone(), Arc::clone(&counters));
        let (events, event_writer) = GroupCommit::start(move |events: Arc<Vec<NewEvent>>| {
            let (db, counters) = (db.clone(), Arc::clone(&counted));
            async move {
                let are_new = store::inbox::put_all(&db, &events).await?;
                let stored = are_new.iter().filter(|is_new| **is_new).count();
                // Here, so that an event whose sender has hung up is counted too.
                counters.events_stored.fetch_add(stored as u64, Ordering::Relaxed);
                Ok(are_new)
            }
        });
        let engine = Self(Arc::new(Inner {
            hasher: PasswordHasher::new(),
            caches: Caches::new(),
            clicks,
            recent_clicks: RecentClicks::default(),
            events,
            wake_ups: WakeUps::default(),
            live_programs: LivePrograms::default(),
            counters,
            test_sales: Semaphore::new(MOST_TEST_SALES),
            what_ifs: Semaphore::new(MOST_WHAT_IFS),
            rejections: RejectionCounter::default(),
            readiness: Readiness::default(),
            db: parts.db,
            clock: parts.clock,
            random: parts.random,
            key: parts.key,
            stripe: parts.stripe,
            platform: parts.platform,
            mailer: parts.mailer,
            base_url: parts.base_url,
            pages: parts.pages,
            link_grace_ms: parts.link_grace_ms,
        }));
        (engine, [click_writer, event_writer])
    }

    /// The same installation with another database. Its writers end with it.
    pub(crate) fn on(&self, db: Db) -> Self {
        let inner = &self.0;
        let parts = Parts {
            db,
            clock: inner.clock.clone(),
            random: inner.random.clone(),
            key: inner.key.clone(),
            stripe: inner.stripe.clone(),
            platform: inner.platform.clone(),
            mailer: inner.mailer.clone(),
            base_url: inner.base_url.clone(),
            pages: inner.pages,
            link_grace_ms: inner.link_grace_ms,
        };
        Self::start(parts).0
    }

    /// The address of this installation, without a slash at the end.
    pub fn base_url(&self) -> &str {
        &self.0.base_url
    }

    /// The address of a program's Stripe settings.
    pub(crate) fn stripe_settings_url(&self, program: &ProgramId) -> String {
        self.url(&(self.0.pages.stripe_settings)(program))
    }

    /// The address that Stripe sends merchants back to.
    pub(crate) fn stripe_callback_url(&self) -> String {
        self.url(self.0.pages.stripe_callback)
    }

    /// The address of a page.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base_url)
    }

    /// Where the pages are that mails and Stripe lead to.
    pub(crate) fn pages(&self) -> PageLinks {
        self.0.pages
    }

    /// The database, for commands.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The current time.
    pub fn now(&self) -> domain::clock::Timestamp {
        self.0.clock.now()
    }

    /// Randomness.
    pub fn random(&self) -> &Random {
        &self.0.random
    }

    /// Counters of this process.
    pub fn counters(&self) -> &Counters {
        &self.0.counters
    }

    /// The key that seals secrets at rest.
    pub(crate) fn key(&self) -> &SealingKey {
        &self.0.key
    }

    /// The client of Stripe's API.
    pub(crate) fn stripe(&self) -> &Stripe {
        &self.0.stripe
    }

    /// The platform in whose name merchants are asked for access.
    pub(crate) fn platform(&self) -> &Platform {
        &self.0.platform
    }

    /// Sends emails.
    pub(crate) fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// Hashes and verifies passwords.
    pub(crate) fn hasher(&self) -> &PasswordHasher {
        &self.0.hasher
    }

    /// What every click and delivery needs.
    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }

    /// Lets the worker of a queue look for jobs now: after the commit that added one.
    pub(crate) fn wake(&self, queue: Queue) {
        self.0.wake_ups.of(queue).notify_one();
    }

    /// Waits until the worker of a queue is woken.
    pub(crate) async fn woken(&self, queue: Queue) {
        self.0.wake_ups.of(queue).notified().await;
    }

    /// Visitors and deliveries that wait for their click or event to be stored.
    pub(crate) fn arriving(&self) -> usize {
        self.0.clicks.waiting() + self.0.events.waiting()
    }

    /// The programs that open pages show.
    pub(crate) fn live_programs(&self) -> &LivePrograms {
        &self.0.live_programs
    }

    /// Limits the test sales that run at once.
    pub(crate) fn test_sales(&self) -> &Semaphore {
        &self.0.test_sales
    }

    /// Limits the drafts of terms that are tried at once.
    pub(crate) fn what_ifs(&self) -> &Semaphore {
        &self.0.what_ifs
    }

    /// Rejected deliveries that are not stored yet.
    pub(crate) fn rejections(&self) -> &RejectionCounter {
        &self.0.rejections
    }

    /// Whether the server can do its work: the database takes writes. However often
    /// someone asks, it has at most one more write a second.
    ///
    /// Needs no actor: it is for the installation's health check.
    ///
    /// # Errors
    /// [`crate::Error::Unavailable`] when it does not.
    pub async fn check_ready(&self) -> Result<()> {
        self.0.readiness.check(&self.0.db, self.now()).await
    }

    /// Stores clicks in groups, one commit each.
    pub(crate) fn click_writer(&self) -> &GroupCommit<NewClick, ()> {
        &self.0.clicks
    }

    /// The clicks of the last hour.
    pub(crate) fn recent_clicks(&self) -> &RecentClicks {
        &self.0.recent_clicks
    }

    /// Stores Stripe's events in groups, one commit each.
    pub(crate) fn event_writer(&self) -> &GroupCommit<NewEvent, bool> {
        &self.0.events
    }

    /// How long an unlinked charge waits for its invoice, milliseconds.
    pub(crate) fn link_grace_ms(&self) -> i64 {
        self.0.link_grace_ms
    }
}

//! The test world: the real engine on its own database, a sandbox account whose events the test
//! delivers itself, and one clock for both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use connect::seal::SealingKey;
use connect::stripe::read::{EVENT_TYPES, Reading, read};
use domain::affiliates::AffiliateDraft;
use domain::attribution::LINK_GRACE_MS;
use domain::clicks::ClickToken;
use domain::clock::{Clock, DAY_MS, MINUTE_MS, Random, SECOND_MS, Timestamp};
use domain::coupons::{CheckoutCode, CouponDraft};
use domain::ids::{AffiliateId, ConnectionId, LinkId, PaymentId};
use domain::money::Currency;
use domain::programs::ProgramDraft;
use domain::terms::{AttributionPriority, Caps, ClickModel, Commission, Recurrence, Rewards, Terms};
use engine::Engine;
use engine::Parts;
use engine::identity::accounts::OwnerDraft;
use engine::identity::sessions::MerchantActor;
use engine::programs::Program;
use engine::stripe::webhooks::{DeliveryError, DeliveryOutcome};
use sandbox::{ApiVersion, Event, Interval, Metadata, NewPrice, NewSession, Receipt, Stripe};
use store::clicks::NewClick;
use store::testing::TestDb;

use crate::services::Services;

/// 2 March 2026, 9:00 in UTC.
pub const START: Timestamp = Timestamp::from_seconds(1_772_442_000);
/// 20% of everything for life, within 30 days.
pub const TERMS: Terms = Terms {
    rewards: Rewards::simple(Commission::Percent { rate_bps: 2_000 }, Recurrence::Lifetime),
    caps: Caps::NONE,
    window_days: 30,
    hold_days: 30,
    minimum_payout_minor: 0,
    click_model: ClickModel::Last,
    attribution_priority: AttributionPriority::PromotionCode,
    outside_stripe: false,
};

/// The same with one other reward for every payment.
pub fn paying(commission: Commission, recurrence: Recurrence) -> Terms {
    Terms { rewards: Rewards::simple(commission, recurrence), ..TERMS }
}

/// The same for as long as it says.
pub fn lasting(recurrence: Recurrence) -> Terms {
    paying(Commission::Percent { rate_bps: 2_000 }, recurrence)
}

pub const SECRET: &str = "whsec_of_the_test_world";

/// A clock that a test sets.
#[derive(Clone)]
pub struct Time(Arc<AtomicI64>);

impl Time {
    /// A clock that stands at the beginning.
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START.0)))
    }
    pub fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }
    pub fn advance(&self, ms: i64) {
        self.set(self.now().plus_ms(ms));
    }
    pub fn days(&self, days: i64) {
        self.advance(days * DAY_MS);
    }
    pub fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::new(move || time.now())
    }
}

/// An affiliate with a link.
#[derive(Clone)]
pub struct Promoter {
    pub id: AffiliateId,
    pub link: LinkId,
}

/// An engine with one program and an account at Stripe.
pub struct World {
    pub engine: Engine,
    pub stripe: Stripe,
    pub time: Time,
    pub merchant: MerchantActor,
    pub program: Program,
    pub affiliates: BTreeMap<&'static str, Promoter>,
    pub endpoint: String,
    pub connection: ConnectionId,
    pub db: Arc<TestDb>,
    delivered: u64,
    accounts: u64,
}

pub fn currency(code: &str) -> Currency {
    code.parse().expect("a currency")
}

/// An engine on a database; several may share one, as nodes do.
pub fn engine_on(db: &TestDb, time: &Time, seed: u64) -> Engine {
    engine_at(db, time, seed, &Services::nowhere())
}

/// The same, with chosen services.
pub fn engine_at(db: &TestDb, time: &Time, seed: u64, services: &Services) -> Engine {
    let parts = Parts {
        db: db.db.clone(),
        clock: time.clock(),
        random: Random::seeded(seed),
        key: SealingKey::new(b"the key of the test world"),
        stripe: services.stripe(),
        platform: services.platform.clone(),
        mailer: services.mailer(),
        base_url: "http://localhost:3000".to_owned(),
        pages: honeyguide::server::PAGES,
        link_grace_ms: LINK_GRACE_MS,
    };
    Engine::start(parts).0
}

impl World {
    /// One program under [`TERMS`], in dollars, on a new engine.
    pub async fn new() -> Self {
        Self::with(TERMS, "usd").await
    }

    /// One program on a new engine.
    pub async fn with(terms: Terms, code: &str) -> Self {
        let db = Arc::new(TestDb::new().await);
        let time = Time::new();
        let engine = engine_on(&db, &time, 1);
        Self::on(engine, db, time, terms, code).await
    }

    /// One program on an existing engine.
    pub async fn on(engine: Engine, db: Arc<TestDb>, time: Time, terms: Terms, code: &str) -> Self {
        let owner = OwnerDraft {
            name: "Olga".parse().unwrap(),
            email: "olga@lumen.example".parse().unwrap(),
            password: "correct horse battery".to_owned(),
            company: "Lumen".parse().unwrap(),
        };
        let account = engine::identity::accounts::add_owner(&engine, &owner).await.expect("an owner");
        let person = engine::identity::sessions::person(&engine, &account)
            .await
            .expect("a person")
            .expect("who exists");
        let merchant = person.merchant.expect("who works for a company");
        Self::open(engine, db, time, merchant, terms, code).await
    }

    /// Another program of the same company, with its own account at Stripe.
    pub async fn another(&self, terms: Terms, code: &str) -> Self {
        let (engine, db) = (self.engine.clone(), Arc::clone(&self.db));
        Self::open(engine, db, self.time.clone(), self.merchant.clone(), terms, code).await
    }

    async fn open(
        engine: Engine,
        db: Arc<TestDb>,
        time: Time,
        merchant: MerchantActor,
        terms: Terms,
        code: &str,
    ) -> Self {
        time.set(START);
        let website = "https://lumen.example".parse().expect("an address");
        let draft = ProgramDraft::new("Lumen".parse().expect("a name"), website, currency(code));
        let program = engine::programs::create(&engine, &merchant, &draft, &terms).await.expect("a program");
        let mut affiliates = BTreeMap::new();
        for name in ["mira", "noah"] {
            let email = format!("{name}@affiliates.example").parse().expect("an address");
            let draft = AffiliateDraft { name: name.parse().expect("a name"), email, code: None };
            let (affiliate, link) =
                engine::programs::affiliates::add(&engine, &merchant, &program.id, &draft)
                    .await
                    .expect("an affiliate");
            affiliates.insert(name, Promoter { id: affiliate.id, link: link.id });
        }
        let status =
            engine::stripe::connections::connect_manually(&engine, &merchant, &program.id, SECRET).await;
        let connection = status.expect("a connection").connection.expect("that stands");
        Self {
            stripe: Stripe::new(time.clock(), Random::seeded(1)),
            engine,
            time,
            merchant,
            program,
            affiliates,
            endpoint: connection.endpoint_token,
            connection: connection.id,
            db,
            delivered: 0,
            accounts: 1,
        }
    }

    /// Starts again at Stripe with an empty account whose ids are all different.
    pub fn new_account(&mut self) {
        self.accounts += 1;
        self.delivered = 0;
        self.time.set(START);
        self.stripe = Stripe::new(self.time.clock(), Random::seeded(self.accounts));
    }

    pub fn once(&self, amount: i64, code: &str) -> String {
        self.stripe.create_price(NewPrice::once("Lumen Atlas", amount, code)).expect("a price")
    }

    pub fn monthly(&self, amount: i64, code: &str) -> String {
        self.stripe
            .create_price(NewPrice::every(Interval::Month, "Lumen Pro", amount, code))
            .expect("a price")
    }

    /// A visitor follows an affiliate's link now.
    pub async fn click(&self, name: &str) -> String {
        let promoter = &self.affiliates[name];
        let at = self.time.now();
        let click = NewClick::plain(
            ClickToken::new(at, self.engine.random()),
            &self.program.id,
            (&promoter.id, &promoter.link),
            at,
            "https://lumen.example/",
        );
        engine::tracking::clicks::put_history(&self.engine, std::slice::from_ref(&click))
            .await
            .expect("a click");
        click.token.to_string()
    }

    /// The merchant's server reports an address for a click.
    pub async fn lead(&self, token: &str, email: &str) {
        let (token, email) = (token.parse().expect("a token"), email.parse().expect("an address"));
        engine::tracking::leads::record(&self.engine, &self.merchant, &self.program.id, &token, &email)
            .await
            .expect("the click is known");
    }

    /// A promotion code is given to an affiliate.
    pub async fn give_code(&self, name: &str, promotion_code: &str, code: &str) {
        let id = &self.affiliates[name].id;
        let draft = CouponDraft {
            promotion_code: promotion_code.parse().expect("an id"),
            code: CheckoutCode::parse(code).expect("a code"),
        };
        engine::programs::coupons::add(&self.engine, &self.merchant, &self.program.id, id, &draft)
            .await
            .expect("a code");
    }

    /// Ann buys.
    pub fn buy(&self, session: NewSession) -> Receipt {
        let buyer = sandbox::Buyer::new(&self.buyer_email(), "Ann");
        self.stripe.buy(session, &buyer).expect("a purchase")
    }

    pub fn buyer_email(&self) -> String {
        format!("ann{}@buyers.example", self.accounts)
    }

    /// What has happened at Stripe, oldest first: the types that a merchant ticks.
    pub fn events(&self, version: ApiVersion) -> Vec<Event> {
        let mut events = self.stripe.events_after(0);
        events.retain(|e| EVENT_TYPES.contains(&e.kind()) && version.knows_event(e.kind()));
        events
    }

    /// Signs an event and delivers it, as Stripe does.
    pub async fn deliver_event(
        &self,
        event: &Event,
        version: ApiVersion,
    ) -> Result<DeliveryOutcome, DeliveryError> {
        self.deliver_body(&self.engine, &sandbox::render(event, version)).await
    }

    /// Signs a body and delivers it to one of several nodes.
    pub async fn deliver_body(&self, node: &Engine, body: &[u8]) -> Result<DeliveryOutcome, DeliveryError> {
        let signature = sandbox::signature_header([SECRET], body, self.time.now());
        engine::stripe::webhooks::receive(node, &self.endpoint, Some(signature.as_bytes()), body).await
    }

    /// Delivers all new events, each at its own time, and processes each before the next.
    pub async fn deliver(&mut self, version: ApiVersion) {
        let now = self.time.now();
        for event in self.stripe.events_after(self.delivered) {
            self.delivered = event.sequence();
            if version.knows_event(event.kind()) {
                self.time.set(event.created().plus_ms(SECOND_MS));
                self.deliver_event(&event, version).await.expect("the event is taken");
                self.work().await;
            }
        }
        self.time.set(self.time.now().max(now));
        self.wait_for_the_grace_period().await;
    }

    /// Runs all jobs that are due.
    pub async fn work(&self) {
        engine::worker::drain(&self.engine).await.expect("the work can be done");
    }

    /// Advances the clock past the grace period, so that waiting charges are counted and failed
    /// jobs are retried.
    pub async fn wait_for_the_grace_period(&self) {
        self.time.advance(LINK_GRACE_MS + MINUTE_MS);
        self.work().await;
        let mut conn = self.engine.db().read().await.expect("a connection");
        let sql = "SELECT kind, status, run_at, last_error FROM jobs";
        let left = conn.all(sql, &[], |row| {
            let (kind, status): (String, String) = (row.get("kind")?, row.get("status")?);
            let (run_at, error): (i64, Option<String>) = (row.get("run_at")?, row.get("last_error")?);
            Ok(format!("{status} {kind} at {run_at}: {error:?}"))
        });
        let left = left.await.expect("the jobs");
        assert_eq!(left, [""; 0], "all work is done at {}", self.time.now().0);
    }

    /// The payments that this account's events are about, and where each was first named.
    pub async fn payment_ids(&self) -> Vec<(usize, PaymentId)> {
        let mut conn = self.engine.db().read().await.expect("a connection");
        let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
        for (place, event) in self.stripe.events_after(0).iter().enumerate() {
            let json = serde_json::from_slice(&sandbox::render(event, ApiVersion::ACACIA)).expect("JSON");
            let Reading::Facts(facts) = read(&json) else { continue };
            for id in facts.fact.payment_ids() {
                let payment = store::payments::of_stripe_id(&mut conn, &self.connection, id).await;
                if let Some(payment) = payment.expect("an answer")
                    && seen.insert(payment.clone())
                {
                    found.push((place, payment));
                }
            }
        }
        found
    }
}

/// The token under the key that merchants are told to use.
pub fn metadata(token: &str) -> Metadata {
    [("honeyguide_click".to_owned(), token.to_owned())].into()
}

/// A checkout with the token in the session's metadata.
pub fn checkout(price: &str, token: &str) -> NewSession {
    NewSession { metadata: metadata(token), ..NewSession::of(price) }
}

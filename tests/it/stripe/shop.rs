//! A program that is connected to the sandbox over HTTP, and whose events are delivered
//! by what its endpoints there say.

use std::sync::Arc;

use app::presenters::repair::{RepairText, repair_line};
use domain::clock::{MINUTE_MS, Random, SECOND_MS};
use domain::repairs::{RepairCause, RepairLine, RepairLineCode};
use engine::Engine;
use engine::stripe::repair::RepairReport;
use engine::stripe::webhooks::DeliveryError;
use sandbox::{ApiVersion, EndpointView, Event, Level, Permission, Platform, Settings, Stripe};
use store::testing::TestDb;
use tokio::net::TcpListener;

use super::stripe_site::NEEDED;
use crate::harness::{TERMS, Time, World, checkout, engine_at};
use crate::services::Services;

/// Where the test world's endpoints are.
const BASE: &str = "http://localhost:3000/webhooks/stripe";

/// A world, and the services around it.
pub struct Shop {
    pub world: World,
    pub services: Services,
    /// The merchant's restricted key.
    pub key: String,
    /// The platform's account, for OAuth.
    pub platform: Stripe,
    pub client_id: String,
    price: String,
    delivered: u64,
}

/// All that the restricted key needs, and the account's name.
pub fn permissions() -> Vec<(Permission, Level)> {
    NEEDED.into_iter().chain([(Permission::Account, Level::Read)]).collect()
}

async fn serve(stripe: &Stripe) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { base_url: base.clone(), shop: None, tracking: None };
    let router = sandbox::router(stripe.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

impl Shop {
    /// A program that is not connected.
    async fn open() -> Self {
        let time = Time::new();
        let platform = Stripe::new(time.clock(), Random::seeded(5));
        let stripe = platform.new_account("Lumen");
        let keys = platform.become_platform(Platform::default());
        let key = stripe.create_restricted_key(&permissions());
        let base = serve(&platform).await;
        let services = Services::at(&base).with_keys(false, &keys.secret_key, &keys.client_id);
        let db = Arc::new(TestDb::new().await);
        let engine = engine_at(&db, &time, 1, &services);
        let mut world = World::on(engine, db, time, TERMS, "usd").await;
        engine::stripe::connections::disconnect(&world.engine, &world.merchant, &world.program.id)
            .await
            .unwrap();
        world.stripe = stripe;
        let price = world.once(5_000, "usd");
        Self { world, services, key, platform, client_id: keys.client_id, price, delivered: 0 }
    }

    /// Connected by a restricted key, and one sale that arrived.
    pub async fn by_key() -> Self {
        let mut shop = Self::open().await;
        let world = &mut shop.world;
        let status = engine::stripe::connections::connect_with_key(
            &world.engine,
            &world.merchant,
            &world.program.id,
            &shop.key,
        )
        .await
        .unwrap();
        let connection = status.connection.unwrap();
        (world.connection, world.endpoint) = (connection.id, connection.endpoint_token);
        shop.sell_and_deliver().await;
        shop
    }

    /// Connected by OAuth, and one sale that arrived.
    pub async fn by_oauth() -> Self {
        let mut shop = Self::open().await;
        let world = &mut shop.world;
        let (engine, merchant, program) = (&world.engine, &world.merchant, &world.program.id);
        let url = engine::stripe::connections::authorize(engine, merchant, program, false).await.unwrap();
        let url = url::Url::parse(&url).unwrap();
        let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let code = world.stripe.approve(&shop.client_id, Some("read_write")).unwrap();
        let answer = engine::stripe::connections::OAuthCallback::of(Some(&code), None, None);
        engine::stripe::connections::complete(engine, merchant, &state, answer).await.unwrap();
        let status = engine::stripe::connections::status(engine, merchant, program).await.unwrap();
        let connection = status.connection.unwrap();
        assert!(connection.is_connected(), "{connection:?}");
        (world.connection, world.endpoint) = (connection.id, connection.endpoint_token);
        shop.sell_and_deliver().await;
        shop
    }

    async fn sell_and_deliver(&mut self) {
        self.sell().await;
        assert_eq!(self.deliver().await, Vec::<String>::new());
        assert_eq!(self.credited().await, 1);
    }

    /// A visitor clicks and buys, ten minutes after the last event.
    pub async fn sell(&mut self) {
        self.world.time.advance(10 * MINUTE_MS);
        let click = self.world.click("mira").await;
        self.world.time.advance(MINUTE_MS);
        let buyer = sandbox::Buyer::new(&format!("ann{}@buyers.example", self.world.time.now().0), "Ann");
        self.world.stripe.buy(checkout(&self.price, &click), &buyer).unwrap();
    }

    /// The id of the newest charge at the sandbox.
    pub fn newest_charge(&self) -> String {
        let events = self.world.stripe.events_after(0);
        let event = events.iter().rfind(|event| event.kind() == "charge.succeeded").unwrap();
        let json: serde_json::Value =
            serde_json::from_slice(&sandbox::render(event, ApiVersion::ACACIA)).unwrap();
        json["data"]["object"]["id"].as_str().unwrap().to_owned()
    }

    /// Whose endpoints get this account's events.
    fn holder(&self) -> &Stripe {
        let is_platform = self.platform.endpoints().iter().any(|endpoint| endpoint.connect);
        if is_platform { &self.platform } else { &self.world.stripe }
    }

    /// Our endpoints at the sandbox.
    pub fn endpoints(&self) -> Vec<EndpointView> {
        let mut endpoints = self.holder().endpoints();
        endpoints.retain(|endpoint| {
            endpoint.metadata.contains_key("honeyguide_instance") || endpoint.url.starts_with(BASE)
        });
        endpoints
    }

    /// Breaks our endpoint.
    pub fn break_endpoint(&self, defect: sandbox::Defect) {
        self.holder().break_endpoint(&self.endpoints()[0].id, defect).unwrap();
    }

    /// Delivers what is new as Stripe would: to the endpoints that want it. Answers the
    /// codes of the refusals.
    pub async fn deliver(&mut self) -> Vec<String> {
        self.deliver_to(&self.world.engine.clone()).await
    }

    async fn deliver_to(&mut self, node: &Engine) -> Vec<String> {
        let events = self.world.stripe.events_after(self.delivered);
        let mut refusals = Vec::new();
        for event in &events {
            self.delivered = event.sequence();
            for endpoint in self.holder().endpoints() {
                if let Some(refusal) = self.post(node, &endpoint, event).await {
                    refusals.push(refusal);
                }
            }
        }
        self.world.time.advance(SECOND_MS);
        self.world.work().await;
        refusals
    }

    async fn post(&self, node: &Engine, endpoint: &EndpointView, event: &Event) -> Option<String> {
        let version = endpoint.api_version.unwrap_or(ApiVersion::ACACIA);
        let wants = |kind: &str| endpoint.enabled_events.iter().any(|wanted| wanted == kind || wanted == "*");
        if endpoint.disabled || !wants(event.kind()) || !version.knows_event(event.kind()) {
            return None;
        }
        let body = if endpoint.connect {
            sandbox::render_for_connect(event, version, &self.world.stripe.account_id())
        } else {
            sandbox::render(event, version)
        };
        let secrets = endpoint.secrets.iter().map(String::as_str);
        let header = sandbox::signature_header(secrets, &body, self.world.time.now());
        let signature = Some(header.as_bytes());
        let taken = match endpoint.url.strip_prefix(BASE)? {
            "" => engine::stripe::webhooks::receive_for_platform(node, signature, &body).await,
            token => {
                engine::stripe::webhooks::receive(node, token.trim_start_matches('/'), signature, &body).await
            }
        };
        match taken {
            Ok(_) => None,
            Err(DeliveryError::Signature(error)) => Some(error.word().to_owned()),
            Err(error) => Some(error.to_string()),
        }
    }

    /// Presses the button and waits for the end.
    pub async fn repair(&self) -> RepairReport {
        let (world, program) = (&self.world, &self.world.program.id);
        let started =
            engine::stripe::repair::start(&world.engine, &world.merchant, program, RepairCause::Button)
                .await
                .unwrap();
        world.work().await;
        self.report(&started.id).await
    }

    /// The report of a repair by now.
    pub async fn report(&self, id: &domain::ids::RepairId) -> RepairReport {
        let world = &self.world;
        engine::stripe::repair::report(&world.engine, &world.merchant, &world.program.id, id).await.unwrap()
    }

    /// How many sales are credited to Mira; the books are right.
    pub async fn credited(&self) -> usize {
        self.world.work().await;
        self.world.check_books().await;
        let ledger = self.world.ledger().await;
        let is_right = |line: &&String| line.starts_with("mira 1000 ") && line.ends_with("by metadata");
        let credited = ledger.iter().filter(is_right).count();
        assert_eq!(credited, ledger.len(), "every sale has Mira's token: {ledger:?}");
        credited
    }

    /// What is known here of the connection.
    pub async fn status(&self) -> engine::stripe::connections::Status {
        let world = &self.world;
        engine::stripe::connections::status(&world.engine, &world.merchant, &world.program.id).await.unwrap()
    }
}

/// The codes of a report's lines.
pub fn codes(report: &RepairReport) -> Vec<RepairLineCode> {
    report.lines.iter().map(RepairLine::code).collect()
}

/// The line of a code.
pub fn line(report: &RepairReport, code: RepairLineCode) -> &RepairLine {
    report
        .lines
        .iter()
        .find(|line| line.code() == code)
        .unwrap_or_else(|| panic!("no {code:?} in {report:?}"))
}

/// The line of a code, as the page words it.
pub fn text(report: &RepairReport, code: RepairLineCode) -> RepairText {
    repair_line(line(report, code))
}

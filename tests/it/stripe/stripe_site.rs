//! The site with the stand-in for Stripe: a platform and merchants' accounts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use axum::http::StatusCode;
use domain::clock::{Random, SECOND_MS, Timestamp};
use domain::connections::OAuthScope;
use engine::stripe::connections::{self, Connection, Status};
use engine::stripe::events;
use engine::stripe::events::InboxEvent;
use engine::worker;
use sandbox::{ApiVersion, Level, NewSession, Permission, Platform, PlatformKeys, Settings, Stripe};
use tokio::net::TcpListener;
use url::Url;

use crate::services::Services;
use crate::site::webhooks::deliver;
use crate::site::{Answer, BASE, Browser, Merchant, START, Site, clock_of};

/// What a restricted key needs, in the sandbox's words.
pub const NEEDED: [(Permission, Level); 13] = [
    (Permission::WebhookEndpoints, Level::Write),
    (Permission::Events, Level::Read),
    (Permission::CheckoutSessions, Level::Read),
    (Permission::Charges, Level::Read),
    (Permission::PaymentIntents, Level::Read),
    (Permission::Invoices, Level::Read),
    (Permission::Subscriptions, Level::Read),
    (Permission::Customers, Level::Read),
    (Permission::Disputes, Level::Read),
    (Permission::Coupons, Level::Read),
    (Permission::PromotionCodes, Level::Read),
    (Permission::Products, Level::Read),
    (Permission::Prices, Level::Read),
];

/// The site, a company on it, and the sandbox.
pub struct StripeSite {
    pub site: Site,
    pub merchant: Merchant,
    /// The platform's account in test mode.
    pub platform: Stripe,
    pub keys: PlatformKeys,
    /// The merchant's account in test mode.
    pub account: Stripe,
    delivered: BTreeMap<String, u64>,
}

async fn serve(stripe: &Stripe) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let settings = Settings { base_url: address.clone(), shop: None, tracking: None };
    let router = sandbox::router(stripe.clone(), settings);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

impl StripeSite {
    /// A classic platform in both modes.
    pub async fn new() -> Self {
        Self::of(Platform::default(), "read_write").await
    }

    /// A platform of a kind, asked for a scope.
    pub async fn of(kind: Platform, scope: &str) -> Self {
        let time = Arc::new(AtomicI64::new(START.0));
        let platform = Stripe::new(clock_of(&time), Random::seeded(3));
        let keys = platform.become_platform(kind.clone());
        let live = platform.live().become_platform(kind);
        let account = platform.new_account("Lumen Notes");
        let address = serve(&platform).await;
        let mut services = Services::at(&address)
            .with_keys(false, &keys.secret_key, &keys.client_id)
            .with_keys(true, &live.secret_key, &live.client_id);
        services.platform.scope = OAuthScope::from_word(scope);
        if scope == "none" {
            services.platform.deauthorize_url = None;
        }
        let site = Site::on(time, services).await;
        let merchant = site.merchant("lumen").await;
        Self { site, merchant, platform, keys, account, delivered: BTreeMap::new() }
    }

    pub async fn browser(&self) -> Browser<'_> {
        Browser::signed_in(&self.site, &self.merchant.email).await
    }

    pub fn settings(&self) -> String {
        format!("/programs/{}/settings/stripe", self.merchant.program.id)
    }

    pub async fn status(&self) -> Status {
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        connections::status(engine, actor, &self.merchant.program.id).await.unwrap()
    }

    pub async fn connection(&self) -> Connection {
        self.status().await.connection.expect("a connection")
    }

    /// Leaves for Stripe: the state that comes back.
    pub async fn leave(&self, browser: &Browser<'_>, mode: &str) -> String {
        let program = self.merchant.program.id.to_string();
        let answer = browser.post("/do/stripe/authorize", &[("program", &program), ("mode", mode)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let url =
            Url::parse(answer.location()).unwrap_or_else(|_| panic!("no address: {}", answer.location()));
        let state = url.query_pairs().find(|(name, _)| name == "state").expect("a state").1.into_owned();
        assert!(url.path().ends_with("/oauth/authorize"));
        state
    }

    /// The merchant says yes in test mode, for an account.
    pub fn allow(&self, account: &Stripe) -> String {
        account.approve(&self.keys.client_id, Some("read_write")).unwrap()
    }

    /// Comes back from Stripe.
    pub async fn come_back(&self, browser: &Browser<'_>, answer: &[(&str, &str)]) -> Answer {
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(answer).finish();
        browser.get(&format!("/stripe/callback?{query}")).await
    }

    /// Connects the merchant's account by OAuth, the whole way.
    pub async fn connect(&self, browser: &Browser<'_>) {
        let state = self.leave(browser, "test").await;
        let code = self.allow(&self.account);
        let answer = self.come_back(browser, &[("code", &code), ("state", &state)]).await;
        assert_eq!(answer.location(), self.settings(), "{}", answer.body);
    }

    /// A purchase on an account.
    pub fn sell(&self, account: &Stripe) -> String {
        let price = account.create_price(sandbox::NewPrice::once("Lumen Atlas", 4_900, "usd")).unwrap();
        let buyer = sandbox::Buyer::new("ann@buyers.example", "Ann");
        account.buy(NewSession::of(&price), &buyer).unwrap().charge.expect("a charge")
    }

    /// Delivers what is new on an account to every endpoint that would get it, as Stripe
    /// does; answers the statuses.
    pub async fn deliver(&mut self, account: &Stripe) -> Vec<StatusCode> {
        let cursor =
            self.delivered.entry(format!("{} {}", account.account_id(), account.is_live())).or_insert(0);
        let mut statuses = Vec::new();
        let events = account.events_after(*cursor);
        *cursor = events.last().map_or(*cursor, sandbox::Event::sequence);
        self.site.advance(SECOND_MS);
        for event in events.iter().filter(|event| ApiVersion::ACACIA.knows_event(event.kind())) {
            let body = sandbox::render(event, ApiVersion::ACACIA);
            let named = sandbox::render_for_connect(event, ApiVersion::ACACIA, &account.account_id());
            statuses.extend(self.post(account, event.kind(), &body, false).await);
            statuses.extend(self.post(&self.platform, event.kind(), &named, true).await);
        }
        worker::drain(&self.site.engine).await.unwrap();
        statuses
    }

    /// Posts a body to the endpoints of an account that want it.
    pub async fn post(&self, account: &Stripe, kind: &str, body: &[u8], connect: bool) -> Vec<StatusCode> {
        let mut statuses = Vec::new();
        for endpoint in account.endpoints() {
            let wants = endpoint.enabled_events.iter().any(|wanted| wanted == kind);
            // An endpoint with another URL receives nothing here.
            let path = endpoint.url.strip_prefix(BASE).filter(|path| path.starts_with("/webhooks/"));
            if let Some(path) = path
                && endpoint.connect == connect
                && wants
                && !endpoint.disabled
            {
                let secrets = endpoint.secrets.iter().map(String::as_str);
                let signature = sandbox::signature_header(secrets, body, self.site.engine.now());
                statuses.push(deliver(&self.site, path, Some(&signature), body).await.status);
            }
        }
        statuses
    }

    /// The platform is told that an account took access back at a moment.
    pub async fn tell_deauthorized(&self, account: &Stripe, at: Timestamp) {
        let body = format!(
            r#"{{"id":"evt_deauthorized_{0}","object":"event","type":"account.application.deauthorized","created":{0},
            "livemode":false,"account":"{1}","data":{{"object":{{"id":"{2}","object":"application","name":"Honeyguide"}}}}}}"#,
            at.seconds(),
            account.account_id(),
            self.keys.client_id
        );
        let kind = "account.application.deauthorized";
        let statuses = self.post(&self.platform, kind, body.as_bytes(), true).await;
        assert_eq!(statuses, [StatusCode::OK]);
        worker::drain(&self.site.engine).await.unwrap();
    }

    /// What the program has received.
    pub async fn events(&self) -> Vec<InboxEvent> {
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        events::list(engine, actor, &self.merchant.program.id, &events::Filter::default(), None, 100)
            .await
            .unwrap()
    }

    /// Which of its charges the program knows.
    pub async fn knows(&self, charge: &str) -> bool {
        self.events().await.iter().any(|event| event.object_id.as_deref() == Some(charge))
    }

    /// How often a path was asked for at the sandbox.
    pub fn asked(&self, path: &str) -> usize {
        self.platform.requests().iter().filter(|request| request.path == path).count()
    }
}

//! The site as browsers see it: the real router on its own database, without a port.

mod accounts;
mod application_review;
mod applications;
mod asvs;
mod cross_site;
mod email_change;
mod event_log;
mod invitations;
mod join;
mod links;
mod live;
pub mod mail_log;
mod missing_referral;
mod nul;
mod payout_tables;
mod questions;
pub mod receipts;
mod resources;
mod rewards;
mod search;
mod sign_in_links;
mod tenancy;
mod tracking;
mod two_step;
pub mod webhooks;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, Once};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, HeaderName, Request, StatusCode, header};
use connect::seal::SealingKey;
use domain::affiliates::AffiliateDraft;
use domain::clock::{Clock, Random, Timestamp};
use domain::programs::ProgramDraft;
use domain::terms::Terms;
use engine::Engine;
use engine::Parts;
use engine::identity::accounts as people;
use engine::identity::accounts::OwnerDraft;
use engine::identity::sessions;
use engine::identity::sessions::MerchantActor;
use engine::programs;
use engine::programs::Program;
use engine::programs::affiliates;
use engine::programs::affiliates::Affiliate;
use engine::programs::links::Link;
use honeyguide::http::proxy::Proxy;
use honeyguide::http::router::router;
use store::testing::TestDb;
use tower::ServiceExt;

use crate::services::Services;

/// 2 March 2026, 9:00 in UTC.
pub const START: Timestamp = Timestamp::from_seconds(1_772_442_000);
pub const BASE: &str = "http://hg.test";
pub const PASSWORD: &str = "correct horse battery";

/// The router and what stands behind it.
pub struct Site {
    pub engine: Engine,
    pub time: Arc<AtomicI64>,
    pub services: Arc<Services>,
    pub db: Arc<TestDb>,
    router: Router,
}

/// An answer, read whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    pub fn location(&self) -> &str {
        self.header("location")
    }
}

impl Site {
    pub async fn new() -> Self {
        Self::with(Services::nowhere()).await
    }

    pub async fn with(services: Services) -> Self {
        Self::on(Arc::new(AtomicI64::new(START.0)), services).await
    }

    /// On a clock that others share.
    pub async fn on(time: Arc<AtomicI64>, services: Services) -> Self {
        start_once();
        let db = Arc::new(TestDb::new().await);
        Self::server(db.db.clone(), db, time, Arc::new(services), 11)
    }

    /// Another server on the same database, with connections of its own.
    pub async fn beside(db: Arc<TestDb>, time: Arc<AtomicI64>, services: Arc<Services>) -> Self {
        let own = engine::Db::connect(&db.url).await.unwrap();
        Self::server(own, db, time, services, 12)
    }

    fn server(
        own: engine::Db,
        db: Arc<TestDb>,
        time: Arc<AtomicI64>,
        services: Arc<Services>,
        seed: u64,
    ) -> Self {
        let (engine, _writers) = Engine::start(Parts {
            db: own,
            clock: clock_of(&time),
            random: Random::seeded(seed),
            key: SealingKey::new(b"a key for tests"),
            stripe: services.stripe(),
            platform: services.platform.clone(),
            mailer: services.mailer(),
            base_url: BASE.to_owned(),
            pages: honeyguide::server::PAGES,
            link_grace_ms: 0,
        });
        let site = app::Site { sandbox: None, base_url: BASE.to_owned() };
        let router = router(
            engine.clone(),
            site,
            Proxy { trusted: true, country_header: Some(HeaderName::from_static("cf-ipcountry")) },
        )
        .unwrap();
        Self { engine, time, services, db, router }
    }

    pub fn advance(&self, ms: i64) {
        self.time.fetch_add(ms, Ordering::SeqCst);
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let address: std::net::SocketAddr = "203.0.113.9:5000".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(address));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap();
        Answer { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("host", "hg.test").body(Body::empty()).unwrap()).await
    }

    /// A file that is not text.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = Request::get(path).header("host", "hg.test").body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        axum::body::to_bytes(response.into_body(), 8 << 20).await.unwrap().to_vec()
    }

    /// A company with an owner who can sign in, and a program.
    pub async fn merchant(&self, name: &str) -> Merchant {
        let email = format!("{name}@example.com");
        let setup = OwnerDraft {
            name: format!("Owner {name}").parse().unwrap(),
            email: email.parse().unwrap(),
            password: PASSWORD.to_owned(),
            company: format!("Company {name}").parse().unwrap(),
        };
        let account = people::add_owner(&self.engine, &setup).await.unwrap();
        let actor = sessions::person(&self.engine, &account).await.unwrap().unwrap().merchant.unwrap();
        let draft = ProgramDraft::new(
            format!("Program {name}").parse().unwrap(),
            format!("https://{name}.example/").parse().unwrap(),
            "usd".parse().unwrap(),
        );
        let program = programs::create(&self.engine, &actor, &draft, &Terms::default()).await.unwrap();
        Merchant { email, actor, program }
    }

    /// A manager of a company who can sign in; says the address.
    pub async fn member(&self, merchant: &Merchant, name: &str) -> String {
        let email = format!("{name}@members.example");
        let mut conn = self.db.db.write().await.unwrap();
        let account = store::accounts::Account {
            id: domain::ids::AccountId::new(self.engine.now(), self.engine.random()),
            email: email.parse().unwrap(),
            name: format!("Member {name}"),
            password_hash: None,
        };
        store::accounts::put(&mut conn, &account, self.engine.now()).await.unwrap();
        let sql =
            "INSERT INTO members (merchant_id, account_id, role, created_at) VALUES ($1, $2, 'manager', 1)";
        let args = [merchant.actor.merchant_id().as_str().into(), account.id.as_str().into()];
        conn.run_one(sql, &args).await.unwrap();
        drop(conn);
        people::set_first_password(&self.engine, &account.email, PASSWORD).await.unwrap();
        email
    }

    /// An affiliate who can sign in, with a first link.
    pub async fn affiliate(&self, merchant: &Merchant, name: &str) -> (Affiliate, Link) {
        let draft = AffiliateDraft {
            name: format!("Affiliate {name}").parse().unwrap(),
            email: format!("{name}@affiliates.example").parse().unwrap(),
            code: Some(name.parse().unwrap()),
        };
        let (affiliate, link) =
            affiliates::add(&self.engine, &merchant.actor, &merchant.program.id, &draft).await.unwrap();
        people::set_first_password(&self.engine, &affiliate.email, PASSWORD).await.unwrap();
        (affiliate, link)
    }
}

/// The path that a link in the newest mail with one leads to, after `start`.
pub fn link_in_mails(site: &Site, start: &str) -> String {
    let mails = site.services.mails();
    let links = mails.iter().rev().filter_map(|text| {
        let (_, rest) = text.split_once(start)?;
        Some(format!("{start}{}", rest.split_whitespace().next()?))
    });
    links.into_iter().next().expect("a mail with a link")
}

/// What the process needs before its first router.
pub fn start_once() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = any_spawner::Executor::init_tokio();
        honeyguide::http::assets::install();
    });
}

/// The clock that a test sets.
pub fn clock_of(time: &Arc<AtomicI64>) -> Clock {
    let time = time.clone();
    Clock::new(move || Timestamp(time.load(Ordering::SeqCst)))
}

/// A company in a test.
pub struct Merchant {
    pub email: String,
    pub actor: MerchantActor,
    pub program: Program,
}

/// A browser: it keeps cookies and says where its forms come from.
pub struct Browser<'s> {
    site: &'s Site,
    cookies: Mutex<Vec<(String, String)>>,
    /// The address that it comes from, as the proxy in front says.
    address: &'static str,
}

impl<'s> Browser<'s> {
    pub fn new(site: &'s Site) -> Self {
        Self::with_cookies(site, Vec::new())
    }

    /// One at another network address.
    pub fn at(site: &'s Site, address: &'static str) -> Self {
        Self { address, ..Self::new(site) }
    }

    pub async fn signed_in(site: &'s Site, email: &str) -> Self {
        let browser = Self::new(site);
        let to = browser.sign_in(&[("email", email), ("password", PASSWORD)]).await;
        assert!(!to.starts_with("/login"), "not signed in: {to}");
        browser
    }

    /// Sends the sign-in form and answers where it leads in the end: the sign-in page is
    /// passed on the way, to see whether the browser keeps cookies.
    pub async fn sign_in(&self, fields: &[(&str, &str)]) -> String {
        let answer = self.post("/do/session/start", fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let next = self.get(answer.location()).await;
        if next.status == StatusCode::SEE_OTHER {
            next.location().to_owned()
        } else {
            answer.location().to_owned()
        }
    }

    /// The same browser, whose next request another server gets.
    pub fn moved_to<'t>(&self, site: &'t Site) -> Browser<'t> {
        Browser::with_cookies(site, self.cookies())
    }

    pub fn with_cookies(site: &'s Site, cookies: Vec<(String, String)>) -> Self {
        Self { site, cookies: Mutex::new(cookies), address: "198.51.100.1" }
    }

    pub fn cookies(&self) -> Vec<(String, String)> {
        self.cookies.lock().unwrap().clone()
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&self, answer: &Answer) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            cookies.retain(|(known, _)| known != name);
            cookies.push((name.to_owned(), value.to_owned()));
        }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.site.send(request).await;
        self.keep(&answer);
        answer
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = Request::get(path).header("host", "hg.test").header("accept", "text/html");
        self.send(request.header("cookie", self.cookie_header()).body(Body::empty()).unwrap()).await
    }

    /// Opens a path whose answer does not end.
    pub async fn open(&self, path: &str) -> axum::response::Response {
        let request = Request::get(path).header("host", "hg.test").header("cookie", self.cookie_header());
        self.site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    /// With further headers.
    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let request = Request::get(path).header("host", "hg.test").header("cookie", self.cookie_header());
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request.body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.post_as(path, "application/x-www-form-urlencoded", body.into_bytes()).await
    }

    /// Posts a form with one file.
    pub async fn upload(&self, path: &str, content: &[u8]) -> Answer {
        self.upload_with(path, &[], Some(("file", content))).await
    }

    /// Posts a form with fields, and a file with its name.
    pub async fn upload_with(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        file: Option<(&str, &[u8])>,
    ) -> Answer {
        const PART: &str = "--edge\r\nContent-Disposition: form-data; name=";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend(format!("{PART}\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        if let Some((name, content)) = file {
            body.extend(format!("{PART}\"file\"; filename=\"{name}\"\r\n\r\n").into_bytes());
            body.extend(content);
            body.extend(b"\r\n");
        }
        body.extend(b"--edge--\r\n");
        self.post_as(path, "multipart/form-data; boundary=edge", body).await
    }

    async fn post_as(&self, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(path)
            .header("host", "hg.test")
            .header("accept", "text/html")
            .header("sec-fetch-site", "same-origin")
            .header("origin", BASE)
            .header("x-forwarded-for", self.address)
            .header("content-type", content_type)
            .header("cookie", self.cookie_header());
        self.send(request.body(Body::from(body)).unwrap()).await
    }
}

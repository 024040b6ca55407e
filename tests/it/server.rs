//! The real binary in a process of its own, on a database of its own: SQLite, or Postgres
//! when `TEST_DATABASE_URL` is set.

use std::fs::File;
use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use store::db::{Db, Tx};
use store::testing::TestDb;
use tokio::process::{Child, Command};

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_honeyguide");
pub const OWNER: &str = "olga@lumen.example";
/// A person's browser: clicks of programs do not count.
const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
/// How often a condition is looked at that another process fulfils.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until a condition of another process holds; fails with its name.
pub async fn until<T>(what: &str, limit: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    within(what, limit, waiting).await
}

/// Fails with its name when something takes too long.
pub async fn within<T>(what: &str, limit: Duration, work: impl Future<Output = T>) -> T {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| panic!("{what}: not within {limit:?}"))
}

/// A client that follows no redirects and looks like a browser.
pub fn browser() -> Client {
    // The first of a process wins; all are the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // Behind a proxy that the server does not trust, so that each click is another visitor's.
    let headers = [(HeaderName::from_static("via"), HeaderValue::from_static("1.1 test"))];
    let builder = Client::builder().default_headers(headers.into_iter().collect());
    builder.redirect(Policy::none()).user_agent(BROWSER).build().unwrap()
}

/// A program on the server's own machine, with no proxy between.
pub fn monitor() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// An address that is not in use. Below the range from which the kernel takes ports of
/// outgoing connections, and begun elsewhere by each process.
pub fn free_address() -> String {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    format!("127.0.0.1:{}", (first..32_000).find(free).expect("a free port"))
}

/// `honeyguide` and its database.
pub struct Server {
    /// Where it answers.
    pub url: String,
    /// Talks to it.
    pub http: Client,
    environment: Vec<(String, String)>,
    running: Option<Child>,
    folder: TestDb,
    log: Option<PathBuf>,
    surroundings: Surroundings,
}

/// What the process runs in.
#[derive(Clone, Copy)]
enum Surroundings {
    /// What the test runs in.
    Ours,
    /// Its database is on a disk of so many MiB.
    Disk { mib: u32 },
    /// The soft and the hard limit of its descriptors.
    Descriptors { soft: u32, hard: u32 },
}

impl Server {
    /// Starts it on an empty database.
    pub async fn start() -> Self {
        Self::with(&[]).await
    }

    /// Starts it with further settings.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        Self::begin(None, settings, Surroundings::Ours).await
    }

    /// Starts it with its database on a disk of so many MiB.
    pub async fn on_disk_of(mib: u32) -> Self {
        Self::begin(None, &[], Surroundings::Disk { mib }).await
    }

    /// Starts it under limits of its descriptors.
    pub async fn with_descriptors(soft: u32, hard: u32) -> Self {
        Self::begin(None, &[], Surroundings::Descriptors { soft, hard }).await
    }

    /// The settings that it runs with, for other commands on its database.
    pub fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Starts it with further settings and its log in a file.
    pub async fn logging_to(log: &Path, settings: &[(&str, &str)]) -> Self {
        Self::begin(Some(log.to_owned()), settings, Surroundings::Ours).await
    }

    async fn begin(log: Option<PathBuf>, settings: &[(&str, &str)], surroundings: Surroundings) -> Self {
        let folder = TestDb::new().await;
        // From here on the database is the other process's alone.
        folder.db.close().await;
        let address = free_address();
        let url = format!("http://{address}");
        let mut environment: Vec<(String, String)> = [
            ("DATABASE_URL", folder.url.as_str()),
            ("BASE_URL", &url),
            ("LISTEN", &address),
            ("SECRET_KEY", "the secret key of the test server"),
            ("ADMIN_EMAIL", OWNER),
            ("ADMIN_PASSWORD", "correct horse battery"),
            ("LOG", "error"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        // Of two that are named alike the later one counts.
        environment.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let mut server = Self { url, http: browser(), environment, running: None, folder, log, surroundings };
        server.start_again().await;
        server
    }

    /// The binary; on a disk of its own it runs in a mount namespace, and so do the commands
    /// beside a running server.
    fn binary(&self) -> Command {
        let mut command = match (self.surroundings, &self.running) {
            (Surroundings::Disk { mib }, None) => {
                let mount = format!("mount -t tmpfs -o size={mib}m none \"$0\" && exec \"$@\"");
                let mut command = Command::new("/usr/bin/unshare");
                command.args(["--mount", "/bin/sh", "-c", &mount]).arg(self.folder()).arg(BINARY);
                command
            }
            (Surroundings::Disk { .. }, Some(_)) => {
                let mut command = Command::new("/usr/bin/nsenter");
                command.args(["--mount", "--target", &self.pid().to_string(), BINARY]);
                command
            }
            (Surroundings::Descriptors { soft, hard }, None) => {
                let limit = format!("ulimit -S -n {soft} && ulimit -H -n {hard} && exec \"$0\" \"$@\"");
                let mut command = Command::new("/bin/sh");
                command.args(["-c", &limit, BINARY]);
                command
            }
            (Surroundings::Ours | Surroundings::Descriptors { .. }, _) => Command::new(BINARY),
        };
        command.env_clear().envs(self.environment.iter().cloned()).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.running.as_ref().and_then(Child::id).expect("a running server")
    }

    /// The folder of its SQLite file.
    pub fn folder(&self) -> &Path {
        Path::new(self.sqlite_file().expect("a file")).parent().expect("a folder")
    }

    /// Starts it on the same database and waits until it is ready.
    pub async fn start_again(&mut self) {
        let mut command = self.binary();
        if let Some(log) = &self.log {
            command.stderr(File::options().create(true).append(true).open(log).unwrap());
        }
        let child = command.arg("serve").stdout(Stdio::null()).spawn().expect("the binary runs");
        self.running = Some(child);
        let address = format!("{}/readyz", self.url);
        within("the server is ready", Duration::from_secs(30), async {
            loop {
                if let Some(ended) = self.running.as_mut().unwrap().try_wait().unwrap() {
                    panic!("the server ended with {ended}; its last words are on standard error");
                }
                if let Ok(answer) = self.http.get(&address).send().await
                    && answer.status() == StatusCode::OK
                {
                    return;
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
        .await;
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        self.running.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    /// A number that it counts.
    pub async fn counter(&self, name: &str) -> u64 {
        let metrics = monitor().get(format!("{}/metrics", self.url)).send().await.unwrap();
        let metrics = metrics.text().await.unwrap();
        let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("honeyguide_{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {metrics}")).parse().unwrap()
    }

    /// `kill`: it ends by itself.
    pub async fn terminate(&mut self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").arg(pid).status().await.unwrap().success());
        let ended = self.running.take().expect("a running server").wait().await.unwrap();
        assert!(ended.success(), "it ended with {ended}");
    }

    /// `kill -9`: no handler runs, nothing is flushed.
    pub async fn kill(&mut self) {
        self.running.take().expect("a running server").kill().await.unwrap();
    }

    /// Runs another command on the same database.
    pub async fn command(&self, arguments: &[&str]) -> Output {
        let running = self.binary().args(arguments).output();
        within("the command", Duration::from_secs(60), running).await.expect("the binary runs")
    }

    /// What a command printed; it must succeed.
    pub async fn say(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).await;
        let said = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "honeyguide {arguments:?} failed:\n{said}{errors}");
        said
    }

    /// The API with a key of the owner's.
    pub async fn api(&self) -> Api {
        let key = self.say(&["api-key", "create", "--email", OWNER]).await;
        Api { http: self.http.clone(), base: format!("{}/api/v1", self.url), key: key.trim().to_owned() }
    }

    /// Where its database lies, when it is a file.
    pub fn sqlite_file(&self) -> Option<&str> {
        self.folder.url.strip_prefix("sqlite:")
    }

    /// `honeyguide verify` finds nothing wrong.
    pub async fn verify(&self) {
        let said = self.say(&["verify"]).await;
        assert!(said.contains("All sums and hashes match."), "{said}");
    }

    /// Takes the database away from it.
    pub async fn take_database(&self) -> Away {
        let db = Db::connect(&self.folder.url).await.expect("the database");
        if self.folder.url.starts_with("sqlite:") {
            let lock = db.begin().await.expect("the write lock");
            return Away::Locked(lock);
        }
        db.write().await.unwrap().run(HIDE, &[]).await.expect("the schema goes away");
        Away::Hidden(db)
    }
}

const HIDE: &str = "DO $$ BEGIN EXECUTE format('ALTER SCHEMA %I RENAME TO %I', \
                    current_setting('search_path'), current_setting('search_path') || '_away'); END $$";
const SHOW: &str = "DO $$ BEGIN EXECUTE format('ALTER SCHEMA %I RENAME TO %I', \
                    current_setting('search_path') || '_away', current_setting('search_path')); END $$";

/// A database that its server cannot write to.
pub enum Away {
    /// SQLite: another connection holds the write lock.
    Locked(Tx),
    /// Postgres: the tables are not where they were.
    Hidden(Db),
}

impl Away {
    /// Gives it back.
    pub async fn give_back(self) {
        match self {
            Self::Locked(lock) => drop(lock),
            Self::Hidden(db) => {
                db.write().await.unwrap().run(SHOW, &[]).await.expect("the schema comes back");
            }
        }
    }
}

/// The REST API, as a script uses it.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    key: String,
}

impl Api {
    /// `GET`; everything that is answered.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}/{path}", self.base)).bearer_auth(&self.key);
        read(request.send().await.unwrap()).await
    }

    /// `POST`; the `data` of the answer.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.key).json(&body);
        read(request.send().await.unwrap()).await["data"].take()
    }

    /// `POST`; the answer as it comes.
    pub async fn try_post(&self, path: &str, body: &Value) -> Response {
        let request = self.http.post(format!("{}/{path}", self.base)).bearer_auth(&self.key).json(body);
        request.send().await.unwrap()
    }

    /// The key that it is used with.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// All pages of a list.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut rows, mut after) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}{separator}limit=100{after}")).await;
            rows.append(page["data"].as_array_mut().expect("a list"));
            match page["meta"]["next"].as_str() {
                Some(next) => after = format!("&startingAfter={next}"),
                None => return rows,
            }
        }
    }

    /// A program that pays 20% for life within 30 days.
    pub async fn unconnected(&self, name: &str) -> String {
        let program = json!({
            "name": name,
            "website": "https://lumen.example",
            "currency": "usd",
            "commission": { "kind": "percent", "percent": "20" },
            "recurrence": { "kind": "lifetime" },
            "windowDays": 30,
        });
        text(&self.post("programs", program).await["id"])
    }

    /// Such a program with one affiliate, a link and a connection to Stripe.
    pub async fn program(&self, name: &str, secret: &str) -> Program {
        let id = self.unconnected(name).await;
        let email = format!("mira@{}.example", id.replace('_', "-"));
        let affiliate =
            self.post(&format!("programs/{id}/affiliates"), json!({ "name": "Mira", "email": email })).await;
        let link =
            json!({ "affiliateId": affiliate["id"], "destinationUrl": "https://lumen.example/pricing" });
        let link = self.post(&format!("programs/{id}/links"), link).await;
        let webhook_url = self.connect(&id, secret).await;
        let types = &self.get(&format!("programs/{id}/stripe")).await["data"]["eventTypes"];
        let ticked = [&types["required"], &types["recommended"]];
        let ticked = ticked.into_iter().flat_map(|types| types.as_array().unwrap()).map(text).collect();
        Program { id, link_url: text(&link["url"]), webhook_url, ticked }
    }

    /// Connects a program by hand, or adds a further secret; the address for Stripe.
    pub async fn connect(&self, program: &str, secret: &str) -> String {
        let body = json!({ "method": "manual", "webhookSecret": secret });
        let connection = self.post(&format!("programs/{program}/connect-stripe"), body).await;
        assert_eq!(connection["connected"], true);
        text(&connection["webhookUrl"])
    }

    /// Waits until every event that a program received is processed; none may have failed.
    pub async fn processed(&self, program: &Program, limit: Duration) {
        let waiting = format!("programs/{}/events?limit=1&status=received", program.id);
        until("all events are processed", limit, async || {
            self.get(&waiting).await["data"].as_array().unwrap().is_empty().then_some(())
        })
        .await;
        let failed = self.all(&format!("programs/{}/events?status=failed", program.id)).await;
        assert_eq!(failed, Vec::<Value>::new(), "events that could not be read");
    }
}

async fn read(answer: Response) -> Value {
    let (status, address) = (answer.status(), answer.url().clone());
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{address} answered {status}: {body}");
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{address} answered no JSON, {error}: {body}"))
}

/// A text in an answer.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a text")).to_owned()
}

/// What a test needs of a program.
pub struct Program {
    pub id: String,
    pub link_url: String,
    pub webhook_url: String,
    /// The types of events that the merchant ticks at Stripe.
    pub ticked: Vec<String>,
}

/// Follows a link; the token that the landing page gets. `None` when nothing answered.
pub async fn try_click(http: &Client, link_url: &str) -> Option<String> {
    try_visit(http, link_url).await.map(|(token, _)| token)
}

/// Follows a link; the token that the landing page gets, and its verifier.
pub async fn try_visit(http: &Client, link_url: &str) -> Option<(String, String)> {
    let answer = http.get(link_url).send().await.ok()?;
    assert_eq!(answer.status(), StatusCode::FOUND);
    let location = answer.headers()["location"].to_str().unwrap();
    let (page, click) = location.split_once("?hg_click=").expect("a token in the address");
    let (token, verifier) = click.split_once("&hg_verifier=").expect("a verifier beside it");
    assert_eq!(page, "https://lumen.example/pricing");
    Some((token.to_owned(), verifier.to_owned()))
}

/// Follows a link; the token that the landing page gets.
pub async fn click(http: &Client, link_url: &str) -> String {
    try_click(http, link_url).await.expect("an answer")
}

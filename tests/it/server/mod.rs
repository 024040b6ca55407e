//! The real binary in its own process, with its own database: SQLite, or Postgres when
//! `TEST_DATABASE_URL` is set.

mod api;
mod away;
mod visitors;
mod waiting;

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use reqwest::{Client, StatusCode};
use store::testing::TestDb;
use tokio::process::{Child, Command};

pub use api::{Api, Program, text};
pub use away::Away;
pub use visitors::{browser, click, monitor, try_click, try_visit};
pub use waiting::{until, within};

use waiting::LOOK_EVERY;

/// The binary under test.
pub const BINARY: &str = env!("CARGO_BIN_EXE_honeyguide");
pub const OWNER: &str = "olga@lumen.example";

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
    /// Its database is on a disk of a size in MiB.
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

    /// Starts it with its database on a disk of a size in MiB.
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

    /// The binary; on its own disk it runs in a mount namespace, and so do the commands
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

    /// Runs a command, which must succeed, and returns what it printed.
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
        Api::new(&self.http, &self.url, key.trim())
    }

    /// The path of its database, when it is a file.
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
        Away::take(&self.folder.url).await
    }
}

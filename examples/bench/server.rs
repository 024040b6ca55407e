//! The processes under test, each on the first core.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use domain::affiliates::AffiliateDraft;
use domain::fields::Name;
use domain::programs::ProgramDraft;
use domain::terms::Terms;
use engine::Engine;
use engine::identity::accounts;
use engine::identity::accounts::OwnerDraft;
use engine::identity::sessions;
use engine::ledger::verify::{self, Rows};
use engine::programs;
use engine::programs::affiliates;
use engine::programs::links::Link;
use engine::stripe::connections;
use honeyguide::config::Config;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A server under test.
pub struct Process {
    child: Child,
    pub address: String,
    pub endpoint: String,
    pub secret: String,
    database: Option<(Config, tempfile::TempDir)>,
}

pub const SECRET: &str = "whsec_bench";
/// The owner's address and password.
pub const OWNER: &str = "bench@example.com";
pub const PASSWORD: &str = "bench and bench";

fn on_first_core(program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.arg("-c").arg("0").arg(program).kill_on_drop(true);
    command
}

fn beside_this(name: &str) -> anyhow::Result<PathBuf> {
    let this = std::env::current_exe()?;
    let folder = this.parent().and_then(Path::parent).context("the folder of the build")?;
    Ok(folder.join(name))
}

impl Process {
    /// The baseline.
    pub async fn bare() -> anyhow::Result<Self> {
        let mut child =
            on_first_core(&std::env::current_exe()?).arg("bare").stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let address = lines.next_line().await?.context("its address")?;
        Ok(Self { child, address, endpoint: String::new(), secret: String::new(), database: None })
    }

    /// Honeyguide on its own SQLite file, with one program, link and connection.
    pub async fn honeyguide() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        drop(listener);
        let environment = [
            ("DATABASE_URL".to_owned(), format!("sqlite:{}", folder.path().join("bench.db").display())),
            ("BASE_URL".to_owned(), format!("http://{address}")),
            ("LISTEN".to_owned(), address.clone()),
            ("SECRET_KEY".to_owned(), "bench bench bench bench bench bench".to_owned()),
            ("LOG".to_owned(), "warn".to_owned()),
            ("TRUSTED_PROXY".to_owned(), "x-forwarded-for".to_owned()),
        ];
        let config = Config::read(&environment.iter().cloned().collect())?;
        let endpoint = prepare(&config).await?;
        let child =
            on_first_core(&beside_this("honeyguide")?).envs(environment).stdout(Stdio::null()).spawn()?;
        let process =
            Self { child, address, endpoint, secret: SECRET.to_owned(), database: Some((config, folder)) };
        process.until_ready().await?;
        Ok(process)
    }

    async fn until_ready(&self) -> anyhow::Result<()> {
        for _ in 0..200 {
            if let Ok(text) = get(&self.address, "/readyz").await
                && text.starts_with("HTTP/1.1 200")
            {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the server did not become ready")
    }

    /// Anonymous memory; mapped pages of files are not the process's own.
    pub fn memory_mb(&self) -> anyhow::Result<u64> {
        self.status_mb("RssAnon:")
    }

    /// All memory, with mapped pages of files.
    pub fn resident_mb(&self) -> anyhow::Result<u64> {
        self.status_mb("VmRSS:")
    }

    fn status_mb(&self, field: &'static str) -> anyhow::Result<u64> {
        let id = self.child.id().context("a running process")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(field)).context(field)?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1_024)
    }

    /// Kills the process and answers what is on disk.
    pub async fn stop(mut self) -> anyhow::Result<Option<Rows>> {
        self.child.kill().await?;
        let Some((config, _folder)) = self.database.take() else { return Ok(None) };
        let running = honeyguide::server::engine(&config).await?;
        let rows = verify::rows(&running.engine).await?;
        running.stop().await;
        Ok(Some(rows))
    }
}

async fn get(address: &str, path: &str) -> anyhow::Result<String> {
    exchange(address, &format!("GET {path} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")).await
}

/// Sends a request over a connection of its own, and reads the whole response.
pub async fn exchange(address: &str, request: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut text = String::new();
    stream.read_to_string(&mut text).await?;
    Ok(text)
}

/// Makes a program with one link, and a connection; answers the endpoint's path.
async fn prepare(config: &Config) -> anyhow::Result<String> {
    let running = honeyguide::server::engine(config).await?;
    let (endpoint, _) = program(&running.engine).await?;
    running.stop().await;
    Ok(format!("/webhooks/stripe/{endpoint}"))
}

/// Makes a program with one link, and a connection; answers the endpoint's token and the link.
pub async fn program(engine: &Engine) -> anyhow::Result<(String, Link)> {
    let name: Name = "Bench".parse().map_err(anyhow::Error::msg)?;
    let owner = OwnerDraft {
        name: name.clone(),
        email: OWNER.parse()?,
        password: PASSWORD.into(),
        company: name.clone(),
    };
    let account = accounts::add_owner(engine, &owner).await?;
    let person = sessions::person(engine, &account).await?.context("the owner")?;
    let actor = person.merchant.context("the company")?;
    let draft = ProgramDraft::new(name.clone(), "https://example.com/".parse()?, "usd".parse()?);
    let program = programs::create(engine, &actor, &draft, &Terms::default()).await?;
    let person =
        AffiliateDraft { name, email: "affiliate@example.com".parse()?, code: Some("bench".parse()?) };
    let (_, link) = affiliates::add(engine, &actor, &program.id, &person).await?;
    let status = connections::connect_manually(engine, &actor, &program.id, SECRET).await?;
    let connection = status.connection.context("the connection")?;
    Ok((connection.endpoint_token, link))
}

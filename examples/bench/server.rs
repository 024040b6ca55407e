//! The processes under test.

use std::collections::BTreeMap;
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
    /// Where nobody else needs it.
    own: Option<Installation>,
}

pub const SECRET: &str = "whsec_bench";
/// The owner's address and password.
pub const OWNER: &str = "bench@example.com";
pub const PASSWORD: &str = "bench and bench";

fn on_core(core: Option<usize>, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    let cores = core.map_or_else(|| "0-1023".to_owned(), |core| core.to_string());
    command.arg("-c").arg(cores).arg(program).kill_on_drop(true);
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
            on_core(Some(0), &std::env::current_exe()?).arg("bare").stdout(Stdio::piped()).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let address = lines.next_line().await?.context("its address")?;
        Ok(Self { child, address, endpoint: String::new(), secret: String::new(), own: None })
    }

    /// Honeyguide on a SQLite file of its own, with one program, link and connection.
    pub async fn honeyguide() -> anyhow::Result<Self> {
        let own = Installation::on_sqlite()?;
        let endpoint = own.prepare(async |_, _, _| Ok(())).await?;
        let mut process = own.serve(&endpoint, Some(0)).await?;
        process.own = Some(own);
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

    /// A counter or gauge of `/metrics`, by its name without the prefix.
    pub async fn metric(&self, name: &str) -> anyhow::Result<u64> {
        let text = get(&self.address, "/metrics").await?;
        let name = format!("honeyguide_{name} ");
        let line = text.lines().find_map(|line| line.strip_prefix(&name));
        Ok(line.with_context(|| format!("no {name} in /metrics"))?.trim().parse()?)
    }

    /// Kills the process and answers what is on disk.
    pub async fn stop(mut self) -> anyhow::Result<Option<Rows>> {
        self.child.kill().await?;
        let Some(own) = self.own.take() else { return Ok(None) };
        let running = honeyguide::server::engine(&own.config).await?;
        let rows = verify::rows(&running.engine).await?;
        running.stop().await;
        Ok(Some(rows))
    }
}

/// A database that processes serve.
pub struct Installation {
    environment: BTreeMap<String, String>,
    pub config: Config,
    _folder: tempfile::TempDir,
}

impl Installation {
    /// On a SQLite file that goes away with it.
    pub fn on_sqlite() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        Self::with(url, folder)
    }

    /// On a database whose address is given.
    pub fn on(url: &str) -> anyhow::Result<Self> {
        Self::with(url.to_owned(), tempfile::tempdir()?)
    }

    fn with(url: String, folder: tempfile::TempDir) -> anyhow::Result<Self> {
        let environment = BTreeMap::from(
            [
                ("DATABASE_URL", url.as_str()),
                ("SECRET_KEY", "bench bench bench bench bench bench"),
                ("LOG", "warn"),
                ("TRUSTED_PROXY", "x-forwarded-for"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let config = Config::read(&environment)?;
        Ok(Self { environment, config, _folder: folder })
    }

    /// Makes a program with one link and a connection, and what else there should be; answers
    /// the endpoint's path.
    pub async fn prepare(
        &self,
        fill: impl AsyncFnOnce(&Engine, &str, &Link) -> anyhow::Result<()>,
    ) -> anyhow::Result<String> {
        let running = honeyguide::server::engine(&self.config).await?;
        let (endpoint, link) = program(&running.engine).await?;
        fill(&running.engine, &endpoint, &link).await?;
        running.stop().await;
        Ok(format!("/webhooks/stripe/{endpoint}"))
    }

    /// Starts a process; on one core if it is named.
    pub async fn serve(&self, endpoint: &str, core: Option<usize>) -> anyhow::Result<Process> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        drop(listener);
        let child = on_core(core, &beside_this("honeyguide")?)
            .envs(&self.environment)
            .envs([("LISTEN", address.clone()), ("BASE_URL", format!("http://{address}"))])
            .stdout(Stdio::null())
            .spawn()?;
        let process =
            Process { child, address, endpoint: endpoint.to_owned(), secret: SECRET.to_owned(), own: None };
        process.until_ready().await?;
        Ok(process)
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

//! Starting and stopping the server.

use std::fs::{File, TryLockError};
use std::time::Duration;

use anyhow::{Context, bail};
use app::Site;
use connect::mail::Mailer;
use connect::seal::SealingKey;
use connect::secret::Secret;
use connect::stripe::client::Stripe;
use connect::stripe::oauth::{Platform, PlatformKeys};
use domain::clock::{Clock, Random};
use engine::Db;
use engine::Engine;
use engine::identity::api_keys;
use engine::identity::{browser_sessions, single_use_links};
use engine::stripe::rejections;
use engine::worker;
use engine::{PageLinks, Parts};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout, timeout_at};

use crate::clock;
use crate::config::{self, Config};
use crate::http::proxy::Proxy;
use crate::http::router::router;
use crate::http::{assets, connections, health};
use crate::process;

/// Workers that process events side by side. On SQLite they take turns at the one
/// writer; on Postgres they overlap.
const WORKERS: usize = 2;
/// How often SQLite's write-ahead log is checkpointed while it is short.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);
/// How often in a flood: a little at a time, so that commits do not wait long.
const CHECKPOINT_IN_FLOOD: Duration = Duration::from_millis(40);
/// A log that has grown by this many pages since the last checkpoint means a flood.
const FLOOD_PAGES: u64 = 100;
/// How often expired rows are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

/// How long jobs may go on after the server was told to stop. With the connections' grace
/// before, and the writers' and the database's below, it ends within ten seconds, which
/// Docker and others wait before they kill.
const WORK_GRACE: Duration = Duration::from_secs(2);
/// How long each writer may take for its last commit.
const WRITE_GRACE: Duration = Duration::from_secs(1);
/// How long the database may take to close.
const CLOSE_GRACE: Duration = Duration::from_secs(1);

/// An engine with its background tasks.
pub struct Running {
    /// Everything that Honeyguide can do.
    pub engine: Engine,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    writers: [JoinHandle<()>; 2],
}

/// The database belongs to another version of Honeyguide.
#[derive(Debug, thiserror::Error)]
#[error(
    "The database {0} was made by another version of Honeyguide. \
     Start that version, or move the database away to start with an empty one."
)]
pub struct OtherVersion(String);

/// Opens the database of a configuration and brings its schema up to date.
///
/// # Errors
/// [`OtherVersion`], or whatever the database answers.
pub async fn open(config: &Config) -> anyhow::Result<Db> {
    if config.database_url.starts_with("sqlite:") {
        std::fs::create_dir_all(config.data_folder())
            .with_context(|| format!("cannot create the folder {}", config.data_folder().display()))?;
    }
    let db = Db::connect(&config.database_url).await.context("cannot open the database")?;
    #[cfg(unix)]
    if let Some(file) = config.sqlite_file() {
        // It may come from elsewhere; its log gets the same mode from SQLite.
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o600);
        if let Err(error) = std::fs::set_permissions(file, private) {
            tracing::warn!(%error, "others may be able to read {}", file.display());
        }
    }
    match db.migrate().await {
        Err(error) if error.is_other_version() => bail!(OtherVersion(config.database_name())),
        migrated => migrated.context("cannot bring the database up to date")?,
    }
    Ok(db)
}

/// The right to be the only server of a SQLite file; kept until the process ends.
#[derive(Debug)]
pub struct OnlyServer {
    _lock: Option<File>,
}

/// Takes the right to be the only server of a configuration's database. Two servers on one
/// SQLite file would take each other's jobs. On Postgres there may be several.
///
/// # Errors
/// While another server has it.
pub fn only_server(config: &Config) -> anyhow::Result<OnlyServer> {
    let Some(database) = config.sqlite_file() else { return Ok(OnlyServer { _lock: None }) };
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    std::fs::create_dir_all(config.data_folder())
        .with_context(|| format!("cannot create the folder {}", config.data_folder().display()))?;
    let file = File::options().create(true).write(true).truncate(false).open(&name);
    let file = file.with_context(|| format!("cannot open {}", name.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(OnlyServer { _lock: Some(file) }),
        Err(TryLockError::WouldBlock) => bail!(
            "Another server is using {}. Stop it first. Running several servers requires Postgres.",
            database.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", name.display()))
        }
    }
}

/// An engine on a configuration, with the system's clock and randomness.
pub async fn engine(config: &Config) -> anyhow::Result<Running> {
    engine_with(config, clock::system(), clock::random()).await
}

/// Where the pages are that mails and Stripe lead to.
pub const PAGES: PageLinks = PageLinks {
    stripe_settings: |program| app::routes::program(program).settings().stripe(),
    setup: app::routes::setup,
    choose_password: app::routes::choose_password,
    forgot_password: app::routes::FORGOT_PASSWORD,
    sign_in_link: app::routes::sign_in_by_link,
    two_step: app::routes::TWO_STEP,
    confirm_email: app::routes::confirm_email,
    undo_email: app::routes::undo_email,
    own_payouts: |program| app::routes::affiliate_program(program).payouts(),
    own_statement: |program, payout| app::routes::affiliate_program(program).statement(payout),
    payout_run: |program, run| app::routes::program(program).payout_run(run),
    invitation: app::routes::invitation,
    invite: app::routes::invite,
    confirm_application: app::routes::confirm_application,
    join: app::routes::join,
    sign_in: app::routes::SIGN_IN,
    stripe_callback: app::routes::STRIPE_CALLBACK,
};

/// An engine on a configuration.
pub async fn engine_with(config: &Config, clock: Clock, random: Random) -> anyhow::Result<Running> {
    let db = open(config).await?;
    let secret = config::secret_key(config, &clock::random())?;
    let mailer = match &config.smtp {
        Some((url, from)) => Mailer::smtp(url, from).context("SMTP_URL or MAIL_FROM cannot be used")?,
        None => Mailer::folder(config.data_folder().join("mail")),
    };
    let (engine, writers) = Engine::start(Parts {
        stripe: Stripe::new(&config.stripe.api_base),
        platform: platform(&config.stripe),
        mailer,
        db,
        clock,
        random,
        key: SealingKey::new(secret.as_bytes()),
        base_url: config.base_url.clone(),
        pages: PAGES,
        link_grace_ms: config.link_grace_ms,
    });
    let (stop, _) = watch::channel(false);
    Ok(Running { engine, stop, tasks: Vec::new(), writers })
}

/// The platform that connects accounts.
fn platform(config: &config::Stripe) -> Platform {
    let keys = |keys: &Option<config::PlatformKeys>| {
        keys.as_ref().map(|keys| PlatformKeys {
            secret_key: Secret::new(keys.secret_key.clone()),
            client_id: keys.client_id.clone(),
        })
    };
    Platform {
        live: keys(&config.live),
        test: keys(&config.test),
        authorize_url: config.authorize_url.clone(),
        token_url: config.token_url.clone(),
        deauthorize_url: config.deauthorize_url.clone(),
        scope: config.scope,
    }
}

impl Running {
    /// Starts the workers and the maintenance.
    pub fn start_workers(&mut self) {
        for _ in 0..WORKERS {
            self.tasks.push(tokio::spawn(worker::work(self.engine.clone(), self.stop.subscribe())));
        }
        self.tasks.push(tokio::spawn(maintenance(self.engine.clone(), self.stop.subscribe())));
    }

    /// Serves until the process is told to stop; then finishes what is in progress.
    pub async fn serve(mut self, listener: TcpListener, config: &Config, site: Site) -> anyhow::Result<()> {
        assets::install();
        worker::release_leases(&self.engine).await?;
        self.start_workers();
        let app = router(
            self.engine.clone(),
            site,
            Proxy { trusted: config.trust_forwarded_for, country_header: config.country_header.clone() },
        )?;
        let metrics = health::metrics_route(self.engine.clone(), config.metrics_token.as_deref());
        let app = app.merge(metrics);
        let workers = self.stop.clone();
        let stop = async move {
            stop_signal().await;
            tracing::info!("stopping: finishing what is in progress");
            let _ = workers.send(true);
        };
        connections::serve(listener, app, process::most_connections(), stop).await;
        self.stop().await;
        Ok(())
    }

    /// Ends the workers, drains the writers and closes the database, each within a few
    /// seconds: a job that is interrupted runs again.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let end = Instant::now() + WORK_GRACE;
        for mut task in self.tasks {
            if timeout_at(end, &mut task).await.is_err() {
                tracing::warn!("a job that did not end is interrupted");
                task.abort();
            }
        }
        let db = self.engine.db().clone();
        drop(self.engine);
        for writer in self.writers {
            // Ends when the last engine is dropped; an open connection holds one.
            let _ = timeout(WRITE_GRACE, writer).await;
        }
        let closed = async {
            let _ = db.checkpoint().await;
            db.close().await;
        };
        if timeout(CLOSE_GRACE, closed).await.is_err() {
            tracing::warn!("the database did not close in time");
        }
    }
}

async fn maintenance(engine: Engine, mut stop: watch::Receiver<bool>) {
    let mut next_checkpoint = CHECKPOINT_EVERY;
    let mut log = 0_i64;
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    loop {
        tokio::select! {
            () = tokio::time::sleep(next_checkpoint) => {
                let now = engine.db().checkpoint().await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "the write-ahead log could not be checkpointed");
                    log
                });
                let is_flood = now.abs_diff(log) > FLOOD_PAGES;
                next_checkpoint = if is_flood { CHECKPOINT_IN_FLOOD } else { CHECKPOINT_EVERY };
                log = now;
            }
            _ = sweep.tick() => {
                if let Err(error) = engine.db().gather_statistics().await {
                    tracing::warn!(%error, "statistics for the database's planner could not be gathered");
                }
                if let Err(error) = browser_sessions::delete_expired(&engine).await {
                    tracing::warn!(%error, "expired sessions could not be deleted");
                }
                if let Err(error) = single_use_links::delete_old(&engine).await {
                    tracing::warn!(%error, "old single-use links could not be deleted");
                }
                if let Err(error) = rejections::delete_old(&engine).await {
                    tracing::warn!(%error, "old rejections could not be deleted");
                }
                if let Err(error) = api_keys::sweep(&engine).await {
                    tracing::warn!(%error, "old idempotency keys could not be deleted");
                }
            }
            _ = stop.changed() => return,
        }
    }
}

async fn stop_signal() {
    let interrupt = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    #[cfg(unix)]
    let terminate = async {
        if let Ok(mut signal) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            signal.recv().await;
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

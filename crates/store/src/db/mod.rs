//! The database layer.
//!
//! It wraps sqlx's two drivers in one type of connection, one type of value, one type of
//! row and a few methods, so that a store function is written once and runs on both. Which
//! database it is cannot be seen outside of this module.

mod batch;
mod bulk;
mod conn;
mod doubt;
mod error;
mod group;
mod list;
mod locks;
mod migrations;
mod row;
mod scratch;
#[cfg(feature = "testing")]
mod steps;
mod value;

use std::pin::Pin;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres, Row as _, SqlitePool, Transaction};
use tokio::time::Instant;

pub use batch::Batch;
use conn::Inner;
pub use conn::{Conn, Tx, statements};
use doubt::Doubt;
pub use error::{Conflict, DbError, Result, again, conflicts};
pub use group::{GroupCommit, NotStored};
pub(crate) use list::{LIST, list, list_of};
pub use row::{Column, Row};
pub use scratch::Scratch;
#[cfg(feature = "testing")]
pub use steps::steps;
pub(crate) use value::args;
pub use value::{Value, json};

/// Connections that read at once on SQLite; pages are short, and each costs memory.
const SQLITE_READERS: u32 = 4;
/// Connections to Postgres of one node; a small server allows a hundred in all.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a use case waits for a free connection before it gives up. A webhook then
/// answers 503 and Stripe sends it again.
const WAIT_FOR_CONNECTION: Duration = Duration::from_secs(3);
/// How long a transaction waits for SQLite's lock. Only commands share the file with the
/// server, and each of their transactions takes milliseconds.
const WAIT_FOR_LOCK: Duration = Duration::from_secs(2);
/// Pages of the write-ahead log after which the writer checkpoints by itself. Under a
/// steady load only the writer can reach the log's end; [`Db::checkpoint`] has done nearly
/// all of it before, so that this takes little time.
const AUTOCHECKPOINT_PAGES: &str = "8000";
/// Bytes that the write-ahead log keeps when it begins again from the start: after a flood it
/// shrinks to this.
pub const LARGEST_IDLE_LOG: u64 = 16 * 1024 * 1024;
/// Bytes of a page of a new SQLite file. Three Stripe events fit into one, where pages of
/// 4 KiB would hold one and waste a third.
const PAGE_SIZE: u32 = 8_192;
/// Prepared statements that a connection keeps: more than there are texts.
const STATEMENTS: usize = 512;
/// The oldest SQLite that does not have the WAL-reset bug (fixed in 3.51.3).
const OLDEST_SQLITE: [u32; 3] = [3, 51, 3];

/// Sorts after every id, whatever the collation: ids begin with a letter before `z`. A tilde
/// would not do, since most Postgres clusters sort it before letters.
pub const AFTER_ALL_IDS: &str = "z";

/// A future in a box. An `async fn` is compiled again by each crate that awaits it, with all
/// that it awaits itself; what is boxed is compiled once, where it is written. Worth it for what
/// is large, such as the drivers' state machines.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The pools of one database; cheap to clone.
#[derive(Clone)]
pub struct Db(Pools);

#[derive(Clone)]
enum Pools {
    /// One connection writes, the others can only read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        doubt: Doubt,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database of an address: `sqlite:path` (created when missing) or
    /// `postgres://…`. Fails when it cannot be reached, or when SQLite is too old.
    pub async fn connect(url: &str) -> Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?
                .application_name("honeyguide")
                .statement_cache_capacity(STATEMENTS);
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(WAIT_FOR_CONNECTION)
                .connect_with(options);
            return Ok(Self(Pools::Postgres(pool.await?)));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A power cut loses no event that was acknowledged.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(WAIT_FOR_LOCK)
            .page_size(PAGE_SIZE)
            .statement_cache_capacity(STATEMENTS)
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", AUTOCHECKPOINT_PAGES)
            .pragma("journal_size_limit", LARGEST_IDLE_LOG.to_string());
        let doubt = Doubt::default();
        let writer = doubt
            .closing(SqlitePoolOptions::new())
            .max_connections(1)
            .acquire_timeout(WAIT_FOR_CONNECTION)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new();
        #[cfg(feature = "testing")]
        let readers = readers.after_connect(|conn, _| Box::pin(steps::count(conn)));
        let readers = readers
            .max_connections(SQLITE_READERS)
            .acquire_timeout(WAIT_FOR_CONNECTION)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "1"))
            .await?;
        let db = Self(Pools::Sqlite { writer, readers, doubt });
        db.refuse_old_sqlite().await?;
        Ok(db)
    }

    async fn refuse_old_sqlite(&self) -> Result<()> {
        let version = self.version().await?;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let read: [u32; 3] = std::array::from_fn(|_| parts.next().unwrap_or(0));
        if read < OLDEST_SQLITE {
            return Err(DbError::too_old(&version));
        }
        Ok(())
    }

    /// The database's name and version, for `doctor`.
    pub async fn version(&self) -> Result<String> {
        let mut conn = self.read().await?;
        match &self.0 {
            Pools::Sqlite { .. } => conn.scalar("SELECT sqlite_version()", &[]).await,
            Pools::Postgres(_) => conn.scalar("SELECT current_setting('server_version')", &[]).await,
        }
    }

    /// Brings the schema up to date from the `migrations` folder. Several nodes take turns
    /// by a lock.
    ///
    /// # Errors
    /// One for which [`DbError::is_other_version`] holds where another version of
    /// Honeyguide made the schema.
    pub async fn migrate(&self) -> Result<()> {
        let migrator = migrations::migrator();
        match &self.0 {
            Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
            Pools::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(())
    }

    /// Whether this process is the only server of the database, as it is on SQLite.
    pub fn is_ours_alone(&self) -> bool {
        matches!(self.0, Pools::Sqlite { .. })
    }

    /// When a write last failed because of SQLite's file. `None` on Postgres, whose server either
    /// takes all writes or none.
    pub fn last_write_fault(&self) -> Option<Instant> {
        match &self.0 {
            Pools::Sqlite { doubt, .. } => doubt.last_fault(),
            Pools::Postgres(_) => None,
        }
    }

    /// A connection for reads.
    pub fn read(&self) -> Boxed<'_, Result<Conn>> {
        Box::pin(async move {
            Ok(match &self.0 {
                Pools::Sqlite { readers, .. } => Conn::new(Inner::Sqlite(readers.acquire().await?), None),
                Pools::Postgres(pool) => Conn::new(Inner::Postgres(pool.acquire().await?), None),
            })
        })
    }

    /// A connection for single statements that write and need no transaction.
    pub fn write(&self) -> Boxed<'_, Result<Conn>> {
        Box::pin(async move {
            Ok(match &self.0 {
                Pools::Sqlite { writer, doubt, .. } => {
                    Conn::new(Inner::Sqlite(writer.acquire().await?), Some(doubt.clone()))
                }
                Pools::Postgres(pool) => Conn::new(Inner::Postgres(pool.acquire().await?), None),
            })
        })
    }

    /// A transaction that writes. It is serializable on both databases.
    pub fn begin(&self) -> Boxed<'_, Result<Tx>> {
        self.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE")
    }

    /// A transaction of plain inserts and sums that reads nothing before it writes, so
    /// that Postgres' default isolation is enough and its rows are never fought over.
    pub fn begin_batch(&self) -> Boxed<'_, Result<Tx>> {
        self.begin_with("BEGIN")
    }

    fn begin_with(&self, postgres: &'static str) -> Boxed<'_, Result<Tx>> {
        Box::pin(async move {
            Ok(Tx::new(match &self.0 {
                Pools::Sqlite { writer, doubt, .. } => {
                    // IMMEDIATE takes the write lock at once: a transaction that first reads can
                    // then not fail half-way.
                    let tx = doubt.note(writer.begin_with("BEGIN IMMEDIATE").await)?;
                    Conn::new(Inner::SqliteTx(tx), Some(doubt.clone()))
                }
                Pools::Postgres(pool) => {
                    Conn::new(Inner::PostgresTx(begin_on_postgres(pool, postgres).await?), None)
                }
            }))
        })
    }

    /// Checkpoints SQLite's write-ahead log without blocking readers or the writer. Returns
    /// how many pages the log had; 0 on Postgres, where this does nothing.
    pub async fn checkpoint(&self) -> Result<i64> {
        let Pools::Sqlite { readers, .. } = &self.0 else { return Ok(0) };
        let mut conn = readers.acquire().await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *conn).await?;
        Ok(row.try_get("log")?)
    }

    /// Bytes of SQLite's write-ahead log; `None` on Postgres.
    pub async fn log_bytes(&self) -> Result<Option<u64>> {
        if !self.is_ours_alone() {
            return Ok(None);
        }
        let sql = "SELECT file FROM pragma_database_list WHERE name = 'main'";
        let file: String = self.read().await?.scalar(sql, &[]).await?;
        // Without connections there is no log.
        Ok(Some(std::fs::metadata(format!("{file}-wal")).map_or(0, |log| log.len())))
    }

    /// Gathers statistics where tables have grown a lot, so that SQLite knows which of two indexes
    /// leads to fewer rows: without them it takes the narrower one. It reads some hundred rows of
    /// an index. Postgres does this by itself.
    ///
    /// Connections that are open see them when they are renewed, within half an hour
    /// (<https://sqlite.org/lang_analyze.html>).
    pub async fn gather_statistics(&self) -> Result<()> {
        if self.is_ours_alone() {
            // 0x10000: all tables, not only those that this connection has read.
            self.write().await?.run("PRAGMA optimize = 0x10002", &[]).await?;
        }
        Ok(())
    }

    /// Writes a consistent copy of a SQLite database to a new file.
    pub async fn copy_to(&self, path: &str) -> Result<()> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => {
                sqlx::query("VACUUM INTO $1").bind(path).execute(writer).await?;
                Ok(())
            }
            Pools::Postgres(_) => Err(DbError::unsupported("use pg_dump to back up Postgres")),
        }
    }

    /// What SQLite finds wrong in the structure of its file; at most a hundred findings.
    /// Nothing on Postgres.
    pub async fn problems(&self) -> Result<Vec<String>> {
        let Pools::Sqlite { readers, .. } = &self.0 else { return Ok(Vec::new()) };
        let mut conn = readers.acquire().await?;
        let found: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check").fetch_all(&mut *conn).await?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// Begins in its own task, which goes on when the caller is dropped, as a handler is when
/// its client goes away. Otherwise sqlx 0.9.0 would give the connection back inside of the
/// transaction, and the next caller's writes would be lost with it
/// (<https://github.com/transact-rs/sqlx/issues/4393>). On SQLite sqlx sees to this itself.
async fn begin_on_postgres(pool: &PgPool, sql: &'static str) -> Result<Transaction<'static, Postgres>> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(sql).await }).await;
    Ok(begun.map_err(|_| sqlx::Error::WorkerCrashed)??)
}

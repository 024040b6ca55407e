//! The one door to the database.
//!
//! Behind it stand sqlx's two drivers; in front of it there is one kind of connection,
//! one kind of value, one kind of row and five verbs, so that a store function is written
//! once and runs on both. Nobody outside this module can tell which database it is.

mod batch;
mod error;
mod group;
mod migrations;
mod row;
mod scratch;
mod value;

use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{
    Arguments, PgConnection, PgPool, Postgres, Row as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
};

pub use batch::Batch;
pub use error::{Conflict, DbError, Result, again};
pub use group::{GroupCommit, NotStored};
pub use row::{Column, Row};
pub use scratch::Scratch;
pub(crate) use value::args;
pub use value::{Value, json};

/// Connections that read at once on SQLite; pages are short, and each costs memory.
const SQLITE_READERS: u32 = 4;
/// Connections to Postgres of one node; a small server allows a hundred in all.
const POSTGRES_CONNECTIONS: u32 = 16;
/// How long a statement waits for a free connection or for SQLite's lock before it gives
/// up. A webhook then answers 503 and Stripe sends it again.
const WAIT: Duration = Duration::from_secs(5);
/// Pages after which the writer folds SQLite's log back by itself. Under a steady flood
/// only the writer can reach the log's end, so it must happen now and then; a separate
/// connection folds nearly everything beforehand, which leaves a short tail.
const AUTOCHECKPOINT_PAGES: &str = "8000";
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

/// The pools of one database; cheap to clone.
#[derive(Clone)]
pub struct Db(Pools);

#[derive(Clone)]
enum Pools {
    /// One connection writes, the others can only read.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
    },
    Postgres(PgPool),
}

impl Db {
    /// Opens the database of an address: `sqlite:path` (made when missing) or
    /// `postgres://…`. Fails when it is away, or when SQLite is too old.
    pub async fn connect(url: &str) -> Result<Self> {
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)?.application_name("honeyguide");
            let pool = PgPoolOptions::new()
                .max_connections(POSTGRES_CONNECTIONS)
                .acquire_timeout(WAIT)
                .connect_with(options);
            return Ok(Self(Pools::Postgres(pool.await?)));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Answered means on disk: a power cut loses no acknowledged event.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(WAIT)
            .page_size(PAGE_SIZE)
            .statement_cache_capacity(STATEMENTS)
            .pragma("temp_store", "memory")
            .pragma("wal_autocheckpoint", AUTOCHECKPOINT_PAGES);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_with(options.clone())
            .await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(SQLITE_READERS)
            .acquire_timeout(WAIT)
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "1"))
            .await?;
        let db = Self(Pools::Sqlite { writer, readers });
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

    /// Brings the schema up to date from the one `migrations` folder. Several nodes take
    /// turns by a lock.
    pub async fn migrate(&self) -> Result<()> {
        let migrator = migrations::migrator();
        match &self.0 {
            Pools::Sqlite { writer, .. } => migrator.run(writer).await?,
            Pools::Postgres(pool) => migrator.run(pool).await?,
        }
        Ok(())
    }

    /// Whether no other node can work on this database: a SQLite file has one server.
    pub fn is_ours_alone(&self) -> bool {
        matches!(self.0, Pools::Sqlite { .. })
    }

    /// A connection for reads.
    pub async fn read(&self) -> Result<Conn> {
        Ok(Conn(match &self.0 {
            Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.acquire().await?),
            Pools::Postgres(pool) => Inner::Postgres(pool.acquire().await?),
        }))
    }

    /// A connection for single statements that write and guard themselves.
    pub async fn write(&self) -> Result<Conn> {
        Ok(Conn(match &self.0 {
            Pools::Sqlite { writer, .. } => Inner::Sqlite(writer.acquire().await?),
            Pools::Postgres(pool) => Inner::Postgres(pool.acquire().await?),
        }))
    }

    /// A transaction that means to write. It is serial on both databases.
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_with("BEGIN ISOLATION LEVEL SERIALIZABLE").await
    }

    /// A transaction of plain inserts and sums that reads nothing before it writes, so
    /// that Postgres' default isolation is enough and its rows are never fought over.
    pub async fn begin_batch(&self) -> Result<Tx> {
        self.begin_with("BEGIN").await
    }

    async fn begin_with(&self, postgres: &'static str) -> Result<Tx> {
        Ok(Tx(Conn(match &self.0 {
            // IMMEDIATE takes the write lock at once: a transaction that first reads can
            // then not fail half-way.
            Pools::Sqlite { writer, .. } => Inner::SqliteTx(writer.begin_with("BEGIN IMMEDIATE").await?),
            Pools::Postgres(pool) => Inner::PostgresTx(pool.begin_with(postgres).await?),
        })))
    }

    /// Folds SQLite's log back into the database without holding up anybody; answers how
    /// many pages the log had. Nothing to do on Postgres.
    pub async fn checkpoint(&self) -> Result<i64> {
        let Pools::Sqlite { readers, .. } = &self.0 else { return Ok(0) };
        let mut conn = readers.acquire().await?;
        let row = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(&mut *conn).await?;
        Ok(row.try_get("log")?)
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

    /// Closes all connections; what was committed is on disk.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

/// A pooled connection or an open transaction.
pub struct Conn(Inner);

enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    SqliteTx(Transaction<'static, Sqlite>),
    PostgresTx(Transaction<'static, Postgres>),
}

enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// The values of one statement, in the form one driver wants.
macro_rules! bind {
    ($arguments:ty, $values:expr) => {{
        let mut out = <$arguments>::default();
        for value in $values {
            match value {
                Value::Text(v) => out.add(v),
                Value::Int(v) => out.add(v),
                Value::Bool(v) => out.add(v),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        out
    }};
}

impl Conn {
    fn driver(&mut self) -> Driver<'_> {
        match &mut self.0 {
            Inner::Sqlite(c) => Driver::Sqlite(c),
            Inner::SqliteTx(c) => Driver::Sqlite(c),
            Inner::Postgres(c) => Driver::Postgres(c),
            Inner::PostgresTx(c) => Driver::Postgres(c),
        }
    }

    /// Writes; answers how many rows it touched.
    pub async fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        self.run_owned(sql, args.iter().cloned()).await
    }

    async fn run_owned(&mut self, sql: &'static str, args: impl Iterator<Item = Value>) -> Result<u64> {
        Ok(match self.driver() {
            Driver::Sqlite(c) => {
                sqlx::query_with(sql, bind!(SqliteArguments, args)).execute(c).await?.rows_affected()
            }
            Driver::Postgres(c) => {
                sqlx::query_with(sql, bind!(PgArguments, args)).execute(c).await?.rows_affected()
            }
        })
    }

    /// Writes exactly one row; anything else is an error and rolls the work back.
    pub async fn run_one(&mut self, sql: &'static str, args: &[Value]) -> Result<()> {
        match self.run(sql, args).await? {
            1 => Ok(()),
            rows => Err(DbError::rows(sql, rows)),
        }
    }

    async fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        Ok(match self.driver() {
            Driver::Sqlite(c) => {
                let rows =
                    sqlx::query_with(sql, bind!(SqliteArguments, args.iter().cloned())).fetch_all(c).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Driver::Postgres(c) => {
                let rows =
                    sqlx::query_with(sql, bind!(PgArguments, args.iter().cloned())).fetch_all(c).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// A list; the text carries its own `LIMIT`.
    pub async fn all<T>(
        &mut self,
        sql: &'static str,
        args: &[Value],
        row: fn(&Row) -> Result<T>,
    ) -> Result<Vec<T>> {
        self.rows(sql, args).await?.iter().map(row).collect()
    }

    /// The first row, if there is one.
    pub async fn first<T>(
        &mut self,
        sql: &'static str,
        args: &[Value],
        row: fn(&Row) -> Result<T>,
    ) -> Result<Option<T>> {
        self.rows(sql, args).await?.first().map(row).transpose()
    }

    /// The one row that must be there.
    pub async fn one<T>(
        &mut self,
        sql: &'static str,
        args: &[Value],
        row: fn(&Row) -> Result<T>,
    ) -> Result<T> {
        match self.rows(sql, args).await?.as_slice() {
            [only] => row(only),
            rows => Err(DbError::rows(sql, rows.len() as u64)),
        }
    }

    /// The first column of the one row: counts and sums.
    pub async fn scalar<T: Column>(&mut self, sql: &'static str, args: &[Value]) -> Result<T> {
        match self.rows(sql, args).await?.as_slice() {
            [only] => T::read(only, 0),
            rows => Err(DbError::rows(sql, rows.len() as u64)),
        }
    }
}

/// A write transaction. Dropped without [`Tx::commit`] it leaves nothing behind.
pub struct Tx(Conn);

impl Tx {
    /// Makes it so.
    pub async fn commit(self) -> Result<()> {
        match self.0.0 {
            Inner::SqliteTx(tx) => tx.commit().await?,
            Inner::PostgresTx(tx) => tx.commit().await?,
            Inner::Sqlite(_) | Inner::Postgres(_) => unreachable!("only Db::begin makes a Tx"),
        }
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

#[cfg(feature = "testing")]
impl Conn {
    /// Makes a schema for one test; `false` when it is there already. The name is ours,
    /// never a user's.
    pub(crate) async fn make_schema(&mut self, name: &str) -> Result<bool> {
        let sql = "SELECT count(*) FROM information_schema.schemata WHERE schema_name = $1";
        if self.scalar::<i64>(sql, &args![name]).await? > 0 {
            return Ok(false);
        }
        let sql = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
        match self.driver() {
            Driver::Sqlite(c) => sqlx::query(sql).execute(c).await.map(drop)?,
            Driver::Postgres(c) => sqlx::query(sql).execute(c).await.map(drop)?,
        }
        Ok(true)
    }
}

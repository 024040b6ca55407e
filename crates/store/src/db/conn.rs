//! A connection or transaction of either driver, and the few ways to run a statement on it.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction};

use super::Boxed;
use super::batch::Placeholders;
use super::doubt::Doubt;
use super::error::{DbError, Fault, NulInText, Result, fault};
use super::row::{Column, Row};
use super::value::Value;
#[cfg(feature = "testing")]
use super::value::args;

/// Statements that this process ran.
static RUN: AtomicU64 = AtomicU64::new(0);

/// How many statements this process ran, for benches and tests.
pub fn statements() -> u64 {
    RUN.load(Ordering::Relaxed)
}

/// A pooled connection or an open transaction.
pub struct Conn {
    pub(super) inner: Inner,
    /// Of SQLite's writer.
    doubt: Option<Doubt>,
}

pub(super) enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    SqliteTx(Transaction<'static, Sqlite>),
    PostgresTx(Transaction<'static, Postgres>),
}

pub(super) enum Driver<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

/// The values of one statement, in the form one driver wants.
macro_rules! bind {
    ($arguments:ty, $values:expr) => {{
        let mut out = <$arguments>::default();
        for value in $values {
            match value {
                // Postgres takes no NUL in a text; SQLite would, and could not be moved.
                Value::Text(Some(v)) if v.contains('\0') => Err(NulInText.into()),
                Value::Text(v) => out.add(v),
                Value::Int(v) => out.add(v),
                Value::Bool(v) => out.add(v),
                Value::Bytes(v) => out.add(v),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        out
    }};
}

impl Conn {
    pub(super) const fn new(inner: Inner, doubt: Option<Doubt>) -> Self {
        Self { inner, doubt }
    }

    /// Notes an error that leaves the connection in doubt.
    fn note<T>(&mut self, outcome: sqlx::Result<T>) -> sqlx::Result<T> {
        match (&self.doubt, &mut self.inner, &outcome) {
            (Some(doubt), ..) => doubt.note(outcome),
            (None, Inner::Sqlite(reader), Err(error)) if fault(error) == Fault::Database => {
                reader.close_on_drop();
                outcome
            }
            _ => outcome,
        }
    }

    pub(super) const fn placeholders(&self) -> Placeholders {
        match &self.inner {
            Inner::Sqlite(_) | Inner::SqliteTx(_) => Placeholders::Nameless,
            Inner::Postgres(_) | Inner::PostgresTx(_) => Placeholders::Numbered,
        }
    }

    pub(super) fn driver(&mut self) -> Driver<'_> {
        match &mut self.inner {
            Inner::Sqlite(c) => Driver::Sqlite(c),
            Inner::SqliteTx(c) => Driver::Sqlite(c),
            Inner::Postgres(c) => Driver::Postgres(c),
            Inner::PostgresTx(c) => Driver::Postgres(c),
        }
    }

    /// Runs a statement that writes. Returns the number of rows it changed.
    pub async fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        self.run_owned(sql, args.to_vec()).await
    }

    pub(super) fn run_owned(&mut self, sql: &'static str, args: Vec<Value>) -> Boxed<'_, Result<u64>> {
        Box::pin(async move {
            RUN.fetch_add(1, Ordering::Relaxed);
            let done = match self.driver() {
                Driver::Sqlite(c) => {
                    let done = sqlx::query_with(sql, bind!(SqliteArguments, args)).execute(c).await;
                    done.map(|done| done.rows_affected())
                }
                Driver::Postgres(c) => {
                    let done = sqlx::query_with(sql, bind!(PgArguments, args)).execute(c).await;
                    done.map(|done| done.rows_affected())
                }
            };
            Ok(self.note(done)?)
        })
    }

    /// Runs a statement that must change exactly one row; another number is an error, so
    /// that the transaction is rolled back.
    pub async fn run_one(&mut self, sql: &'static str, args: &[Value]) -> Result<()> {
        match self.run(sql, args).await? {
            1 => Ok(()),
            rows => Err(DbError::rows(sql, rows)),
        }
    }

    async fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        self.rows_owned(sql, args.to_vec()).await
    }

    pub(super) fn rows_owned(&mut self, sql: &'static str, args: Vec<Value>) -> Boxed<'_, Result<Vec<Row>>> {
        Box::pin(async move {
            RUN.fetch_add(1, Ordering::Relaxed);
            let rows = match self.driver() {
                Driver::Sqlite(c) => {
                    let rows = sqlx::query_with(sql, bind!(SqliteArguments, args)).fetch_all(c).await;
                    rows.map(|rows| rows.into_iter().map(Row::Sqlite).collect())
                }
                Driver::Postgres(c) => {
                    let rows = sqlx::query_with(sql, bind!(PgArguments, args)).fetch_all(c).await;
                    rows.map(|rows| rows.into_iter().map(Row::Postgres).collect())
                }
            };
            Ok(self.note(rows)?)
        })
    }

    /// All rows; the statement has its own `LIMIT`.
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

    /// The only row; another number of rows is an error.
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

/// A write transaction. It is rolled back when dropped without [`Tx::commit`].
pub struct Tx(Conn);

impl Tx {
    pub(super) const fn new(conn: Conn) -> Self {
        Self(conn)
    }

    /// Commits.
    pub fn commit(self) -> Boxed<'static, Result<()>> {
        Box::pin(async move {
            let Conn { inner, doubt } = self.0;
            match inner {
                Inner::SqliteTx(tx) => {
                    let committed = tx.commit().await;
                    doubt.expect("a transaction of SQLite is the writer's").note(committed)?;
                }
                Inner::PostgresTx(tx) => tx.commit().await?,
                Inner::Sqlite(_) | Inner::Postgres(_) => unreachable!("only Db::begin makes a Tx"),
            }
            Ok(())
        })
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

//! Databases for tests: a SQLite file of one's own, or a schema of one's own in the
//! Postgres named by `TEST_DATABASE_URL`.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::db::Db;

/// A migrated database that goes away with its folder.
pub struct TestDb {
    /// The database.
    pub db: Db,
    /// Its address, for a second process.
    pub url: String,
    _folder: tempfile::TempDir,
}

static COUNTER: AtomicU64 = AtomicU64::new(0);

impl TestDb {
    /// A fresh, migrated database.
    pub async fn new() -> Self {
        let test = Self::unmigrated().await;
        test.db.migrate().await.expect("the migrations");
        test
    }

    /// A fresh database without tables.
    pub async fn unmigrated() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match postgres_url() {
            Some(base) => schema_of_its_own(&base).await,
            None => format!("sqlite:{}", folder.path().join("test.db").display()),
        };
        let db = Db::connect(&url).await.expect("the test database");
        Self { db, url, _folder: folder }
    }
}

#[expect(clippy::disallowed_methods, reason = "tests choose their database by the environment")]
fn postgres_url() -> Option<String> {
    std::env::var("TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// Dropping a database is some forty times dearer than a schema, and the whole server is
/// thrown away in the end.
async fn schema_of_its_own(base: &str) -> String {
    let db = Db::connect(base).await.expect("the test server");
    let mut conn = db.write().await.expect("a connection");
    let schema = loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("t_{}_{number}", std::process::id());
        // The server may be older than this process and know another one of its number.
        if conn.make_schema(&schema).await.expect("a schema") {
            break schema;
        }
    };
    drop(conn);
    db.close().await;
    let separator = if base.contains('?') { '&' } else { '?' };
    format!("{base}{separator}options=-csearch_path%3D{schema}")
}

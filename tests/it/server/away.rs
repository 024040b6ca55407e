//! A database that its server cannot write to for a while.

use store::db::{Db, Tx};

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
    /// Takes the database away from the server at an address.
    pub(super) async fn take(url: &str) -> Self {
        let db = Db::connect(url).await.expect("the database");
        if url.starts_with("sqlite:") {
            return Self::Locked(db.begin().await.expect("the write lock"));
        }
        db.write().await.unwrap().run(HIDE, &[]).await.expect("the schema goes away");
        Self::Hidden(db)
    }

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

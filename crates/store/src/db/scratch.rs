//! A temporary database, for a test sale.

use super::{Db, DbError, Result};

/// An empty, migrated SQLite database in a temporary folder, which is deleted with it.
pub struct Scratch {
    /// The database; close it before this is dropped.
    pub db: Db,
    _folder: tempfile::TempDir,
}

impl Scratch {
    /// Creates one.
    pub async fn new() -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|error| DbError::from(sqlx::Error::Io(error)))?;
        let db = Db::connect(&format!("sqlite:{}", folder.path().join("scratch.db").display())).await?;
        db.migrate().await?;
        Ok(Self { db, _folder: folder })
    }
}

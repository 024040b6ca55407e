//! A database that is thrown away.

use super::{Db, DbError, Result};

/// An empty, migrated SQLite database in a temporary folder, which goes with it.
pub struct Scratch {
    /// The database; to be closed before the folder goes.
    pub db: Db,
    _folder: tempfile::TempDir,
}

impl Scratch {
    /// Makes one.
    pub async fn new() -> Result<Self> {
        let folder = tempfile::tempdir().map_err(|error| DbError::from(sqlx::Error::Io(error)))?;
        let db = Db::connect(&format!("sqlite:{}", folder.path().join("scratch.db").display())).await?;
        db.migrate().await?;
        Ok(Self { db, _folder: folder })
    }
}

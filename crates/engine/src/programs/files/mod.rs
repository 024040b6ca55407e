//! Files that companies upload: received in pieces, checked by their content, and read in pieces.
//!
//! They are in the database, so that a backup has them and every node can serve them.

mod upload;

use domain::ids::FileId;
pub use store::files::File;

pub use self::upload::Upload;
pub(crate) use self::upload::complete;
use crate::engine::Engine;
use crate::error::{Error, Result};

/// Bytes of a piece: small enough that no request holds much memory, and no transaction takes long.
pub const PIECE_BYTES: usize = 256 << 10;
/// Hours after which an upload that broke off is deleted.
pub(crate) const ABANDONED_AFTER_HOURS: i64 = 24;

/// A piece of a file that was found before; `None` after the last one.
///
/// Needs no actor: the caller has the file from a function that checked who may see it.
pub async fn piece(engine: &Engine, file: &File, number: i64) -> Result<Option<Vec<u8>>> {
    Ok(store::files::piece(&mut engine.db().read().await?, &file.id, number).await?)
}

/// A file that something refers to.
///
/// # Errors
/// [`Error::Broken`] when it is missing.
pub(crate) async fn found(conn: &mut store::db::Conn, id: &FileId) -> Result<File> {
    let file = store::files::get_unscoped(conn, id).await?;
    file.ok_or_else(|| Error::Broken(format!("{id} is missing")))
}

/// Deletes uploads that broke off.
pub(crate) async fn delete_abandoned(engine: &Engine) -> Result<u64> {
    const BATCH: i64 = 20;
    let before = engine.now().plus_ms(-ABANDONED_AFTER_HOURS * domain::clock::HOUR_MS);
    let mut deleted = 0;
    loop {
        let mut conn = engine.db().write().await?;
        let found = store::files::abandoned(&mut conn, before, BATCH).await?;
        for id in &found {
            store::files::delete(&mut conn, id).await?;
        }
        deleted += found.len() as u64;
        if found.len() < usize::try_from(BATCH).unwrap_or(usize::MAX) {
            return Ok(deleted);
        }
    }
}

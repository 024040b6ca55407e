//! The logo of a program, which anyone may see on its public page.

use domain::audit::AuditAction;
use domain::files::FilePurpose;
use domain::ids::{FileId, ProgramId};
use store::db::again;

use super::files::{self, File, Upload};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::MerchantActor;

/// Makes an upload the logo of its program, in place of the one before.
///
/// # Errors
/// [`Error::Invalid`] when the file is not accepted.
pub async fn put(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    upload: Upload,
) -> Result<File> {
    actor.may_write()?;
    let file = upload.finish().await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        if file.program_id != program.id || file.purpose != FilePurpose::Logo {
            return Err(Error::NotFound);
        }
        let before = store::join_pages::logo(&mut tx, &program.id).await?;
        store::join_pages::put_logo(&mut tx, &program.id, Some(&file.id)).await?;
        if let Some(before) = before {
            store::files::delete(&mut tx, &before).await?;
        }
        files::complete(engine, &mut tx, &file).await?;
        let line = audit::line(program.id.as_str(), AuditAction::LogoChanged);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(file.clone())
    })
    .await
}

/// Removes the logo of a program.
///
/// # Errors
/// [`Error::NotFound`] when it has none.
pub async fn remove(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<()> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let before = store::join_pages::logo(&mut tx, &program.id).await?.ok_or(Error::NotFound)?;
        store::join_pages::put_logo(&mut tx, &program.id, None).await?;
        store::files::delete(&mut tx, &before).await?;
        let line = audit::line(program.id.as_str(), AuditAction::LogoRemoved);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// The logo of a program, if it has one.
pub async fn of_program(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> Result<Option<File>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    match store::join_pages::logo(&mut conn, &program.id).await? {
        Some(id) => Ok(Some(files::found(&mut conn, &id).await?)),
        None => Ok(None),
    }
}

/// A logo.
///
/// Needs no actor: logos are public.
///
/// # Errors
/// [`Error::NotFound`] when no program has it.
pub async fn file(engine: &Engine, id: &FileId) -> Result<File> {
    let found = store::files::get_unscoped(&mut engine.db().read().await?, id).await?;
    found.filter(|file| file.purpose == FilePurpose::Logo).ok_or(Error::NotFound)
}

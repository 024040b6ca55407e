//! What a company gives its affiliates to promote it with: files and texts.

use domain::affiliates::AffiliateStatus;
use domain::audit::AuditAction;
use domain::ids::{ProgramId, ResourceId};
use domain::resources::{MOST_RESOURCES, ResourceKind, TextDraft, filled};
use store::db::{Conn, Tx, again};
use store::programs::Program;
pub use store::resources::Resource;

use super::files::{self, File, Upload};
use crate::engine::Engine;
use crate::error::{Error, Result};
use crate::identity::audit;
use crate::identity::scope;
use crate::identity::sessions::{AffiliateActor, MerchantActor};

/// A resource with its file, if it is one.
#[derive(Debug, Clone)]
pub struct ResourceRow {
    /// The resource.
    pub resource: Resource,
    /// Its file, without the content.
    pub file: Option<File>,
}

async fn rows(conn: &mut Conn, found: Vec<Resource>) -> Result<Vec<ResourceRow>> {
    let mut rows = Vec::new();
    for resource in found {
        let file = match &resource.file_id {
            Some(id) => Some(files::found(conn, id).await?),
            None => None,
        };
        rows.push(ResourceRow { resource, file });
    }
    Ok(rows)
}

/// A program's resources by age, after one of them.
pub async fn list(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    after: &str,
    limit: i64,
) -> Result<Vec<ResourceRow>> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let found = store::resources::list(&mut conn, &program.id, after, limit).await?;
    rows(&mut conn, found).await
}

/// One resource of a program.
pub async fn get(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ResourceId,
) -> Result<ResourceRow> {
    let mut conn = engine.db().read().await?;
    let program = scope::program(&mut conn, actor, program).await?;
    let found = store::resources::get(&mut conn, &program.id, id).await?.ok_or(Error::NotFound)?;
    rows(&mut conn, vec![found]).await?.pop().ok_or(Error::NotFound)
}

/// Adds a text.
///
/// # Errors
/// [`Error::Invalid`] when there is one with this title, or the program has as many resources as it
/// can.
pub async fn add_text(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    draft: &TextDraft,
) -> Result<Resource> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let resource = Resource {
            text: Some(draft.text.as_str().to_owned()),
            ..new(engine, actor, &program, ResourceKind::Text, draft.title.as_str())
        };
        put(engine, &mut tx, actor, &resource).await?;
        tx.commit().await?;
        Ok(resource)
    })
    .await
}

/// Changes a text.
///
/// # Errors
/// [`Error::NotFound`] for a file, [`Error::Invalid`] when there is another text with this title.
pub async fn change_text(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ResourceId,
    draft: &TextDraft,
) -> Result<Resource> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let found = store::resources::get(&mut tx, &program.id, id).await?;
        let found = found.filter(|found| found.kind == ResourceKind::Text).ok_or(Error::NotFound)?;
        let changed = Resource {
            title: draft.title.as_str().to_owned(),
            text: Some(draft.text.as_str().to_owned()),
            updated_at: engine.now(),
            ..found
        };
        if !store::resources::update(&mut tx, &changed).await? {
            return Err(title_is_taken());
        }
        let action = AuditAction::ResourceChanged { title: changed.title.clone() };
        let line = audit::line(id.as_str(), action);
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(changed)
    })
    .await
}

/// Makes an upload a resource under the name of the file. It takes the place of a file with the same
/// name.
///
/// # Errors
/// [`Error::Invalid`] when the file is not accepted, or the program has as many resources or as much
/// in files as it can.
pub async fn put_file(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    upload: Upload,
) -> Result<ResourceRow> {
    actor.may_write()?;
    let file = upload.finish().await?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        if file.program_id != program.id {
            return Err(Error::NotFound);
        }
        let present =
            store::resources::by_title(&mut tx, &program.id, ResourceKind::File, &file.name).await?;
        let resource = match present {
            Some(present) => {
                let before = present.file_id.clone();
                let changed =
                    Resource { file_id: Some(file.id.clone()), updated_at: engine.now(), ..present };
                store::resources::update(&mut tx, &changed).await?;
                if let Some(before) = before {
                    store::files::delete(&mut tx, &before).await?;
                }
                let action = AuditAction::ResourceChanged { title: changed.title.clone() };
                let line = audit::line(changed.id.as_str(), action);
                audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
                changed
            }
            None => {
                let resource = Resource {
                    file_id: Some(file.id.clone()),
                    ..new(engine, actor, &program, ResourceKind::File, &file.name)
                };
                put(engine, &mut tx, actor, &resource).await?;
                resource
            }
        };
        files::complete(engine, &mut tx, &file).await?;
        tx.commit().await?;
        Ok(ResourceRow { resource, file: Some(file.clone()) })
    })
    .await
}

/// Deletes a resource, with its file.
pub async fn delete(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    id: &ResourceId,
) -> Result<Resource> {
    actor.may_write()?;
    again(|| async {
        let mut tx = engine.db().begin().await?;
        let program = scope::program(&mut tx, actor, program).await?;
        let found = store::resources::get(&mut tx, &program.id, id).await?.ok_or(Error::NotFound)?;
        store::resources::delete(&mut tx, id).await?;
        if let Some(file) = &found.file_id {
            store::files::delete(&mut tx, file).await?;
        }
        let line = audit::line(id.as_str(), AuditAction::ResourceDeleted { title: found.title.clone() });
        audit::put(engine, &mut tx, line.by_actor(actor).of_program(&program.id)).await?;
        tx.commit().await?;
        Ok(found)
    })
    .await
}

fn new(
    engine: &Engine,
    actor: &MerchantActor,
    program: &Program,
    kind: ResourceKind,
    title: &str,
) -> Resource {
    let now = engine.now();
    Resource {
        id: ResourceId::new(now, engine.random()),
        program_id: program.id.clone(),
        kind,
        title: title.to_owned(),
        text: None,
        file_id: None,
        created_at: now,
        updated_at: now,
        created_by: Some(actor.account_id().clone()),
    }
}

async fn put(engine: &Engine, tx: &mut Tx, actor: &MerchantActor, resource: &Resource) -> Result<()> {
    if store::resources::count(tx, &resource.program_id).await? >= MOST_RESOURCES {
        let field = if resource.kind == ResourceKind::File { "file" } else { "title" };
        let message = format!("A program can have {MOST_RESOURCES} resources. Delete one first");
        return Err(Error::field(field, message));
    }
    if !store::resources::put(tx, resource).await? {
        return Err(title_is_taken());
    }
    let action = AuditAction::ResourceAdded { title: resource.title.clone() };
    let line = audit::line(resource.id.as_str(), action);
    audit::put(engine, tx, line.by_actor(actor).of_program(&resource.program_id)).await
}

fn title_is_taken() -> Error {
    Error::field("title", "There is a text with this title. Choose another")
}

/// A program's resources for the affiliate who looks, with their own link in the texts.
///
/// # Errors
/// [`Error::NotFound`] for who is not in the program. There are none for who is not active.
pub async fn own(engine: &Engine, actor: &AffiliateActor, program: &ProgramId) -> Result<Vec<ResourceRow>> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    if affiliate.status != AffiliateStatus::Active {
        return Ok(Vec::new());
    }
    let found = store::resources::list(&mut conn, &affiliate.program_id, "", MOST_RESOURCES).await?;
    let link = store::links::first_of(&mut conn, &affiliate.id).await?;
    let mut rows = rows(&mut conn, found).await?;
    if let Some(link) = link {
        let url = format!("{}/r/{}", engine.base_url(), link.code);
        for row in &mut rows {
            row.resource.text = row.resource.text.take().map(|text| filled(&text, &url, link.code.as_str()));
        }
    }
    Ok(rows)
}

/// A file for the affiliate who looks.
///
/// # Errors
/// [`Error::NotFound`] for who is not an active affiliate of the program.
pub async fn own_file(
    engine: &Engine,
    actor: &AffiliateActor,
    program: &ProgramId,
    id: &ResourceId,
) -> Result<File> {
    let mut conn = engine.db().read().await?;
    let affiliate = scope::membership(&mut conn, actor, program).await?;
    if affiliate.status != AffiliateStatus::Active {
        return Err(Error::NotFound);
    }
    let found = store::resources::get(&mut conn, &affiliate.program_id, id).await?;
    let file = found.and_then(|found| found.file_id).ok_or(Error::NotFound)?;
    files::found(&mut conn, &file).await
}

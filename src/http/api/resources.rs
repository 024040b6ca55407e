//! `/programs/{programId}/resources`: files and texts for affiliates.

use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::fields::Problems;
use domain::files::{FilePurpose, LARGEST_FILE};
use domain::ids::{ProgramId, ResourceId};
use domain::resources::{ResourceTitle, Template, TextDraft};
use engine::Engine;
use engine::programs::files::Upload;
use engine::programs::resources::{self, ResourceRow};
use futures::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{ProgramPath, ResourceFilePath, ResourcePath};
use super::problem::{ApiResult, Problem};
use super::problem_code::Code;
use super::text_schemas;
use crate::http::files::respond;

/// A file or a text for affiliates.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Resource)]
pub struct ResourceBody {
    #[schema(value_type = String, example = "res_01h455vb4pex5vsknk084sn02q")]
    id: ResourceId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = enum_schemas::ResourceKind)]
    kind: &'static str,
    /// What it is called. Of a file: its name.
    title: String,
    /// With `{{link}}` and `{{code}}` where the affiliate's own are filled in. Null for a file.
    text: Option<String>,
    /// Null for a text.
    file: Option<FileBody>,
    created_at: Time,
    updated_at: Time,
}

/// What is known of a file.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ResourceFile)]
struct FileBody {
    /// The type, read from the content.
    #[schema(example = "image/png")]
    media_type: &'static str,
    /// Bytes.
    size: i64,
    /// The SHA-256 of the content, in hexadecimal digits.
    sha256: String,
}

impl From<ResourceRow> for ResourceBody {
    fn from(row: ResourceRow) -> Self {
        let ResourceRow { resource, file } = row;
        Self {
            id: resource.id,
            program_id: resource.program_id,
            kind: resource.kind.word(),
            title: resource.title,
            text: resource.text,
            file: file.map(|file| FileBody {
                media_type: file.file_type.media_type(),
                size: file.size,
                sha256: file.sha256,
            }),
            created_at: resource.created_at.into(),
            updated_at: resource.updated_at.into(),
        }
    }
}

/// List resources
#[utoipa::path(
    get,
    path = "/programs/{programId}/resources",
    tag = "affiliates",
    operation_id = "listResources",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of resources", body = List<ResourceBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<ResourceBody>> {
    let page = paging.read()?;
    let after = page.after_id::<ResourceId>()?;
    let after = after.as_ref().map_or("", ResourceId::as_str);
    let rows = resources::list(&engine, actor.merchant(), &path.program_id, after, page.fetch()).await?;
    Ok(List::of(rows, &page, |row| Cursor::by_id(&row.resource.id), ResourceBody::from))
}

/// A text for affiliates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"title": "A post", "text": "I plan my week with Acme: {{link}}"}))]
pub struct ResourceTextInput {
    #[schema(required = true, nullable = false, value_type = text_schemas::ResourceTitleText)]
    title: Option<String>,
    /// `{{link}}` and `{{code}}` become the link and the code of the affiliate who reads it.
    #[schema(required = true, nullable = false, value_type = text_schemas::TemplateText)]
    text: Option<String>,
}

impl ResourceTextInput {
    fn read(self) -> Result<TextDraft, Problems> {
        let mut problems = Problems::new();
        let title = problems.keep("title", ResourceTitle::parse(&self.title.unwrap_or_default()));
        let text = problems.keep("text", Template::parse(&self.text.unwrap_or_default()));
        match (title, text) {
            (Some(title), Some(text)) => Ok(TextDraft { title, text }),
            _ => Err(problems),
        }
    }
}

/// Add a text
#[utoipa::path(
    post,
    path = "/programs/{programId}/resources",
    tag = "affiliates",
    operation_id = "addResourceText",
    params(ProgramPath, IdempotencyHeader),
    request_body = ResourceTextInput,
    responses((status = 201, description = "The text", body = Item<ResourceBody>), WriteRefusals),
)]
pub async fn add(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ResourceTextInput>,
) -> ApiResult<(StatusCode, Item<ResourceBody>)> {
    // A program that is not yours is refused before the input.
    let (merchant, program) = (actor.merchant(), &path.program_id);
    engine::programs::get(&engine, merchant, program).await?;
    let resource = resources::add_text(&engine, merchant, program, &input.read()?).await?;
    Ok((StatusCode::CREATED, Item::of(ResourceRow { resource, file: None }.into())))
}

/// Retrieve a resource
#[utoipa::path(
    get,
    path = "/programs/{programId}/resources/{resourceId}",
    tag = "affiliates",
    operation_id = "getResource",
    params(ResourcePath),
    responses((status = 200, description = "The resource", body = Item<ResourceBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ResourcePath>,
) -> ApiResult<Item<ResourceBody>> {
    let row = resources::get(&engine, actor.merchant(), &path.program_id, &path.resource_id).await?;
    Ok(Item::of(row.into()))
}

/// Replace a text
/// Files are replaced by uploading one with the same name.
#[utoipa::path(
    put,
    path = "/programs/{programId}/resources/{resourceId}",
    tag = "affiliates",
    operation_id = "replaceResourceText",
    params(ResourcePath),
    request_body = ResourceTextInput,
    responses((status = 200, description = "The text", body = Item<ResourceBody>), WriteRefusals),
)]
pub async fn replace(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ResourcePath>,
    Body(input): Body<ResourceTextInput>,
) -> ApiResult<Item<ResourceBody>> {
    // What is not yours is refused before the input.
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.resource_id);
    resources::get(&engine, merchant, program, id).await?;
    let resource = resources::change_text(&engine, merchant, program, id, &input.read()?).await?;
    Ok(Item::of(ResourceRow { resource, file: None }.into()))
}

/// Delete a resource
#[utoipa::path(
    delete,
    path = "/programs/{programId}/resources/{resourceId}",
    tag = "affiliates",
    operation_id = "deleteResource",
    params(ResourcePath),
    responses((status = 200, description = "What was deleted", body = Item<ResourceBody>), WriteRefusals),
)]
pub async fn delete(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ResourcePath>,
) -> ApiResult<Item<ResourceBody>> {
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.resource_id);
    let row = resources::get(&engine, merchant, program, id).await?;
    resources::delete(&engine, merchant, program, id).await?;
    Ok(Item::of(row.into()))
}

/// Download a file
#[utoipa::path(
    get,
    path = "/programs/{programId}/resources/{resourceId}/file",
    tag = "affiliates",
    operation_id = "downloadResourceFile",
    params(ResourcePath),
    responses(
        (
            status = 200,
            description = "The file",
            content(
                (String = "image/png"), (String = "image/jpeg"), (String = "image/webp"),
                (String = "application/pdf"), (String = "application/zip"),
            ),
        ),
        (status = 304, description = "Not changed since the ETag in `If-None-Match`"),
        ReadRefusals,
    ),
)]
pub async fn download(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ResourcePath>,
    head: HeaderMap,
) -> ApiResult<Response> {
    let row = resources::get(&engine, actor.merchant(), &path.program_id, &path.resource_id).await?;
    let file = row.file.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(respond(engine, file, &head, "private, no-cache", true))
}

/// Upload a file
/// The body is the file: PNG, JPEG, WebP, PDF or ZIP, up to 10 MB. The type is read from the content. A file with the
/// same name is replaced. All files of a program can have 100 MB together.
#[utoipa::path(
    put,
    path = "/programs/{programId}/resource-files/{fileName}",
    tag = "affiliates",
    operation_id = "uploadResourceFile",
    params(ResourceFilePath),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, description = "The file", body = Item<ResourceBody>), WriteRefusals),
)]
pub async fn upload(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ResourceFilePath>,
    body: RawBody,
) -> ApiResult<Item<ResourceBody>> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let mut upload =
        Upload::begin(&engine, merchant, program, FilePurpose::Resource, &path.file_name).await?;
    let mut received = 0_i64;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .map_err(|_| Problem::saying(Code::InvalidJson, "The body could not be read to the end."))?;
        received = received.saturating_add(i64::try_from(piece.len()).unwrap_or(i64::MAX));
        if received > LARGEST_FILE {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        upload.write(&piece).await?;
    }
    Ok(Item::of(resources::put_file(&engine, merchant, program, upload).await?.into()))
}

//! `/programs`: programs, listed, created and changed.

use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::ProgramId;
use domain::money::Currency;
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs::Program;
use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, PageRequest, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::program_input::{NewProgram, ProgramChangeInput};
use super::terms::TermsBody;

/// An affiliate program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Program)]
pub struct ProgramBody {
    #[schema(value_type = String, example = "prg_01h455vb4pex5vsknk084sn02q")]
    id: ProgramId,
    /// The last part of the public page's address, `/join/{slug}`.
    #[schema(example = "acme-partners")]
    slug: String,
    #[schema(example = "Acme partners")]
    name: String,
    #[schema(example = "https://acme.example/")]
    website: String,
    /// The domains that links can lead to, including subdomains. The website's comes first.
    allowed_domains: Vec<String>,
    #[schema(value_type = String, example = "usd")]
    currency: Currency,
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    #[schema(value_type = enum_schemas::ProgramStatus)]
    status: &'static str,
    /// Whether applications are approved automatically.
    auto_approve: bool,
    /// Whether the script waits for the visitor's consent.
    require_consent: bool,
    /// Whether visitors who send Global Privacy Control are not tracked.
    respect_global_privacy_control: bool,
    /// How leads reported only by a browser are treated.
    #[schema(value_type = enum_schemas::BrowserLeads)]
    browser_leads: &'static str,
    /// When a page of the site last loaded the tracking script.
    script_seen_at: Option<Time>,
    created_at: Time,
    /// The current version of the terms.
    terms: TermsBody,
}

async fn body(engine: &Engine, actor: &MerchantActor, program: Program) -> ApiResult<ProgramBody> {
    let terms = engine::programs::terms::current(engine, actor, &program.id).await?;
    Ok(ProgramBody {
        terms: TermsBody::of(&terms, program.currency),
        id: program.id,
        slug: program.slug,
        name: program.name,
        website: program.website,
        allowed_domains: program.allowed_domains.domains().to_vec(),
        currency: program.currency,
        time_zone: program.time_zone,
        status: program.status.word(),
        auto_approve: program.auto_approve,
        require_consent: program.require_consent,
        respect_global_privacy_control: program.respect_gpc,
        browser_leads: program.browser_leads.word(),
        script_seen_at: program.script_seen_at.map(Time),
        created_at: program.created_at.into(),
    })
}

/// List programs
///
/// Oldest first.
#[utoipa::path(
    get,
    path = "/programs",
    tag = "programs",
    operation_id = "listPrograms",
    params(Paging),
    responses((status = 200, description = "A page of programs", body = List<ProgramBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<ProgramBody>> {
    let page = paging.read()?;
    let mut programs = Vec::new();
    for program in rows(&engine, actor.merchant(), &page).await? {
        programs.push(body(&engine, actor.merchant(), program).await?);
    }
    Ok(List::of(programs, &page, |program| Cursor::by_id(&program.id), |program| program))
}

async fn rows(engine: &Engine, actor: &MerchantActor, page: &PageRequest) -> ApiResult<Vec<Program>> {
    let after: Option<ProgramId> = page.after_id()?;
    // A page of the company's programs may not hold the one that the key is limited to.
    if let Some(only) = actor.only_program() {
        let program = engine::programs::get(engine, actor, only).await?;
        return Ok(if after.is_none_or(|after| program.id > after) { vec![program] } else { Vec::new() });
    }
    let after = after.as_ref().map_or("", |after| after.as_str());
    Ok(engine::programs::list(engine, actor, after, page.fetch()).await?)
}

/// Create a program
#[utoipa::path(
    post,
    path = "/programs",
    tag = "programs",
    operation_id = "createProgram",
    params(IdempotencyHeader),
    request_body = NewProgram,
    responses((status = 201, description = "The program", body = Item<ProgramBody>), WriteRefusals),
)]
pub async fn create(
    actor: Actor,
    State(engine): State<Engine>,
    Body(input): Body<NewProgram>,
) -> ApiResult<(StatusCode, Item<ProgramBody>)> {
    let (draft, terms) = input.read()?;
    let program = engine::programs::create(&engine, actor.merchant(), &draft, &terms).await?;
    Ok((StatusCode::CREATED, Item::of(body(&engine, actor.merchant(), program).await?)))
}

/// Retrieve a program
#[utoipa::path(
    get,
    path = "/programs/{programId}",
    tag = "programs",
    operation_id = "getProgram",
    params(ProgramPath),
    responses((status = 200, description = "The program", body = Item<ProgramBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
) -> ApiResult<Item<ProgramBody>> {
    let program = engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    Ok(Item::of(body(&engine, actor.merchant(), program).await?))
}

/// Update a program
/// Fields left out stay unchanged. To change the terms, add a version.
#[utoipa::path(
    patch,
    path = "/programs/{programId}",
    tag = "programs",
    operation_id = "changeProgram",
    params(ProgramPath),
    request_body = ProgramChangeInput,
    responses((status = 200, description = "The program", body = Item<ProgramBody>), WriteRefusals),
)]
pub async fn change(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<ProgramChangeInput>,
) -> ApiResult<Item<ProgramBody>> {
    let change = input.read()?;
    let program = engine::programs::change(&engine, actor.merchant(), &path.program_id, &change).await?;
    Ok(Item::of(body(&engine, actor.merchant(), program).await?))
}

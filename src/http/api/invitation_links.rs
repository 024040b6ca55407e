//! `/programs/{programId}/invitation-links`: links by which people join.

use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::fields::Problems;
use domain::ids::{InvitationLinkId, ProgramId};
use domain::invitations::{InvitationLinkDraft, LinkLabel};
use engine::Engine;
use engine::programs::invitations::{self, InvitationLink};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{InvitationLinkPath, ProgramPath};
use super::problem::ApiResult;
use super::text_schemas;

/// A link by which people join a program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = InvitationLink)]
pub struct InvitationLinkBody {
    #[schema(value_type = String, example = "ivl_01h455vb4pex5vsknk084sn02q")]
    id: InvitationLinkId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    /// What you call it.
    label: String,
    /// Whoever has this address can join.
    url: String,
    /// How many people can join by it.
    max_uses: i64,
    /// How many have.
    uses: i64,
    #[schema(value_type = enum_schemas::InvitationLinkStatus)]
    status: &'static str,
    created_at: Time,
    expires_at: Time,
    revoked_at: Option<Time>,
}

fn body(engine: &Engine, link: InvitationLink) -> InvitationLinkBody {
    InvitationLinkBody {
        url: invitations::address(engine, &link),
        status: link.status(engine.now()).word(),
        id: link.id,
        program_id: link.program_id,
        label: link.label,
        max_uses: link.most_uses,
        uses: link.uses,
        created_at: link.created_at.into(),
        expires_at: link.expires_at.into(),
        revoked_at: link.revoked_at.map(Time::from),
    }
}

/// List invitation links
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/invitation-links",
    tag = "affiliates",
    operation_id = "listInvitationLinks",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of links", body = List<InvitationLinkBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<InvitationLinkBody>> {
    let page = paging.read()?;
    let before = page.after_time::<InvitationLinkId>()?;
    let before = before.as_ref().map(|(at, id)| (*at, id.as_str()));
    let rows = invitations::links(&engine, actor.merchant(), &path.program_id, before, page.fetch()).await?;
    let cursor = |row: &InvitationLink| Cursor::by_time(row.created_at, &row.id);
    Ok(List::of(rows, &page, cursor, |row| body(&engine, row)))
}

/// An invitation link to create.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"label": "Conference", "maxUses": 20, "expiresAt": "2026-12-31T23:00:00Z"}))]
pub struct NewInvitationLink {
    /// What you call it.
    #[schema(required = true, nullable = false, value_type = text_schemas::NameText)]
    label: Option<String>,
    /// How many people can join by it.
    #[schema(required = true, nullable = false, minimum = 1, maximum = 10_000)]
    max_uses: Option<i64>,
    /// When it ends, within 12 months.
    #[schema(required = true, nullable = false)]
    expires_at: Option<String>,
}

impl NewInvitationLink {
    fn read(self, now: Timestamp) -> Result<InvitationLinkDraft, Problems> {
        let mut problems = Problems::new();
        let label = problems.keep("label", LinkLabel::parse(&self.label.unwrap_or_default()));
        let uses = problems.keep("max_uses", InvitationLinkDraft::check_uses(self.max_uses));
        let end = self.expires_at.as_deref().and_then(Timestamp::from_rfc3339);
        let end = problems.keep("expires_at", InvitationLinkDraft::check_end(end, now));
        match (label, uses, end) {
            (Some(label), Some(most_uses), Some(expires_at)) => {
                Ok(InvitationLinkDraft { label, most_uses, expires_at })
            }
            _ => Err(problems),
        }
    }
}

/// Create an invitation link
/// Whoever has it can join without a decision, once they confirm their email address. A program can have 50 at once.
#[utoipa::path(
    post,
    path = "/programs/{programId}/invitation-links",
    tag = "affiliates",
    operation_id = "createInvitationLink",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewInvitationLink,
    responses((status = 201, description = "The link", body = Item<InvitationLinkBody>), WriteRefusals),
)]
pub async fn create(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewInvitationLink>,
) -> ApiResult<(StatusCode, Item<InvitationLinkBody>)> {
    // A program that is not yours is refused before the input.
    let (merchant, program) = (actor.merchant(), &path.program_id);
    engine::programs::get(&engine, merchant, program).await?;
    let link = invitations::create_link(&engine, merchant, program, &input.read(engine.now())?).await?;
    Ok((StatusCode::CREATED, Item::of(body(&engine, link))))
}

/// Revoke an invitation link
/// Nobody can join by it any more.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/invitation-links/{invitationLinkId}",
    tag = "affiliates",
    operation_id = "revokeInvitationLink",
    params(InvitationLinkPath),
    responses((status = 200, description = "The link", body = Item<InvitationLinkBody>), WriteRefusals),
)]
pub async fn revoke(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<InvitationLinkPath>,
) -> ApiResult<Item<InvitationLinkBody>> {
    let (program, id) = (&path.program_id, &path.invitation_link_id);
    let link = invitations::revoke_link(&engine, actor.merchant(), program, id).await?;
    Ok(Item::of(body(&engine, link)))
}

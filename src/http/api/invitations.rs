//! `/programs/{programId}/invitations`: people who were invited by mail.

use axum::extract::State;
use axum::http::StatusCode;
use domain::clock::Timestamp;
use domain::emails::Email;
use domain::fields::{Name, Problems};
use domain::ids::{AffiliateId, InvitationId, ProgramId};
use domain::invitations::InvitationDraft;
use domain::links::LinkCode;
use engine::Engine;
use engine::programs::invitations::{self, Invitation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{InvitationPath, ProgramPath};
use super::problem::ApiResult;
use super::text_schemas;

/// An invitation of a person to a program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Invitation)]
pub struct InvitationBody {
    #[schema(value_type = String, example = "inv_01h455vb4pex5vsknk084sn02q")]
    id: InvitationId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String, example = "maya@example.com")]
    email: Email,
    name: Option<String>,
    /// The code of their first link. Null makes one from the name.
    #[schema(value_type = Option<String>)]
    code: Option<LinkCode>,
    #[schema(value_type = enum_schemas::InvitationStatus)]
    status: &'static str,
    created_at: Time,
    /// When it was last mailed.
    sent_at: Time,
    /// Until when it works.
    expires_at: Time,
    accepted_at: Option<Time>,
    revoked_at: Option<Time>,
    /// The affiliate that the person became.
    #[schema(value_type = Option<String>)]
    affiliate_id: Option<AffiliateId>,
}

fn body(invitation: Invitation, now: Timestamp) -> InvitationBody {
    InvitationBody {
        status: invitation.status(now).word(),
        id: invitation.id,
        program_id: invitation.program_id,
        email: invitation.email,
        name: invitation.name,
        code: invitation.code,
        created_at: invitation.created_at.into(),
        sent_at: invitation.sent_at.into(),
        expires_at: invitation.expires_at.into(),
        accepted_at: invitation.accepted_at.map(Time::from),
        revoked_at: invitation.revoked_at.map(Time::from),
        affiliate_id: invitation.affiliate_id,
    }
}

/// List invitations
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/invitations",
    tag = "affiliates",
    operation_id = "listInvitations",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of invitations", body = List<InvitationBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<InvitationBody>> {
    let page = paging.read()?;
    let before = page.after_time::<InvitationId>()?;
    let before = before.as_ref().map(|(at, id)| (*at, id.as_str()));
    let rows = invitations::list(&engine, actor.merchant(), &path.program_id, before, page.fetch()).await?;
    let cursor = |row: &Invitation| Cursor::by_time(row.created_at, &row.id);
    let now = engine.now();
    Ok(List::of(rows, &page, cursor, |row| body(row, now)))
}

/// A person to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"email": "maya@example.com", "name": "Maya Chen", "code": "maya"}))]
pub struct NewInvitation {
    #[schema(required = true, nullable = false, value_type = text_schemas::EmailText)]
    email: Option<String>,
    #[schema(value_type = Option<text_schemas::NameText>)]
    name: Option<String>,
    /// The code of their first link: 2 to 40 letters, digits, dashes or underscores.
    #[schema(value_type = Option<text_schemas::LinkCodeText>)]
    code: Option<String>,
}

impl NewInvitation {
    fn read(self) -> Result<InvitationDraft, Problems> {
        let mut problems = Problems::new();
        let email = problems.keep("email", self.email.unwrap_or_default().parse());
        let name = self.name.and_then(|name| problems.keep("name", name.parse::<Name>()));
        let code = self.code.and_then(|code| problems.keep("code", code.parse()));
        match email {
            Some(email) => problems.or(InvitationDraft { name, email, code }),
            None => Err(problems),
        }
    }
}

/// Invite a person
/// They get a mail with a link. Once they accept the terms there, they are an active affiliate with a
/// first link. The program has to be active.
#[utoipa::path(
    post,
    path = "/programs/{programId}/invitations",
    tag = "affiliates",
    operation_id = "invitePerson",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewInvitation,
    responses((status = 201, description = "The invitation", body = Item<InvitationBody>), WriteRefusals),
)]
pub async fn invite(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewInvitation>,
) -> ApiResult<(StatusCode, Item<InvitationBody>)> {
    // A program that is not yours is refused before the input.
    let (merchant, program) = (actor.merchant(), &path.program_id);
    engine::programs::get(&engine, merchant, program).await?;
    let invitation = invitations::invite_one(&engine, merchant, program, &input.read()?).await?;
    Ok((StatusCode::CREATED, Item::of(body(invitation, engine.now()))))
}

/// Send an invitation again
/// It works for 30 days from then on. Up to 3 times a day.
#[utoipa::path(
    post,
    path = "/programs/{programId}/invitations/{invitationId}/resend",
    tag = "affiliates",
    operation_id = "resendInvitation",
    params(InvitationPath, IdempotencyHeader),
    responses((status = 200, description = "The invitation", body = Item<InvitationBody>), WriteRefusals),
)]
pub async fn resend(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<InvitationPath>,
) -> ApiResult<Item<InvitationBody>> {
    let (program, id) = (&path.program_id, &path.invitation_id);
    let invitation = invitations::resend(&engine, actor.merchant(), program, id).await?;
    Ok(Item::of(body(invitation, engine.now())))
}

/// Revoke an invitation
/// Its link no longer works.
#[utoipa::path(
    delete,
    path = "/programs/{programId}/invitations/{invitationId}",
    tag = "affiliates",
    operation_id = "revokeInvitation",
    params(InvitationPath),
    responses((status = 200, description = "The invitation", body = Item<InvitationBody>), WriteRefusals),
)]
pub async fn revoke(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<InvitationPath>,
) -> ApiResult<Item<InvitationBody>> {
    let (program, id) = (&path.program_id, &path.invitation_id);
    let invitation = invitations::revoke(&engine, actor.merchant(), program, id).await?;
    Ok(Item::of(body(invitation, engine.now())))
}

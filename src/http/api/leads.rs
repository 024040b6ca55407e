//! Leads: addresses that a site reports for a click.

use axum::extract::State;
use axum::http::StatusCode;
use domain::clicks::ClickToken;
use domain::emails::Email;
use domain::fields::Problems;
use domain::ids::{AffiliateId, LeadId};
use domain::leads::LeadDoubt;
use engine::Engine;
use engine::tracking::leads::Lead;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::text_schemas;

/// A lead.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Lead)]
pub struct LeadBody {
    #[schema(value_type = String, example = "led_01h455vb4pex5vsknk084sn02q")]
    id: LeadId,
    at: Time,
    #[schema(value_type = String, example = "ana@mailbox.example")]
    email: Email,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    /// The click that the lead followed.
    #[schema(value_type = String, example = "hgc_01h455vb4pex5vsknk084sn02q0000000000")]
    click_token: ClickToken,
    /// How the lead is proved.
    #[schema(value_type = enum_schemas::LeadProof)]
    proof: &'static str,
    /// Why the lead only suggests its affiliate. Null for a lead that counts.
    #[schema(value_type = Option<enum_schemas::LeadDoubt>)]
    doubt: Option<&'static str>,
}

impl From<Lead> for LeadBody {
    fn from(lead: Lead) -> Self {
        Self {
            id: lead.id,
            at: lead.at.into(),
            email: lead.email,
            affiliate_id: lead.affiliate_id,
            click_token: lead.click,
            proof: lead.proof.word(),
            doubt: lead.doubt.map(LeadDoubt::word),
        }
    }
}

/// List leads
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/leads",
    tag = "tracking",
    operation_id = "listLeads",
    params(ProgramPath, Paging),
    responses((status = 200, description = "A page of leads", body = List<LeadBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<LeadBody>> {
    let page = paging.read()?;
    let before: Option<LeadId> = page.after_id()?;
    let (merchant, id) = (actor.merchant(), &path.program_id);
    let rows = engine::tracking::leads::list(&engine, merchant, id, before.as_ref(), page.fetch()).await?;
    Ok(List::of(rows, &page, |lead| Cursor::by_id(&lead.id), LeadBody::from))
}

/// A lead to report.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "email": "ana@mailbox.example",
    "clickToken": "hgc_01h455vb4pex5vsknk084sn02q0000000000",
}))]
pub struct NewLead {
    /// The email address someone signed up with.
    #[schema(required = true, nullable = false, value_type = text_schemas::EmailText)]
    email: Option<String>,
    /// The token of their click, from the cookie `hg_click`.
    #[schema(required = true, nullable = false, value_type = text_schemas::ClickTokenText)]
    click_token: Option<String>,
}

impl NewLead {
    fn read(self) -> Result<(Email, ClickToken), Problems> {
        let mut problems = Problems::new();
        let email = problems.keep("email", self.email.unwrap_or_default().parse());
        let token = self.click_token.unwrap_or_default().parse();
        let token = problems.keep("clickToken", token.map_err(|_| "Enter the token of a click, hgc_…"));
        email.zip(token).ok_or(problems)
    }
}

/// Report a lead
/// A lead reported by your server always counts: payments with its address are attributed, including earlier ones.
/// Reporting the same lead again changes nothing.
#[utoipa::path(
    post,
    path = "/programs/{programId}/leads",
    tag = "tracking",
    operation_id = "reportLead",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewLead,
    responses((status = 201, description = "The lead", body = Item<LeadBody>), WriteRefusals),
)]
pub async fn report(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewLead>,
) -> ApiResult<(StatusCode, Item<LeadBody>)> {
    // A program that is not yours is refused before the input.
    engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let (email, token) = input.read()?;
    let lead =
        engine::tracking::leads::record(&engine, actor.merchant(), &path.program_id, &token, &email).await?;
    Ok((StatusCode::CREATED, Item::of(lead.into())))
}

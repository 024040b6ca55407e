//! Applications to join a program by its public page.

use axum::extract::State;
use domain::affiliates::StatusReason;
use domain::applications::ApplicationStatus;
use domain::emails::Email;
use domain::ids::{AffiliateId, ApplicationId, ProgramId};
use engine::Engine;
use engine::programs::applications::{self, Review};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::enum_schemas;
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::page::{Cursor, Item, List, Paging};
use super::paths::{ApplicationPath, ProgramPath};
use super::problem::{ApiResult, Problem};
use super::questions::AnswerBody;
use super::text_schemas;

/// An application to join a program.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Application)]
pub struct ApplicationBody {
    #[schema(value_type = String, example = "app_01h455vb4pex5vsknk084sn02q")]
    id: ApplicationId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(example = "Amara Nwosu")]
    name: String,
    #[schema(value_type = String, example = "amara@slowpages.example")]
    email: Email,
    /// A website or channel as the applicant wrote it.
    website: Option<String>,
    /// How the applicant will promote the program.
    promotion: String,
    /// Answers to the program's own questions.
    answers: Vec<AnswerBody>,
    /// The version of the terms that the applicant accepted.
    terms_version: i64,
    accepted_at: Time,
    /// When the email address was confirmed.
    confirmed_at: Option<Time>,
    #[schema(value_type = enum_schemas::ApplicationStatus)]
    status: &'static str,
    /// Why it was declined. Visible to the applicant.
    reason: Option<String>,
    decided_at: Option<Time>,
    /// The affiliate that the applicant became.
    #[schema(value_type = Option<String>)]
    affiliate_id: Option<AffiliateId>,
}

impl From<Review> for ApplicationBody {
    fn from(review: Review) -> Self {
        let application = review.application;
        Self {
            id: application.id,
            program_id: application.program_id,
            name: application.name,
            email: application.email,
            website: application.website,
            promotion: application.promotion,
            answers: application.answers.into_iter().map(AnswerBody::from).collect(),
            terms_version: review.terms_version,
            accepted_at: application.accepted_at.into(),
            confirmed_at: application.confirmed_at.map(Time::from),
            status: application.status.word(),
            reason: application.reason,
            decided_at: application.decided_at.map(Time::from),
            affiliate_id: application.affiliate_id,
        }
    }
}

/// Filters of the list of applications.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApplicationFilter {
    /// Only applications with this status. `pending` by default.
    #[param(value_type = Option<enum_schemas::ApplicationStatus>, inline)]
    status: Option<String>,
}

const STATUS: &str = "Choose one of unconfirmed, pending, approved, declined";

/// List applications
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/applications",
    tag = "affiliates",
    operation_id = "listApplications",
    params(ProgramPath, ApplicationFilter, Paging),
    responses((status = 200, description = "A page of applications", body = List<ApplicationBody>), ReadRefusals),
)]
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<ApplicationFilter>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<ApplicationBody>> {
    let page = paging.read()?;
    let before = page.after_time::<ApplicationId>()?;
    let before = before.as_ref().map(|(at, id)| (*at, id.as_str()));
    let status = match filter.status.as_deref() {
        Some(word) => {
            ApplicationStatus::from_word(word).ok_or_else(|| Problem::parameter("status", STATUS))?
        }
        None => ApplicationStatus::Pending,
    };
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let rows = applications::list(&engine, merchant, program, status, before, page.fetch()).await?;
    let cursor = |row: &Review| Cursor::by_time(row.application.accepted_at, &row.application.id);
    Ok(List::of(rows, &page, cursor, ApplicationBody::from))
}

/// Retrieve an application
#[utoipa::path(
    get,
    path = "/programs/{programId}/applications/{applicationId}",
    tag = "affiliates",
    operation_id = "getApplication",
    params(ApplicationPath),
    responses((status = 200, description = "The application", body = Item<ApplicationBody>), ReadRefusals),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ApplicationPath>,
) -> ApiResult<Item<ApplicationBody>> {
    let found = applications::get(&engine, actor.merchant(), &path.program_id, &path.application_id).await?;
    Ok(Item::of(found.into()))
}

/// A decision about an application.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"status": "declined", "reason": "Your website has nothing to do with writing."}))]
pub struct ApplicationDecision {
    #[schema(value_type = enum_schemas::ApplicationOutcome, required = true)]
    status: Option<String>,
    /// Required to decline. The applicant gets it by email.
    #[schema(value_type = Option<text_schemas::OptionalReasonText>)]
    reason: Option<String>,
}

/// Approve or decline an application
/// An approved applicant becomes an active affiliate with a first link. The applicant gets an
/// email either way. A decision cannot be changed.
#[utoipa::path(
    patch,
    path = "/programs/{programId}/applications/{applicationId}",
    tag = "affiliates",
    operation_id = "decideApplication",
    params(ApplicationPath),
    request_body = ApplicationDecision,
    responses((status = 200, description = "The application", body = Item<ApplicationBody>), WriteRefusals),
)]
pub async fn decide(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ApplicationPath>,
    Body(input): Body<ApplicationDecision>,
) -> ApiResult<Item<ApplicationBody>> {
    let (merchant, program, id) = (actor.merchant(), &path.program_id, &path.application_id);
    // What is not yours is refused before the input.
    let found = applications::get(&engine, merchant, program, id).await?.application;
    let wanted = input.status.as_deref().and_then(ApplicationStatus::from_word);
    let ids = std::slice::from_ref(id);
    if found.status == ApplicationStatus::Unconfirmed {
        return Err(Problem::field("status", "The email address of this application is not confirmed"));
    }
    match wanted {
        Some(ApplicationStatus::Approved) => {
            applications::approve(&engine, merchant, program, ids).await?;
        }
        Some(ApplicationStatus::Declined) => {
            let reason = StatusReason::parse(input.reason.as_deref().unwrap_or_default());
            let reason = reason.map_err(|message| Problem::field("reason", message))?;
            let reason = reason.ok_or_else(|| Problem::field("reason", StatusReason::ASK_APPLICANT))?;
            applications::decline(&engine, merchant, program, ids, &reason).await?;
        }
        _ => return Err(Problem::field("status", "Choose one of approved, declined")),
    }
    let decided = applications::get(&engine, merchant, program, id).await?;
    if Some(decided.application.status) != wanted {
        return Err(Problem::field("status", "This application was decided before"));
    }
    Ok(Item::of(decided.into()))
}

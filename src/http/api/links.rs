//! `/programs/{programId}/links`: tracking links.

use axum::extract::State;
use axum::http::StatusCode;
use domain::fields::Problems;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::links::LinkDraft;
use domain::programs::parse_web_url;
use engine::Engine;
use engine::programs::links::{Link, LinkWithClicks};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::affiliate_rows::{AFFILIATE_ID, OfAffiliate, RowsOfAffiliate};
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Item, List, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;
use super::text_schemas;

/// A tracking link.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Link)]
pub struct LinkBody {
    #[schema(value_type = String, example = "lnk_01h455vb4pex5vsknk084sn02q")]
    id: LinkId,
    #[schema(value_type = String)]
    program_id: ProgramId,
    #[schema(value_type = String, example = "aff_01h455vb4pex5vsknk084sn02q")]
    affiliate_id: AffiliateId,
    /// The code in `/r/{code}` and in `?via={code}`.
    #[schema(example = "maya")]
    code: String,
    /// The URL to share.
    #[schema(example = "https://go.acme.example/r/maya")]
    url: String,
    /// The destination.
    destination_url: String,
    /// The placement: where the link is used.
    placement: Option<String>,
    /// Clicks so far, without bots.
    clicks: i64,
    created_at: Time,
}

impl LinkBody {
    /// A link and its clicks.
    pub fn of(engine: &Engine, link: Link, clicks: i64) -> Self {
        Self {
            url: format!("{}/r/{}", engine.base_url(), link.code),
            id: link.id,
            program_id: link.program_id,
            affiliate_id: link.affiliate_id,
            code: link.code.into(),
            destination_url: link.destination_url,
            placement: link.placement,
            clicks,
            created_at: link.created_at.into(),
        }
    }
}

/// List links
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/links",
    tag = "tracking",
    operation_id = "listLinks",
    params(ProgramPath, OfAffiliate, Paging),
    responses((status = 200, description = "A page of links", body = List<LinkBody>), ReadRefusals),
)]
pub async fn list(rows: RowsOfAffiliate<LinkId>) -> ApiResult<List<LinkBody>> {
    let body = |row: LinkWithClicks| LinkBody::of(&rows.engine, row.link, row.clicks);
    let found = rows.fetch(engine::programs::links::list).await?;
    Ok(rows.list(found, |row| &row.link.id, body))
}

/// A new link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "affiliateId": "aff_01h455vb4pex5vsknk084sn02q",
    "destinationUrl": "https://acme.example/pricing",
    "code": "maya-video",
    "placement": "video",
}))]
pub struct NewLink {
    /// The affiliate the link belongs to.
    #[schema(required = true, nullable = false, value_type = text_schemas::AffiliateIdText)]
    affiliate_id: Option<String>,
    /// The destination, on one of the program's allowed domains. Defaults to the program's website.
    #[schema(value_type = Option<text_schemas::WebUrlText>)]
    destination_url: Option<String>,
    /// 2 to 40 letters, digits, dashes or underscores. Based on the affiliate's name by default.
    #[schema(value_type = Option<text_schemas::LinkCodeText>)]
    code: Option<String>,
    /// The placement: where the link is used, such as `newsletter`. Up to 64 characters.
    #[schema(value_type = Option<text_schemas::PlacementText>)]
    placement: Option<String>,
}

impl NewLink {
    fn read(self) -> Result<(AffiliateId, LinkDraft), Problems> {
        let mut problems = Problems::new();
        let affiliate = self.affiliate_id.unwrap_or_default().parse().map_err(|_| AFFILIATE_ID);
        let affiliate = problems.keep("affiliateId", affiliate);
        let code = self.code.and_then(|code| problems.keep("code", code.parse()));
        let destination =
            self.destination_url.and_then(|url| problems.keep("destinationUrl", parse_web_url(&url)));
        let placement = self.placement.and_then(|word| problems.keep("placement", word.parse()));
        match affiliate {
            Some(affiliate) => problems.or((affiliate, LinkDraft { code, destination, placement })),
            None => Err(problems),
        }
    }
}

/// Create a link
#[utoipa::path(
    post,
    path = "/programs/{programId}/links",
    tag = "tracking",
    operation_id = "createLink",
    params(ProgramPath, IdempotencyHeader),
    request_body = NewLink,
    responses((status = 201, description = "The link", body = Item<LinkBody>), WriteRefusals),
)]
pub async fn create(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Body(input): Body<NewLink>,
) -> ApiResult<(StatusCode, Item<LinkBody>)> {
    // A program that is not yours is refused before the input.
    engine::programs::get(&engine, actor.merchant(), &path.program_id).await?;
    let (affiliate, draft) = input.read()?;
    let link =
        engine::programs::links::create(&engine, actor.merchant(), &path.program_id, &affiliate, &draft)
            .await?;
    Ok((StatusCode::CREATED, Item::of(LinkBody::of(&engine, link, 0))))
}

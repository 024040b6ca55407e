//! Tracking links.

use std::str::FromStr;

use axum::extract::State;
use axum::http::StatusCode;
use domain::fields::Problems;
use domain::ids::{AffiliateId, LinkId, ProgramId};
use domain::links::LinkDraft;
use domain::programs::parse_web_url;
use engine::Engine;
use engine::programs::links::{Link, LinkWithClicks};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Body, Ids, Query};
use super::formats::Time;
use super::idempotency::IdempotencyHeader;
use super::page::{Cursor, Item, List, PageRequest, Paging};
use super::paths::ProgramPath;
use super::problem::{ApiResult, Problem};

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
    /// The end of `/r/…`, and the value of `?via=`.
    #[schema(example = "maya")]
    code: String,
    /// The address to share.
    #[schema(example = "https://go.acme.example/r/maya")]
    url: String,
    /// Where it leads.
    destination_url: String,
    /// Where the link is used, in the affiliate's words.
    placement: Option<String>,
    /// Clicks so far, without those of bots.
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

/// Rows of one affiliate.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct OfAffiliate {
    /// Only those of this affiliate.
    affiliate_id: Option<String>,
}

impl OfAffiliate {
    /// The page and the affiliate that were asked for, in a list in the order of its ids.
    pub fn read<I: FromStr>(&self, paging: Paging) -> ApiResult<RowsRequest<I>> {
        let (page, affiliate) = (paging.read()?, affiliate_id(self.affiliate_id.as_deref())?);
        Ok(RowsRequest { before: page.after_id()?, affiliate, page })
    }
}

/// A page that was asked for, of all rows or those of one affiliate.
pub struct RowsRequest<I> {
    page: PageRequest,
    /// Whose rows.
    pub affiliate: Option<AffiliateId>,
    /// The row before which it begins.
    pub before: Option<I>,
}

impl<I> RowsRequest<I> {
    /// How many rows to fetch.
    pub fn fetch(&self) -> i64 {
        self.page.fetch()
    }

    /// The answer, from the rows that were fetched.
    pub fn list<R, T, D: ToString>(
        &self,
        rows: Vec<R>,
        id: impl Fn(&R) -> &D,
        body: impl FnMut(R) -> T,
    ) -> List<T> {
        List::of(rows, &self.page, |row| Cursor::by_id(id(row).to_string()), body)
    }
}

const AFFILIATE_ID: &str = "Enter the id of an affiliate; it begins with aff_";

/// Reads the parameter `affiliateId`.
pub fn affiliate_id(text: Option<&str>) -> ApiResult<Option<AffiliateId>> {
    text.map(str::parse).transpose().map_err(|_| Problem::parameter("affiliateId", AFFILIATE_ID))
}

/// A program's links
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
pub async fn list(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ProgramPath>,
    Query(filter): Query<OfAffiliate>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<LinkBody>> {
    let asked = filter.read(paging)?;
    let (of, before) = (asked.affiliate.as_ref(), asked.before.as_ref());
    let (merchant, id) = (actor.merchant(), &path.program_id);
    let rows = engine::programs::links::list(&engine, merchant, id, of, before, asked.fetch()).await?;
    let body = |row: LinkWithClicks| LinkBody::of(&engine, row.link, row.clicks);
    Ok(asked.list(rows, |row| &row.link.id, body))
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
    /// Whose link.
    #[schema(required = true, nullable = false)]
    affiliate_id: Option<String>,
    /// Where it leads, on one of the program's allowed domains; the website when left out.
    destination_url: Option<String>,
    /// 2 to 40 letters, digits, dashes or underscores; made from the affiliate's name when left out.
    code: Option<String>,
    /// Where the link is used, such as `newsletter`; up to 64 characters.
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

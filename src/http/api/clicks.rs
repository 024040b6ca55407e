//! `/programs/{programId}/clicks`: the list of clicks.

use domain::clicks::ClickToken;
use domain::ids::{AffiliateId, LinkId};
use engine::tracking::clicks::Click;
use serde::Serialize;
use utoipa::ToSchema;

use super::affiliate_rows::{OfAffiliate, RowsOfAffiliate};
use super::document::ReadRefusals;
use super::formats::Time;
use super::page::{List, Paging};
use super::paths::ProgramPath;
use super::problem::ApiResult;

/// A click.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Click)]
pub struct ClickBody {
    /// The click's token, which checkouts carry.
    #[schema(value_type = String, example = "hgc_01h455vb4pex5vsknk084sn02q0000000000")]
    token: ClickToken,
    at: Time,
    #[schema(value_type = String)]
    link_id: LinkId,
    #[schema(example = "maya")]
    link_code: String,
    #[schema(value_type = String)]
    affiliate_id: AffiliateId,
    affiliate_name: String,
    /// The landing page, without parameters.
    destination_url: String,
    /// The host the visitor came from.
    referrer_host: Option<String>,
    #[schema(example = "newsletter")]
    utm_source: Option<String>,
    #[schema(example = "email")]
    utm_medium: Option<String>,
    #[schema(example = "spring")]
    utm_campaign: Option<String>,
    /// Where the link was used: from the address, otherwise from the link.
    placement: Option<String>,
    #[schema(example = "mobile")]
    device: String,
    /// Whether the click looks like a bot's. Such clicks are not counted.
    bot: bool,
    /// The visitor's country, if the proxy in front of the server reports it.
    #[schema(example = "DE")]
    country: Option<String>,
}

impl From<Click> for ClickBody {
    fn from(click: Click) -> Self {
        Self {
            token: click.token,
            at: click.at.into(),
            link_id: click.link_id,
            link_code: click.link_code,
            affiliate_id: click.affiliate_id,
            affiliate_name: click.affiliate_name,
            destination_url: click.landing_url,
            referrer_host: click.referrer_host,
            utm_source: click.utm_source,
            utm_medium: click.utm_medium,
            utm_campaign: click.utm_campaign,
            placement: click.placement,
            device: click.device,
            bot: click.bot,
            country: click.country,
        }
    }
}

/// List clicks
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/programs/{programId}/clicks",
    tag = "tracking",
    operation_id = "listClicks",
    params(ProgramPath, OfAffiliate, Paging),
    responses((status = 200, description = "A page of clicks", body = List<ClickBody>), ReadRefusals),
)]
pub async fn list(rows: RowsOfAffiliate<ClickToken>) -> ApiResult<List<ClickBody>> {
    let found = rows.fetch(engine::tracking::clicks::list).await?;
    Ok(rows.list(found, |click| &click.token, ClickBody::from))
}

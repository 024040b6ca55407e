//! The payouts of a run, and its files.

use std::fmt;
use std::str::FromStr;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ids::AffiliateId;
use domain::money::Currency;
use engine::Engine;

use super::actor::Actor;
use super::document::{ReadRefusals, WriteRefusals};
use super::extract::{Ids, Query};
use super::page::{Cursor, List, Paging};
use super::paths::{PayoutFilePath, PayoutRunPath};
use super::payouts::PayoutBody;
use super::problem::ApiResult;

/// A position in the payouts of a run: an affiliate is paid once in each currency.
struct Place(AffiliateId, Currency);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, self.1.code())
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (affiliate, currency) = text.split_once(':').ok_or(())?;
        Ok(Self(affiliate.parse().map_err(drop)?, currency.parse().map_err(drop)?))
    }
}

/// List the payouts of a run
/// In the order of their affiliates, without those that were removed.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs/{runId}/payouts",
    tag = "payouts",
    operation_id = "listPayouts",
    params(PayoutRunPath, Paging),
    responses((status = 200, description = "A page of payouts", body = List<PayoutBody>), ReadRefusals),
)]
pub async fn payouts(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutRunPath>,
    Query(paging): Query<Paging>,
) -> ApiResult<List<PayoutBody>> {
    let page = paging.read()?;
    let after: Option<Place> = page.after_id()?;
    let after = after.as_ref().map(|Place(affiliate, currency)| (affiliate, *currency));
    let (merchant, program, run) = (actor.merchant(), &path.program_id, &path.run_id);
    let rows = engine::payouts::payouts_of(&engine, merchant, program, run, after, page.fetch()).await?;
    let last = |row: &engine::payouts::PayoutRow| {
        Cursor::by_id(Place(row.payout.affiliate_id.clone(), row.payout.currency))
    };
    Ok(List::of(rows, &page, last, PayoutBody::from))
}

/// Download a file of a run
/// For a bank or a payment service. It has the full account numbers of affiliates, so keys of viewers cannot download
/// it.
#[utoipa::path(
    get,
    path = "/programs/{programId}/payout-runs/{runId}/files/{rail}/{currency}",
    tag = "payouts",
    operation_id = "downloadPayoutFile",
    params(PayoutFilePath),
    responses(
        (
            status = 200,
            description = "The file: pain.001 for `sepa`, otherwise CSV",
            content((String = "application/xml"), (String = "text/csv; charset=utf-8")),
        ),
        WriteRefusals,
    ),
)]
pub async fn download(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<PayoutFilePath>,
) -> ApiResult<Response> {
    let (merchant, program, run) = (actor.merchant(), &path.program_id, &path.run_id);
    let file = engine::payouts::download(&engine, merchant, program, run, path.rail, path.currency).await?;
    let head = [
        (header::CONTENT_TYPE, file.media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((head, file.content).into_response())
}

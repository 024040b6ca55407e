//! Signed receipts.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use engine::Engine;
use engine::ledger::receipts;

use super::actor::Actor;
use super::document::ReadRefusals;
use super::extract::Ids;
use super::paths::ConversionPath;
use super::problem::ApiResult;

/// Retrieve a conversion's receipt
///
/// The document that the affiliate can download and anyone can check, as it is, without `data` around it: its signature
/// covers these fields. The format is in `docs/receipts.md`.
#[utoipa::path(
    get,
    path = "/programs/{programId}/conversions/{conversionId}/receipt",
    tag = "money",
    operation_id = "getConversionReceipt",
    params(ConversionPath),
    responses(
        (status = 200, description = "The signed receipt", content((Object = "application/json"))),
        ReadRefusals,
    ),
)]
pub async fn get(
    actor: Actor,
    State(engine): State<Engine>,
    Ids(path): Ids<ConversionPath>,
) -> ApiResult<Response> {
    let (merchant, program) = (actor.merchant(), &path.program_id);
    let receipt = receipts::of_conversion(&engine, merchant, program, &path.conversion_id).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], receipt.document()).into_response())
}

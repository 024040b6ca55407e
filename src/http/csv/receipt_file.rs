//! A signed receipt as a file.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ids::{ConversionId, ProgramId};
use engine::Engine;
use engine::ledger::receipts::{self, Receipt};

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// The receipt of one of the signed-in affiliate's earnings.
pub(super) async fn own(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, id)): Path<(String, String)>,
) -> Response {
    let ids = (program.parse::<ProgramId>(), id.parse::<ConversionId>(), person.affiliate);
    let (Ok(program), Ok(id), Some(actor)) = ids else { return error_pages::not_found() };
    sent(receipts::own(&engine, &actor, &program, &id).await)
}

/// The receipt of a conversion, for the company.
pub(super) async fn of_conversion(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, id)): Path<(String, String)>,
) -> Response {
    let ids = (program.parse::<ProgramId>(), id.parse::<ConversionId>(), person.merchant);
    let (Ok(program), Ok(id), Some(actor)) = ids else { return error_pages::not_found() };
    sent(receipts::of_conversion(&engine, &actor, &program, &id).await)
}

fn sent(receipt: Result<Receipt, engine::Error>) -> Response {
    match receipt {
        Ok(receipt) => {
            let name = format!("attachment; filename=\"receipt-{}.json\"", receipt.conversion_id);
            let head = [
                (header::CONTENT_TYPE, "application/json".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (head, receipt.document()).into_response()
        }
        Err(error) => refused(error),
    }
}

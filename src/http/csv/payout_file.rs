//! The file of a payout run for a bank or a payment service.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::ids::{PayoutRunId, ProgramId};
use domain::money::Currency;
use domain::payouts::Rail;
use engine::Engine;

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// `sepa-eur`: the rail and the currency.
fn parse(file: &str) -> Option<(Rail, Currency)> {
    let (rail, currency) = file.rsplit_once('-')?;
    Some((Rail::from_word(&rail.replace('-', "_"))?, currency.parse().ok()?))
}

/// Sends a file as an attachment, the same bytes each time.
pub(super) async fn download(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, run, file)): Path<(String, String, String)>,
) -> Response {
    let ids = (program.parse::<ProgramId>(), run.parse::<PayoutRunId>(), parse(&file), person.merchant);
    let (Ok(program), Ok(run), Some((rail, currency)), Some(actor)) = ids else {
        return error_pages::not_found();
    };
    match engine::payouts::download(&engine, &actor, &program, &run, rail, currency).await {
        Ok(file) => {
            let head = [
                (header::CONTENT_TYPE, file.media_type.to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (head, file.content).into_response()
        }
        Err(error) => refused(error),
    }
}

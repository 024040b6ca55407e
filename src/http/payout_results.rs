//! A result file of a bank or a payment service, posted to a payout run.

use app::forms::Flash;
use app::forms::submission::keep_flash_in;
use app::presenters::payouts::results_text;
use app::routes;
use axum::Router;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRef, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use domain::ids::{PayoutRunId, ProgramId};
use domain::payouts::results::{LARGEST_RESULT, ResultFileError};
use engine::{Engine, Error};
use tower_sessions::Session;

use crate::http::error_pages;
use crate::http::signed_in::{SignedIn, refused};

/// The largest post: a file, and the lines around it.
const LARGEST_POST: usize = LARGEST_RESULT + 16 * 1024;

/// The address that the form on a run's page posts to.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Engine: FromRef<S>,
{
    Router::new().route(routes::PAYOUT_RESULTS, post(apply)).layer(DefaultBodyLimit::max(LARGEST_POST))
}

/// Applies the file, and leads back to the run with what it did.
async fn apply(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    session: Session,
    Path((program, run)): Path<(String, String)>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let ids = (program.parse::<ProgramId>(), run.parse::<PayoutRunId>(), person.merchant);
    let (Ok(program), Ok(run), Some(actor)) = ids else { return error_pages::not_found() };
    let applied = match file(form).await {
        Ok(bytes) => engine::payouts::apply_results(&engine, &actor, &program, &run, &bytes).await,
        Err(error) => Err(Error::field("file", error.to_string())),
    };
    let flash = match applied {
        Ok(applied) => Flash::done(results_text(&applied)),
        Err(Error::Invalid(problems)) => Flash::problem(
            problems.0.into_iter().map(|problem| problem.message + ".").collect::<Vec<_>>().join(" "),
        ),
        Err(Error::Forbidden(why)) => Flash::problem(why),
        Err(error) => return refused(error),
    };
    keep_flash_in(&session, flash).await;
    Redirect::to(&routes::program(&program).payout_run(&run)).into_response()
}

/// The file of the form.
async fn file(form: Result<Multipart, MultipartRejection>) -> Result<Vec<u8>, ResultFileError> {
    let mut form = form.map_err(|_| ResultFileError::Empty)?;
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() == Some("file") {
            return field.bytes().await.map(|bytes| bytes.to_vec()).map_err(unreadable);
        }
    }
    Err(ResultFileError::Empty)
}

/// A form that is too large, or broke off.
fn unreadable(error: MultipartError) -> ResultFileError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        ResultFileError::TooLarge
    } else {
        ResultFileError::Empty
    }
}

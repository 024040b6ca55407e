//! A result file of a bank or a payment service, posted to a payout run.

use app::forms::Flash;
use app::forms::submission::keep_flash_in;
use app::presenters::payouts::results_text;
use app::routes;
use axum::Router;
use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, FromRef, Path, State};
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
    form: Multipart,
) -> Response {
    let ids = (program.parse::<ProgramId>(), run.parse::<PayoutRunId>(), person.merchant);
    let (Ok(program), Ok(run), Some(actor)) = ids else { return error_pages::not_found() };
    let applied = match file(form).await {
        Some(bytes) => engine::payouts::apply_results(&engine, &actor, &program, &run, &bytes).await,
        None => Err(Error::field("file", ResultFileError::TooLarge.to_string())),
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

/// The file of the form; empty if none was chosen, `None` if it is too large.
async fn file(mut form: Multipart) -> Option<Vec<u8>> {
    while let Some(field) = form.next_field().await.ok()? {
        if field.name() == Some("file") {
            return field.bytes().await.ok().map(|bytes| bytes.to_vec());
        }
    }
    Some(Vec::new())
}

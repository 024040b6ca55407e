//! The signed-in person, for answers outside the routed pages.

use app::request::access::ACCOUNT_KEY;
use app::routes::SIGN_IN;
use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::ids::AccountId;
use engine::Engine;
use engine::Error;
use engine::identity::sessions::{self, Person};
use tower_sessions::Session;

use crate::http::error_pages;

/// The signed-in person; others are redirected to the sign-in page.
pub struct SignedIn(pub Person);

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Engine: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let session = Session::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let account = session.get::<AccountId>(ACCOUNT_KEY).await.ok().flatten();
        let person = match account {
            Some(account) => sessions::person(&Engine::from_ref(state), &account).await.map_err(refused)?,
            None => None,
        };
        person.map(Self).ok_or_else(|| Redirect::to(SIGN_IN).into_response())
    }
}

/// The page for an error of a use case.
pub fn refused(error: Error) -> Response {
    error_pages::render(&app::PageError::of(error))
}

//! Error pages, for answers outside the routed pages.

use app::request::theme::Theme;
use app::{PageError, Site, error_html};
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// The page for an error.
pub fn render(error: &PageError) -> Response {
    let html = error_html(error.clone(), Theme::System, Site::default());
    (error.status(), [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// The page for an unknown address.
pub fn not_found() -> Response {
    render(&PageError::NotFound)
}

/// The page for an unreachable database.
pub fn unavailable() -> Response {
    render(&PageError::Unavailable)
}

/// The page for a form that was posted by another site.
pub fn cross_site() -> Response {
    render(&PageError::ForeignForm)
}

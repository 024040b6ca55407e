//! What holds for every request and response, of pages and machines alike.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::http::error_pages;
use crate::http::problem::problem;
use app::PageError;

/// Browsers that have seen the site by https ask for it by https only, for a year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Puts them around all routes.
pub fn around(routes: Router, is_https: bool) -> Router {
    let routes = routes.layer(middleware::from_fn(refuse_nul));
    if !is_https {
        return routes;
    }
    routes.layer(SetResponseHeaderLayer::if_not_present(header::STRICT_TRANSPORT_SECURITY, HSTS))
}

/// No address of ours contains a NUL, and Postgres takes none in a text.
async fn refuse_nul(request: Request, next: Next) -> Response {
    let uri = request.uri();
    let has_nul = uri.path().contains("%00") || uri.query().is_some_and(|query| query.contains("%00"));
    if !has_nul {
        return next.run(request).await;
    }
    if uri.path().starts_with("/api/") {
        let detail = "The address contains a NUL character (%00), which is not allowed.";
        return problem(StatusCode::BAD_REQUEST, "invalid_address", "Invalid address", detail);
    }
    error_pages::render(&PageError::Unreadable)
}

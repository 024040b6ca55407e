//! The QR code of a link, as a picture.

use app::components::Qr;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::ids::{LinkId, ProgramId};
use engine::Engine;
use engine::identity::sessions::Person;
use engine::programs::links::Link;

use crate::http::error_pages;
use crate::http::png;
use crate::http::signed_in::{SignedIn, refused};

/// About the width of the PNG: sharp on a poster that is looked at from near.
const WIDTH: usize = 1_200;

/// The code as SVG, for print of any size.
pub(super) async fn svg(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, link)): Path<(String, String)>,
) -> Response {
    match code(&engine, person, &program, &link).await {
        Ok((link, code)) => (head(&link, "svg", "image/svg+xml"), code.svg()).into_response(),
        Err(refusal) => refusal,
    }
}

/// The code as PNG.
pub(super) async fn png(
    State(engine): State<Engine>,
    SignedIn(person): SignedIn,
    Path((program, link)): Path<(String, String)>,
) -> Response {
    match code(&engine, person, &program, &link).await {
        Ok((link, code)) => {
            let scale = WIDTH / code.size();
            let bytes = png::black_and_white(code.size() * scale, |x, y| code.is_dark(x / scale, y / scale));
            (head(&link, "png", "image/png"), bytes).into_response()
        }
        Err(refusal) => refusal,
    }
}

async fn code(engine: &Engine, person: Person, program: &str, link: &str) -> Result<(Link, Qr), Response> {
    let ids = (program.parse::<ProgramId>(), link.parse::<LinkId>(), person.affiliate);
    let (Ok(program), Ok(id), Some(actor)) = ids else { return Err(error_pages::not_found()) };
    let link = engine::programs::links::own(engine, &actor, &program, &id).await.map_err(refused)?;
    let url = app::routes::link_url(engine.base_url(), &link.code);
    let code = Qr::of_link(&url).ok_or_else(error_pages::not_found)?;
    Ok((link, code))
}

fn head(link: &Link, ending: &str, media_type: &'static str) -> HeaderMap {
    let name = format!("attachment; filename=\"{}-qr.{ending}\"", link.code);
    let mut head = HeaderMap::new();
    head.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media_type));
    head.extend(name.parse().map(|name| (header::CONTENT_DISPOSITION, name)));
    head
}

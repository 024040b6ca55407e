//! Files for the browser: embedded in the binary, served under hashed names and cached forever.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "public"]
struct Public;

const STYLESHEET: &str = include_str!(concat!(env!("OUT_DIR"), "/app.css"));
const FONT: &str = "fonts/inter-latin-variable.woff2";
/// A hashed name never changes its content.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// The script's address stays the same, so a new version must be seen within the hour.
const ONE_HOUR: &str = "public, max-age=3600";

struct Asset {
    body: Cow<'static, [u8]>,
    kind: String,
}

/// Every file by its hashed name.
static FILES: LazyLock<HashMap<String, Asset>> = LazyLock::new(|| {
    let mut files = HashMap::new();
    for (name, hashed) in names() {
        let (body, kind) = if name == "app.css" {
            (Cow::Owned(stylesheet().into_bytes()), "text/css; charset=utf-8".to_owned())
        } else {
            let Some(file) = Public::get(&name) else { continue };
            let kind = file.metadata.mimetype().to_owned();
            (file.data, if kind.starts_with("text/") { format!("{kind}; charset=utf-8") } else { kind })
        };
        files.insert(hashed, Asset { body, kind });
    }
    files
});

fn stylesheet() -> String {
    let font = Public::get(FONT).map(|file| hashed(FONT, &file.data));
    STYLESHEET.replace(FONT, font.as_deref().unwrap_or(FONT))
}

/// `icons.svg` becomes `icons.1a2b3c4d.svg`.
fn hashed(name: &str, content: &[u8]) -> String {
    let hash = &hex::encode(Sha256::digest(content))[..12];
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
        None => format!("{name}.{hash}"),
    }
}

fn names() -> Vec<(String, String)> {
    let mut names = vec![("app.css".to_owned(), hashed("app.css", stylesheet().as_bytes()))];
    for name in Public::iter().filter(|name| name != "hg.js") {
        if let Some(file) = Public::get(&name) {
            names.push((name.to_string(), hashed(&name, &file.data)));
        }
    }
    names
}

/// Tells the pages under which addresses the files are.
pub fn install() {
    let urls = names().into_iter().map(|(name, hashed)| (name, format!("/assets/{hashed}"))).collect();
    app::components::assets::install(urls);
}

/// `GET /assets/{*name}`
pub async fn file(Path(name): Path<String>) -> Response {
    match FILES.get(&name) {
        Some(asset) => (
            [(header::CONTENT_TYPE, asset.kind.as_str()), (header::CACHE_CONTROL, FOREVER)],
            asset.body.clone().into_owned(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /favicon.ico`: browsers request it for every site.
pub async fn favicon() -> Response {
    match Public::get("mark.svg") {
        Some(file) => (
            [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, ONE_HOUR)],
            file.data.into_owned(),
        )
            .into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The tracking script, to be loaded by other sites.
pub fn tracking_script(headers: &HeaderMap) -> Response {
    let Some(file) = Public::get("hg.js") else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", &hex::encode(file.metadata.sha256_hash())[..16]);
    let known =
        headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(etag.as_str());
    let head = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, ONE_HOUR.to_owned()),
        (header::ETAG, etag),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "cross-origin".to_owned()),
    ];
    if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, file.data.into_owned()).into_response()
    }
}

//! Tracking: the redirect of a link, the script, and what the script reports.
//!
//! No session and no cookie is read here. The script's requests come from the merchants'
//! sites: they are answered to any origin, without credentials.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::ids::ProgramId;
use engine::Engine;
use engine::tracking::clicks::{Visit, follow, lead, report, script_loaded};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::http::{assets, error_pages};

/// A report of the script: a code, an address and a referrer.
pub const LARGEST_REPORT: usize = 8 * 1024;
/// How long the redirect's own cookie lives, seconds: the longest window of any terms.
const COOKIE_SECONDS: i64 = 365 * 86_400;

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn visit(headers: &HeaderMap, query: Option<String>, country_header: Option<&HeaderName>) -> Visit {
    let purpose = match text(headers, "sec-purpose") {
        "" => text(headers, "purpose"),
        purpose => purpose,
    };
    Visit {
        user_agent: text(headers, "user-agent").to_owned(),
        referrer: text(headers, "referer").to_owned(),
        purpose: purpose.to_owned(),
        query: query.unwrap_or_default(),
        country: country_header.map(|name| text(headers, name.as_str()).to_owned()).unwrap_or_default(),
    }
}

/// `GET /r/{code}`
pub async fn redirect(
    State(engine): State<Engine>,
    State(country_header): State<Option<HeaderName>>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let mut visit = visit(&headers, query, country_header.as_ref());
    if method == Method::HEAD {
        // A program that only looks where the link leads.
        "prefetch".clone_into(&mut visit.purpose);
    }
    let redirect = match follow(&engine, &code, &visit).await {
        Ok(Some(redirect)) => redirect,
        Ok(None) => return error_pages::not_found(),
        Err(error) => {
            tracing::error!(%error, "a link could not be looked up");
            return error_pages::unavailable();
        }
    };
    let Ok(location) = HeaderValue::from_str(&redirect.location) else {
        return error_pages::not_found();
    };
    let mut answer = StatusCode::FOUND.into_response();
    let head = answer.headers_mut();
    head.insert(header::LOCATION, location);
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    head.insert("referrer-policy", HeaderValue::from_static("no-referrer-when-downgrade"));
    if let Some(token) = redirect.token {
        let secure = if engine.base_url().starts_with("https://") { "; Secure" } else { "" };
        let cookie = format!("hg_click={token}; Path=/; Max-Age={COOKIE_SECONDS}; SameSite=Lax{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            head.insert(header::SET_COOKIE, cookie);
        }
    }
    answer
}

/// `GET /hg.js`
pub async fn script(State(engine): State<Engine>, headers: HeaderMap) -> Response {
    let host = Url::parse(text(&headers, "referer")).ok().and_then(|url| url.host_str().map(str::to_owned));
    if let Some(host) = host {
        // The merchant's page must not wait for our database.
        tokio::spawn(async move {
            if let Err(error) = script_loaded(&engine, &host).await {
                tracing::warn!(%error, "the script's visit could not be noted");
            }
        });
    }
    assets::tracking_script(&headers)
}

#[derive(Deserialize)]
struct ClickReport {
    program: ProgramId,
    code: String,
    url: String,
    #[serde(default)]
    referrer: String,
}

#[derive(Deserialize)]
struct LeadReport {
    program: ProgramId,
    token: String,
    email: String,
}

fn to_any_origin(status: StatusCode, body: serde_json::Value) -> Response {
    let head = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type"),
        (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, head, Json(body)).into_response()
}

/// The answer above the rate limit.
pub fn too_many_requests() -> Response {
    to_any_origin(StatusCode::TOO_MANY_REQUESTS, json!({"ok": false, "token": null, "reason": "too_fast"}))
}

/// `OPTIONS /t/…`: browsers ask before a cross-origin request with a JSON body.
pub async fn preflight() -> Response {
    to_any_origin(StatusCode::OK, json!({}))
}

/// `POST /t/click`
pub async fn click(
    State(engine): State<Engine>,
    State(country_header): State<Option<HeaderName>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Ok(said) = serde_json::from_slice::<ClickReport>(&body) else {
        return to_any_origin(StatusCode::BAD_REQUEST, json!({"token": null, "reason": "unreadable"}));
    };
    let visit = Visit { referrer: said.referrer, ..visit(&headers, None, country_header.as_ref()) };
    match report(&engine, &said.program, &said.code, &said.url, &visit).await {
        Ok(answer) => to_any_origin(
            StatusCode::OK,
            json!({"token": answer.token, "days": answer.days, "reason": answer.reason}),
        ),
        Err(error) => {
            tracing::warn!(%error, "a reported click could not be stored");
            to_any_origin(StatusCode::SERVICE_UNAVAILABLE, json!({"token": null, "reason": "unavailable"}))
        }
    }
}

/// `POST /t/lead`
pub async fn leads(State(engine): State<Engine>, body: Bytes) -> Response {
    let Ok(said) = serde_json::from_slice::<LeadReport>(&body) else {
        return to_any_origin(StatusCode::BAD_REQUEST, json!({"ok": false, "reason": "unreadable"}));
    };
    match lead(&engine, &said.program, &said.token, &said.email).await {
        Ok(true) => to_any_origin(StatusCode::OK, json!({"ok": true})),
        Ok(false) => to_any_origin(
            StatusCode::UNPROCESSABLE_ENTITY,
            json!({"ok": false, "reason": "unknown_click_or_address"}),
        ),
        Err(error) => {
            tracing::warn!(%error, "a lead could not be stored");
            to_any_origin(StatusCode::SERVICE_UNAVAILABLE, json!({"ok": false, "reason": "unavailable"}))
        }
    }
}

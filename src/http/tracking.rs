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
use engine::tracking::clicks::{Visit, check, follow, report, script_seen};
use engine::tracking::leads::{self, PageReport, PageReportRefusal};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::http::proxy::Proxy;
use crate::http::sender::Sender;
use crate::http::sessionless::Sessionless;
use crate::http::{assets, error_pages};

/// A report of the script: a code, an address and a referrer.
pub const LARGEST_REPORT: usize = 8 * 1024;
/// How long the redirect's own cookie lives, seconds: the longest window of any terms.
const COOKIE_SECONDS: i64 = 365 * 86_400;

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn visit(
    headers: &HeaderMap,
    query: Option<String>,
    country_header: Option<&HeaderName>,
    sender: Sender,
) -> Visit {
    let purpose = match text(headers, "sec-purpose") {
        "" => text(headers, "purpose"),
        purpose => purpose,
    };
    let sent =
        |name: &str, expected: &str| matches!(text(headers, name), "") || text(headers, name) == expected;
    Visit {
        user_agent: text(headers, "user-agent").to_owned(),
        referrer: text(headers, "referer").to_owned(),
        purpose: purpose.to_owned(),
        query: query.unwrap_or_default(),
        country: country_header.map(|name| text(headers, name.as_str()).to_owned()).unwrap_or_default(),
        network: sender.0,
        // Browsers that send these say of a link that somebody follows: a navigation to a page.
        is_embedded: !sent("sec-fetch-mode", "navigate") || !sent("sec-fetch-dest", "document"),
        has_gpc: text(headers, "sec-gpc") == "1",
        is_flood: false,
    }
}

/// `GET /r/{code}`
pub async fn redirect(
    State(Sessionless { engine, proxy, clicks, .. }): State<Sessionless>,
    Path(code): Path<String>,
    RawQuery(query): RawQuery,
    sender: Sender,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let mut visit = visit(&headers, query, proxy.country_header.as_ref(), sender);
    visit.is_flood = visit.network.as_deref().is_some_and(|network| clicks.0.is_exceeded(network));
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
pub async fn script(headers: HeaderMap) -> Response {
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
    #[serde(default)]
    verifier: String,
    email: String,
    signature: Option<String>,
}

#[derive(Deserialize)]
struct CheckRequest {
    program: ProgramId,
    token: String,
    verifier: String,
}

#[derive(Deserialize)]
struct SeenReport {
    program: ProgramId,
}

/// Reads a report. No text of ours holds a NUL character, and the databases take none.
fn read<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    const ESCAPE: &[u8] = b"\\u0000";
    let has_nul = body.windows(ESCAPE.len()).any(|window| window == ESCAPE);
    if has_nul { None } else { serde_json::from_slice(body).ok() }
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
    State(proxy): State<Proxy>,
    sender: Sender,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(said) = read::<ClickReport>(&body) else {
        return to_any_origin(StatusCode::BAD_REQUEST, json!({"token": null, "reason": "unreadable"}));
    };
    let visit =
        Visit { referrer: said.referrer, ..visit(&headers, None, proxy.country_header.as_ref(), sender) };
    let origin = text(&headers, "origin");
    match report(&engine, &said.program, &said.code, &said.url, origin, &visit).await {
        Ok(answer) => to_any_origin(
            StatusCode::OK,
            json!({
                "token": answer.token,
                "verifier": answer.verifier,
                "days": answer.days,
                "reason": answer.reason,
            }),
        ),
        Err(error) => {
            tracing::warn!(%error, "a reported click could not be stored");
            to_any_origin(StatusCode::SERVICE_UNAVAILABLE, json!({"token": null, "reason": "unavailable"}))
        }
    }
}

/// `POST /t/check`: whether a token in the address is that of a click that was just made.
pub async fn check_token(State(engine): State<Engine>, body: Bytes) -> Response {
    let Some(said) = read::<CheckRequest>(&body) else {
        return to_any_origin(StatusCode::BAD_REQUEST, json!({"ok": false, "reason": "unreadable"}));
    };
    match check(&engine, &said.program, &said.token, &said.verifier).await {
        Ok(days) => to_any_origin(StatusCode::OK, json!({"ok": days.is_some(), "days": days})),
        Err(error) => {
            tracing::warn!(%error, "a token could not be checked");
            to_any_origin(StatusCode::SERVICE_UNAVAILABLE, json!({"ok": false, "reason": "unavailable"}))
        }
    }
}

/// `POST /t/seen`: a page runs the script.
pub async fn seen(State(engine): State<Engine>, headers: HeaderMap, body: Bytes) -> Response {
    let Some(said) = read::<SeenReport>(&body) else {
        return to_any_origin(StatusCode::BAD_REQUEST, json!({"ok": false, "reason": "unreadable"}));
    };
    if let Err(error) = script_seen(&engine, &said.program, text(&headers, "origin")).await {
        tracing::warn!(%error, "the script's visit could not be recorded");
    }
    to_any_origin(StatusCode::OK, json!({"ok": true}))
}

/// `POST /t/lead`
pub async fn lead(State(engine): State<Engine>, sender: Sender, headers: HeaderMap, body: Bytes) -> Response {
    let refused = |status, reason| to_any_origin(status, json!({"ok": false, "reason": reason}));
    let Some(said) = read::<LeadReport>(&body) else {
        return refused(StatusCode::BAD_REQUEST, "unreadable");
    };
    let report = PageReport {
        token: said.token,
        verifier: said.verifier,
        email: said.email,
        signature: said.signature,
        origin: text(&headers, "origin").to_owned(),
        network: sender.0,
    };
    match leads::report(&engine, &said.program, &report).await {
        Ok(Ok(())) => to_any_origin(StatusCode::OK, json!({"ok": true})),
        Ok(Err(refusal)) => refused(StatusCode::UNPROCESSABLE_ENTITY, refusal_word(refusal)),
        Err(error) => {
            tracing::warn!(%error, "a lead could not be stored");
            refused(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    }
}

const fn refusal_word(refusal: PageReportRefusal) -> &'static str {
    match refusal {
        PageReportRefusal::UnknownClickOrAddress => "unknown_click_or_address",
        PageReportRefusal::WrongSignature => "wrong_signature",
        PageReportRefusal::Off => "off",
    }
}

//! The router: pages, forms, API, webhooks, redirects and files in one place.

use std::num::NonZeroU32;
use std::time::Duration;

use app::App;
use app::ClientAddress;
use app::PageError;
use app::Site;
use app::shell;
use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRef, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use engine::Engine;
use engine::identity::browser_sessions::LONGEST_SESSION_MS;
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;
use leptos_axum::{LeptosRoutes, generate_route_list};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration as CookieDuration;
use tower_sessions::{Expiry, SessionManagerLayer};

use crate::http::api;
use crate::http::assets;
use crate::http::error_pages;
use crate::http::invitation_list;
use crate::http::join_image::{self, JoinImages};
use crate::http::proxy::Proxy;
use crate::http::rate_limit::{self, ClickLimit, RateLimit};
use crate::http::session_store::Sessions;
use crate::http::sessionless::Sessionless;
use crate::http::{
    colors, csv, files, health, layers, live, payout_results, receipt_check, tracking, webhooks,
};

/// The largest form: terms and landing pages, with some reserve.
const LARGEST_FORM: usize = 256 * 1024;
/// Reports of the script from one address: a school class that opens the site at once.
const REPORTS_PER_SECOND: NonZeroU32 = NonZeroU32::new(20).unwrap();
const REPORTS_BURST: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// Clicks of one network: the phones of a town that share an address after a mailing.
const CLICKS_PER_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();
const CLICKS_BURST: NonZeroU32 = NonZeroU32::new(300).unwrap();
/// Leads from one address: a class that signs up at once.
const LEADS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN;
const LEADS_BURST: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// Requests to the API from one address: as many as Stripe's own API allows.
const API_PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
const API_BURST: NonZeroU32 = NonZeroU32::new(500).unwrap();
/// No page takes this long unless the database is stuck.
const PAGE_DEADLINE: Duration = Duration::from_secs(30);

/// A form with a file of 10 MB from a slow network.
const UPLOAD_DEADLINE: Duration = Duration::from_secs(300);

/// No other answer takes this long, unless the body of the request is sent slowly.
const MACHINE_DEADLINE: Duration = Duration::from_secs(30);

/// The state of routes with a session.
#[derive(Clone, FromRef)]
pub struct Shared {
    /// The engine.
    pub engine: Engine,
    /// What pages know about the installation.
    pub site: Site,
    /// How the client's address is read.
    pub proxy: Proxy,
    leptos: LeptosOptions,
}

/// All routes.
///
/// # Errors
/// When `BASE_URL` cannot be an origin.
pub fn router(engine: Engine, site: Site, proxy: Proxy) -> anyhow::Result<Router> {
    let leptos = LeptosOptions::builder().output_name("honeyguide").build();
    let api_limit = RateLimit::new(API_PER_SECOND, API_BURST, proxy.clone(), api::too_fast);
    let shared = Shared { engine: engine.clone(), site, proxy, leptos };
    let is_https = engine.base_url().starts_with("https://");
    let api = api::router(engine).layer(middleware::from_fn_with_state(api_limit, rate_limit::layer));
    let machines = sessionless_routes(shared.clone())
        .nest("/api/v1", api)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MACHINE_DEADLINE));
    Ok(layers::around(machines.merge(page_routes(shared)?), is_https))
}

/// Routes without a session: visitors, Stripe, monitors, files.
fn sessionless_routes(shared: Shared) -> Router {
    let webhooks = Router::new()
        .route("/webhooks/stripe", post(webhooks::platform_webhook))
        .route("/webhooks/stripe/{token}", post(webhooks::webhook))
        .layer(DefaultBodyLimit::max(webhooks::LARGEST_BODY));
    let report_limit =
        RateLimit::new(REPORTS_PER_SECOND, REPORTS_BURST, shared.proxy.clone(), tracking::too_many_requests);
    let clicks =
        RateLimit::new(CLICKS_PER_SECOND, CLICKS_BURST, shared.proxy.clone(), tracking::too_many_requests);
    let lead_limit =
        RateLimit::new(LEADS_PER_SECOND, LEADS_BURST, shared.proxy.clone(), tracking::too_many_requests);
    let leads = Router::new()
        .route("/t/lead", post(tracking::lead).options(tracking::preflight))
        .layer(middleware::from_fn_with_state(lead_limit, rate_limit::layer));
    let reports = Router::new()
        .route("/t/click", post(tracking::click).options(tracking::preflight))
        .route("/t/check", post(tracking::check_token).options(tracking::preflight))
        .route("/t/seen", post(tracking::seen).options(tracking::preflight))
        .merge(leads)
        .layer(DefaultBodyLimit::max(tracking::LARGEST_REPORT))
        .layer(middleware::from_fn_with_state(report_limit, rate_limit::layer));
    Router::new()
        .route("/r/{code}", get(tracking::redirect))
        .route("/hg.js", get(tracking::script))
        .route(app::routes::JOIN_IMAGE, get(join_image::image))
        .route(app::routes::PROGRAM_COLORS, get(colors::stylesheet))
        .route(app::routes::RECEIPT_KEYS, get(receipt_check::keys))
        .route(app::routes::uploads::LOGO, get(files::logo))
        .route("/assets/{*name}", get(assets::file))
        .route("/favicon.ico", get(assets::favicon))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .merge(webhooks)
        .merge(reports)
        .with_state(Sessionless {
            engine: shared.engine,
            clicks: ClickLimit(clicks),
            proxy: shared.proxy,
            join_images: JoinImages::default(),
        })
}

/// Pages and forms, with sessions and without cross-site posts.
fn page_routes(shared: Shared) -> anyhow::Result<Router> {
    let https = shared.engine.base_url().starts_with("https://");
    let sessions = SessionManagerLayer::new(Sessions::new(shared.engine.clone()))
        .with_name(if https { "__Host-hg_session" } else { "hg_session" })
        .with_secure(https)
        // Lax, not Strict: people who return from Stripe or follow a link in a mail are
        // still signed in.
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(CookieDuration::milliseconds(LONGEST_SESSION_MS)));
    let csrf = CsrfLayer::new()
        .add_trusted_origin(shared.engine.base_url())
        .map_err(|error| anyhow::anyhow!("BASE_URL is not an origin: {error}"))?;
    let routes = generate_route_list(App);
    let contexts = {
        let (engine, site) = (shared.engine.clone(), shared.site.clone());
        move || {
            provide_context(engine.clone());
            provide_context(site.clone());
            let address =
                use_context::<Parts>().and_then(|parts| parts.extensions.get::<ClientAddress>().cloned());
            provide_context(address.unwrap_or_else(|| ClientAddress("unknown".to_owned())));
        }
    };
    let check_limit = receipt_check::limit(shared.proxy.clone());
    let check = {
        let contexts = contexts.clone();
        post(async move |request: Request| receipt_check::check(request, contexts.clone()).await)
    };
    let invite = {
        let (contexts, engine) = (contexts.clone(), shared.engine.clone());
        post(async move |request: Request| {
            invitation_list::submit(request, engine.clone(), contexts.clone()).await
        })
    };
    Ok(Router::new()
        .merge(csv::routes())
        .merge(live::routes())
        .merge(files::routes())
        .merge(payout_results::routes())
        .route(app::routes::RECEIPT, check)
        .route(app::routes::INVITATION_LIST, invite)
        .leptos_routes_with_context(&shared, routes, contexts, shell)
        .fallback(|| async { error_pages::not_found() })
        .with_state(shared.clone())
        .layer(middleware::from_fn(clean_pages))
        .layer(sessions)
        .layer(middleware::map_response(session_page))
        .layer(csrf)
        .layer(middleware::map_response(csrf_page))
        .layer(middleware::from_fn(require_origin))
        .layer(middleware::from_fn_with_state(check_limit, receipt_check::limited))
        .layer(middleware::from_fn_with_state(shared.proxy.clone(), client_address))
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(middleware::from_fn(deadline))
        .layer(CatchPanicLayer::custom(|_| error_pages::render(&PageError::Broken(None))))
        .layer(middleware::map_response(security_headers))
        .layer(CompressionLayer::new()))
}

async fn deadline(request: Request, next: Next) -> Response {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.to_str().is_ok_and(|value| value.starts_with("multipart/form-data")));
    let deadline = if is_form { UPLOAD_DEADLINE } else { PAGE_DEADLINE };
    match tokio::time::timeout(deadline, next.run(request)).await {
        Ok(response) => response,
        Err(_) => error_pages::unavailable(),
    }
}

/// Puts the client's network where forms can ask for it.
async fn client_address(State(proxy): State<Proxy>, mut request: Request, next: Next) -> Response {
    let network = rate_limit::sender(&proxy.client_of(request.headers(), request.extensions()));
    request.extensions_mut().insert(ClientAddress(network));
    next.run(request).await
}

/// Browsers name the origin of a posted form. A post without an origin does not come from a
/// page of the site.
async fn require_origin(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let has_origin = headers.contains_key("sec-fetch-site") || headers.contains_key(header::ORIGIN);
    if request.method().is_safe() || has_origin { next.run(request).await } else { error_pages::cross_site() }
}

/// The session layer answers a bare 500 when a session cannot be stored.
async fn session_page(response: Response) -> Response {
    let is_bare = response.status() == StatusCode::INTERNAL_SERVER_ERROR && response.headers().is_empty();
    if is_bare { error_pages::unavailable() } else { response }
}

async fn csrf_page(response: Response) -> Response {
    if response.extensions().get::<tower_http::csrf::ProtectionError>().is_some() {
        tracing::warn!("a cross-site post was refused");
        return error_pages::cross_site();
    }
    response
}

/// Replaces the answers of server functions to unreadable input by an error page, and drops
/// forged messages from the address.
async fn clean_pages(request: Request, next: Next) -> Response {
    let forged = request.uri().query().is_some_and(|query| {
        query.split('&').any(|pair| pair.starts_with("__err=") || pair.starts_with("__path="))
    });
    if forged {
        return Redirect::to(request.uri().path()).into_response();
    }
    let response = next.run(request).await;
    if response.headers().contains_key(SERVER_FN_ERROR_HEADER) {
        return error_pages::render(&PageError::Unreadable);
    }
    response
}

async fn security_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut default = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    default(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    default(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    default(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    default(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(policy) = HeaderValue::from_str(&app::layout::document::content_security_policy(None)) {
        default(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

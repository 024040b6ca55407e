//! The routes of the sandbox's web application.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use super::site::{Settings, Site};
use super::{access, actions, authorize, checkout, dashboard, html, links, object, shop};
use crate::stripe::Stripe;
use crate::{api, oauth};

/// The largest request body; form posts are some kilobytes.
const MAX_BODY: usize = 1024 * 1024;

/// The sandbox as a web application: API, checkout, dashboard, shop.
pub fn router(stripe: Stripe, settings: Settings) -> Router {
    stripe.set_base_url(&settings.base_url);
    Router::new()
        .route("/", get(dashboard::show))
        .route("/do/{action}", post(actions::act))
        .route("/accounts/{account}/{mode}/", get(dashboard::show_account))
        .route("/accounts/{account}/{mode}/do/{action}", post(actions::act_on_account))
        .route("/apikeys/create", get(access::new_key).post(access::create_key))
        .route("/test/apikeys/create", get(access::new_key).post(access::create_key))
        .route("/b/{link}", get(links::follow))
        .route("/c/{session}", get(checkout::show).post(checkout::pay))
        .route("/shop", get(shop::show))
        .route("/shop/checkout", post(shop::check_out))
        .route("/shop/newsletter", post(shop::newsletter))
        .route("/shop/thanks", get(shop::thanks))
        .route("/sandbox.css", get(html::style))
        .route("/shop.js", get(shop::script))
        .route("/oauth/token", post(oauth::token))
        .route("/v1/oauth/token", post(oauth::token))
        .route("/oauth/deauthorize", post(oauth::deauthorize))
        .route("/oauth/authorize", get(authorize::show).post(authorize::decide))
        .route("/oauth/v2/authorize", get(authorize::show).post(authorize::decide))
        .route("/v1", any(api::handle))
        .route("/v1/{*path}", any(api::handle))
        .fallback(object::show)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Site { stripe, settings: Arc::new(settings) })
}

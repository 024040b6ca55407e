//! The state of routes without a session: visitors, Stripe, monitors, files.

use axum::extract::FromRef;
use engine::Engine;

use crate::http::join_image::JoinImages;
use crate::http::proxy::Proxy;
use crate::http::rate_limit::ClickLimit;

/// The state of routes without a session.
#[derive(Clone, FromRef)]
pub struct Sessionless {
    /// The engine.
    pub engine: Engine,
    /// What the reverse proxy in front provides.
    pub proxy: Proxy,
    /// The limit of clicks from one network.
    pub clicks: ClickLimit,
    /// Previews of public pages that were drawn.
    pub join_images: JoinImages,
}

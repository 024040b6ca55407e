//! The cookie that identifies a browser that has signed in before. Its attempts are counted
//! separately, so that nobody else can lock its owner out.

use engine::identity::devices::DEVICE_MS;
use tower_sessions::cookie::time::Duration;
use tower_sessions::cookie::{Cookie, SameSite};

use crate::request::cookies;
use crate::request::site::Site;

/// `__Host-` binds the cookie to this host, which needs https.
fn name(https: bool) -> &'static str {
    if https { "__Host-hg_device" } else { "hg_device" }
}

fn is_https() -> bool {
    Site::current().base_url.starts_with("https://")
}

/// The cookie's value in this request.
pub(super) fn of_request() -> Option<String> {
    cookies::get(name(is_https()))
}

/// Sets the cookie.
pub(super) fn remember(device: &str) {
    let https = is_https();
    let cookie = Cookie::build((name(https), device.to_owned()))
        .path("/")
        .http_only(true)
        .secure(https)
        .same_site(SameSite::Lax)
        .max_age(Duration::milliseconds(DEVICE_MS));
    cookies::set(&cookie.build());
}

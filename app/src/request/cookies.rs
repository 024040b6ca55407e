//! Cookies of a request, and new ones for its answer.

use http::HeaderValue;
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use tower_sessions::cookie::Cookie;

/// The value of a cookie that the browser has sent.
pub fn get(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let headers = parts.headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut cookies = headers.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// Sets a cookie with the answer.
pub fn set(cookie: &Cookie<'_>) {
    if let (Ok(cookie), Some(response)) =
        (HeaderValue::from_str(&cookie.to_string()), use_context::<ResponseOptions>())
    {
        response.append_header(SET_COOKIE, cookie);
    }
}

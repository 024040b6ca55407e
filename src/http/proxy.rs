//! The reverse proxy in front, and what it says of a request.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName};

/// What the reverse proxy in front provides.
#[derive(Clone)]
pub struct Proxy {
    /// `X-Forwarded-For` is set by our own proxy.
    pub trusted: bool,
    /// The header with the visitor's country.
    pub country_header: Option<HeaderName>,
}

impl Proxy {
    /// The network address that a request came from.
    pub fn client_of(&self, headers: &HeaderMap, extensions: &Extensions) -> String {
        let forwarded = self.trusted.then(|| last_forwarded(headers)).flatten();
        let direct = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_string());
        forwarded.or(direct).unwrap_or_else(|| "unknown".to_owned())
    }
}

/// The last address of `X-Forwarded-For`: the one that our own proxy has added. Earlier
/// ones are the client's own claim.
fn last_forwarded(headers: &HeaderMap) -> Option<String> {
    let value = headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
    let last = value.rsplit(',').next()?.trim();
    last.parse::<IpAddr>().ok().map(|address| address.to_string())
}

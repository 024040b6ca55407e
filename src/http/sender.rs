//! The network that a request came from, for rate limits.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::http::proxy::Proxy;

/// Headers that only proxies set.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

/// The network of a visitor: an IPv4 address, or the first half of an IPv6 address, because a
/// household has all addresses of a /64. `None` where it is not known, as behind a proxy that
/// does not name its clients, or that is not trusted to.
pub struct Sender(pub Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for Sender
where
    Proxy: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let proxy = Proxy::from_ref(state);
        let address = if proxy.trusted && parts.headers.contains_key("x-forwarded-for") {
            proxy.client_of(&parts.headers, &parts.extensions).parse().ok()
        } else {
            direct(&parts.headers, &parts.extensions)
        };
        Ok(Self(address.map(network)))
    }
}

/// The address of the other end, unless a proxy is there: all visitors would be one.
fn direct(headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?.0.ip().to_canonical();
    let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
    let is_proxy = match peer {
        address if address.is_loopback() => is_forwarded,
        IpAddr::V4(four) => four.is_private() || four.is_link_local(),
        IpAddr::V6(six) => six.is_unique_local() || six.is_unicast_link_local(),
    };
    (!is_proxy).then_some(peer)
}

/// The network of an address.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use rstest::rstest;

    use super::*;

    #[test]
    fn an_ipv6_prefix_is_one_network() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3::9"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:203.0.113.9"), of("203.0.113.9"), "IPv4 in IPv6");
    }

    #[rstest]
    #[case::visitor("203.0.113.9", false, Some("203.0.113.9"))]
    #[case::claims_to_be_forwarded("203.0.113.9", true, Some("203.0.113.9"))]
    #[case::this_machine("127.0.0.1", false, Some("127.0.0.1"))]
    #[case::proxy_on_this_machine("127.0.0.1", true, None)]
    #[case::proxy_in_this_network("172.17.0.1", false, None)]
    fn behind_an_unnamed_proxy_visitors_are_not_known(
        #[case] peer: &str,
        #[case] forwarded: bool,
        #[case] expected: Option<&str>,
    ) {
        let mut headers = HeaderMap::new();
        if forwarded {
            headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.7"));
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 5000)));
        let expected = expected.map(|address| address.parse().unwrap());
        assert_eq!(direct(&headers, &extensions), expected);
    }
}

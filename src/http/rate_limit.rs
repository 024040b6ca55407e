//! Rate limits per sender, for the API and the tracking endpoints. Each node keeps its own in
//! memory: the limits protect the server and are not a billing quota.
//!
//! Redirects are always answered, because they are the product; the clicks of a network that
//! sends more than people do are not stored. Stripe is not limited.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::http::proxy::Proxy;
use crate::http::sender::network;

/// After this many requests, idle senders are dropped from memory.
const SWEEP_AFTER: u32 = 10_000;

/// A limit for each sender of a group of routes.
#[derive(Clone)]
pub struct RateLimit(Arc<Inner>);

/// The limit of clicks that are stored of one network.
#[derive(Clone)]
pub struct ClickLimit(pub RateLimit);

struct Inner {
    limiter: DefaultKeyedRateLimiter<String>,
    requests: AtomicU32,
    proxy: Proxy,
    refusal: fn() -> Response,
}

impl RateLimit {
    /// A limit of requests per second and of a burst after a pause; `refusal` is the answer
    /// above it.
    pub fn new(per_second: NonZeroU32, burst: NonZeroU32, proxy: Proxy, refusal: fn() -> Response) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(per_second).allow_burst(burst));
        Self(Arc::new(Inner { limiter, requests: AtomicU32::new(0), proxy, refusal }))
    }

    /// Whether a sender is above the limit.
    pub fn is_exceeded(&self, sender: &str) -> bool {
        self.wait(sender).is_some()
    }

    /// How long a sender has to wait; `None` below the limit.
    fn wait(&self, sender: &str) -> Option<Duration> {
        if self.0.requests.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_AFTER) {
            self.0.limiter.retain_recent();
        }
        let early = self.0.limiter.check_key(&sender.to_owned()).err()?;
        Some(early.wait_time_from(DefaultClock::default().now()))
    }
}

/// Refuses requests above the limit, with a `Retry-After` header.
pub async fn layer(State(limit): State<RateLimit>, request: Request, next: Next) -> Response {
    let address = limit.0.proxy.client_of(request.headers(), request.extensions());
    match limit.wait(&sender(&address)) {
        None => next.run(request).await,
        Some(wait) => {
            let mut answer = (limit.0.refusal)();
            let seconds = wait.as_secs().saturating_add(1);
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
    }
}

/// The key of a sender: its network, where the address can be read.
pub fn sender(address: &str) -> String {
    address.parse().map_or_else(|_| address.to_owned(), network)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn each_sender_has_its_own_limit() {
        let burst = NonZeroU32::new(3).unwrap();
        let limit =
            RateLimit::new(NonZeroU32::MIN, burst, Proxy { trusted: false, country_header: None }, || {
                ().into_response()
            });
        assert_eq!((0..3).filter(|_| limit.wait("a").is_some()).count(), 0);
        let wait = limit.wait("a").unwrap();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(limit.wait("b"), None);
    }

    #[test]
    fn an_ipv6_prefix_is_one_sender() {
        assert_eq!(sender("2001:db8:1:2:3::9"), sender("2001:db8:1:2::1"));
        assert_eq!(sender("unknown"), "unknown");
    }
}

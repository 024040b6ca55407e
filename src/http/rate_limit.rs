//! How fast one sender may ask, for the edges that any program can reach. Kept in memory, a
//! node for itself: what is guarded is the machine, not a quota that somebody pays for.
//!
//! Redirects are not limited: they are the product, many people share an address, and
//! their writer takes only what the disk takes. Nor is Stripe.

use std::net::IpAddr;
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

use crate::http::router::Proxy;

/// After so many requests the senders that have rested are forgotten.
const SWEEP_AFTER: u32 = 10_000;

/// A pace for each sender of one edge.
#[derive(Clone)]
pub struct Pace(Arc<Inner>);

struct Inner {
    limiter: DefaultKeyedRateLimiter<String>,
    asked: AtomicU32,
    proxy: Proxy,
    refusal: fn() -> Response,
}

impl Pace {
    /// So many a second, and so many at once after a rest; what is answered to who is
    /// faster.
    pub fn new(a_second: NonZeroU32, at_once: NonZeroU32, proxy: Proxy, refusal: fn() -> Response) -> Self {
        let limiter = RateLimiter::keyed(Quota::per_second(a_second).allow_burst(at_once));
        Self(Arc::new(Inner { limiter, asked: AtomicU32::new(0), proxy, refusal }))
    }

    /// How long a sender has to wait, if they have to.
    fn wait(&self, sender: &str) -> Option<Duration> {
        if self.0.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEEP_AFTER) {
            self.0.limiter.retain_recent();
        }
        let early = self.0.limiter.check_key(&sender.to_owned()).err()?;
        Some(early.wait_time_from(DefaultClock::default().now()))
    }
}

/// Refuses who asks too fast, and says when to come again.
pub async fn layer(State(pace): State<Pace>, request: Request, next: Next) -> Response {
    let address = pace.0.proxy.client_of(&request);
    match pace.wait(&sender(&address)) {
        None => next.run(request).await,
        Some(wait) => {
            let mut answer = (pace.0.refusal)();
            let seconds = wait.as_secs().saturating_add(1);
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            answer
        }
    }
}

/// Whoever has an IPv6 address has a whole /64 of them.
fn sender(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(six)) => {
            let [a, b, c, d, ..] = six.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn each_sender_has_a_pace_of_its_own() {
        let at_once = NonZeroU32::new(3).unwrap();
        let pace =
            Pace::new(NonZeroU32::MIN, at_once, Proxy { trusted: false, country_header: None }, || {
                ().into_response()
            });
        assert_eq!((0..3).filter(|_| pace.wait("a").is_some()).count(), 0);
        let wait = pace.wait("a").unwrap();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(pace.wait("b"), None);
    }

    #[test]
    fn a_household_of_ipv6_is_one_sender() {
        assert_eq!(sender("2001:db8:1:2:3::9"), sender("2001:db8:1:2::1"));
        assert_ne!(sender("2001:db8:1:2::1"), sender("2001:db8:1:3::1"));
        assert_eq!(sender("203.0.113.9"), "203.0.113.9");
    }
}

//! The requests that the API received, for tests that check their own.

use std::collections::VecDeque;

/// Requests remembered; a test looks at some dozens.
const MAX_REQUESTS: usize = 1_000;

/// A request to `/v1` or `/oauth`, and how it was answered. Keys are not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` or `DELETE`.
    pub method: String,
    /// With the `/v1` in front, without a query.
    pub path: String,
    /// The parameters of query and body, decoded, in their order.
    pub parameters: Vec<(String, String)>,
    /// The header `Stripe-Account`.
    pub account: Option<String>,
    /// The header `Stripe-Version`.
    pub version: Option<String>,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The status of the answer; none when there was no answer.
    pub status: Option<u16>,
}

/// The newest requests.
#[derive(Default)]
pub(crate) struct Requests(VecDeque<Request>);

impl Requests {
    pub(crate) fn record(&mut self, request: Request) {
        if self.0.len() == MAX_REQUESTS {
            self.0.pop_front();
        }
        self.0.push_back(request);
    }

    /// Oldest first.
    pub(crate) fn all(&self) -> Vec<Request> {
        self.0.iter().cloned().collect()
    }
}

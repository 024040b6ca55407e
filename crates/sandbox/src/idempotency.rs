//! Idempotency keys: a repeated request gets the stored response.

use std::collections::{HashMap, VecDeque};

use crate::api_error::ApiError;

/// Keys remembered; Stripe keeps them for a day, a stand-in restarts more often.
const MAX_KEYS: usize = 10_000;

/// A response as it was sent.
#[derive(Clone)]
pub(crate) struct StoredResponse {
    pub status: u16,
    pub body: String,
    pub request_id: String,
}

struct Entry {
    /// Method, path and parameters, which have to be the same again.
    request: String,
    response: StoredResponse,
}

/// The stored responses by key.
#[derive(Default)]
pub(crate) struct IdempotencyKeys {
    entries: HashMap<String, Entry>,
    ages: VecDeque<String>,
}

impl IdempotencyKeys {
    /// The stored response of a key; an error when the request was another one.
    pub(crate) fn find(&self, key: &str, request: &str) -> Result<Option<StoredResponse>, ApiError> {
        let Some(entry) = self.entries.get(key) else { return Ok(None) };
        if entry.request == request {
            return Ok(Some(entry.response.clone()));
        }
        Err(ApiError {
            status: 400,
            kind: "idempotency_error",
            code: None,
            param: None,
            message: format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
            ),
        })
    }

    pub(crate) fn keep(&mut self, key: &str, request: String, response: StoredResponse) {
        if self.entries.insert(key.to_owned(), Entry { request, response }).is_none() {
            self.ages.push_back(key.to_owned());
        }
        while self.ages.len() > MAX_KEYS {
            if let Some(oldest) = self.ages.pop_front() {
                self.entries.remove(&oldest);
            }
        }
    }
}

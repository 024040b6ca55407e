//! OAuth's errors, which are not shaped like those of `/v1`.

use serde_json::{Value, json};

/// Why an OAuth request was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OauthError {
    pub status: u16,
    pub error: &'static str,
    pub description: String,
}

impl OauthError {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        // Stripe answers 401 when it does not know who asks, 400 otherwise.
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self { status, error, description: description.into() }
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.error, "error_description": self.description })
    }
}

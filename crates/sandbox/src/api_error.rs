//! An error in the shape of Stripe's.

use std::fmt;

use serde_json::{Map, Value, json};

/// Why a request was rejected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// Stripe's `type`, such as `invalid_request_error`.
    pub kind: &'static str,
    /// Stripe's `code`, such as `resource_missing`.
    pub code: Option<&'static str>,
    /// The parameter that is invalid.
    pub param: Option<String>,
    /// The message for people.
    pub message: String,
}

impl ApiError {
    /// A request that cannot be carried out as it is.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            param: (!param.is_empty()).then(|| param.to_owned()),
            message: message.into(),
        }
    }

    /// The same with Stripe's code.
    #[must_use]
    pub(crate) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The same with another status.
    #[must_use]
    pub(crate) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// An object that does not exist. Stripe answers 404 when the path names it.
    pub(crate) fn missing(object: &str, id: &str) -> Self {
        Self::invalid("id", format!("No such {object}: '{id}'")).code("resource_missing").status(404)
    }

    /// A parameter that must be there.
    pub(crate) fn required(param: &str) -> Self {
        Self::invalid(param, format!("Missing required param: {param}.")).code("parameter_missing")
    }

    /// An amount that does not fit.
    pub(crate) fn amount() -> Self {
        Self::invalid("amount", "The amount is too large.").code("amount_too_large")
    }

    /// A card that the bank declines.
    pub(crate) fn declined() -> Self {
        Self {
            status: 402,
            kind: "card_error",
            code: Some("card_declined"),
            param: None,
            message: "Your card was declined.".to_owned(),
        }
    }

    /// The body of the answer.
    pub(crate) fn body(&self) -> Value {
        let mut error = Map::new();
        if let Some(code) = self.code {
            error.insert("code".into(), json!(code));
            error.insert("doc_url".into(), json!(format!("https://stripe.com/docs/error-codes/{code}")));
        }
        error.insert("message".into(), json!(self.message));
        if let Some(param) = &self.param {
            error.insert("param".into(), json!(param));
        }
        error.insert("type".into(), json!(self.kind));
        json!({ "error": error })
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

//! Errors of calls to Stripe, by kind, and which of them are retried.

use std::fmt::Display;

use serde::Deserialize;
use stripe_client_core::StripeClientErr;

/// The kind of an error, by which the caller decides what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The key is unknown, expired or revoked (401).
    Unauthorized,
    /// The key may not do this, or not for this account (403).
    Forbidden,
    /// No such object (404).
    Missing,
    /// Too many calls (429).
    TooMany,
    /// Stripe rejected the request (any other 4xx).
    Invalid,
    /// A fault at Stripe (5xx).
    Down,
    /// Stripe could not be reached, or did not answer in time.
    Unreachable,
    /// The response is not one of Stripe's.
    Unreadable,
}

/// A failed call. It contains no secrets: keys are removed from Stripe's messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StripeError {
    /// The kind.
    pub kind: ErrorKind,
    /// The HTTP status, if there was a response.
    pub status: Option<u16>,
    /// Stripe's code, such as `resource_missing`.
    pub code: Option<String>,
    /// Stripe's message, or ours when there is none; safe to show.
    pub message: String,
    /// Stripe's id of the request, for their support.
    pub request_id: Option<String>,
}

#[derive(Deserialize, Default)]
struct Body {
    #[serde(default)]
    error: Detail,
}

#[derive(Deserialize, Default)]
struct Detail {
    code: Option<String>,
    message: Option<String>,
}

impl StripeError {
    /// From an answer that is not a 2xx.
    pub(super) fn of_answer(status: u16, body: &[u8], request_id: Option<String>) -> Self {
        let kind = match status {
            401 => ErrorKind::Unauthorized,
            403 => ErrorKind::Forbidden,
            404 => ErrorKind::Missing,
            429 => ErrorKind::TooMany,
            400..=499 => ErrorKind::Invalid,
            500..=599 => ErrorKind::Down,
            _ => ErrorKind::Unreadable,
        };
        let detail = serde_json::from_slice::<Body>(body).unwrap_or_default().error;
        let message =
            detail.message.map_or_else(|| format!("Stripe answered with {status}."), |text| safe(&text));
        Self { kind, status: Some(status), code: detail.code.map(|code| safe(&code)), message, request_id }
    }

    pub(super) fn unreachable(message: &str) -> Self {
        Self::ours(ErrorKind::Unreachable, message)
    }

    pub(super) fn unreadable() -> Self {
        Self::ours(ErrorKind::Unreadable, "Stripe’s answer could not be read.")
    }

    pub(super) fn unusable_key() -> Self {
        Self::ours(ErrorKind::Unauthorized, "The key contains characters that Stripe’s keys never have.")
    }

    fn ours(kind: ErrorKind, message: &str) -> Self {
        Self { kind, status: None, code: None, message: message.to_owned(), request_id: None }
    }

    /// Whether the same call may succeed later without any change.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::TooMany | ErrorKind::Down | ErrorKind::Unreachable | ErrorKind::Unreadable
        )
    }
}

impl StripeClientErr for StripeError {
    fn deserialize_err(_: impl Display) -> Self {
        Self::unreadable()
    }
}

/// Longer than any sentence of Stripe's that helps a reader.
const LONGEST_MESSAGE: usize = 500;
/// What the keys, tokens and codes of Stripe begin with.
const KEY_BEGINNINGS: [&str; 7] = ["sk_", "rk_", "pk_", "ek_", "whsec_", "ac_", "rt_"];

/// A text with keys removed, on one line and of bounded length.
pub(super) fn safe(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '*');
    let mut cleaned = String::new();
    let mut rest: &str = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| is_part(c) != is_part(first)).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        match KEY_BEGINNINGS.iter().find(|beginning| run.starts_with(**beginning)) {
            Some(beginning) => {
                cleaned.push_str(beginning);
                cleaned.push('…');
            }
            None => cleaned.extend(run.chars().map(|c| if c.is_control() { ' ' } else { c })),
        }
        rest = after;
    }
    match cleaned.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &cleaned[..end]),
        None => cleaned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_removed_from_messages() {
        let text = "Invalid API Key provided: sk_test_****1234, (rk_live_abc-DEF)\u{0}\nand whsec_x.";
        assert_eq!(safe(text), "Invalid API Key provided: sk_…, (rk_…)  and whsec_….");
        assert_eq!(safe("Is 'task_1' an account 'acct_1'?"), "Is 'task_1' an account 'acct_1'?");
        assert_eq!(safe("").chars().count(), 0);
        assert_eq!(safe(&"ä".repeat(600)).chars().count(), LONGEST_MESSAGE + 1);
    }

    #[test]
    fn stripes_message_is_kept_and_a_missing_one_is_ours() {
        let body = br#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such event: 'evt_1'"}}"#;
        let error = StripeError::of_answer(404, body, Some("req_1".to_owned()));
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Missing, Some("resource_missing")));
        assert_eq!(error.to_string(), "No such event: 'evt_1'");
        assert!(!error.is_temporary());
        let error = StripeError::of_answer(502, b"<html>Bad gateway", None);
        assert_eq!((error.kind, error.to_string().as_str()), (ErrorKind::Down, "Stripe answered with 502."));
        assert!(error.is_temporary());
    }
}

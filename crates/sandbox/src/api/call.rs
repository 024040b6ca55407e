//! An API request split into method, path, parameters and version.

use axum::http::{HeaderMap, Uri};

use crate::api_error::ApiError;
use crate::form::Params;
use crate::state::State;
use crate::version::ApiVersion;

/// What is asked.
pub(crate) struct Call<'a> {
    pub method: &'a str,
    /// The parts of the path behind `/v1`.
    pub path: &'a [&'a str],
    pub params: Params,
    pub version: ApiVersion,
    /// Whether the header `Stripe-Account` names an account.
    pub for_account: bool,
}

/// The key in an `Authorization` header: a bearer's, or the user of Basic credentials.
pub(crate) fn bearer(authorization: &str) -> String {
    match authorization.split_once(' ') {
        Some(("Bearer", key)) => key.trim().to_owned(),
        Some(("Basic", encoded)) => basic_user(encoded).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The user name of Basic credentials, which is where Stripe expects the key.
fn basic_user(encoded: &str) -> Option<String> {
    let plain = decode_base64(encoded.trim())?;
    let text = String::from_utf8(plain).ok()?;
    Some(text.split_once(':').map_or(text.clone(), |(user, _)| user.to_owned()))
}

/// Standard base64. Nothing else needs it, so there is no dependency.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = (buffer << 6 | u32::from(value)) & 0x00ff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
        }
    }
    Some(bytes)
}

/// The version asked for, or the account's own.
pub(crate) fn version(headers: &HeaderMap, state: &State) -> Result<ApiVersion, ApiError> {
    match text(headers, "stripe-version") {
        None => Ok(state.version),
        Some(name) => ApiVersion::parse(name)
            .ok_or_else(|| ApiError::invalid("", format!("Invalid Stripe API version: {name}."))),
    }
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The parts of the path behind `/v1`.
pub(super) fn parts(uri: &Uri) -> Vec<&str> {
    let path = uri.path().strip_prefix("/v1").unwrap_or_default();
    path.split('/').filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_as_bearer_and_as_basic_user() {
        assert_eq!(bearer("Bearer sk_test_1234567890"), "sk_test_1234567890");
        // sk_test_1234567890:
        assert_eq!(bearer("Basic c2tfdGVzdF8xMjM0NTY3ODkwOg=="), "sk_test_1234567890");
        assert_eq!(bearer("Basic !!"), "");
        assert_eq!(bearer("sk_test_1234567890"), "");
    }
}

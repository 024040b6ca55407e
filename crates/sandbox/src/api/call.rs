//! One API call, taken apart.

use axum::http::HeaderMap;

use crate::form::Params;
use crate::refusal::Refusal;
use crate::state::State;
use crate::version::ApiVersion;

/// The shortest key that is plausible; Stripe's command-line client wants as many.
const MIN_KEY: usize = 12;

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

/// The key must look like a test key; which one it is does not matter here.
pub(crate) fn authenticate(headers: &HeaderMap) -> Result<(), Refusal> {
    let unauthorized = |message: &str| Err(Refusal::invalid("", message).status(401));
    let Some(given) = text(headers, "authorization") else {
        return unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        );
    };
    let key = match given.split_once(' ') {
        Some(("Bearer", key)) => key.trim().to_owned(),
        Some(("Basic", encoded)) => basic_user(encoded).unwrap_or_default(),
        _ => String::new(),
    };
    let test = key.starts_with("sk_test_") || key.starts_with("rk_test_");
    if test && key.len() >= MIN_KEY {
        return Ok(());
    }
    if key.starts_with("sk_live_") || key.starts_with("rk_live_") {
        return unauthorized("The sandbox knows test keys only: sk_test_… or rk_test_….");
    }
    let shown: String = key.chars().take(8).collect();
    unauthorized(&format!("Invalid API Key provided: {shown}****"))
}

/// The user name of Basic credentials, which is where Stripe expects the key.
fn basic_user(encoded: &str) -> Option<String> {
    let plain = decode_base64(encoded.trim())?;
    let text = String::from_utf8(plain).ok()?;
    Some(text.split_once(':').map_or(text.clone(), |(user, _)| user.to_owned()))
}

/// Standard base64. The one place that needs it, hence no dependency.
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
pub(crate) fn version(headers: &HeaderMap, state: &State) -> Result<ApiVersion, Refusal> {
    match text(headers, "stripe-version") {
        None => Ok(state.version),
        Some(name) => ApiVersion::parse(name)
            .ok_or_else(|| Refusal::invalid("", format!("Invalid Stripe API version: {name}."))),
    }
}

/// Whether an account is named; it must be this one.
pub(crate) fn for_account(headers: &HeaderMap, state: &State) -> Result<bool, Refusal> {
    match text(headers, "stripe-account") {
        None => Ok(false),
        Some(account) if account == state.account => Ok(true),
        Some(account) => Err(Refusal::invalid(
            "",
            format!("The provided key does not have access to account '{account}' (or that account does not exist). Application access may have been revoked."),
        )
        .code("account_invalid")
        .status(403)),
    }
}

pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", authorization.parse().unwrap());
        headers
    }

    #[test]
    fn test_keys_are_taken_as_bearer_and_as_basic_user() {
        assert!(authenticate(&headers("Bearer sk_test_1234567890")).is_ok());
        assert!(authenticate(&headers("Bearer rk_test_1234567890")).is_ok());
        // sk_test_1234567890:
        assert!(authenticate(&headers("Basic c2tfdGVzdF8xMjM0NTY3ODkwOg==")).is_ok());
    }

    #[test]
    fn other_keys_are_unauthorised_and_not_echoed() {
        assert_eq!(authenticate(&HeaderMap::new()).unwrap_err().status, 401);
        for given in ["Bearer sk_live_1234567890", "Bearer secret-of-mine", "Basic !!", "sk_test_1"] {
            let refusal = authenticate(&headers(given)).unwrap_err();
            assert_eq!(refusal.status, 401, "{given}");
            assert!(!refusal.message.contains("of-mine"));
        }
    }
}

//! The `Stripe-Signature` header (Stripe docs: webhooks, verify signatures manually).
//!
//! `t=1492774577,v1=<64 hex>[,v1=<64 hex>…]`; what is signed is `t`, a dot and the raw
//! bytes; the key is the whole `whsec_…` string.

use domain::clock::Timestamp;
use domain::deliveries::SignatureError;
use subtle::ConstantTimeEq;

use crate::mac::hmac_hex;

/// How far a signature's time may be from ours, in both directions. Official clients
/// accept any future time; a signature with one could then be replayed for a long time.
const TOLERANCE_SECONDS: i64 = 300;
/// More signatures than Stripe ever sends; each costs an HMAC comparison.
const MOST_SIGNATURES: usize = 16;

/// The header for a delivery of our own: a program's test sale.
pub fn header(secret: &str, body: &[u8], now: Timestamp) -> String {
    let time = now.seconds();
    let signature = hmac_hex(secret.as_bytes(), &[time.to_string().as_bytes(), b".", body]);
    format!("t={time},v1={signature}")
}

/// Checks a delivery against every active secret. Every `v1` is compared with every
/// secret in constant time; other schemes are ignored, so that a downgrade is impossible.
pub fn verify(
    header: Option<&[u8]>,
    body: &[u8],
    secrets: &[String],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let header = std::str::from_utf8(header).map_err(|_| SignatureError::Malformed)?;
    let (time, signatures) = parse(header)?;
    if now.seconds().abs_diff(time) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError::Stale);
    }
    let time = time.to_string();
    let mut matched = false;
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let expected = hmac_hex(secret.as_bytes(), &[time.as_bytes(), b".", body]);
        for signature in &signatures {
            matched |= bool::from(expected.as_bytes().ct_eq(signature.as_bytes()));
        }
    }
    if matched { Ok(()) } else { Err(SignatureError::NoMatch) }
}

fn parse(header: &str) -> Result<(i64, Vec<String>), SignatureError> {
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',').map(str::trim) {
        let (key, value) = part.split_once('=').ok_or(SignatureError::Malformed)?;
        match key {
            // The first one counts; a second cannot move the window.
            "t" if time.is_none() => {
                time = Some(value.parse::<i64>().map_err(|_| SignatureError::Malformed)?)
            }
            "v1" if signatures.len() < MOST_SIGNATURES => signatures.push(value.to_ascii_lowercase()),
            _ => {}
        }
    }
    match time {
        Some(time) if time >= 0 && !signatures.is_empty() => Ok((time, signatures)),
        _ => Err(SignatureError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"x"}"#;
    const GOOD: &str = "48ae849dd7cc3594d2019f017f0f552e663662e92b4f86bb05af4106a94f47ec";
    const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

    fn check(header: &str) -> Result<(), SignatureError> {
        verify(Some(header.as_bytes()), BODY, &["whsec_old".into(), "whsec_a".into()], NOW)
    }

    #[rstest]
    #[case(format!("t=1700000000,v1={GOOD}"), Ok(()))]
    #[case(format!("t=1700000000, v1={GOOD}"), Ok(()))]
    #[case(format!("t=1700000000,v1={},v1={GOOD}", "0".repeat(64)), Ok(()))]
    #[case(format!("t=1700000000,v1={},v0={GOOD}", "0".repeat(64)), Err(SignatureError::NoMatch))]
    #[case(format!("t=1700000000,v0={GOOD}"), Err(SignatureError::Malformed))]
    #[case(format!("t=1700000000,v1={}", GOOD.to_uppercase()), Ok(()))]
    #[case("t=1700000000,v1=zz".to_owned(), Err(SignatureError::NoMatch))]
    #[case(format!("t=1700000000,t=1,v1={GOOD}"), Ok(()))]
    #[case(format!("t=1699999699,v1={GOOD}"), Err(SignatureError::Stale))]
    #[case(format!("t=1700000301,v1={GOOD}"), Err(SignatureError::Stale))]
    #[case(format!("t=1700000001,v1={GOOD}"), Err(SignatureError::NoMatch))]
    #[case(format!("v1={GOOD}"), Err(SignatureError::Malformed))]
    #[case("t=1700000000".to_owned(), Err(SignatureError::Malformed))]
    #[case("garbage".to_owned(), Err(SignatureError::Malformed))]
    #[case(String::new(), Err(SignatureError::Malformed))]
    #[case(format!("t=-9223372036854775808,v1={GOOD}"), Err(SignatureError::Malformed))]
    fn headers(#[case] header: String, #[case] expected: Result<(), SignatureError>) {
        assert_eq!(check(&header), expected);
    }

    #[test]
    fn no_signature_matches_without_a_secret_or_header() {
        let header = format!("t=1700000000,v1={GOOD}");
        assert_eq!(verify(None, BODY, &["whsec_a".into()], NOW), Err(SignatureError::Missing));
        assert_eq!(verify(Some(header.as_bytes()), BODY, &[], NOW), Err(SignatureError::NoMatch));
        let of_empty_key = hmac_hex(b"", &[b"1700000000.", BODY]);
        let header = format!("t=1700000000,v1={of_empty_key}");
        assert_eq!(
            verify(Some(header.as_bytes()), BODY, &[String::new()], NOW),
            Err(SignatureError::NoMatch)
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_are_signed_too() {
        let body = b"\xff\xfe{}";
        let signature = hmac_hex(b"whsec_a", &[b"1700000000.", body]);
        let header = format!("t=1700000000,v1={signature}");
        assert_eq!(verify(Some(header.as_bytes()), body, &["whsec_a".into()], NOW), Ok(()));
    }

    proptest! {
        #[test]
        fn no_invalid_header_panics_or_passes(header in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(verify(Some(&header), BODY, &["whsec_a".into()], NOW).is_err());
        }
    }
}

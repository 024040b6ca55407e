//! Signs deliveries with Stripe's webhook signature.

use domain::clock::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The header `Stripe-Signature` over a body: one `v1` for each secret that is valid now,
/// which are several while a secret is being rolled.
pub fn signature_header<'a>(
    secrets: impl IntoIterator<Item = &'a str>,
    body: &[u8],
    at: Timestamp,
) -> String {
    let seconds = at.seconds();
    let mut header = format!("t={seconds}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&v1(secret, seconds, body));
    }
    header
}

/// The key is the whole secret as text, `whsec_` included.
fn v1(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(seconds.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1","object":"event","type":"x"}"#;
    const KNOWN: &str = "48ae849dd7cc3594d2019f017f0f552e663662e92b4f86bb05af4106a94f47ec";

    #[test]
    fn the_published_test_vector_matches() {
        let header = signature_header(["whsec_a"], BODY, Timestamp::from_seconds(1_700_000_000));
        assert_eq!(header, format!("t=1700000000,v1={KNOWN}"));
    }

    #[test]
    fn a_rolled_secret_gives_a_second_signature() {
        let at = Timestamp::from_seconds(1_700_000_000);
        let header = signature_header(["whsec_b", "whsec_a"], BODY, at);
        let signatures: Vec<_> = header.split(",v1=").skip(1).collect();
        assert_eq!(signatures.len(), 2);
        assert_ne!(signatures[0], KNOWN);
        assert_eq!(signatures[1], KNOWN);
    }
}

//! The key that signs receipts: Ed25519.
//!
//! It is derived from the installation's key, so there is nothing more to keep; the public half is
//! stored where it can be looked up, so that receipts stay valid after a change of `SECRET_KEY`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// Bytes of a key's id: enough that no two keys of an installation have the same.
const ID_LENGTH: usize = 8;
/// Bytes of a public key.
const KEY_LENGTH: usize = 32;

/// A key that signs receipts.
#[derive(Clone)]
pub struct ReceiptKey(Arc<Ed25519KeyPair>);

/// A key that checks receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReceiptPublicKey([u8; KEY_LENGTH]);

impl ReceiptKey {
    /// The key of a seed.
    pub(crate) fn new(seed: &[u8; 32]) -> Self {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("a seed has 32 bytes");
        Self(Arc::new(pair))
    }

    /// The key that checks its signatures.
    pub fn public(&self) -> ReceiptPublicKey {
        let bytes = self.0.public_key().as_ref();
        ReceiptPublicKey(bytes.try_into().expect("a public key has 32 bytes"))
    }

    /// A signature, in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        BASE64.encode(self.0.sign(message))
    }
}

impl ReceiptPublicKey {
    /// Reads a key in base64.
    pub fn parse(text: &str) -> Option<Self> {
        BASE64.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// The key in base64.
    pub fn base64(&self) -> String {
        BASE64.encode(self.0)
    }

    /// The key as a PEM file, for OpenSSL (RFC 8410).
    pub fn pem(&self) -> String {
        const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        let body = BASE64.encode([PREFIX.as_slice(), &self.0].concat());
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    }

    /// Its id: the first 16 hex digits of its SHA-256.
    pub fn id(&self) -> String {
        hex::encode(&Sha256::digest(self.0)[..ID_LENGTH])
    }

    /// Whether a signature in base64 is one of this key over these bytes.
    pub fn has_signed(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = BASE64.decode(signature) else { return false };
        UnparsedPublicKey::new(&ED25519, self.0).verify(message, &signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_key_that_signed_accepts_its_signature() {
        let (one, two) = (ReceiptKey::new(&[1; 32]), ReceiptKey::new(&[2; 32]));
        let signature = one.sign(b"25.00 USD");
        assert!(one.public().has_signed(b"25.00 USD", &signature));
        assert!(!one.public().has_signed(b"26.00 USD", &signature));
        assert!(!two.public().has_signed(b"25.00 USD", &signature));
        assert!(!one.public().has_signed(b"25.00 USD", "AAAA"));
        assert!(!one.public().has_signed(b"25.00 USD", "not base64"));
        assert_ne!(one.public().id(), two.public().id());
        assert_eq!(ReceiptPublicKey::parse(&one.public().base64()), Some(one.public()));
        assert_eq!(ReceiptPublicKey::parse("AAAA"), None);
    }

    /// RFC 8032, section 7.1, test 1.
    #[test]
    fn it_is_the_algorithm_of_the_standard() {
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = ReceiptKey::new(&seed.try_into().unwrap());
        let public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
        assert_eq!(hex::encode(key.public().0), public);
        let signature = BASE64.decode(key.sign(b"")).unwrap();
        assert!(hex::encode(signature).starts_with("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974"));
    }
}

//! Secrets at rest: XChaCha20-Poly1305 under the installation's key.
//!
//! A stored value is `version byte, key id, nonce, ciphertext`, in base64. The associated
//! data names table, column and row, so that a value cannot be moved to another row.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use domain::clock::Random;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::receipt_key::ReceiptKey;

const VERSION: u8 = 1;
const KEY_ID_LENGTH: usize = 4;
const NONCE_LENGTH: usize = 24;

/// The installation's key.
#[derive(Clone)]
pub struct SealingKey {
    cipher: XChaCha20Poly1305,
    id: [u8; KEY_ID_LENGTH],
    signing: [u8; 32],
    receipts: ReceiptKey,
}

/// Why a value cannot be decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not a sealed value, or changed.
    #[error("a stored secret is damaged")]
    Damaged,
    /// Sealed under another key.
    #[error("a stored secret was encrypted with another SECRET_KEY")]
    OtherKey,
}

impl SealingKey {
    /// Derives the key from `SECRET_KEY`, which may have any form, by SHA-256.
    pub fn new(secret: &[u8]) -> Self {
        let derive = |purpose: &[u8]| -> [u8; 32] {
            let mut hash = Sha256::new();
            hash.update(purpose);
            hash.update(secret);
            hash.finalize().into()
        };
        let key = derive(b"honeyguide seal ");
        let id = Sha256::digest(key);
        Self {
            cipher: XChaCha20Poly1305::new(&Key::from(key)),
            id: std::array::from_fn(|index| id[index]),
            signing: derive(b"honeyguide sign "),
            receipts: ReceiptKey::new(&derive(b"honeyguide receipts ")),
        }
    }

    /// The key that signs receipts.
    pub fn receipts(&self) -> &ReceiptKey {
        &self.receipts
    }

    /// An HMAC-SHA-256 in hex of something that must not be stored in the clear, such as an
    /// IP address.
    pub fn fingerprint(&self, text: &str) -> String {
        crate::mac::hmac_hex(&self.signing, &[text.as_bytes()])
    }

    /// Whether a text has this fingerprint. Takes as long whichever digit is wrong.
    pub fn has_fingerprint(&self, text: &str, fingerprint: &str) -> bool {
        self.fingerprint(text).as_bytes().ct_eq(fingerprint.as_bytes()).into()
    }

    /// Encrypts a secret. `aad`, the associated data, names where it is stored: table,
    /// column and row.
    pub fn seal(&self, secret: &str, aad: &str, random: &Random) -> String {
        let nonce: [u8; NONCE_LENGTH] = random.bytes();
        let payload = Payload { msg: secret.as_bytes(), aad: aad.as_bytes() };
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a short text in memory always encrypts");
        let mut bytes = vec![VERSION];
        bytes.extend(self.id);
        bytes.extend(nonce);
        bytes.extend(sealed);
        BASE64.encode(bytes)
    }

    /// Decrypts a secret that was sealed with the same associated data.
    pub fn open(&self, sealed: &str, aad: &str) -> Result<String, SealError> {
        let bytes = BASE64.decode(sealed).map_err(|_| SealError::Damaged)?;
        let (version, rest) = bytes.split_first().ok_or(SealError::Damaged)?;
        let (id, rest) = rest.split_at_checked(KEY_ID_LENGTH).ok_or(SealError::Damaged)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LENGTH).ok_or(SealError::Damaged)?;
        if *version != VERSION {
            return Err(SealError::Damaged);
        }
        if id != self.id {
            return Err(SealError::OtherKey);
        }
        let nonce: [u8; NONCE_LENGTH] = nonce.try_into().map_err(|_| SealError::Damaged)?;
        let payload = Payload { msg: text, aad: aad.as_bytes() };
        let plain = self.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::Damaged)?;
        String::from_utf8(plain).map_err(|_| SealError::Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_associated_data_and_key() {
        let random = Random::seeded(1);
        let key = SealingKey::new(b"one");
        let sealed = key.seal("whsec_canary", "connection_secrets.sealed.sec_1", &random);
        assert!(!sealed.contains("canary"));
        assert_eq!(key.open(&sealed, "connection_secrets.sealed.sec_1").as_deref(), Ok("whsec_canary"));
        assert_eq!(key.open(&sealed, "connection_secrets.sealed.sec_2"), Err(SealError::Damaged));
        assert_eq!(
            SealingKey::new(b"two").open(&sealed, "connection_secrets.sealed.sec_1"),
            Err(SealError::OtherKey)
        );
        assert_eq!(key.open("", ""), Err(SealError::Damaged));
        assert_eq!(key.open("AQ", ""), Err(SealError::Damaged));
    }
}
